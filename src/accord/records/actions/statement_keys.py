"""Which own parts a statement is about, and the keys that it puts on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Decision
from accord.agreements.scope import Scope
from accord.agreements.statements.domain import Statement
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.actions.keys import CASE, _key, own_parts, put_keys
from accord.records.models import Part, PartKey
from accord.records.queries.records import PART_ORDER


@dataclass(frozen=True, slots=True)
class Target:
    """One own part that a statement is about; `record` is None where the actor may not see it."""

    record: UUID | None
    part: UUID
    number: int
    label: Label


def targets_of(
    scope: Scope, record: UUID | None, case: UUID | None, kinds: Collection[str]
) -> tuple[Target, ...]:
    """Return the own parts of these kinds, of one own record or of all that is in a case now.

    Also those that the actor may not read: whoever records a consent need not read what it opens.
    """
    if record is None:
        found = _in_case(scope, case)
    else:
        found = [(record, part, number) for part, number in own_parts(record)]
    labels = agreements.labels({number for _, _, number in found})
    every = [Target(r, p, n, labels[n]) for r, p, n in found]
    if not kinds:
        raise InvalidInput("statement", None, "parts", phrase("tick what it is about"))
    present = PART_ORDER if record is None else {t.label.part for t in every}
    unknown = sorted(set(kinds) - set(present))
    if unknown:
        rule = phrase("there is no such part: %(unknown)s", unknown=", ".join(unknown))
        raise InvalidInput("statement", None, "parts", rule)
    return tuple(t for t in every if t.label.part in kinds)


def _in_case(scope: Scope, case: UUID | None) -> list[tuple[UUID | None, UUID, int]]:
    """The own parts that carry the case's key now."""
    if case is None:
        raise InvalidInput(
            "statement", None, "about", phrase("choose a context with a case for this")
        )
    keyed = dict(
        PartKey.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=now()),
            owner_id=scope.actor.agency,
            kind=CASE,
            key=ids.case_key(case),
        )
        .order_by("part_id", "id")
        .values_list("part_id", "label_id")
    )
    seen = dict(Part.objects.filter(id__in=list(keyed)).values_list("id", "record_id"))
    return [(seen.get(part), part, number) for part, number in keyed.items()]


def check_release(scope: Scope, kind: str, targets: Collection[Target], *, whole: bool) -> None:
    """Raise NotAllowed unless each part of one record may be released on this word.

    Of a `whole` case, some part has to be; those that may not be released stay as they are.
    """
    decided = [(t, _release(scope, kind, t)) for t in targets]
    refused = [(t, d) for t, d in decided if not d.allowed]
    if not decided:
        rule = phrase("there is nothing of yours in it that this could open")
        raise InvalidInput("statement", None, "about", rule)
    if refused and (not whole or len(refused) == len(decided)):
        target, decision = refused[0]
        raise NotAllowed(
            phrase("You may not release the part «%(part)s»: ", part=target.label.part)
            + ("; ".join(decision.missing) or phrase("no clause in force permits it")),
            who_can_change=phrase(
                "whom the agency policy of %(agency_name)s names for it",
                agency_name=scope.actor.agency_name,
            ),
        )


def releasable(scope: Scope, record_id: UUID, kind: str) -> dict[str, bool]:
    """Return the kinds of part of an own record, each with whether the actor may release it so."""
    found = own_parts(record_id)
    labels = agreements.labels({number for _, number in found})
    targets = [Target(record_id, part, number, labels[number]) for part, number in found]
    return {t.label.part: _release(scope, kind, t).allowed for t in targets}


def write_keys(scope: Scope, statement: Statement) -> None:
    """Put the statement's key on every part that it is about and that may be released."""
    assert statement.key is not None
    keys = []
    for target in targets_of(scope, statement.record, statement.case, statement.parts):
        decision = _release(scope, statement.kind, target)
        if not decision.allowed:
            continue
        kind = KEY_KINDS.index(statement.kind)
        key = _key(statement.agency, target.part, target.number, kind, statement.key)
        key.valid_until, key.because = statement.ends, statement.id
        keys.append(key)
        if target.record is not None:
            scope.note(target.record, statement.agency, decision, target.part)
    put_keys(keys)


def _release(scope: Scope, kind: str, target: Target) -> Decision:
    """Whether the actor may release a part, the key that is being written counted."""
    return scope.why(target.label, frozenset({kind}), "release")
