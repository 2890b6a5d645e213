"""What was asked, as an address that says nothing: names never stand in URLs, histories or logs.

The address is sealed for the membership and the working context (accord.platform.sealedaddress).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput
from accord.platform import sealedaddress
from accord.records.checking import Reason
from accord.records.search_query import QueryError, SearchQuery, form_query, parse_query


@dataclass(frozen=True, slots=True)
class Question:
    """The text of the one box, or the fields of the form; and which kinds of record."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    schemas: tuple[str, ...] = ()
    reason: Reason | None = None
    """Why a quick check is made; nothing where a case says it."""

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
    return sealedaddress.seal(facts_of(question), _whose(scope))


def open_question(scope: Scope, sealed: str) -> Question:
    """Return the question of an address; raises NotFound for any that this context did not make."""
    return question_of(sealedaddress.unseal(sealed, _whose(scope)))


def facts_of(question: Question) -> list[Any]:
    """The question as plain data; `question_of` reads it."""
    said = [question.text, dict(question.fields), list(question.schemas)]
    why = question.reason
    return said if why is None else [*said, [why.code, why.typed]]


def question_of(facts: list[Any]) -> Question:
    """The question that `facts_of` wrote."""
    text, fields, schemas, *why = facts
    return Question(text, fields, tuple(schemas), Reason(*why[0]) if why else None)


def _whose(scope: Scope) -> list[bytes]:
    context = scope.context.path
    return [b"accord-question/1", scope.actor.membership.encode(), context.encode()]
