"""What an agreement is, who asks, and what the answer is: frozen values, no input or output.

A condition is a set of words, and `None` means that the clause does not ask. Levels ("at least")
and exclusions ("not") are expanded to sets when the agreement is read, against the vocabulary
version that its parties signed; a word added later is therefore never admitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from accord.kernel.canonical import canonical
from accord.kernel.vocabulary import NEWEST, Vocabulary

Words = frozenset[str]
Effect = Literal["permit", "forbid"]

READ_ACTIONS = ("match", "hit", "view", "export", "onward")
WRITE_ACTIONS = ("contribute", "alter", "relabel", "place", "release")
ACTIONS = READ_ACTIONS + WRITE_ACTIONS
UNRECORDED = "unrecorded"
"""The basis of what was secured before its papers came. No permit means it by silence, and none but an
agency's own policy names it: docs/decisions/0024."""
OPENS_UNRECORDED = ("match", "hit", "view", "contribute", "alter", "relabel")
MAX_CHAIN = 4
"""How many agencies may pass a part on before somebody receives it; the owner is the first."""

KINDS = ("mou", "treaty", "statute", "court-order", "agency-policy")

OBLIGATION_ORDER = (
    "watermark",
    "handling-code",
    "notify-owner",
    "notify-after",
    "end-access",
    "no-onward",
)
"""The published order, from the lightest: among permits with equally many obligations the one
with the lighter ones is chosen."""

HANDLING_OBLIGATIONS: Mapping[str, str] = {
    "H0": "crime-prevention-only",
    "H1": "no-proceedings-use",
    "H2": "no-onward",
    "H3": "conditions",
    "C": "conditions",
}
"""What a label's handling code asks of whoever receives the part, under every clause
(Europol handling codes; College of Policing intelligence report)."""


@dataclass(frozen=True, order=True)
class Obligation:
    """Something that whoever receives must do or leave; carried out and tracked, not printed."""

    kind: str
    value: str | None = None

    def __str__(self) -> str:
        return self.kind if self.value is None else f"{self.kind}: {self.value}"

    @property
    def weight(self) -> int:
        """The place in the published order."""
        return OBLIGATION_ORDER.index(self.kind)


def label_obligations(handling: str) -> tuple[Obligation, ...]:
    """What the handling code of a label asks, whichever clause opens it."""
    kind = HANDLING_OBLIGATIONS.get(handling)
    return () if kind is None else (Obligation(kind),)


@dataclass(frozen=True)
class Asker:
    """`to`: what a clause asks of the person who asks and of their agency."""

    agency: Words | None = None
    kind: Words | None = None
    country: Words | None = None
    role: Words | None = None
    clearance: Words | None = None
    nationality: Words | None = None
    training: Words = frozenset()
    assurance: frozenset[int] | None = None

    def facts(self) -> dict[str, Any]:
        facts = _set_facts(
            agency=self.agency,
            kind=self.kind,
            country=self.country,
            role=self.role,
            clearance=self.clearance,
            nationality=self.nationality,
            training=self.training or None,
        )
        if self.assurance is not None:
            facts["assurance"] = sorted(self.assurance)
        return facts


@dataclass(frozen=True)
class Reason:
    """`for`: what a clause asks of the purpose and the legal basis of the question."""

    purpose: Words | None = None
    legal_basis: Words | None = None

    def facts(self) -> dict[str, Any]:
        return _set_facts(**{"purpose": self.purpose, "legal-basis": self.legal_basis})


@dataclass(frozen=True)
class Reach:
    """`of`: which labels a clause reaches."""

    owner: Words | None = None
    schema: Words | None = None
    part: Words | None = None
    subject: Words | None = None
    sensitivity: Words | None = None
    handling: Words | None = None
    basis: Words | None = None
    offence: Words | None = None
    minor: bool | None = None
    sealed: bool | None = None
    intelligence: bool | None = None

    def facts(self) -> dict[str, Any]:
        facts = _set_facts(
            owner=self.owner,
            schema=self.schema,
            part=self.part,
            subject=self.subject,
            sensitivity=self.sensitivity,
            handling=self.handling,
            basis=self.basis,
            offence=self.offence,
        )
        flags = {"minor": self.minor, "sealed": self.sealed, "intelligence": self.intelligence}
        return facts | {name: flag for name, flag in flags.items() if flag is not None}


