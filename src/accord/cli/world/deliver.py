"""Brings a world's records in as its agencies' own people, 2,000 a batch, and places them in cases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accord.agencies import queries as members
from accord.agencies.domain import Actor
from accord.agreements import queries
from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.domain import Context
from accord.agreements.scope import open_scope
from accord.agreements.standing import requester_of
from accord.cases.actions import place_records
from accord.cases.domain import CaseFacts, CaseState
from accord.cli.world.hands import Hands
from accord.cli.world.read import World
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary
from accord.platform import collecting
from accord.records.actions.contribute import Contribution, NewId, contribute
from accord.records.domain import RecordDraft
from accord.records.intake.drafting import Intake, Rejected, draft_record
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology

BATCH = 2_000
PURPOSE = "records-administration"
FIRST_ASKED = ("records-custodian", "supervisor")
Progress = Callable[[int], None]


@dataclass
class Delivered:
    """What a world's records came to; `unplaced` counts records by case that nobody may place."""

    loaded: int = 0
    revised: int = 0
    unchanged: int = 0
    placed: int = 0
    unplaced: dict[str, int] = field(default_factory=dict)


class Delivery:
    """One world's records on their way in.

    With one hand everything happens in the caller's thread, one batch after the other, so that ids are
    drawn in one order; several hands are faster, and draw them in whatever order they come to.
    """

    def __init__(
        self,
        world: World,
        cases: Mapping[str, CaseFacts],
        progress: Progress,
        *,
        hands: int = 1,
    ) -> None:
        self._world = world
        self._cases = cases
        self._progress = progress
        self._hands = hands
        self._telling = threading.Lock()
        self._policy = _policy_in_force()
        self._collected = min(world.as_of, now())
        self._to_place: dict[tuple[str, str], list[UUID]] = {}
        self.done = Delivered()

    def run(self, size: int | None) -> Delivered:
        """Contribute every record, then place them."""
        return self.take(self._world.records(size=size))

    def take(self, lines: Iterable[Mapping[str, Any]]) -> Delivered:
        """Contribute these lines, then place what they place."""
        with collecting.seldom():
            if self._hands == 1:
                self._give(lines, self._contribute)
            else:
                with Hands(self._contribute, self._hands) as hands:
                    self._give(lines, hands.give)
        for (owner, number), record_ids in self._to_place.items():
            self._place(owner, number, record_ids)
        self._to_place.clear()
        return self.done

    def _give(
        self, lines: Iterable[Mapping[str, Any]], to: Callable[[str, list[RecordDraft]], None]
    ) -> None:
        """Pass on the drafts of these lines in batches of one agency each."""
        waiting: dict[str, list[RecordDraft]] = {}
        for draft in self._drafts(lines):
            batch = waiting.setdefault(draft.owner, [])
            batch.append(draft)
            if len(batch) >= BATCH:
                to(draft.owner, waiting.pop(draft.owner))
        for owner, batch in waiting.items():
            to(owner, batch)

    def _drafts(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[RecordDraft]:
        vocabulary = Vocabulary.load(self._world.vocabulary)
        intakes = {
            agency.id: Intake(
                owner=agency.id,
                ontology=common_ontology(),
                vocabulary=vocabulary,
                collected=self._collected.date(),
                region=agency.country,
            )
            for agency in self._world.agencies
        }
        for line in lines:
            intake = intakes[line["agency"]]
            try:
                yield draft_record(raw_from_line(line, intake), intake)
            except Rejected as rejected:
                raise _fault(self._world, line, rejected) from rejected

    def _contribute(self, owner: str, batch: list[RecordDraft]) -> None:
        labels = {part.label for draft in batch for part in draft.parts}
        actor, context = self._contributor(owner, labels)
        with open_scope(actor, context) as scope:
            result = contribute(
                scope, batch, collected_at=self._collected, new_id=world_ids(self._world.seed)
            )
        with self._telling:
            self._count(owner, batch, result)

    def _count(self, owner: str, batch: list[RecordDraft], result: Contribution) -> None:
        self.done.loaded += result.loaded
        self.done.revised += result.revised
        self.done.unchanged += result.unchanged
        for draft, record_id in zip(batch, result.record_ids, strict=True):
            for number in draft.cases:
                self._to_place.setdefault((owner, number), []).append(record_id)
        self._progress(self.done.loaded + self.done.revised + self.done.unchanged)

    def _contributor(self, owner: str, labels: set[Label]) -> tuple[Actor, WorkingContext]:
        """The first member whom the agency's policy lets contribute all of these labels."""
        for actor in self._members(owner):
            context = resolve(actor, PURPOSE, "statute", None)
            if all(self._allows(actor, context, "contribute", label) for label in labels):
                return actor, context
        raise NotAllowed(
            f"No member of {owner} may contribute all of its records under its agreements.",
            who_can_change=f"whoever signs the agency policy of {owner}",
        )

    def _members(self, owner: str) -> list[Actor]:
        found = list(members.members_of((owner,)))
        return sorted(found, key=lambda a: [role not in a.roles for role in FIRST_ASKED])

    def _allows(self, actor: Actor, context: WorkingContext, action: str, label: Label) -> bool:
        asked = Context(
            purpose=context.purpose,
            case_id=str(context.case_id) if context.case_id else None,
            legal_basis=context.legal_basis,
            at=now(),
        )
        found = self._policy.decide(requester_of(actor), asked, action, label, frozenset())
        return found.allowed

    def _place(self, owner: str, number: str, record_ids: list[UUID]) -> None:
        """Place records, by one member of the case after another until all are in it."""
        case = self._cases[number]
        if case.state is CaseState.CLOSED:
            return  # it was placed before the case was closed
        left = list(dict.fromkeys(record_ids))
        for actor, context in self._placers(owner, number, case):
            with open_scope(actor, context) as scope:
                result = place_records(scope, case, left)
            self.done.placed += len(result.placed)
            left = list(result.refused)
            if not left:
                return
        self.done.unplaced[number] = self.done.unplaced.get(number, 0) + len(left)

    def _placers(
        self, owner: str, number: str, case: CaseFacts
    ) -> Iterator[tuple[Actor, WorkingContext]]:
        on_it = next(c.members for c in self._world.cases if c.number == number)
        for actor in self._members(owner):
            if actor.membership not in on_it:
                continue
            for purpose in case.purposes:
                context = resolve(actor, purpose, "statute", number)
                if self._may_place(actor, context):
                    yield actor, context

    def _may_place(self, actor: Actor, context: WorkingContext) -> bool:
        return any(
            self._allows(actor, context, "place", label)
            for label in queries.labels_by_number()
            if label is not None and label.owner == actor.agency
        )


def world_ids(seed: str) -> NewId:
    """Ids of a world: the same seed gives the same ids."""

    def new_id(draft: RecordDraft, part: str | None, revision: int) -> UUID:
        if part is None:
            return ids.world_uuid(seed, draft.owner, draft.source_ref)
        return ids.world_uuid(seed, draft.owner, f"{draft.source_ref}#{part}#{revision}")

    return new_id


def _policy_in_force() -> Policy:
    return compile_policy(queries.in_force(now()).agreements)


def _fault(world: World, line: Mapping[str, Any], rejected: Rejected) -> InvalidInput:
    where = f"{world.name} {line.get('agency')} {line.get('source_ref')}"
    faults = [InvalidInput(where, None, p.field, p.reason) for p in rejected.problems]
    return InvalidInput(
        where, None, rejected.problems[0].field, rejected.problems[0].reason, others=faults[1:]
    )
