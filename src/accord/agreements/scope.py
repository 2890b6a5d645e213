"""One scope, one transaction, one ledger entry.

1. begin; read the policy epoch and the backend's identity in that transaction;
2. take the standing for (actor, purpose, case, legal basis, epoch);
3. seal it into the transaction: from here PostgreSQL shows what the standing opens, and no more;
4. the caller reads and writes, and notes in the scope what was shown under which clause;
5. write the duties that what was shown brings; append one entry, commit. If the caller raises,
   everything is rolled back and the refusal or miss is written in a transaction of its own: absent
   and forbidden are logged alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DataError, connection, transaction

from accord.agencies.domain import Actor
from accord.agreements import queries
from accord.agreements import standing as standings
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import WorkingContext
from accord.agreements.domain import Decision
from accord.agreements.duties import actions as duties
from accord.agreements.duties.actions import Disclosed
from accord.agreements.labels import number_labels
from accord.agreements.obligations import Opened
from accord.agreements.standing import Standing
from accord.agreements.tokenscope import check_action, check_purpose
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.ledger import actions as ledger
from accord.ledger.domain import Entry, Item, Kind, Opening
from accord.platform.db.seal import Backend, seal_text
from accord.platform.secrets import secret_bytes

SEAL_LIFE_S = 300
LONGEST_TYPED = 200
PROBE_REFUSES = "22023"
"""A question out of a probe's bounds, which the application checks first: its own fault."""


@dataclass
class Scope:
    """What one request runs under, and what it has shown so far."""

    actor: Actor
    context: WorkingContext
    standing: Standing
    action: str = "view"
    life_s: int = SEAL_LIFE_S
    kind: str = "consultation"
    items: dict[tuple[str, str | None], Item] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    disclosed: dict[tuple[str, str | None], Disclosed] = field(default_factory=dict)
    unseals: bool = True
    """Whether sealed parts open: not for a person whose proof is older than ten minutes (0017).

    Whoever opens the scope of a request says so (accord.agreements.entry); work that was asked for
    with a proof goes on without another.
    """
    opening: Opening | None = None
    """What shows this request's own entry, once it was written: for a receipt that goes along."""
    _entry_id: UUID | None = None

    @property
    def entry_id(self) -> UUID:
        """The id that this request's entry will have in the ledger."""
        if self._entry_id is None:
            self._entry_id = ids.uuid7()
        return self._entry_id

    def why(self, label: Label, kinds: frozenset[str], action: str | None = None) -> Decision:
        """Return why a part with this label and these satisfied key kinds is open or closed.

        Without an action, for the read action of the scope's rows.
        """
        return self.standing.why(action or self.action, label, kinds)

    def may(self, action: str, label: Label, kinds: frozenset[str] = frozenset()) -> bool:
        """Return whether the standing opens `action` under this label."""
        return self.standing.why(action, label, kinds).allowed

    def note(
        self,
        record_id: UUID,
        owner: str,
        decision: Decision,
        part_id: UUID | None = None,
        *,
        handle: str | None = None,
        opened: Opened | None = None,
    ) -> None:
        """Note that a record (or one part) was shown, under the clause that allowed it.

        A hit is noted with its `handle`: its owner reads which record it was, the actor does not.
        `opened` says how a part was open whose content was disclosed: then its obligations bind.
        """
        key = (str(record_id), str(part_id) if part_id else None)
        self.items[key] = Item(
            record=key[0],
            part=key[1],
            owner=owner,
            agreement=decision.agreement_id,
            clause=decision.clause_id,
            obligations=tuple(str(o) for o in decision.obligations),
            handle=handle,
        )
        if opened is not None:
            self.disclosed[key] = Disclosed(record_id, owner, decision, opened)

    def forget(self) -> None:
        """Take back what was noted, where the same is now asked for under another action."""
        self.items.clear()
        self.disclosed.clear()

    def renote(
        self,
        records: Collection[str],
        items: Mapping[tuple[str, str | None], Item],
        disclosed: Mapping[tuple[str, str | None], Disclosed],
    ) -> None:
        """For these records let what was noted before stand, in place of what was noted since."""
        for noted in (self.items, self.disclosed):
            for key in [key for key in noted if key[0] in records]:
                del noted[key]
        self.items.update({key: item for key, item in items.items() if key[0] in records})
        self.disclosed.update({key: it for key, it in disclosed.items() if key[0] in records})

    @contextmanager
    def part(self) -> Iterator[None]:
        """Run a block by itself: where it raises, neither what it wrote nor what it noted stays."""
        kept = (dict(self.items), dict(self.disclosed), self.kind, dict(self.detail), self.action)
        sealed = self.standing
        try:
            with transaction.atomic():
                yield
        except BaseException:
            self.items, self.disclosed, self.kind, self.detail, self.action = kept
            self.standing = sealed
            raise

    def turn_to(self, action: str) -> None:
        """Seal the same standing for another read action: from here rows are judged by that one.

        Raises OutOfScope where a token acts that is not for it.
        """
        check_action(self.actor, action)
        _, backend = _transaction()
        self.action = action
        _seal(self.standing, action, self.life_s, backend)

    def did(self, kind: str, **detail: Any) -> None:
        """Say what this request did, in the ledger's words; `detail` goes to the encrypted body."""
        self.kind = kind
        self.detail.update(detail)

    def number(self, labels: Iterable[Label]) -> Mapping[Label, int]:
        """Return the node's numbers of these labels; new ones renew the standing at once.

        A standing made before a label was numbered says nothing about it, hence no; whoever numbered
        it may be somebody else, since this transaction began.
        """
        numbers = number_labels(labels)
        if queries.policy_epoch() != self.standing.epoch:
            self.renew()
        return numbers

    def renew(self) -> None:
        """Take the standing anew and seal it, after this transaction itself changed policy."""
        epoch, backend = _transaction()
        self.standing = standings.fresh(self.actor, self.context, epoch)
        _seal(self.standing, self.action, self.life_s, backend)

    def entry(self) -> Entry:
        """Return the one entry of this request."""
        return _entry(self.kind, self.actor, self.context, tuple(self.items.values()), self.detail)


