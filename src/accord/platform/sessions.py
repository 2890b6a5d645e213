"""Sessions in the database under the digest of their key.

Whoever reads the table (a backup, injected SQL) learns no key that a browser could send. The data
of a session is signed by Django, so a row cannot be made up either.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.utils import timezone
from django.utils.crypto import get_random_string

from accord.platform.db.shapes import lines


def stored_key(session_key: str) -> str:
    """The name under which a session is kept: 40 characters of its key's SHA-256."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's database sessions, kept under digests."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; one that is not there or is over loses its key."""
        found = lines(
            "select session_data from django_session where session_key = %s and expire_date > %s",
            [stored_key(self.session_key or ""), timezone.now()],
        )
        if not found:
            self._session_key = None
            return {}
        return dict(self.decode(found[0][0]))

    def exists(self, session_key: str) -> bool:
        """Return whether a session with this key is kept."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row to keep, named by the digest."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def save(self, must_create: bool = False) -> None:
        """Keep what the session holds: one statement where its row is there already.

        Raises UpdateError where the row has been deleted meanwhile.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        kept = self.model.objects.filter(  # house: orm - a session store is its model's query
            session_key=row.session_key
        ).update(session_data=row.session_data, expire_date=row.expire_date)
        if not kept:
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """Forget a session, by default this one."""
        wanted = session_key or self.session_key
        if wanted is not None:
            self.model.objects.filter(  # house: orm - as above
                session_key=stored_key(wanted)
            ).delete()

    def _get_new_session_key(self) -> str:
        """165 random bits: nobody has this key, and `create` tries again if somebody has."""
        return get_random_string(32, VALID_KEY_CHARS)


def sweep(at: datetime, most: int) -> int:
    """Forget sessions that were over then, at most so many; returns how many."""
    kept = SessionStore.get_model_class().objects  # house: orm - as above
    over = kept.filter(expire_date__lt=at).values("session_key")[:most]
    return int(kept.filter(session_key__in=over).delete()[0])
