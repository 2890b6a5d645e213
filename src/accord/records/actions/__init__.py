"""The only writers of records: contribute, keys, texts, requests, intake."""

from accord.records.actions.keys import add_case_key, end_case_key
from accord.records.actions.recalls import start as start_recall
from accord.records.actions.texts import write_text

__all__ = ["add_case_key", "end_case_key", "start_recall", "write_text"]
