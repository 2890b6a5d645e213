"""The impact of a version or a draft on the viewer's own agency's records, as the viewer sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from accord.agencies import queries as agencies
from accord.agreements import queries as agreements
from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.domain import Agreement, Clause
from accord.agreements.exposed import Party
from accord.agreements.impact import Change, Comparison, Kept, changed_clauses, changes, groups
from accord.agreements.parse import DRAFT_FILE, parse
from accord.agreements.proofs.comparing import Verdict, compare
from accord.agreements.proofs.engine import available
from accord.agreements.queries import DraftEntry
from accord.agreements.scope import Scope
from accord.agreements.simulation import what_if, without
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary
from accord.records.queries.counting import own_records_by_label

DRAFT = "draft"


@dataclass(frozen=True)
class Impact:
    """What would be different for the agency's records if a version were in force, or is by it."""

    chosen: Agreement
    against: Agreement | None
    state: str
    decides: bool
    """It is in force already: what stands beside it is what there was without it."""
    kept: tuple[Kept, ...]
    labels: Mapping[int, Label]
    changes: tuple[Change, ...]
    clauses: Mapping[tuple[str, str], Clause]
    agreements: Mapping[str, Agreement]
    verdict: Verdict | None

    @property
    def records(self) -> int:
        """How many records of the agency the viewer sees for this purpose."""
        return sum(k.records for k in self.kept)

    @property
    def parts(self) -> int:
        """How many parts of them."""
        return sum(k.records * len(k.parts) for k in self.kept)


def impact(scope: Scope, content_hash: str) -> Impact:
    """Return the impact of a version; raises NotFound when there is none of that hash."""
    version = agreements.version(content_hash)
    in_force = scope.standing.policy.agreements
    decides = any(a.content_hash == content_hash for a in in_force)
    against = _against(version.parent_hash, version.parsed, in_force, decides=decides)
    return _weigh(scope, version.parsed, against, version.state, decides=decides)


def draft_impact(scope: Scope, draft: DraftEntry) -> Impact:
    """Return the impact that a draft would have as it stands, if every party signed it.

    Raises InvalidInput with every fault of a text that is no agreement yet.
    """
    known = {a.id for a in agencies.agencies()}
    chosen = parse(draft.text, file=DRAFT_FILE, agencies=known)
    in_force = scope.standing.policy.agreements
    against = _against(None, chosen, in_force, decides=False)
    return _weigh(scope, chosen, against, DRAFT, decides=False)


def _weigh(
    scope: Scope, chosen: Agreement, against: Agreement | None, state: str, *, decides: bool
) -> Impact:
    in_force = scope.standing.policy.agreements
    before, after = _sides(in_force, chosen, against, decides=decides)
    kept = own_records_by_label(scope)
    labels = agreements.labels({number for k in kept for number, _ in k.parts})
    differing = changed_clauses(against, chosen)
    asked = groups(
        differing,
        _parties((*before.agreements, *after.agreements)),
        _recipients((*before.agreements, *after.agreements)),
        Vocabulary.load(VOCABULARY_VERSION),
        lacking=against is not None,
    )
    comparison = Comparison(before, after, scope.standing.context, labels)
    every = {a.content_hash: a for a in (*before.agreements, *after.agreements)}
    return Impact(
        chosen=chosen,
        against=against,
        state=state,
        decides=decides,
        kept=kept,
        labels=labels,
        changes=changes(comparison.differences(asked)) if labels else (),
        clauses={(h, c.id): c for h, a in every.items() for c in a.clauses},
        agreements=every,
        verdict=_verdict(against, chosen) if against is not None and available() else None,
    )


def _against(
    parent: str | None, chosen: Agreement, in_force: Sequence[Agreement], *, decides: bool
) -> Agreement | None:
    """The version that the chosen one stands in place of, or stood in place of; None if none."""
    if decides:
        return None if parent is None else agreements.version(parent).parsed
    same = [a for a in in_force if a.id == chosen.id or a.content_hash == chosen.amends]
    return same[0] if same else None


def _sides(
    in_force: Sequence[Agreement],
    chosen: Agreement,
    against: Agreement | None,
    *,
    decides: bool,
) -> tuple[Policy, Policy]:
    if not decides:
        return compile_policy(in_force), compile_policy(what_if(in_force, chosen))
    before = without(in_force, chosen)
    back = before if against is None else what_if(before, against)
    return compile_policy(back), compile_policy(in_force)


def _parties(found: Sequence[Agreement]) -> tuple[Party, ...]:
    named = {party for agreement in found for party in agreement.parties}
    return tuple(
        Party(a.id, a.kind, a.country)
        for a in agencies.agencies()
        if a.id in named and not a.suspended
    )


def _recipients(found: Sequence[Agreement]) -> frozenset[str]:
    """Whom anything may be passed on to."""
    return frozenset(r for a in found for c in a.permits for r in c.recipients or ())


@lru_cache(maxsize=32)
def _verdict(against: Agreement, chosen: Agreement) -> Verdict:
    """Proofs take a second; both versions are named by what they say."""
    return compare(against, chosen)