def _entry(
    kind: str,
    actor: Actor,
    context: WorkingContext,
    items: tuple[Item, ...] = (),
    detail: dict[str, Any] | None = None,
) -> Entry:
    return Entry(
        kind=Kind(kind),
        at=now(),
        actor=actor.membership,
        agency=actor.agency,
        purpose=context.purpose,
        case=context.case_number,
        legal_basis=context.legal_basis,
        items=items,
        detail=detail or {},
    )


@contextmanager
def open_scope(
    actor: Actor, context: WorkingContext, *, action: str = "view", life_s: int = SEAL_LIFE_S
) -> Iterator[Scope]:
    """Run a block under the actor's standing in this context; `action` is the read action of rows.

    Raises whatever the block raises, after the roll-back and the entry of the refusal or miss.
    A value that PostgreSQL cannot hold (a NUL, half a character, a day beyond its calendar) is bad
    input like any other, wherever it came in.
    """
    try:
        with transaction.atomic(durable=True):
            scope = _begin(actor, context, action, life_s)
            yield scope
            duties.write(scope, scope.disclosed.values(), scope.entry_id)
            scope.opening = ledger.append_shown(scope.entry(), scope.entry_id).acting
    except AccordError as error:
        _log_refusal(error, actor, context)
        raise
    except (DataError, UnicodeEncodeError) as error:
        if getattr(error.__cause__, "sqlstate", None) == PROBE_REFUSES:
            raise
        rule = phrase("holds a character, a number or a date that cannot be kept")
        refusal = InvalidInput("request", None, "", rule)
        _log_refusal(refusal, actor, context)
        raise refusal from None  # what PostgreSQL says quotes the value


@contextmanager
def glance(actor: Actor, context: WorkingContext) -> Iterator[None]:
    """Run a block that reads ids alone under the actor's standing, and log nothing of it.

    INVARIANT: only for telling that something changed (accord.desk.live, accord.webhooks). Nothing
    but ids may leave the block; whoever wants what they stand for asks in a scope, which logs.
    """
    with transaction.atomic(durable=True):
        _begin(actor, context, "view", SEAL_LIFE_S)
        yield


@contextmanager
def receiving(actor: Actor, context: WorkingContext) -> Iterator[Scope]:
    """Run a block that takes in a member's own bytes, under their standing; it logs no entry.

    INVARIANT: only for pieces of a file that its member is sending, for how many are here, for the
    worker that hands the file to a confined process, and for pictures of a page whose entry names them.
    That it began is logged, and so is what becomes of it; a file of a terabyte comes in 65,000 pieces.
    """
    with transaction.atomic(durable=True):
        yield _begin(actor, context, "view", SEAL_LIFE_S)


def _log_refusal(error: AccordError, actor: Actor, context: WorkingContext) -> None:
    said = str(error).encode(errors="replace").decode()  # it may quote half a character
    ledger.append_separately(_entry(_kind_of(error), actor, context, detail={"said": said}))


def log_miss(actor: Actor, said: str, kind: Kind = Kind.MISS, **asked: str | None) -> None:
    """Log that a member asked for what is not there for them, before there was a scope.

    `kind` is Kind.REFUSAL where it is refused to their token. What they typed goes to the encrypted
    body, cut short; it is none of the node's own words.
    """
    typed = {name: text[:LONGEST_TYPED] for name, text in asked.items() if text}
    ledger.append_separately(
        Entry(
            kind=kind,
            at=now(),
            actor=actor.membership,
            agency=actor.agency,
            detail={"said": said, "asked": typed},
        )
    )


def _kind_of(error: AccordError) -> str:
    match error:
        case NotFound():
            return "miss"
        case NotAllowed() | InvalidInput() | Conflict() | AccordError():
            return "refusal"


def _begin(actor: Actor, context: WorkingContext, action: str, life_s: int) -> Scope:
    check_purpose(actor, context.purpose)
    epoch, backend = _transaction()
    standing = standings.for_request(actor, context, epoch)
    _seal(standing, action, life_s, backend)
    return Scope(actor, context, standing, action, life_s)


def _transaction() -> tuple[int, Backend]:
    """Read the policy epoch and what binds a seal to this transaction, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select epoch, pg_backend_pid(), "
            "(extract(epoch from transaction_timestamp()) * 1000000)::bigint "
            "from accord.policy_epoch"
        )
        epoch, pid, transaction_us = cursor.fetchone()
    return epoch, Backend(pid, transaction_us)


def _seal(standing: Standing, action: str, life_s: int, backend: Backend) -> None:
    text = seal_text(
        secret_bytes(Path(settings.ACCORD_DATA_DIR), "seal.key"),
        standing=standing.id,
        action=action,
        keys=[h.key for h in standing.held],
        expires_us=backend.transaction_us + life_s * 1_000_000,  # by the clock that checks it
        backend=backend,
    )
    with connection.cursor() as cursor:
        cursor.execute("select set_config('accord.seal', %s, true)", [text])


def kinds_of(bits: int) -> frozenset[str]:
    """Return the key kinds that a bitmask of part keys names."""
    return frozenset(kind for i, kind in enumerate(KEY_KINDS) if bits >> i & 1)
