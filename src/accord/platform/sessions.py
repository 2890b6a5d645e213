"""Sessions in the database under the digest of their key.

Whoever reads the table (a backup, injected SQL) learns no key that a browser could send. The data
of a session is signed by Django, so a row cannot be made up either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone


def stored_key(session_key: str) -> str:
    """The name under which a session is kept: 40 characters of its key's SHA-256."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


def kept(stored: Iterable[str]) -> frozenset[str]:
    """Return which of these sessions, by the names they are kept under, are not over."""
    model = SessionStore.get_model_class()
    rows = model.objects.filter(  # house: orm - a session store is its model's query
        session_key__in=list(stored), expire_date__gt=timezone.now()
    )
    return frozenset(rows.values_list("session_key", flat=True))


class SessionStore(db.SessionStore):
    """Django's database sessions, kept under digests."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; one that is not there or is over loses its key."""
        kept = self.model.objects.filter(  # house: orm - a session store is its model's query
            session_key=stored_key(self.session_key or ""), expire_date__gt=timezone.now()
        )
        row = kept.first()
        if row is None:
            self._session_key = None
            return {}
        return dict(self.decode(row.session_data))

    def exists(self, session_key: str) -> bool:
        """Return whether a session with this key is kept."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row to keep, named by the digest."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Forget a session, by default this one."""
        wanted = session_key or self.session_key
        if wanted is not None:
            super().delete(stored_key(wanted))
