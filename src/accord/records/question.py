"""What was asked, as an address that says nothing: names never stand in URLs, histories or logs.

The address is sealed for the membership and the working context (accord.platform.sealedaddress).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput
from accord.platform import sealedaddress
from accord.records.search_query import QueryError, SearchQuery, form_query, parse_query


@dataclass(frozen=True, slots=True)
class Question:
    """The text of the one box, or the fields of the form; and which kinds of record."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    schemas: tuple[str, ...] = ()

    def query(self, country: str) -> SearchQuery:
        """What it asks for; raises InvalidInput with what to write instead."""
        try:
            if self.fields:
                return form_query(dict(self.fields), region=country)
            return parse_query(self.text, region=country)
        except QueryError as error:
            raise InvalidInput("question", None, "q", str(error)) from error

    @property
    def said(self) -> str:
        """The question in one line."""
        return self.text or ", ".join(value for value in self.fields.values() if value.strip())


def seal_question(scope: Scope, question: Question) -> str:
    """Return the question as one step of an address."""
    said = [question.text, dict(question.fields), list(question.schemas)]
    return sealedaddress.seal(said, _whose(scope))


def open_question(scope: Scope, sealed: str) -> Question:
    """Return the question of an address; raises NotFound for any that this context did not make."""
    text, fields, schemas = sealedaddress.unseal(sealed, _whose(scope))
    return Question(text, fields, tuple(schemas))


def _whose(scope: Scope) -> list[bytes]:
    context = scope.context.path
    return [b"accord-question/1", scope.actor.membership.encode(), context.encode()]
