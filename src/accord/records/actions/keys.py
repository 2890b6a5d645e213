"""Write the keys of parts: placing in a case, granting to an agency, ending either.

A key is a row beside the part. The database demands the `place` or `release` bit of the part's
label in the sealed standing; the checks here only say the same in words first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import Q

from accord.agreements import grants
from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Citation
from accord.agreements.obligations import Binding, plan
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.models import PartKey
from accord.records.queries.records import PartView, owner_of, record_views

CASE, GRANT = KEY_KINDS.index("case"), KEY_KINDS.index("grant")
CLOSED = "closed_record_gives_no_key"


def add_case_key(scope: Scope, record_id: UUID, case_id: UUID) -> str:
    """Give every part of an own record that may be placed the case's key; returns the owner.

    Raises NotFound when the record is not visible, NotAllowed when another agency owns it or no
    clause lets the actor place any part of it.
    """
    owner = owner_of(record_id)
    if owner != scope.actor.agency:
        raise NotAllowed(
            phrase("Only the agency that owns a record places it in a case.")
            + _no_onward(scope, record_id),
            who_can_change=owner,
        )
    placeable = [
        (part, number, decision)
        for part, number in own_parts(record_id)
        if (decision := scope.why(agreements.label(number), frozenset(), "place")).allowed
    ]
    if not placeable:
        raise NotAllowed(
            phrase("No clause in force lets you place this record in a case."),
            who_can_change=phrase(
                "an investigator or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )
    key = ids.case_key(case_id)
    put_keys([_key(owner, part, number, CASE, key) for part, number, _ in placeable])
    for part, _, decision in placeable:
        scope.note(record_id, owner, decision, part)
    return owner


def _no_onward(scope: Scope, record_id: UUID) -> str:
    """Which clause forbids to pass a visible record on, in words; empty when none does."""
    for record in record_views(scope, [record_id]):
        for part in record.parts:
            if plan(part.decision.obligations).binds(Binding.NO_ONWARD):
                return f" It may not be passed on: {part.decision.citations[0]}."
    return ""


def own_parts(record_id: UUID) -> list[tuple[UUID, int]]:
    """Return (part, label number) of the current parts of an own record.

    Also of parts that the actor may not read: whoever places a record or has just written a text
    acts on the whole of it. A definer function answers, for the sealed agency's records only.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select part_id, label_id from accord.own_parts(%s) order by part_id", [record_id]
        )
        return list(cursor.fetchall())


def end_case_key(scope: Scope, record_id: UUID, case_id: UUID) -> None:
    """End the case's key on every part of an own record, from now.

    Also on older revisions and on parts that the actor may not read: whoever placed them may not
    have read them either, and what stayed open would be open unseen.
    """
    _end(Q(part_id__in=_revisions(record_id), kind=CASE, key=ids.case_key(case_id)), scope)


def end_every_key(scope: Scope, record_id: UUID) -> None:
    """End every key on every revision of an own record, from now."""
    _end(Q(part_id__in=_revisions(record_id)), scope)


def _revisions(record_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("select part_id from accord.own_revisions(%s)", [record_id])
        return [part_id for (part_id,) in cursor.fetchall()]


def give_grant_key(
    scope: Scope,
    part: PartView,
    *,
    to: str,
    case_id: UUID | None,
    until: datetime | None,
    because: UUID | None = None,
) -> datetime | None:
    """Open one part to another agency for a case, until a time; returns when it really ends.

    A clause that ends access after a time ends it then, however long the owner grants: the shorter
    wins. Raises NotAllowed with the reason.
    """
    decision = scope.why(part.label, part.kinds, "release")
    if not decision.allowed:
        raise NotAllowed(
            phrase("You may not release the part «%(kind)s»: ", kind=part.kind)
            + _unmet(decision.missing),
            who_can_change=phrase(
                "a records custodian or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )
    key = _key(part.label.owner, part.part_id, part.label_id, GRANT, ids.grant_key(to, case_id))
    limit = grant_limit(scope, part.label, to)
    key.valid_until = min((end for end in (until, limit and limit[0]) if end), default=None)
    key.because = because
    put_keys([key])
    scope.note(part.record_id, part.label.owner, decision, part.part_id)
    return key.valid_until


def grant_limit(scope: Scope, label: Label, to: str) -> tuple[datetime, Citation] | None:
    """Return when a grant of such a part to this agency ends at the latest, and under which clause."""
    return grants.ends(scope.standing.policy.agreements, label, to, now())


def _unmet(missing: tuple[str, ...]) -> str:
    return "; ".join(missing) or "no clause in force permits it"


def end_keys_because(scope: Scope, because: UUID) -> None:
    """End every key that came from one request, from now."""
    _end(Q(because=because), scope)


def _end(which: Q, scope: Scope) -> None:
    at = now()
    PartKey.objects.filter(which, owner_id=scope.actor.agency).filter(
        Q(valid_until=None) | Q(valid_until__gt=at)
    ).update(valid_until=at)


def _key(owner: str, part_id: UUID, label_id: int, kind: int, key: UUID) -> PartKey:
    return PartKey(
        id=ids.uuid7(),
        part_id=part_id,
        owner_id=owner,
        label_id=label_id,
        kind=kind,
        key=key,
        valid_from=now(),
    )


def put_keys(keys: Iterable[PartKey]) -> None:
    """Write new keys; raises Conflict where a record is closed to new ones (decision 0025)."""
    try:
        PartKey.objects.bulk_create(keys)
    except IntegrityError as error:
        diagnosed = getattr(error.__cause__, "diag", None)
        if getattr(diagnosed, "constraint_name", None) != CLOSED:
            raise
        raise Conflict(
            phrase(
                "The file of an exhibit was found altered, missing or unreadable: until that is "
                "resolved nobody is given access to it. Nothing was done."
            ),
            who_can_change=phrase(
                "two records custodians or supervisors of the agency that owns it"
            ),
        ) from None


def open_text(
    scope: Scope,
    part_id: UUID,
    label: Label,
    label_id: int,
    *,
    case_id: UUID | None,
    granted_to: str | None,
) -> None:
    """Let a text that the actor has just written be read where it belongs.

    `case_id` places it in that case, `granted_to` opens it to that agency. Raises NotAllowed when
    no clause lets the actor do so.
    """
    keys = []
    if case_id is not None:
        _check(scope, label, "place")
        keys.append(_key(label.owner, part_id, label_id, CASE, ids.case_key(case_id)))
    if granted_to is not None:
        _check(scope, label, "release")
        keys.append(_key(label.owner, part_id, label_id, GRANT, ids.grant_key(granted_to, None)))
    put_keys(keys)


def _check(scope: Scope, label: Label, action: str) -> None:
    decision = scope.why(label, frozenset(), action)
    if not decision.allowed:
        raise NotAllowed(
            phrase(
                "You may not %(action)s a text of this kind: %(unmet)s",
                action=action,
                unmet=_unmet(decision.missing),
            ),
            who_can_change=phrase(
                "the agency policy of %(agency_name)s", agency_name=scope.actor.agency_name
            ),
        )
