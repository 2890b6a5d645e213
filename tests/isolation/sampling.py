"""Asks PostgreSQL one sample of an answer key: a part with exactly the keys that the sample names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg

from accord.agencies import queries as agencies
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import open_scope
from accord.agreements.standing import HeldKey
from accord.kernel.errors import NotFound
from accord.records.models import Part


def shown(admin: psycopg.Connection[Any], sample: dict[str, Any]) -> bool:
    """Whether the application's role sees the part, in the sample's context and for its action."""
    part, context = _part(admin, sample), _context(sample)
    if context is None:
        return False
    actor = agencies.actor(sample["member"])
    with open_scope(actor, context, action=sample["action"]) as scope:
        held = scope.standing.held
    with (
        _carrying(admin, part, sample["keys"], held),
        open_scope(actor, context, action=sample["action"]),
    ):
        return Part.objects.filter(id=part[0]).exists()


def _part(admin: psycopg.Connection[Any], sample: dict[str, Any]) -> tuple[UUID, str, int]:
    owner, source_ref = sample["record"]
    row = admin.execute(
        "select p.id, p.owner_id, p.label_id from part p join record r on r.id = p.record_id "
        "where r.owner_id = %s and r.source_ref = %s and p.kind = %s and p.superseded_at is null",
        [owner, source_ref, sample["part"]],
    ).fetchone()
    assert row is not None, "the sample names a part that the world has"
    part_id, owner_id, label_id = row
    return part_id, owner_id, label_id


@contextmanager
def _carrying(
    admin: psycopg.Connection[Any],
    part: tuple[UUID, str, int],
    kinds: list[str],
    held: tuple[HeldKey, ...],
) -> Iterator[None]:
    """Give the part exactly the kinds of key that the sample names, then put it back."""
    made, part_id = [], part[0]
    parked = admin.execute(
        "select valid_until, id from part_key "
        "where part_id = %s and (valid_until is null or valid_until > now())",
        [part_id],
    ).fetchall()
    admin.execute(
        "update part_key set valid_until = valid_from where id = any(%s)", [[r[1] for r in parked]]
    )
    for kind in kinds:
        key = next(h.key for h in reversed(held) if h.kind == kind)
        key_id = uuid4()
        admin.execute(
            "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from) "
            "values (%s, %s, %s, %s, %s, %s, now() - interval '1 minute')",
            [key_id, *part, KEY_KINDS.index(kind), key],
        )
        made.append(key_id)
    try:
        yield
    finally:
        admin.execute("delete from part_key where id = any(%s)", [made])
        for row in parked:
            admin.execute("update part_key set valid_until = %s where id = %s", row)


def _context(sample: dict[str, Any]) -> WorkingContext | None:
    try:
        return resolve(
            agencies.actor(sample["member"]),
            sample["purpose"],
            sample["legal_basis"],
            sample["case"],
        )
    except NotFound:
        return None  # no need to know the case: nothing can be asked in it at all
