"""The set-up of a node for real work: one link of the operator, one agency, two administrators."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from django.db import ProgrammingError, connection, transaction

from accord.agencies.directory.facts import LONGEST, Reader
from accord.agencies.queries import agencies, digest, members_of
from accord.identity.models import NodeSetup, Passkey
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase

LINK_LIFE = timedelta(hours=24)
OPERATOR = "migrate"
SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
ORI = re.compile(r"[A-Z0-9]{9}")

_opened = False


@dataclass(frozen=True, slots=True)
class Invited:
    """One of the two administrators, with the link that makes their passkey."""

    name: str
    membership: str
    path: str


@transaction.atomic(using=OPERATOR)
def begin() -> str | None:
    """Return the path of a new link for the set-up; None where the node has its agency already.

    The operator's; every earlier link is void.
    """
    found = NodeSetup.objects.using(OPERATOR).first()
    if (found is not None and found.agency_id is not None) or (found is None and agencies()):
        return None
    token = secrets.token_urlsafe(32)
    facts = {"token_hash": digest(token), "expires_at": now() + LINK_LIFE}
    NodeSetup.objects.using(OPERATOR).update_or_create(id=1, defaults=facts)
    return f"/set-up/{token}"


def without_passkeys() -> tuple[str, ...]:
    """The memberships of administrators whose passkey the set-up still waits for, for the operator."""
    found = NodeSetup.objects.using(OPERATOR).filter(opened_at=None).first()
    if found is None or found.agency_id is None:
        return ()
    have = set(
        Passkey.objects.using(OPERATOR).filter(revoked_at=None).values_list("member_id", flat=True)
    )
    return tuple(a.membership for a in members_of((found.agency_id,)) if a.member not in have)


def is_open() -> bool:
    """Whether the node is set up. Asked of the database until it is, and then never again."""
    global _opened
    if not _opened:
        with connection.cursor() as cursor:
            cursor.execute("select not accord.setting_up()")
            _opened = bool(cursor.fetchone()[0])
    return _opened


def open_when_ready() -> bool:
    """Open the node if both administrators hold a passkey; says whether it is open."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.open_node()")
        return bool(cursor.fetchone()[0])


def check_link(token: str) -> None:
    """Raise NotFound unless this link begins the set-up of this node now."""
    waiting = NodeSetup.objects.filter(
        token_hash=digest(token), agency_id=None, opened_at=None, expires_at__gt=now()
    )
    if not waiting.exists():
        raise NotFound()


def set_up(token: str, said: Mapping[str, str]) -> tuple[Invited, ...]:
    """Name the agency, its key and its two administrators; returns the links of both.

    Raises InvalidInput with every fault of the form, NotFound for a link that is not in force.
    """
    check_link(token)
    agency, key, people = read_begin(said, "set-up")
    links = [secrets.token_urlsafe(32) for _ in people]
    for person, link in zip(people, links, strict=True):
        person["link"] = digest(link).hex()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select accord.set_up(%s, %s, %s::jsonb)",
                [digest(token), key, json.dumps({"agency": agency, "people": people})],
            )
    except ProgrammingError as refused:  # somebody else was first, or the link ended meanwhile
        raise NotFound() from refused
    return tuple(
        Invited(person["name"], person["membership"], f"/sign-in/{link}")
        for person, link in zip(people, links, strict=True)
    )


def read_begin(
    said: Mapping[str, str], file: str
) -> tuple[dict[str, object], bytes, list[dict[str, str]]]:
    """An agency, its key and its two administrators; raises InvalidInput with every fault."""
    read = Reader(said, file, None)
    agency = _agency(read)
    key = _key(read)
    people = [_person(read, number, agency["id"]) for number in ("1", "2")]
    if people[0]["membership"] == people[1]["membership"] and said.get("handle_1"):
        rule = phrase(
            "must be another person than the first: one administrator alone opens nothing"
        )
        read.fault("name_2", rule)
    read.done()
    return agency, key, people


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