@dataclass(frozen=True)
class Unless:
    """The exception of a forbid: who, for what, and with which keys it does not bind."""

    to: Asker = Asker()
    reason: Reason = Reason()
    when: Words = frozenset()

    def facts(self) -> dict[str, Any]:
        return {
            "to": self.to.facts(),
            "for": self.reason.facts(),
            "when": sorted(self.when),
        }


@dataclass(frozen=True)
class Clause:
    """One permit or forbid, as the parties sign it."""

    id: str
    prose: str
    effect: Effect
    action: str
    to: Asker = Asker()
    reason: Reason = Reason()
    of: Reach = Reach()
    when: Words = frozenset()
    obligations: tuple[Obligation, ...] = ()
    unless: Unless | None = None
    own: bool = False
    recipients: Words | None = None
    line: int | None = field(default=None, compare=False)

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "id": self.id,
            "prose": self.prose,
            self.effect: self.action,
            "to": self.to.facts(),
            "for": self.reason.facts(),
            "of": self.of.facts(),
            "when": sorted(self.when),
            "obligations": [str(o) for o in sorted(self.obligations)],
            "own": self.own,
        }
        if self.unless is not None:
            facts["unless"] = self.unless.facts()
        if self.recipients is not None:
            facts["recipients"] = sorted(self.recipients)
        return facts


@dataclass(frozen=True)
class Invariant:
    """What must never follow from any agreement; kept with the parties, proved elsewhere."""

    id: str
    never: str
    of: Reach
    to: Asker
    within: int = 1

    def facts(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "never": self.never,
            "of": self.of.facts(),
            "to": self.to.facts(),
            "within": self.within,
        }


@dataclass(frozen=True)
class Term:
    """When an agreement holds: whole days in its own time zone, the last one included."""

    starts: date
    ends: date | None
    zone: str

    def started(self, at: datetime) -> bool:
        return self._day(at) >= self.starts

    def holds(self, at: datetime) -> bool:
        return self.started(at) and (self.ends is None or self._day(at) <= self.ends)

    def _day(self, at: datetime) -> date:
        if at.tzinfo is None:
            raise ValueError("a time needs a zone: naive times are refused")
        return at.astimezone(ZoneInfo(self.zone)).date()


def _within(clause: Clause, vocabulary: Vocabulary) -> Clause:
    """A permit whose reach, where it is left open, is held to the words of one vocabulary."""
    open_ones = (n for n in _REACHES if getattr(clause.of, n) is None)
    if vocabulary.version >= NEWEST:  # all its words are there are
        open_ones = (n for n in open_ones if UNRECORDED in vocabulary.words(n))
    of: dict[str, Any] = {
        name: frozenset(vocabulary.words(name)) - {UNRECORDED} for name in open_ones
    }
    return replace(clause, of=replace(clause.of, **of)) if of else clause


_REACHES = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")


