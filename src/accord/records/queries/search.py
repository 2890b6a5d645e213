"""Search: what the viewer may see, ranked with reasons; of the rest, hits; of what is hidden, nothing.

1. check that the question knows enough, and spend one of the hour's questions;
2. accord.find answers with ids only, under the sealed standing, capped after filtering;
3. the visible records are read under row-level security, and scored on their visible parts alone;
4. of a record that is not visible but open for `hit`: a card with a handle and whom to ask.

INVARIANT: the statements executed depend only on what the viewer may see and on the question.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agencies.domain import AgencyEntry, DutyDesk
from accord.agreements import queries as agreements
from accord.agreements.domain import Decision
from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.ledger.domain import Item
from accord.records.asking import asked, groups
from accord.records.captions import caption, pseudonym
from accord.records.names import NameMatch
from accord.records.nodekeys import keys
from accord.records.ontology import common_ontology
from accord.records.queries.handles import handle_of, hit_decision
from accord.records.queries.records import RecordView, record_views
from accord.records.queries.spending import QuotaState, begin_query, spend_hits, spent
from accord.records.scoring import score, snippet
from accord.records.search_query import SearchQuery, check_minimum

MOST_RECORDS = 50
"""Visible records, and hits, of one answer; beyond that the answer says to ask more narrowly."""
SEALED = NameMatch(1.0, ("exactly what you asked for, in a sealed part",))
"""A sealed part is found by keyed exact tokens alone, so it need not be unsealed to be compared."""
UNSEEN = NameMatch(0.5, ("matches in a part that you may ask its owner for",))

Labels = Mapping[int, Label]

FIND = """
select n, record_id, owner_id, schema, visible, part_id, viewable, label_id, newest_label_id, kinds,
       score, more
  from accord.find(%s::jsonb, %s::text[], %s, %s)
"""


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """A record in a list, as far as this viewer sees it."""

    record: RecordView
    caption: str
    pseudonym: bool
    """No visible part holds a caption, so it goes by a name that says nothing."""
    score: float | None
    reasons: tuple[str, ...]
    snippet: str | None
    handle: str | None
    """Set when a part that the viewer may only ask for matched: what to ask its owner with."""

    @property
    def record_id(self) -> UUID:
        return self.record.record_id

    @property
    def schema(self) -> str:
        return self.record.schema

    @property
    def owner(self) -> str:
        return self.record.owner


@dataclass(frozen=True, slots=True)
class HitCard:
    """That a record exists and whom to ask; nothing of its content."""

    handle: str
    schema: str
    category: str
    handling: str
    owner: str
    owner_name: str
    desk: DutyDesk
    decision: Decision


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What one question came to."""

    visible: tuple[RecordSummary, ...]
    hits: tuple[HitCard, ...]
    narrow: bool
    """There is more than is shown: ask more narrowly."""
    too_broad: str | None
    """Why other agencies were not asked; then there are no hits, whatever they hold."""
    quota: QuotaState


@dataclass(frozen=True, slots=True)
class Match:
    """One part that met one criterion, as the probe tells it: ids and numbers."""

    n: int
    record_id: UUID
    owner: str
    schema: str
    visible: bool
    part_id: UUID
    viewable: bool
    label_id: int
    newest_label_id: int
    kinds: int
    score: float
    more: bool


def search(scope: Scope, query: SearchQuery, schemas: Sequence[str] | None = None) -> SearchAnswer:
    """Answer a question and note what it showed.

    A question below the minimum is answered from what the viewer may see, and `too_broad` says
    why nobody else was asked. Raises NotAllowed when the hour's quota is spent, InvalidInput for
    an unknown schema or when too much is asked at once.
    """
    _check_schemas(schemas)
    too_broad = _too_broad(query)
    quota = spent(scope) if too_broad else begin_query(scope)
    directory = {a.id: a for a in agencies.agencies()}
    asking = asked(query, owners=sorted(directory), token_key=keys().token_key())
    found = _find(asking, schemas, with_hits=too_broad is None)
    labels = _labels(found)
    visible = _visible(scope, query, [m for m in found if m.visible], labels)
    hits = _hits(scope, directory, [m for m in found if not m.visible], labels)
    if too_broad is None:
        quota = spend_hits(scope, len(hits))
    scope.did(
        "disclosure" if hits else "consultation",
        query=query.text,
        schemas=list(schemas or ()),
        hits=len(hits),
    )
    return SearchAnswer(visible, hits, any(m.more for m in found), too_broad, quota)


