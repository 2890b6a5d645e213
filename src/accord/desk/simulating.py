"""What the simulator asks: a person, a reason and parts, put together from what somebody chose.

It reveals nothing that its reader may not have: agreements and the directory are read by every
member, and a record is taken only where it is the reader's own agency's and open to the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor, AgencyEntry
from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS, Policy, compile_policy
from accord.agreements.context import NO_CASE, VOCABULARY_VERSION
from accord.agreements.domain import Agreement, Context, Requester, Words
from accord.agreements.scope import Scope
from accord.agreements.simulation import Thing, Trials, keys_of, simulate, what_if
from accord.agreements.standing import requester_of
from accord.cases import queries as cases
from accord.cases.domain import CaseFacts
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS, Label
from accord.kernel.phrases import joined, phrase
from accord.kernel.vocabulary import Vocabulary
from accord.records.queries.carried import carried_keys, own_record
from accord.records.queries.records import RecordView
from accord.web.filters import words

DESCRIBED = "described"
CARRIED = "carried"
UNKNOWN = ""
LISTS = frozenset({"role", "training", "subject", "flag", "key"})
PERSON = ("agency", "role", "training", "assurance", "clearance", "nationality")


@dataclass(frozen=True)
class Asked:
    """What was chosen, by the name of its field; a field with one value has one word."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str, default: str = "") -> str:
        """The value of a field that takes one."""
        return next((v for v in self.values.get(name, ()) if v), default)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a field that takes several."""
        return tuple(v for v in self.values.get(name, ()) if v)


@dataclass(frozen=True)
class Supposed:
    """A version that does not decide, taken as if it did."""

    agreement: Agreement
    state: str


@dataclass(frozen=True)
class Answered:
    """Who was taken to ask, about what and why, and what the agreements say."""

    person: str
    requester: Requester
    context: Context
    case: str | None
    record: RecordView | None
    things: tuple[Trials, ...]
    version: Supposed | None
    carried: bool


def answer(scope: Scope, asked: Asked) -> Answered:
    """Answer what was asked; raises InvalidInput by field, NotFound for a record not there."""
    person, requester = _person(scope, asked)
    case = _case(asked)
    context = Context(
        purpose=_word("purpose", "purpose", asked.one("purpose")),
        case_id=str(case.id) if case else None,
        legal_basis=_word("basis", "legal_basis", asked.one("basis", "statute")),
        at=now(),
    )
    if case is not None and context.purpose not in case.purposes:
        raise _fault(
            "purpose", phrase("the case %(address)s was not opened for it", address=case.address)
        )
    version = _version(asked.one("version"))
    record = own_record(scope, asked.one("record")) if asked.one("record") else None
    carried = record is not None and asked.one("keys", CARRIED) == CARRIED
    things = _things(scope, asked, record, requester.agency, context.purpose, case)
    policy = _policy(scope, version.agreement if version else None)
    return Answered(
        person=person,
        requester=requester,
        context=context,
        case=case.address if case else None,
        record=record,
        things=simulate(policy, requester, context, things),
        version=version,
        carried=carried,
    )


def _policy(scope: Scope, chosen: Agreement | None) -> Policy:
    """The policy in force, or the one that would be."""
    if chosen is None:
        return scope.standing.policy
    return compile_policy(what_if(scope.standing.policy.agreements, chosen))


def _fault(field: str, rule: str) -> InvalidInput:
    return InvalidInput("simulation", None, field, rule)


def _word(field: str, dimension: str, word: str) -> str:
    """A word of the vocabulary; raises InvalidInput naming the field."""
    if not word:
        raise _fault(field, phrase("choose one"))
    if word not in Vocabulary.load(VOCABULARY_VERSION).words(dimension):
        raise _fault(field, phrase("is not a word of the vocabulary"))
    return word


def _words(field: str, dimension: str, chosen: Iterable[str]) -> Words:
    return frozenset(_word(field, dimension, word) for word in chosen)


# -- who -------------------------------------------------------------------------------------------


def _person(scope: Scope, asked: Asked) -> tuple[str, Requester]:
    who = asked.one("who", scope.actor.membership)
    if who == DESCRIBED:
        return _described(asked)
    found = next((a for a in colleagues(scope) if a.membership == who), None)
    if found is None:
        raise _fault("who", phrase("choose a colleague, or describe a person"))
    return f"{found.name}, {found.title}", requester_of(found)


def colleagues(scope: Scope) -> tuple[Actor, ...]:
    """The members of the viewer's own agency whose memberships are in force."""
    return agencies.members_of((scope.actor.agency,))


