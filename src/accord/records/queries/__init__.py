"""Read records, texts, requests, hits and intake runs; frozen read models only."""

from accord.records.queries.records import (
    PartView,
    RecordView,
    history,
    owner_of,
    record_view,
    record_views,
    visible_ids,
)
from accord.records.queries.texts import Texts, texts

__all__ = [
    "PartView",
    "RecordView",
    "Texts",
    "history",
    "owner_of",
    "record_view",
    "record_views",
    "texts",
    "visible_ids",
]
