"""Record on which ground an exhibit was collected, or that the ground fell away (docs/decisions/0024).

What was made of an exhibit by the same agency was given its ground (docs/decisions/0029), and loses it
with it. A ground that is recorded anew is recorded for each: what closes by itself, a person opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accord.agreements.scope import Scope
from accord.evidence import drafting, policy
from accord.evidence.actions.exhibits import check_document, hold_grounds
from accord.evidence.domain import Basis, Collection, Followed
from accord.evidence.queries import derivations
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries.exhibits import Seen
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, NotAllowed
from accord.kernel.phrases import phrase
from accord.records.actions.contribute import contribute
from accord.records.actions.recalls import own_head

FIXED = ("owner", "schema", "part")
GROUND = ("legalBasis", "basisReference", "issuingAuthority")
FELL_AWAY: Mapping[str, str | None] = {
    "legalBasis": Basis.UNRECORDED.value,
    "basisReference": None,
    "issuingAuthority": None,
    "documentExhibit": None,
}


def record_basis(
    scope: Scope,
    record_id: UUID,
    *,
    basis: Basis,
    reference: str | None,
    authority: str | None = None,
    document: str | None = None,
) -> Followed:
    """Record on which ground an own exhibit was collected, or `UNRECORDED` where it fell away.

    It is a revision: the one before stays under its own label. When the ground falls away, all keys
    of others end and recall starts, of what was made of it too. Raises NotFound, NotAllowed,
    InvalidInput, Conflict.
    """
    hold_grounds(scope)
    found = queries.worked_on(scope, record_id, unseal=True)
    if found.exhibit.owner != scope.actor.agency:
        raise NotAllowed(
            phrase("Only the agency that collected an exhibit says on which ground."),
            who_can_change=found.exhibit.owner,
        )
    _check_basis(scope, basis, reference, authority, document)
    said = {
        "legalBasis": basis.value,
        "basisReference": reference,
        "issuingAuthority": authority,
        "documentExhibit": document,
    }
    _revise(scope, found, said)
    followed = _follow(scope, found) if basis is Basis.UNRECORDED else Followed()
    scope.did(
        "alteration",
        step="recorded the basis",
        exhibit=found.exhibit.number,
        lost=list(followed.lost),
        kept=list(followed.kept),
    )
    return followed


def _revise(scope: Scope, found: Seen, said: Mapping[str, str | None]) -> None:
    """Write these values and the basis of all labels; raises NotAllowed for who sees a part of it."""
    _, _, kinds = own_head(found.exhibit.record_id)
    if set(kinds) - {p.kind for p in found.record.parts}:
        raise NotAllowed(
            phrase("You do not see every part of this exhibit, so you cannot revise it."),
            who_can_change=phrase("a colleague of your agency who may read all of it"),
        )
    values = {n: v for part in found.record.parts for n, v in part.values.items() if n not in said}
    values |= {name: (text,) for name, text in said.items() if text}
    labels = {
        part.kind: {n: v for n, v in part.label.facts().items() if n not in FIXED}
        | {"basis": said["legalBasis"]}
        for part in found.record.parts
    }
    made = drafting.redraft(
        scope.actor.agency, scope.actor.country, found.exhibit.number, values, labels, now().date()
    )
    contribute(scope, [made], collected_at=now())


def _follow(scope: Scope, source: Seen) -> Followed:
    """Take the ground from what was made of it and stands on the same one.

    What cannot be revised keeps nothing else from losing it, the source least of all.
    """
    lost: list[str] = []
    kept: list[str] = []
    if source.exhibit.basis is Basis.UNRECORDED:
        return Followed()
    for listed in derivations.own_made_of(scope, source.exhibit.record_id):
        made = queries.worked_on(scope, listed.exhibit.record_id, unseal=True)
        if _ground(made) != _ground(source):
            continue
        try:
            with transaction.atomic():
                _revise(scope, made, FELL_AWAY)
        except AccordError:
            kept.append(made.exhibit.number)
        else:
            lost.append(made.exhibit.number)
    return Followed(tuple(lost), tuple(kept))


def _ground(seen: Seen) -> tuple[tuple[str, ...], ...]:
    core = seen.record.part("core")
    return tuple(core.values.get(name, ()) if core else () for name in GROUND)


def _check_basis(
    scope: Scope, basis: Basis, reference: str | None, authority: str | None, document: str | None
) -> None:
    said = Collection(
        collected_at=now(),
        zone="UTC",
        collected_by="-",
        basis=basis,
        reference=reference,
        authority=authority,
        document=document,
    )
    policy.check_collection(said, now())
    check_document(scope, said)
