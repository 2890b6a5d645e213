"""What an agency that comes to a node says of itself, its key and its two administrators."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accord.agencies.directory.facts import LONGEST, Reader
from accord.agencies.queries import digest
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
ORI = re.compile(r"[A-Z0-9]{9}")


@dataclass(frozen=True, slots=True)
class Invited:
    """One of the two administrators, with the link that makes their passkey."""

    name: str
    membership: str
    path: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An agency as its form says it, and the links of its two administrators."""

    agency: Mapping[str, Any]
    key: bytes
    people: tuple[Mapping[str, str], ...]
    invited: tuple[Invited, ...]


def read_agency(said: Mapping[str, str]) -> Wanted:
    """What the form says, with fresh links; raises InvalidInput with every fault of it."""
    read = Reader(said, "set-up", None)
    agency = _agency(read)
    key = _key(read)
    people = [_person(read, number, agency["id"]) for number in ("1", "2")]
    if people[0]["membership"] == people[1]["membership"] and said.get("handle_1"):
        rule = phrase(
            "must be another person than the first: one administrator alone opens nothing"
        )
        read.fault("name_2", rule)
    read.done()
    links = [secrets.token_urlsafe(32) for _ in people]
    for person, link in zip(people, links, strict=True):
        person["link"] = digest(link).hex()
    invited = tuple(
        Invited(person["name"], person["membership"], f"/sign-in/{link}")
        for person, link in zip(people, links, strict=True)
    )
    return Wanted(agency, key, tuple(people), invited)


def ask_for(wanted: Wanted, statement: str, token: str) -> None:
    """Bring the agency in by the database's own function, which asks for the operator's link.

    Raises NotFound where somebody else was first or the link ended meanwhile, InvalidInput where another
    agency of the node has its identifier or its key already.
    """
    facts = json.dumps({"agency": wanted.agency, "people": wanted.people})
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [digest(token), wanted.key, facts])
    except ProgrammingError as refused:
        raise NotFound() from refused
    except IntegrityError as taken:
        named = str(getattr(getattr(taken.__cause__, "diag", None), "constraint_name", ""))
        field = next((f for f in ("ori", "public_key") if f in named), None)
        if field is None:
            raise
        rule = phrase("belongs to another agency of this node already")
        raise InvalidInput("set-up", None, field, rule) from None


def _agency(read: Reader) -> dict[str, object]:
    found: dict[str, object] = {
        "id": read.matching("id", SLUG, phrase("must be small letters, digits and hyphens")),
        "name": read.line_of("name"),
        "kind": read.word("kind", "agency_kind"),
        "country": read.country("country"),
        "ori": read.matching(
            "ori", ORI, phrase("must be nine capital letters and digits, as NCIC has them")
        ),
        "zone": read.said.get("zone", "").strip(),
        "duty_desk": {
            name: read.line_of(f"desk_{name}") for name in ("name", "phone", "hours", "escalation")
        },
    }
    if found["zone"] not in available_timezones():
        read.fault("zone", phrase("must be a time zone, as America/Chicago"))
    return found


def _person(read: Reader, number: str, agency: object) -> dict[str, str]:
    name, handle = read.line_of(f"name_{number}"), read.handle(f"handle_{number}")
    return {
        "member": f"{agency}.{handle}",
        "membership": f"{agency}.{handle}",
        "name": name,
        "nationality": read.country(f"nationality_{number}"),
        "title": read.said.get(f"title_{number}", "").strip()[:LONGEST],
    }


def _key(read: Reader) -> bytes:
    """An Ed25519 public key: 32 bytes in base64, or PEM."""
    said = read.said.get("public_key", "").strip()
    try:
        if said.startswith("-----BEGIN"):
            found = load_pem_public_key(said.encode())
            if not isinstance(found, Ed25519PublicKey):
                raise ValueError(said)
            return found.public_bytes(Encoding.Raw, PublicFormat.Raw)
        raw = base64.b64decode(said, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
        return raw
    except (ValueError, UnsupportedAlgorithm):
        read.fault(
            "public_key", phrase("must be an Ed25519 public key: 32 bytes in base64, or PEM")
        )
        return b""