def _too_broad(query: SearchQuery) -> str | None:
    try:
        check_minimum(query)
    except NotAllowed as refusal:
        return refusal.reason
    return None


def _check_schemas(schemas: Sequence[str] | None) -> None:
    for name in schemas or ():
        if name not in common_ontology():
            raise InvalidInput(
                "request", None, "schemas", phrase("there is no such kind of record")
            )


def _find(
    asking: list[dict[str, Any]], schemas: Sequence[str] | None, *, with_hits: bool
) -> list[Match]:
    with connection.cursor() as cursor:
        cursor.execute(
            FIND,
            [json.dumps(asking), list(schemas) if schemas else None, with_hits, MOST_RECORDS],
        )
        return [Match(*row) for row in cursor.fetchall()]


def _by_record(matches: Iterable[Match]) -> dict[UUID, list[Match]]:
    found: dict[UUID, list[Match]] = {}
    for match in matches:
        found.setdefault(match.record_id, []).append(match)
    return found


def _visible(
    scope: Scope, query: SearchQuery, matches: list[Match], labels: Labels
) -> tuple[RecordSummary, ...]:
    by_record, before = _by_record(matches), dict(scope.items)
    shown = []
    for record in record_views(scope, list(by_record)):
        found = by_record[record.record_id]
        answers = _answers(query, record, found)
        if all(answer.score for answer in answers):
            shown.append(_summary(scope, query, record, found, answers))
    _forget_unshown(scope, before, {s.record_id for s in shown})
    for match in (m for s in shown for m in by_record[s.record_id] if not m.viewable):
        # That a part which is only open for `hit` matched is a disclosure of its own.
        why, handle = _decision(scope, match, labels), handle_of(scope, match.record_id)
        scope.note(match.record_id, match.owner, why, match.part_id, handle=handle)
    return tuple(
        sorted(shown, key=lambda m: (-(m.score or 0), m.caption.casefold(), str(m.record_id)))
    )


def _forget_unshown(scope: Scope, before: Mapping[Any, Item], shown: set[UUID]) -> None:
    """What was read, compared and found unlike was consulted by nobody."""
    kept = {str(record_id) for record_id in shown}
    scope.items = {k: v for k, v in scope.items.items() if k in before or k[0] in kept}


def _answers(query: SearchQuery, record: RecordView, matches: list[Match]) -> list[NameMatch]:
    """How well each criterion is met, judged on the parts that the viewer may view."""
    schema = common_ontology().schema(record.schema)
    parts = {p.part_id: p for p in record.parts}
    answers = []
    for n, group in enumerate(groups(query)):
        seen = [
            SEALED if parts[m.part_id].sealed else score(group, schema, parts[m.part_id].values)
            for m in matches
            if m.n == n and m.viewable and m.part_id in parts
        ]
        answers.append(max(seen, key=lambda m: m.score, default=UNSEEN))
    return answers


def _summary(
    scope: Scope,
    query: SearchQuery,
    record: RecordView,
    matches: list[Match],
    answers: list[NameMatch],
) -> RecordSummary:
    words = [*query.of("text"), *query.of("phrase")]
    return _shown(
        scope,
        record,
        score=round(sum(a.score for a in answers) / len(answers), 4),
        reasons=tuple(dict.fromkeys(reason for a in answers for reason in a.reasons)),
        snippet=next((s for p in record.parts if (s := snippet(words, p.values))), None),
        handle=None if all(m.viewable for m in matches) else handle_of(scope, record.record_id),
    )


def _shown(scope: Scope, record: RecordView, **found: Any) -> RecordSummary:
    schema = common_ontology().schema(record.schema)
    called = caption(schema, record.captioned)
    return RecordSummary(
        record=record,
        caption=called or pseudonym(schema, record.record_id, scope.actor.agency),
        pseudonym=called is None,
        **found,
    )


def _hits(
    scope: Scope, directory: Mapping[str, AgencyEntry], matches: list[Match], labels: Labels
) -> tuple[HitCard, ...]:
    cards = []
    for record_id, found in _by_record(matches).items():
        decision = _decision(scope, found[0], labels)
        card = _card(scope, directory[found[0].owner], found[0], labels, decision)
        cards.append(card)
        scope.note(record_id, found[0].owner, decision, handle=card.handle)
    # Not by how well they match: that would be content.
    return tuple(sorted(cards, key=lambda c: (c.owner_name, c.schema, c.handle)))


