"""What contributing drafts will do to each: load it, revise what is there, or change nothing."""

from __future__ import annotations

from collections.abc import Sequence

from accord.records.actions import writing
from accord.records.actions.contribute import keyed_hash
from accord.records.domain import RecordDraft


def fates(drafts: Sequence[RecordDraft]) -> list[str]:
    """`loaded`, `revised` or `unchanged` for each draft, as it would be now; reads only."""
    refs: dict[str, list[str]] = {}
    for draft in drafts:
        refs.setdefault(draft.source_system, []).append(draft.source_ref)
    there = {
        (system, found.source_ref): found.content_hash
        for system, wanted in refs.items()
        for found in writing.own_sources(system, wanted)
    }
    return [_fate(draft, there) for draft in drafts]


def _fate(draft: RecordDraft, there: dict[tuple[str, str], bytes]) -> str:
    content = there.get((draft.source_system, draft.source_ref))
    if content is None:
        return "loaded"
    return "unchanged" if content == keyed_hash(draft) else "revised"
