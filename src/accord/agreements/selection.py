"""Which clauses speak to one requester, purpose and action; the labels and keys stay open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from accord.agreements.domain import (
    Agreement,
    Citation,
    Clause,
    Context,
    Reach,
    Requester,
    Words,
    cite,
    covers,
)
from accord.agreements.labelindex import LabelIndex
from accord.agreements.reference import asker_fits, rank, reason_fits
from accord.agreements.shapes import Block, Permit, Shape

_H2 = Block(None, None, Shape(Reach(handling=frozenset({"H2"})), None, False), frozenset({"grant"}))


@dataclass(frozen=True)
class Selection:
    """The forbids that bind a requester and the permits that serve them, in the published order.

    `handling` is the block that the handling code H2 puts before `onward`, or None.
    """

    requester: Requester
    blocks: tuple[Block, ...]
    permits: tuple[Permit, ...]
    handling: Block | None

    def over(self, index: LabelIndex) -> Opener:
        return Opener(self, index)


class Opener:
    """A selection over the labels of one node; each clause is turned into labels once."""

    def __init__(self, selection: Selection, index: LabelIndex) -> None:
        self._index = index
        self._blocks = [(b, b.shape.labels(index)) for b in selection.blocks]
        if selection.handling is not None:
            others = index.where("owner", lambda owner: owner != selection.requester.agency)
            h2 = selection.handling.shape.labels(index) & others
            self._blocks.append((selection.handling, h2))
        self._permits = [
            (p, _all(p.shapes, index), [(b, b.shape.labels(index)) for b in p.blocks])
            for p in selection.permits
        ]

    def open(self, keys: Words) -> int:
        """The labels that are open to a part which carries these keys."""
        labels = 0
        for permit, reached, blocks in self._permits:
            if permit.keys <= keys:
                labels |= self._left(reached, blocks, keys)
        return self._left(labels, self._blocks, keys)

    def clauses(self, keys: Words, labels: int) -> tuple[Citation, ...]:
        """The clauses that open some of these labels under these keys, in the published order."""
        return tuple(
            dict.fromkeys(
                cite(agreement, clause)
                for permit, reached, blocks in self._permits
                if permit.keys <= keys and self._left(reached, blocks, keys) & labels
                for agreement, clause in permit.route
            )
        )

    def _left(self, labels: int, blocks: list[tuple[Block, int]], keys: Words) -> int:
        for block, taken in blocks:
            if block.binds(keys):
                labels = self._index.without(labels, taken)
        return labels


def _all(shapes: tuple[Shape, ...], index: LabelIndex) -> int:
    labels = index.present
    for shape in shapes:
        labels &= shape.labels(index)
    return labels


def select(
    agreements: Sequence[Agreement], requester: Requester, context: Context, action: str
) -> Selection:
    """Everything that can be decided before a label and its keys are known."""
    permits = [
        permit
        for agreement in agreements
        for clause in agreement.permits
        if covers(clause, action) and _serves(agreement, clause, requester, context)
        for permit in _routes(agreements, agreement, clause, requester, context, action)
    ]
    return Selection(
        requester=requester,
        blocks=tuple(_blocks(agreements, requester, context, action, None)),
        permits=tuple(sorted(permits, key=lambda p: rank(p.route))),
        handling=_H2 if action == "onward" else None,
    )


def _serves(agreement: Agreement, clause: Clause, requester: Requester, context: Context) -> bool:
    return (
        requester.agency in agreement.parties
        and asker_fits(clause.to, requester, unknown=False)
        and reason_fits(clause.reason, context, unknown=False)
    )


def _routes(
    agreements: Sequence[Agreement],
    agreement: Agreement,
    clause: Clause,
    requester: Requester,
    context: Context,
    action: str,
) -> Iterator[Permit]:
    parties = frozenset(agreement.parties)
    named = parties if clause.of.owner is None else clause.of.owner
    straight = (named & parties) - _self(clause, requester)
    yield Permit(((agreement, clause),), (Shape(clause.of, straight, True),), clause.when)
    if named - parties and action in ("match", "hit", "view", "export"):
        for party in sorted(parties - {requester.agency}):
            base = ((agreement, clause), Shape(clause.of, named - parties, True))
            yield from _passed_on(agreements, base, party, requester, context, action)


def _passed_on(
    agreements: Sequence[Agreement],
    base: tuple[tuple[Agreement, Clause], Shape],
    party: str,
    requester: Requester,
    context: Context,
    action: str,
) -> Iterator[Permit]:
    """The permits composed of a clause and of another by which `party` may pass labels on."""
    holder = replace(requester, agency=party, kind=None, country=None)
    blocks = (
        _H2,
        *_blocks(agreements, holder, context, "onward", None),
        *_blocks(agreements, requester, context, action, party),
    )
    for source in agreements:
        for onward in source.permits:
            if (
                covers(onward, "onward")
                and requester.agency in (onward.recipients or ())
                and _serves(source, onward, holder, context)
            ):
                parties = frozenset(source.parties)
                owners = parties if onward.of.owner is None else parties & onward.of.owner
                shape = Shape(onward.of, owners - _self(onward, holder), True)
                keys = base[0][1].when | onward.when
                yield Permit((base[0], (source, onward)), (base[1], shape), keys, blocks)


def _blocks(
    agreements: Sequence[Agreement],
    requester: Requester,
    context: Context,
    action: str,
    giver: str | None,
) -> Iterator[Block]:
    """The forbids that bind; towards the owner of a label, or towards a party that passes it on."""
    for agreement in agreements:
        parties = frozenset(agreement.parties)
        if requester.agency not in parties or (giver is not None and giver not in parties):
            continue
        for clause in agreement.forbids:
            if not (
                covers(clause, action)
                and asker_fits(clause.to, requester, unknown=True)
                and reason_fits(clause.reason, context, unknown=True)
            ):
                continue
            excused = _excused(clause, requester, context)
            if excused == frozenset():
                continue
            owners = _bound_owners(clause, parties, requester, giver)
            yield Block(agreement, clause, Shape(clause.of, owners, False), excused)


def _bound_owners(
    clause: Clause, parties: Words, requester: Requester, giver: str | None
) -> Words | None:
    if giver is not None:
        return clause.of.owner
    owners = parties if clause.of.owner is None else parties & clause.of.owner
    return owners if clause.own else owners - {requester.agency}


def _excused(clause: Clause, requester: Requester, context: Context) -> Words | None:
    """The keys with which a forbid's exception serves this requester; None where it never does."""
    unless = clause.unless
    if (
        unless is None
        or not asker_fits(unless.to, requester, unknown=False)
        or not reason_fits(unless.reason, context, unknown=False)
    ):
        return None
    return unless.when


def _self(clause: Clause, requester: Requester) -> Words:
    """The owner whose labels a permit without `to.agency` does not open: the requester's own."""
    return frozenset({requester.agency}) if clause.to.agency is None else frozenset()
