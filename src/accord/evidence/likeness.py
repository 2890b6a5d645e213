"""What the form of a new exhibit takes over from another of the same case: many come from one search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accord.evidence.domain import Basis
from accord.evidence.forms import FLAGS
from accord.evidence.queries.exhibits import Seen

FIELDS: Mapping[str, str] = {
    "collected_by": "collectedBy",
    "collected_from": "collectedFrom",
    "place": "address",
    "tool": "tool",
    "tool_version": "toolVersion",
    "reference": "basisReference",
    "authority": "issuingAuthority",
    "document": "documentExhibit",
}
"""What the form calls it, and what the record does. What it shows is said of each exhibit anew."""


def last_of(found: Sequence[Seen], membership: str) -> Seen | None:
    """The exhibit that this member acquired last; what was derived came in another way."""
    mine = [
        seen
        for seen in found
        if seen.exhibit.acquired_by == membership and not _said(seen).get("derivedFrom")
    ]
    return max(mine, key=lambda seen: seen.exhibit.acquired_at, default=None)


def taken_over(seen: Seen) -> dict[str, str]:
    """What is written in the fields, as far as it is open to whoever fills them in."""
    said = _said(seen)
    zone = said.get("collectedZone", "")
    fields = {field: said[name] for field, name in FIELDS.items() if name in said}
    core = seen.record.part("core")
    return fields | {
        "kind": seen.exhibit.kind,
        "basis": "" if seen.exhibit.basis is Basis.UNRECORDED else seen.exhibit.basis.value,
        "zone": zone,
        "collected_at": _on_the_clock(said.get("collectedAt", ""), zone),
        "sensitivity": core.label.sensitivity if core else "official",
    }


def subjects_of(seen: Seen) -> list[str]:
    """Whom it concerns."""
    core = seen.record.part("core")
    return sorted(core.label.subjects) if core else []


def flags_of(seen: Seen) -> list[str]:
    """Whether a child is in it, whether a court has sealed it."""
    core = seen.record.part("core")
    return [flag for flag in FLAGS if core and getattr(core.label, flag)]


def _said(seen: Seen) -> dict[str, str]:
    return {n: v[0] for part in seen.record.parts for n, v in part.values.items() if v}


def _on_the_clock(at: str, zone: str) -> str:
    try:
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    except (ValueError, ZoneInfoNotFoundError):
        return ""
