"""Signing keys follow one another: what was signed before stays, what is signed after does not count."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.agencies import queries as agencies
from accord.agencies.actions import bring_key
from accord.agencies.demokeys import is_here, signing_key
from accord.agencies.keys import successor_payload
from accord.agreements import queries
from accord.agreements.life import Step, step_payload
from accord.agreements.statements.actions import signed
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger.actions import sequence_all
from accord.ledger.domain import OPERATOR
from accord.ledger.queries import Filter, own_entries
from accord.ledger.queries import entry as entry_of
from isolation.administering import ADA, AGENCY, BEN, FAR, OTHER, ROOKIE, office, signed_in
from isolation.agencykeeping import (
    DESK,
    FORM,
    MOU,
    OKAFOR,
    attest,
    propose,
    public,
    revoke,
    rotated,
    staff_and_keys,
    successor,
)
from isolation.contributing import acting
from isolation.direct import Asker, administrator, sealed
from isolation.test_backup_restore import run

OVERSEER = "riverbend-pd.p.sandoval"


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from staff_and_keys(world)


@pytest.fixture
def old(world: Path) -> Ed25519PrivateKey:
    return signing_key(world, AGENCY)


def test_what_was_signed_under_a_retired_key_stays_and_nothing_new_is(
    old: Ed25519PrivateKey,
) -> None:
    before = queries.in_force(now()).versions
    new = rotated(old)
    assert agencies.key_now(AGENCY) == public(new)
    assert queries.in_force(now()).versions == before
    assert not is_here(AGENCY)
    with pytest.raises(NotAllowed, match="present key"):
        attest(old, now(), "Signed after its end")
    with pytest.raises(NotAllowed, match="present key"):
        attest(old, now() - timedelta(minutes=5), "Said to be from before its end")
    with acting(OKAFOR, DESK) as scope, pytest.raises(NotAllowed, match="present key"):
        signed(scope, b"statement", old.sign(b"statement"))
    attest(new, now(), "Signed by the new key")
    assert queries.version_in_force(MOU).state == "in-force"


def test_a_step_written_past_the_actions_with_a_retired_key_decides_nothing(
    world: Path, old: Ed25519PrivateKey
) -> None:
    found = queries.version_in_force(MOU)
    rotated(old)
    at = now()
    payload = step_payload(found.content_hash, Step.TERMINATE, at, "forged")
    with administrator(world) as db:
        row = db.execute(
            "insert into agreement_state (version_id, step, at, by_member, agency, reason, signature)"
            " values (%s, 'terminate', %s, %s, %s, 'forged', %s) returning id",
            [found.content_hash, at, OKAFOR, AGENCY, old.sign(payload)],
        ).fetchone()
        assert row is not None
        try:
            assert queries.version_in_force(MOU).content_hash == found.content_hash
        finally:
            db.execute("delete from agreement_state where id = %s", [row["id"]])


def test_a_compromised_key_is_revoked_by_one_at_once(old: Ed25519PrivateKey) -> None:
    before = queries.in_force(now()).versions
    assert revoke(signed_in(ADA), public(old)).status_code == 303
    assert agencies.key_now(AGENCY) == b""
    assert queries.in_force(now()).versions == before
    with pytest.raises(NotAllowed, match="no key in force"):
        attest(old, now(), "By whoever has the copy")
    with pytest.raises(NotAllowed, match="no key in force"):
        attest(old, now() - timedelta(minutes=1), "By whoever has the copy")


def test_what_it_signed_since_an_earlier_moment_ends_only_by_two(old: Ed25519PrivateKey) -> None:
    with acting(OKAFOR, DESK):
        signature = next(s for s in queries.version_in_force(MOU).signatures if s.agency == AGENCY)
    since = signature.signed_at - timedelta(seconds=1)
    answer = revoke(signed_in(ADA), public(old), since)
    assert answer.status_code == 303
    assert queries.version_in_force(MOU).state == "in-force"
    assert agencies.key_now(AGENCY) == public(old)
    assert signed_in(ADA).post(f"{answer['Location']}/approve").status_code == 403
    assert signed_in(BEN).post(f"{answer['Location']}/approve").status_code == 303
    assert agencies.key_now(AGENCY) == b""
    with pytest.raises(NotFound):
        queries.version_in_force(MOU)


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"signature": "00" * 64}, "is not signed by the key in force"),
        ({"proof": "00" * 64}, "is not signed by the new key itself"),
        ({"key": "00" * 31}, "key must be 32 bytes"),
        ({"signature": "zz" * 64}, "signature must be 64 bytes"),
        ({"predecessor": "11" * 32}, "is for another key than the one in force"),
    ],
)
def test_a_bad_successor_names_its_field(
    old: Ed25519PrivateKey, other: dict[str, str], rule: str
) -> None:
    answer = propose(signed_in(ADA), successor(old, Ed25519PrivateKey.generate(), **other))
    assert answer.status_code == 400
    assert f"New signing key: {rule}" in answer.content.decode()


def test_only_the_key_in_force_signs_its_successor(old: Ed25519PrivateKey) -> None:
    stranger, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    payload = successor_payload(AGENCY, public(old), public(new))
    said = successor(old, new, signature=stranger.sign(payload).hex())
    assert propose(signed_in(ADA), said).status_code == 400
    assert signed_in(ADA).post(FORM, {"kind": "key", "successor": "{"}).status_code == 400
    known = successor(old, old)
    assert propose(signed_in(ADA), known).status_code == 400


def test_of_two_proposals_the_second_no_longer_follows(old: Ed25519PrivateKey) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    first, second = (
        propose(ada, successor(old, Ed25519PrivateKey.generate()))["Location"] for _ in "ab"
    )
    assert ben.post(f"{first}/approve").status_code == 303
    assert ben.post(f"{second}/approve").status_code == 400


def test_a_key_that_no_predecessor_signed_counts_for_nothing(
    world: Path, old: Ed25519PrivateKey
) -> None:
    forged = Ed25519PrivateKey.generate()
    with administrator(world) as db:
        db.execute(
            "update agency_key set retired_at = now() where agency_id = %s and retired_at is null",
            [AGENCY],
        )
        db.execute(
            "insert into agency_key (id, agency_id, public_key, valid_from, sayings, reason,"
            " predecessor, signature) values (gen_random_uuid(), %s, %s, now(), '[]', '', %s, %s)",
            [AGENCY, public(forged), public(old), forged.sign(b"x")],
        )
    assert agencies.key_now(AGENCY) == b""


def test_the_operator_brings_a_key_where_none_is_in_force(old: Ed25519PrivateKey) -> None:
    new = Ed25519PrivateKey.generate()
    with pytest.raises(Conflict, match="in force"):
        bring_key(AGENCY, public(new), "no reason")
    revoke(signed_in(ADA), public(old))
    with pytest.raises(Conflict, match="known"):
        bring_key(AGENCY, public(old), "no reason")
    with pytest.raises(NotFound):
        bring_key("no-such-agency", public(new), "no reason")
    bring_key(AGENCY, public(new), "Said by Chief Reyes in person")
    assert agencies.key_now(AGENCY) == public(new)
    page = signed_in(ROOKIE).get(f"/agencies/{AGENCY}").content.decode()
    assert public(new).hex()[:8] in page
    assert "A copy was found" in page


def test_the_key_that_the_operator_brings_stands_in_the_ledger_with_its_reason(
    world: Path, old: Ed25519PrivateKey
) -> None:
    new = Ed25519PrivateKey.generate()
    revoke(signed_in(ADA), public(old))
    with acting(OVERSEER, "oversight"):
        before = {line.id for line in own_entries(Filter(actor=OPERATOR))}
    bring_key(AGENCY, public(new), "  Said by Chief Reyes\nin person ")
    with acting(OVERSEER, "oversight"):
        (line,) = [e for e in own_entries(Filter(actor=OPERATOR)) if e.id not in before]
        found = entry_of(line.id)
    assert (line.kind, line.agency, line.purpose) == ("membership", AGENCY, None)
    assert found.body is not None
    assert found.body["detail"] == {
        "step": "brought a key",
        "about": AGENCY,
        "key": public(new).hex(),
        "reason": "Said by Chief Reyes in person",
    }
    sequence_all()
    page = signed_in(OVERSEER).get(f"/ledger/{line.id}").content.decode()
    assert "Said by Chief Reyes in person" in page
    for member in (ROOKIE, FAR):
        with acting(member, DESK):
            assert not own_entries(Filter(actor=OPERATOR)), "another agency, or no oversight"


def test_a_key_that_is_not_brought_leaves_no_entry(old: Ed25519PrivateKey) -> None:
    new = Ed25519PrivateKey.generate()
    with acting(OVERSEER, "oversight"):
        before = own_entries(Filter(actor=OPERATOR), limit=1)
    with pytest.raises(Conflict):
        bring_key(AGENCY, public(new), "while one is in force")
    with acting(OVERSEER, "oversight"):
        assert own_entries(Filter(actor=OPERATOR), limit=1) == before


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 201, "a\x00b", "a\ud800b"])
def test_a_key_is_not_brought_without_a_reason(old: Ed25519PrivateKey, reason: str) -> None:
    revoke(signed_in(ADA), public(old))
    with pytest.raises(InvalidInput) as refused:
        bring_key(AGENCY, public(Ed25519PrivateKey.generate()), reason)
    assert refused.value.field == "reason"
    assert agencies.key_now(AGENCY) == b""


def test_the_command_asks_for_a_reason_and_writes_the_entry(
    world: Path, old: Ed25519PrivateKey
) -> None:
    revoke(signed_in(ADA), public(old))
    new = Ed25519PrivateKey.generate()
    said = [sys.executable, "-m", "accord.cli.main", "agency-key-put", AGENCY]
    said += [b64encode(public(new)).decode(), "--data-dir", str(world), "--reason"]
    refused = run([*said, " "])
    assert refused.returncode != 0
    assert "reason" in refused.stderr
    assert agencies.key_now(AGENCY) == b""
    done = run([*said, "Said in person"])
    assert done.returncode == 0, done.stderr
    assert agencies.key_now(AGENCY) == public(new)
    with acting(OVERSEER, "oversight"):
        newest = own_entries(Filter(actor=OPERATOR))[0]
        body = entry_of(newest.id).body
    assert body is not None
    assert body["detail"]["key"] == public(new).hex()


def test_nobody_but_the_operator_writes_in_the_operator_s_name(world: Path) -> None:
    with sealed(world, office(BEN)) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(
            "select accord.operator_entry(gen_random_uuid(), now(), %s, '\\x00', '\\x00')", [AGENCY]
        )
    with sealed(world, office(BEN)) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(
            "insert into ledger_entry (id, created_at, kind, actor_id, agency_id, body_cipher,"
            " body_key) values (gen_random_uuid(), now(), 'membership', 'operator', %s, '\\x00',"
            " '\\x00')",
            [AGENCY],
        )


def test_nobody_else_changes_a_key(world: Path, old: Ed25519PrivateKey) -> None:
    assert revoke(signed_in(ROOKIE), public(old)).status_code == 404
    assert revoke(signed_in(FAR), public(old)).status_code == 404
    other = agencies.key_now(OTHER)
    assert revoke(signed_in(ADA), other).status_code == 400
    assert revoke(signed_in(ADA), public(old), now() + timedelta(hours=1)).status_code == 400
    for statement in (
        "update agency_key set revoked_at = now(), revoked_from = now()",
        "delete from agency_key",
    ):
        with (
            sealed(world, office(BEN)) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(statement)


def test_a_signature_is_written_with_no_other_moment_than_now(world: Path) -> None:
    sign = (
        "insert into agreement_signature (version_id, agency, officer, signature, signed_at)"
        " values (%s, %s, %s, %s, now() - %s)"
    )
    found = queries.version_in_force(MOU).content_hash
    for before, refusal in (
        (timedelta(0), psycopg.errors.UniqueViolation),  # it is there already
        (timedelta(days=1), psycopg.errors.InsufficientPrivilege),
        (timedelta(days=-1), psycopg.errors.InsufficientPrivilege),
    ):
        with sealed(world, Asker(OKAFOR, DESK)) as db, pytest.raises(refusal):
            db.execute(sign, [found, AGENCY, OKAFOR, b"x" * 64, before])


def test_the_first_key_counts_for_all_that_was_signed_before(old: Ed25519PrivateKey) -> None:
    ring = agencies.key_ring()
    assert ring.key(AGENCY, datetime(2001, 1, 1, tzinfo=UTC)) == public(old)
    new = rotated(old)
    ring = agencies.key_ring()
    assert [k.public for k in ring.of(AGENCY)] == [public(new), public(old)]
    assert ring.key(AGENCY, datetime(2001, 1, 1, tzinfo=UTC)) == public(old)
    assert ring.key(AGENCY, now() + timedelta(days=1)) == public(new)
