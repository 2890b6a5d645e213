"""The working context: purpose, case and legal basis under which somebody is asking (LED art. 25)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies.domain import Actor
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.vocabulary import NEWEST, Vocabulary, VocabularyError

NO_CASE = "-"
VOCABULARY_VERSION = NEWEST
"""Of the words in which people ask and labels are written."""
CASE_NAME = re.compile(r"[A-Za-z0-9-]{1,40}(~[a-z0-9-]{1,80})?")


@dataclass(frozen=True, slots=True)
class WorkingContext:
    """Why the question is asked, stated before it is asked; it stands in the URL of every page."""

    purpose: str
    legal_basis: str
    case_number: str | None = None
    case_id: UUID | None = None
    holds_until: datetime | None = None

    @property
    def path(self) -> str:
        """The URL prefix of every page within this context."""
        return f"/w/{self.purpose}/{self.legal_basis}/{self.case_number or NO_CASE}"


def resolve(
    actor: Actor, purpose: str, legal_basis: str, case_number: str | None
) -> WorkingContext:
    """Return the context this actor may work in.

    Where cases of two agencies share a number, `number~lead` says which is meant.
    Raises NotFound when a word is not of the vocabulary, the case is absent, the actor has no
    need to know it, or the case was not opened for this purpose: all look the same.
    """
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    try:
        vocabulary.check("purpose", purpose, "purpose")
        vocabulary.check("legal_basis", legal_basis, "legal basis")
    except VocabularyError as error:
        raise NotFound("There is no such working context.") from error
    if case_number is None or case_number == NO_CASE:
        return WorkingContext(purpose, legal_basis)
    if not CASE_NAME.fullmatch(case_number):
        raise NotFound("There is no such working context.")
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id, purposes, valid_until from accord.find_case_key(%s, %s, %s)",
            [actor.membership, case_number, now()],
        )
        row = cursor.fetchone()
    if row is None or purpose not in row[1]:
        raise NotFound("There is no such working context.")
    return WorkingContext(purpose, legal_basis, case_number, row[0], row[2])
