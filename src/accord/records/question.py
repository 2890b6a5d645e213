"""What was asked, as an address that says nothing: names never stand in URLs, histories or logs.

A question is encrypted deterministically (AES-SIV, RFC 5297) under a key of the node, with the
membership and the working context as associated data. So the results of a question have an address
to come back to, the same question has the same one, nothing is stored, and nobody else can use it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput, NotFound
from accord.platform.secrets import secret_bytes
from accord.records.search_query import QueryError, SearchQuery, form_query, parse_query

KEY_NAME, KEY_BYTES = "question.key", 64


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
    sealed = AESSIV(_key()).encrypt(json.dumps(said, sort_keys=True).encode(), _whose(scope))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_question(scope: Scope, sealed: str) -> Question:
    """Return the question of an address; raises NotFound for any that this context did not make."""
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        text, fields, schemas = json.loads(AESSIV(_key()).decrypt(raw, _whose(scope)))
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NotFound() from error
    return Question(text, fields, tuple(schemas))


def _whose(scope: Scope) -> list[bytes]:
    context = scope.context.path
    return [b"accord-question/1", scope.actor.membership.encode(), context.encode()]


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY_NAME, KEY_BYTES)
