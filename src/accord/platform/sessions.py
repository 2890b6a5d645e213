"""Sessions in the database under the digest of their key.

Whoever reads the table (a backup, injected SQL) learns no key that a browser could send. The data
of a session is signed by Django, so a row cannot be made up either.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db


def stored_key(session_key: str) -> str:
    """The name under which a session is kept: 40 characters of its key's SHA-256."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's database sessions, kept under digests."""

    def _get_session_from_db(self) -> Any:
        given = self._session_key
        try:
            self._session_key = stored_key(given) if given else given
            return super()._get_session_from_db()
        finally:
            # A session that is not there has lost its key by now, and keeps it lost.
            self._session_key = given if self._session_key else None

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