def _described(asked: Asked) -> tuple[str, Requester]:
    agency = _agency("agency", asked.one("agency"), agencies.agencies())
    roles = _words("role", "role", asked.all("role"))
    if not roles:
        raise _fault("role", phrase("choose at least one"))
    nationality = asked.one("nationality").upper() or None
    if nationality is not None and not (len(nationality) == 2 and nationality.isalpha()):
        raise _fault("nationality", phrase("is two letters, for example US"))
    said = joined((words(role).lower() for role in sorted(roles)), " and ")
    return phrase("Somebody of %(name)s (%(said)s)", name=agency.name, said=said), Requester(
        agency=agency.id,
        kind=agency.kind,
        country=agency.country,
        roles=roles,
        clearance=_word("clearance", "clearance", asked.one("clearance", "none")),
        nationality=nationality,
        training=_words("training", "training", asked.all("training")),
        assurance=int(_word("assurance", "assurance", asked.one("assurance", "1"))),
    )


def _agency(field: str, chosen: str, known: Sequence[AgencyEntry]) -> AgencyEntry:
    found = next((a for a in known if a.id == chosen), None)
    if found is None:
        raise _fault(field, phrase("choose an agency of the directory"))
    return found


# -- why and where ---------------------------------------------------------------------------------


def _case(asked: Asked) -> CaseFacts | None:
    chosen = asked.one("case", NO_CASE)
    if chosen == NO_CASE:
        return None
    found = next((c for c in cases.cases() if c.address == chosen), None)
    if found is None:
        raise _fault("case", phrase("choose one of your cases, or none"))
    return found


def _version(content_hash: str) -> Supposed | None:
    if not content_hash:
        return None
    try:
        found = agreements.version(content_hash)
    except NotFound:
        raise _fault("version", phrase("choose a version of this node")) from None
    return Supposed(found.parsed, found.state)


# -- what ------------------------------------------------------------------------------------------


def _things(
    scope: Scope,
    asked: Asked,
    record: RecordView | None,
    agency: str,
    purpose: str,
    case: CaseFacts | None,
) -> tuple[Thing, ...]:
    chosen = frozenset(asked.all("key"))
    if unknown := sorted(chosen - set(KEY_KINDS)):
        raise _fault("key", phrase("%(unknown)s is no kind of key", unknown=unknown[0]))
    if record is None:
        return (Thing(words(asked.one("part") or "core"), _label(asked), chosen),)
    held: Mapping[UUID, str] = keys_of(agency, purpose, case.id if case else None)
    on_parts: dict[UUID, set[str]] = {}
    for key in carried_keys(scope, [p.part_id for p in record.parts]):
        if key.key in held:
            on_parts.setdefault(key.part_id, set()).add(held[key.key])
    carried = asked.one("keys", CARRIED) == CARRIED
    return tuple(
        Thing(words(p.kind), p.label, frozenset(on_parts.get(p.part_id, ())) if carried else chosen)
        for p in record.parts
    )


def _label(asked: Asked) -> Label:
    """The label of a described part."""
    facts: dict[str, object] = {
        dimension: _word(field, dimension, asked.one(field, DEFAULTS[dimension]))
        for dimension, field in LABEL_FIELDS.items()
    }
    subjects = _words("subject", "subject", asked.all("subject") or ("suspect",))
    if "none" in subjects and len(subjects) > 1:
        raise _fault("subject", phrase("none stands alone, not beside a category"))
    flags = frozenset(asked.all("flag"))
    if not flags <= set(FLAGS):
        raise _fault("flag", phrase("is not one of those listed"))
    owner = _agency("owner", asked.one("owner"), agencies.agencies()).id
    return Label.from_facts(
        facts | {"owner": owner, "subjects": subjects} | {flag: flag in flags for flag in FLAGS}
    )


LABEL_FIELDS = {name: "collected" if name == "basis" else name for name in WORD_DIMENSIONS}
"""The form's field of each dimension; `basis` is the legal basis of the question there."""
DEFAULTS = {
    "schema": phrase("Person"),
    "part": "core",
    "sensitivity": "official",
    "handling": "none",
    "basis": "statute",
    "offence": "none",
}
