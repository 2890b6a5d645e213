"""Ask for a derivation of an exhibit, and let go of one; the worker makes it (deriving.py).

1. `ask` checks whether it would be allowed now, and keeps what is wished, sealed;
2. `deriving.claim` checks again under the member's standing and gives what reads the source, for
   `export`;
3. a confined process makes the file, and its pieces go to the store;
4. `deriving.finish` lists the copy, acquires the exhibit, begins its chain and writes the step `derive`
   on the source, in one transaction. What ended meanwhile ends that.
The source is only read (docs/decisions/0029).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from accord.agreements.scope import Scope
from accord.evidence import policy
from accord.evidence.actions.tries import change
from accord.evidence.custody import policy as custody_policy
from accord.evidence.custody import queries as chains
from accord.evidence.custody.domain import CustodyAct, Position
from accord.evidence.custody.sealing import seal
from accord.evidence.domain import CONTENT_PART, About, DerivationState, Refused
from accord.evidence.models import Derivation
from accord.evidence.queries import derivations as queries
from accord.evidence.queries import exhibits as found_exhibits
from accord.evidence.queries.exhibits import Seen
from accord.evidence.reading.deriving import name_of
from accord.evidence.reading.results import Way
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, NotAllowed, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.queries.records import PartView

WAITING_AT_ONCE = 20
_LABEL = ("sensitivity", "handling", "offence", "minor", "sealed")


class Stopped(Conflict):
    """It cannot be made now, for the reason of a closed list."""

    def __init__(self, why: Refused, message: str, who_can_change: str | None = None) -> None:
        super().__init__(message, who_can_change=who_can_change)
        self.why = why


def ask(scope: Scope, record_id: UUID, way: Way, about: About) -> UUID:
    """Ask for a derivation in the case of the working context; the worker makes it.

    Raises NotFound, NotAllowed, InvalidInput with every fault, and Conflict where custody or an alarm
    keeps it.
    """
    policy.check_in_a_case(scope.context.case_id)
    policy.check_about(about)
    seen = found_exhibits.exhibit(scope, record_id)
    check_now(scope, seen, about)
    if Derivation.objects.filter(state__in=["queued", "running"]).count() >= WAITING_AT_ONCE:
        raise Conflict(
            phrase(
                "You wait for %(number)s derivations, which is the limit.", number=WAITING_AT_ONCE
            ),
            who_can_change=phrase("you, by cancelling one or waiting"),
        )
    made = ids.uuid7()
    wish = {
        "way": {"way": name_of(way), **asdict(way)},
        "about": asdict(about) | {"subjects": sorted(about.subjects)},
    }
    Derivation.objects.bulk_create(
        [
            Derivation(
                id=made,
                owner_id=scope.actor.agency,
                membership_id=scope.actor.membership,
                case_number=scope.context.case_number or "",
                purpose=scope.context.purpose,
                legal_basis=scope.context.legal_basis,
                source_record_id=record_id,
                way=name_of(way),
                sealed=seal(queries.WISH, made, json.dumps(wish)),
                state=DerivationState.QUEUED,
                asked_at=now(),
            )
        ]
    )
    scope.did(
        "collection", step="asked for a derivation", way=name_of(way), exhibit=seen.exhibit.number
    )
    return made


def check_can(scope: Scope, seen: Seen) -> Position:
    """Raise NotAllowed or Stopped unless the actor may derive from this exhibit now."""
    content = seen.record.part(CONTENT_PART)
    if seen.original is None or content is None:
        raise NotFound("There is no such file for you.")
    if not scope.may("export", content.label, content.kinds):
        raise NotAllowed(
            phrase(
                "No clause in force lets you take a copy of this file, and a derivation is one."
            ),
            who_can_change=phrase(
                "%(names)s, by an agreement or its policy", names=seen.exhibit.owner
            ),
        )
    if queries.is_frozen(seen.exhibit.record_id):
        raise Stopped(Refused.CUSTODY, custody_policy.REFUSED["frozen"], seen.exhibit.owner)
    try:
        position = chains.check_whole(chains.chain(seen.exhibit.record_id)).position
        custody_policy.check_open(scope.actor, position, CustodyAct.DERIVE)
    except NotFound:
        raise Stopped(Refused.CUSTODY, phrase("This exhibit has no chain of custody.")) from None
    except AccordError as error:
        raise Stopped(Refused.CUSTODY, error.message, error.who_can_change) from error
    return position


def check_now(scope: Scope, seen: Seen, about: About) -> Position:
    """Raise what `check_can` raises, and InvalidInput for labels that are another agency's to say."""
    position = check_can(scope, seen)
    if is_bound(scope, seen):
        policy.check_as_strict(content_of(seen).label, about)
    return position


def content_of(seen: Seen) -> PartView:
    """The part of its file; raises NotFound where that is not open."""
    content = seen.record.part(CONTENT_PART)
    if content is None:
        raise NotFound("There is no such file for you.")
    return content


def is_bound(scope: Scope, seen: Seen) -> bool:
    """Whether another agency owns it, or something that it was made from."""
    return queries.is_bound(seen.exhibit.record_id, seen.exhibit.owner, scope.actor.agency)


def cancel(scope: Scope, derivation_id: UUID) -> None:
    """Let an own derivation go that is not done; raises NotFound, Conflict."""
    row = queries.row(derivation_id, lock=True)
    if queries.view(row).over:
        raise Conflict(phrase("It is over already: there is nothing to cancel."))
    change(row, state=DerivationState.CANCELLED, done_at=now(), sealed="")
    scope.did("collection", step="cancelled a derivation", derivation=str(derivation_id))


def changed(label: Label, about: About) -> Mapping[str, Any]:
    """What the new exhibit is labelled otherwise than its source: from what, to what."""
    before = label.facts()
    after = {name: getattr(about, name) for name in _LABEL} | {"subjects": sorted(about.subjects)}
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}


def about_of(seen: Seen, description: str = "", kind: str | None = None) -> About:
    """What a derivation is called to begin with: as its source is labelled."""
    content = content_of(seen)
    facts = content.label.facts()
    return About(
        kind=kind or seen.exhibit.kind,
        description=description,
        subjects=content.label.subjects,
        **{name: facts[name] for name in _LABEL},
    )
