"""What a record is called: by its caption where the part that holds it is visible, else a pseudonym.

A pseudonym is an HMAC of the record's id under a key of the node, with the viewer's agency in the
message: colleagues can speak of "Person 7F3K-Q2", another agency sees another name for the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accord.platform.secrets import secret_bytes
from accord.records.ontology import Schema

KEY_NAME = "pseudonym.key"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread

Parts = Mapping[str, Mapping[str, tuple[str, ...]]]


def caption(schema: Schema, visible: Parts) -> str | None:
    """The first caption property that a visible part has a value of; None when there is none."""
    return next(_captions(schema, visible), None)


def _captions(schema: Schema, visible: Parts) -> Iterator[str]:
    for name in schema.caption:
        yield from visible.get(schema.properties[name].part, {}).get(name, ())


def pseudonym(schema: Schema, record_id: UUID, viewer_agency: str) -> str:
    """A name that says only what kind of record it is, such as `Person 7F3K-Q2`."""
    key = secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY_NAME)
    return f"{schema.label} {short_code(key, viewer_agency, record_id)}"


def short_code(key: bytes, viewer_agency: str, record_id: UUID) -> str:
    """Six letters and digits, 30 bits: stable for one agency, meaningless to any other."""
    message = b"accord/pseudonym/v1\0" + record_id.bytes + viewer_agency.encode()
    bits = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:4], "big")
    code = "".join(_ALPHABET[bits >> shift & 31] for shift in (0, 5, 10, 15, 20, 25))
    return f"{code[:4]}-{code[4:]}"