@dataclass(frozen=True)
class Agreement:
    """A memorandum, treaty, statute, court order or an agency's own policy."""

    id: str
    kind: str
    title: str
    authority: tuple[str, ...]
    parties: tuple[str, ...]
    in_force: Term
    vocabulary: int
    clauses: tuple[Clause, ...]
    invariants: tuple[Invariant, ...] = ()
    amends: str | None = None
    suspended: bool = False
    """Whether it is suspended where it decides: no fact of the document, and signed by nobody."""

    def __hash__(self) -> int:
        """By what names it, once worked out: the agreements are keys of what is compiled of them."""
        return hash((self.content_hash, self.suspended))

    def facts(self) -> dict[str, Any]:
        """The agreement as plain data: what the parties sign, with every default made explicit."""
        term = self.in_force
        return {
            "type": "accord-agreement/1",
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "authority": list(self.authority),
            "parties": sorted(self.parties),
            "in_force": {
                "from": term.starts.isoformat(),
                "until": None if term.ends is None else term.ends.isoformat(),
                "zone": term.zone,
            },
            "vocabulary": self.vocabulary,
            "clauses": [clause.facts() for clause in self.clauses],
            "invariants": [invariant.facts() for invariant in self.invariants],
            "amends": self.amends,
        }

    def canonical(self) -> bytes:
        """The bytes that each party signs (RFC 8785); `type` keeps them apart from other things."""
        return self._canonical

    @cached_property
    def _canonical(self) -> bytes:
        return canonical(self.facts())

    @cached_property
    def content_hash(self) -> str:
        """The agreement's identity: the SHA-256 of the signed bytes."""
        return sha256(self._canonical).hexdigest()

    @property
    def stated_permits(self) -> tuple[Clause, ...]:
        """The permits as the parties wrote them."""
        return tuple(c for c in self.clauses if c.effect == "permit")

    @cached_property
    def permits(self) -> tuple[Clause, ...]:
        """The permits as they are decided: no word of a later vocabulary than the signed one.

        A dimension that a permit leaves open takes in every word of its own vocabulary. A forbid
        that leaves one open takes in later words too: what is not yet known stays closed. While it
        is suspended, an agreement permits nothing and still forbids: no party alone can open what
        the permits of another agreement would then reach. `unrecorded` is meant only where it is
        named.
        """
        if self.suspended:
            return ()
        words = Vocabulary.load(self.vocabulary)
        return tuple(_within(clause, words) for clause in self.stated_permits)

    @cached_property
    def forbids(self) -> tuple[Clause, ...]:
        return tuple(c for c in self.clauses if c.effect == "forbid")


@dataclass(frozen=True)
class Requester:
    """Who asks: one person in one agency. A fact that is not known is `None`, and helps nobody."""

    agency: str
    kind: str | None
    country: str | None
    roles: Words
    clearance: str | None = "none"
    nationality: str | None = None
    training: Words = frozenset()
    assurance: int = 1


@dataclass(frozen=True)
class Context:
    """Why and when somebody asks: the working context (LED art. 4 and 25)."""

    purpose: str
    case_id: str | None
    legal_basis: str | None
    at: datetime


@dataclass(frozen=True, order=True)
class Citation:
    """One clause of one version of one agreement."""

    agreement_id: str
    agreement_hash: str
    clause_id: str

    def __str__(self) -> str:
        return f"{self.agreement_id}, clause {self.clause_id}"


@dataclass(frozen=True)
class Decision:
    """The answer as a value: allowed or not, under which clause, with which obligations.

    A refusal cites the forbid that binds, or no clause where nothing permits; `missing` says in
    words what a permit still asks. `via` cites the `onward` clauses of a composed permit in order,
    the owner's last, and `recipients` names whom an `onward` clause lets the requester pass the
    part on to.
    """

    allowed: bool
    action: str
    agreement_hash: str | None = None
    agreement_id: str | None = None
    clause_id: str | None = None
    obligations: tuple[Obligation, ...] = ()
    missing: tuple[str, ...] = ()
    via: tuple[Citation, ...] = ()
    recipients: Words = frozenset()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every clause that the decision rests on."""
        if self.agreement_id is None or self.agreement_hash is None or self.clause_id is None:
            return self.via
        return (Citation(self.agreement_id, self.agreement_hash, self.clause_id), *self.via)


def cite(agreement: Agreement, clause: Clause) -> Citation:
    """The citation of a clause."""
    return Citation(agreement.id, agreement.content_hash, clause.id)


def covers(clause: Clause, action: str) -> bool:
    """Whether a clause is about an action: a permit reaches down the ladder, a forbid up."""
    if clause.action not in READ_ACTIONS or action not in READ_ACTIONS:
        return clause.action == action
    named, asked = READ_ACTIONS.index(clause.action), READ_ACTIONS.index(action)
    return asked <= named if clause.effect == "permit" else asked >= named


def burden(obligations: Iterable[Obligation]) -> tuple[int, tuple[int, ...], tuple[str, ...]]:
    """How much a set of obligations asks, for the published order: fewest, then lightest."""
    distinct = sorted(set(obligations))
    return (
        len(distinct),
        tuple(sorted(o.weight for o in distinct)),
        tuple(str(o) for o in distinct),
    )


def _set_facts(**sets: Iterable[str] | None) -> dict[str, Any]:
    return {name: sorted(words) for name, words in sets.items() if words is not None}