def _card(
    scope: Scope,
    owner: AgencyEntry,
    match: Match,
    labels: Labels,
    decision: Decision,
) -> HitCard:
    return HitCard(
        handle=handle_of(scope, match.record_id),
        schema=match.schema,
        category=common_ontology().schema(match.schema).label,
        handling=labels[match.label_id].handling,
        owner=owner.id,
        owner_name=owner.name,
        desk=owner.duty_desk,
        decision=decision,
    )


def _labels(matches: Iterable[Match]) -> Labels:
    return agreements.labels({n for m in matches for n in (m.label_id, m.newest_label_id)})


def _decision(scope: Scope, match: Match, labels: Labels) -> Decision:
    return hit_decision(scope, labels[match.label_id], labels[match.newest_label_id], match.kinds)


# Standing questions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What a standing question meets now, by record and without its content, noted nowhere yet."""

    query: SearchQuery
    visible: Mapping[UUID, tuple[Match, ...]]
    hits: Mapping[UUID, tuple[Match, ...]]
    narrow: bool

    def told(self, scope: Scope, record_ids: Iterable[UUID]) -> tuple[dict[UUID, int], set[UUID]]:
        """Note these records as shown: the revisions of the visible ones, and the hits.

        A visible record whose visible parts do not answer the question is none of them.
        """
        wanted = set(record_ids)
        seen = [m for r, found in self.visible.items() if r in wanted for m in found]
        behind = [m for r, found in self.hits.items() if r in wanted for m in found]
        labels = _labels((*seen, *behind))
        shown = _visible(scope, self.query, seen, labels)
        directory = {a.id: a for a in agencies.agencies()}
        _hits(scope, directory, behind, labels)
        return {s.record_id: s.record.revision for s in shown}, {m.record_id for m in behind}


def stand(scope: Scope, query: SearchQuery) -> Standing:
    """Ask a standing question without showing anything; spends nothing of the quota."""
    owners = sorted(a.id for a in agencies.agencies())
    asking = asked(query, owners=owners, token_key=keys().token_key())
    found = _find(asking, None, with_hits=True)
    sides = [
        _by_record([m for m in found if m.visible]),
        _by_record([m for m in found if not m.visible]),
    ]
    seen, behind = ({r: tuple(ms) for r, ms in side.items()} for side in sides)
    return Standing(query, seen, behind, any(m.more for m in found))


# Lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keyset:
    """Where a page ends: the next one begins before this."""

    seen_at: datetime
    part_id: UUID

    def __str__(self) -> str:
        return f"{self.seen_at.isoformat()}~{self.part_id.hex}"

    @classmethod
    def parse(cls, text: str) -> Keyset:
        """Read what `str` wrote; raises InvalidInput."""
        at, _, part = text.partition("~")
        try:
            seen_at = datetime.fromisoformat(at)
            if seen_at.utcoffset() is None:
                raise ValueError("no zone")
            return cls(seen_at, UUID(part))
        except ValueError:
            raise InvalidInput("request", None, "after", phrase("not where a page ends")) from None


@dataclass(frozen=True, slots=True)
class Page:
    """Records in the order of time, newest first; `next` is None on the last page."""

    records: tuple[RecordSummary, ...]
    next: Keyset | None


LONGEST_PAGE = 100
LATEST = "select record_id, part_id, seen_at from accord.latest(%s::text[], %s, %s, %s)"


def latest(
    scope: Scope, schema: str | None = None, after: Keyset | None = None, limit: int = 25
) -> Page:
    """Return the latest records that the viewer may see, without a total.

    Raises InvalidInput for an unknown schema or a page longer than LONGEST_PAGE.
    """
    schemas = [schema] if schema else None
    _check_schemas(schemas)
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidInput(
            "request",
            None,
            "limit",
            phrase("between 1 and %(longest_page)s", longest_page=LONGEST_PAGE),
        )
    where = [after.seen_at, after.part_id] if after else [None, None]
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [schemas, *where, limit + 1])
        rows = cursor.fetchall()
    shown = rows[:limit]
    records = record_views(scope, [record_id for record_id, _, _ in shown])
    end = Keyset(shown[-1][2], shown[-1][1]) if len(rows) > limit else None
    plain = {"score": None, "reasons": (), "snippet": None, "handle": None}
    return Page(tuple(_shown(scope, record, **plain) for record in records), end)
