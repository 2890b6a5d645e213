"""Read records, texts, requests, hits and intake runs; frozen read models only."""

from accord.records.queries.records import (
    PartView,
    RecordView,
    current_parts,
    history,
    owner_of,
    record_view,
    record_views,
    visible_ids,
)
from accord.records.queries.texts import texts

__all__ = [
    "PartView",
    "RecordView",
    "current_parts",
    "history",
    "owner_of",
    "record_view",
    "record_views",
    "texts",
    "visible_ids",
]
