"""Read a member's own derivations, and what was made from what, as far as it is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agreements.scope import Scope
from accord.evidence.custody.sealing import unseal
from accord.evidence.domain import DERIVATION_OVER, DerivationState, ObjectRole, Refused
from accord.evidence.models import Derivation, ExhibitSource, StoredObject
from accord.evidence.queries import exhibits
from accord.evidence.queries.exhibits import Seen
from accord.evidence.reading.results import Refusal, SetAside
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.nodeword import saying

WISH = b"accord-derivation/1"
_SAYS: Mapping[Refused, str] = {
    Refused.STANDING: phrase("Whoever asked for it has no standing in this case any more."),
    Refused.CLOSED: phrase("No clause in force lets whoever asked take a copy of the source now."),
    Refused.CUSTODY: phrase(
        "The source is not in the custody of your agency, is sealed, on its way, or under an alarm."
    ),
    Refused.LABELS: phrase("What was said of the new exhibit is refused."),
    Refused.LIMIT: phrase("Your agency keeps as much evidence as it may."),
    Refused.FAILED: phrase("It could not be stored. Ask for it again."),
}


@dataclass(frozen=True, slots=True)
class DerivationView:
    """A derivation that its member asked for, and how far it has come."""

    id: UUID
    source: UUID
    way: str
    state: DerivationState
    reason: str | None
    result: UUID | None
    asked_at: datetime
    began_at: datetime | None
    done_at: datetime | None
    lost: int
    """How often a worker was gone before its end."""

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.state in DERIVATION_OVER

    @property
    def sentence(self) -> str | None:
        """Why it was refused, in a sentence."""
        if self.reason is None:
            return None
        if self.reason in list(Refused):
            return _SAYS[Refused(self.reason)]
        return Refusal(SetAside(self.reason)).sentence


def derivation(derivation_id: UUID) -> DerivationView:
    """One of the sealed member's derivations; raises NotFound."""
    return view(row(derivation_id))


def of_source(record_id: UUID) -> tuple[DerivationView, ...]:
    """The sealed member's derivations of an exhibit that are not done, the newest first."""
    rows = Derivation.objects.filter(source_record_id=record_id).exclude(
        state__in=[DerivationState.DONE, DerivationState.CANCELLED]
    )
    return tuple(view(one) for one in rows.order_by("-asked_at", "id")[:20])


def row(derivation_id: UUID, *, lock: bool = False) -> Derivation:
    """The row of an own derivation, locked where asked; raises NotFound."""
    rows = Derivation.objects.select_for_update() if lock else Derivation.objects
    found = rows.filter(id=derivation_id).first()
    if found is None:
        raise NotFound("There is no such derivation of yours.")
    return found


def view(found: Derivation) -> DerivationView:
    """A row as pages read it."""
    return DerivationView(
        id=found.id,
        source=found.source_record_id,
        way=found.way,
        state=DerivationState(found.state),
        reason=found.reason,
        result=found.result_record_id,
        asked_at=found.asked_at,
        began_at=found.began_at,
        done_at=found.done_at,
        lost=found.lost,
    )


def wish(found: Derivation) -> dict[str, Any]:
    """What was asked for, as it was sealed; raises NotFound."""
    said: dict[str, Any] = json.loads(unseal(WISH, found.id, found.sealed))
    return said


def source_of(record_id: UUID) -> UUID | None:
    """The exhibit from which this one was made, whether or not it is open; None for an original."""
    rows = ExhibitSource.objects.filter(record_id=record_id, direct=True)
    return rows.values_list("source_record_id", flat=True).first()


def is_bound(record_id: UUID, owner: str, agency: str) -> bool:
    """Whether an exhibit is another agency's, or was made from another agency's."""
    rows = ExhibitSource.objects.filter(record_id=record_id).exclude(source_owner=agency)
    return owner != agency or rows.exists()


def made_of(scope: Scope, record_id: UUID) -> tuple[Seen, ...]:
    """The derivations of an exhibit that the viewer may see, by agency and number."""
    rows = ExhibitSource.objects.filter(source_record_id=record_id, direct=True)
    found = exhibits.several(
        scope, list(rows.order_by("record_id").values_list("record_id", flat=True))
    )
    return tuple(sorted(found, key=lambda s: (s.exhibit.owner, s.exhibit.serial)))


def own_made_of(scope: Scope, record_id: UUID) -> tuple[Seen, ...]:
    """The own exhibits made of one, and made of those in turn, that the actor may see, by number."""
    rows = ExhibitSource.objects.filter(source_record_id=record_id, owner_id=scope.actor.agency)
    found = exhibits.several(
        scope, list(rows.order_by("record_id").values_list("record_id", flat=True))
    )
    return tuple(sorted(found, key=lambda s: s.exhibit.serial))


def is_frozen(record_id: UUID) -> bool:
    """Whether an alarm stands on the file of an exhibit, or keeps it from the viewer."""
    rows = StoredObject.objects.filter(record_id=record_id, role=ObjectRole.ORIGINAL)
    return rows.values_list("frozen", flat=True).first() is not False


def to_make(at: datetime) -> list[tuple[UUID, str, str, str, str]]:
    """Derivations to be made: (id, membership, purpose, legal basis, case number)."""
    with saying("deriving"), connection.cursor() as cursor:
        cursor.execute("select * from accord.derivations_to_make(%s)", [at])
        return list(cursor.fetchall())
