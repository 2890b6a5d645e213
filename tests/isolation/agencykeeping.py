"""What the directory says of agencies, kept while a test changes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from psycopg.types.json import Jsonb

from accord.agencies.keys import successor_payload
from accord.agreements import actions, queries
from accord.agreements.life import Step, step_payload
from accord.kernel.clock import now
from isolation import administering as those
from isolation.administering import ADA, AGENCY, BEN, signed_in
from isolation.contributing import acting
from isolation.direct import administrator

OKAFOR = "riverbend-pd.d.okafor"
DESK = "case-administration"
FORM = f"/agencies/{AGENCY}/change"
MOU = "mou-2026-007"
PARTS = ("territory", "competence", "duty_desk")


def kept_entries(world: Path) -> Iterator[None]:
    """Put back what was there, when the test is over."""
    with administrator(world) as db:
        kept = db.execute("select id, territory, competence, duty_desk from agency").fetchall()
    yield
    with administrator(world) as db:
        for row in kept:
            db.execute(
                "update agency set territory = %s, competence = %s, duty_desk = %s where id = %s",
                [*(Jsonb(row[part]) for part in PARTS), row["id"]],
            )


def kept_keys(world: Path) -> Iterator[None]:
    """Put back the keys that agencies had and what was opened, and take out what others signed."""
    columns = "id, agency_id, public_key, valid_from, retired_at, revoked_at, revoked_from"
    columns += ", sayings, reason"
    with administrator(world) as db:
        kept = db.execute(f"select {columns} from agency_key").fetchall()
        opened = db.execute("select id, valid_until from part_key where kind > 1").fetchall()
        told = db.execute("select array_agg(id) as ids from statement_notice").fetchone()
        last = db.execute("select max(id) as id from agreement_state").fetchone()
    yield
    with administrator(world) as db:
        db.execute("delete from agreement_state where id > %s", [last["id"] if last else 0])
        db.execute("delete from agency_key")
        for row in opened:
            ends = "update part_key set valid_until = %s where id = %s and valid_until <> %s"
            db.execute(ends, [row["valid_until"], row["id"], row["valid_until"]])
        said = (told or {}).get("ids") or []
        db.execute("delete from statement_notice where id <> all (%s::uuid[])", [said])
        for row in kept:
            db.execute(
                f"insert into agency_key ({columns}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [Jsonb(v) if k == "sayings" else v for k, v in row.items()],
            )


def staff_and_keys(world: Path) -> Iterator[None]:
    """The administrators of the agency, and its keys as they were once the test is over."""
    keys = kept_keys(world)
    next(keys)
    yield from those.staff(world)
    next(keys, None)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def successor(old: Ed25519PrivateKey, new: Ed25519PrivateKey, **other: str) -> dict[str, str]:
    payload = successor_payload(AGENCY, public(old), public(new))
    return {
        "predecessor": public(old).hex(),
        "key": public(new).hex(),
        "signature": old.sign(payload).hex(),
        "proof": new.sign(payload).hex(),
        **other,
    }


def propose(client: Client, said: dict[str, str]) -> Any:
    return client.post(FORM, {"kind": "key", "successor": json.dumps(said)})


def rotated(old: Ed25519PrivateKey) -> Ed25519PrivateKey:
    """A new key in force, by two administrators."""
    new = Ed25519PrivateKey.generate()
    answer = propose(signed_in(ADA), successor(old, new))
    assert answer.status_code == 303, answer.content.decode()
    assert signed_in(BEN).post(f"{answer['Location']}/approve").status_code == 303
    return new


def revoke(client: Client, key: bytes, since: datetime | None = None) -> Any:
    said = {"kind": "revoke-key", "key": key.hex(), "reason": "A copy was found"}
    return client.post(FORM, said | {"since": since.isoformat() if since else ""})


def step(key: Ed25519PrivateKey, kind: Step, content_hash: str, at: datetime, reason: str) -> None:
    """Suspend, resume or end an agreement for the agency, with a signature by this key."""
    signature = key.sign(step_payload(content_hash, kind, at, reason))
    with acting(OKAFOR, DESK) as scope:
        getattr(actions, kind)(scope, content_hash, reason=reason, at=at, signature=signature)


def attest(key: Ed25519PrivateKey, at: datetime, reason: str) -> None:
    """Suspend an agreement and resume it, with signatures by this key."""
    found = queries.version_in_force(MOU).content_hash
    step(key, Step.SUSPEND, found, at, reason)
    step(key, Step.RESUME, found, now(), reason)


def revoked_by_two(key: bytes, since: datetime) -> None:
    """Revoke a key since a moment that is over."""
    answer = revoke(signed_in(ADA), key, since)
    assert answer.status_code == 303, answer.content.decode()
    assert signed_in(BEN).post(f"{answer['Location']}/approve").status_code == 303
