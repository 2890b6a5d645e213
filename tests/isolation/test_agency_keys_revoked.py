"""What revoking a key undoes, what an agency does without one, and in which order keys change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections
from django.test import Client
from psycopg.types.json import Jsonb

from accord.agencies import queries as agencies
from accord.agencies.actions import bring_key, create_api_token
from accord.agencies.demokeys import signing_key
from accord.agencies.keys import NONE, SigningKey
from accord.agreements import actions, queries
from accord.agreements.duties import queries as duties
from accord.agreements.life import Step
from accord.agreements.statements import actions as acts
from accord.agreements.statements import queries as statements
from accord.agreements.statements.domain import CONSENT
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.records.actions.contribute import contribute
from accord.records.actions.recalls import start
from accord.records.actions.statements import Draft, confirm, declare, extend, give
from accord.records.actions.statements import revoke as take_back
from accord.records.domain import RecordDraft
from accord.records.queries import recalls
from isolation.administering import ADA, AGENCY, BEN, office, signed_in
from isolation.agencykeeping import (
    DESK,
    MOU,
    OKAFOR,
    attest,
    propose,
    public,
    revoke,
    revoked_by_two,
    rotated,
    staff_and_keys,
    step,
    successor,
)
from isolation.contributing import acting, draft, write
from isolation.direct import (
    Asker,
    Connection,
    administrator,
    backend_of,
    connect,
    put_seal,
    seal_for,
    sealed,
)
from isolation.naive import HT, TRAFFICKING

ALVAREZ = f"{AGENCY}.m.alvarez"
HART = f"{AGENCY}.l.hart"
REFUGE = Asker("safe-harbor.i.moreau", "victim-protection")
WHY = "An officer's laptop is gone"
LONG = "A message that was read today names the house."
A_LITTLE = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from staff_and_keys(world)


@pytest.fixture
def old(world: Path) -> Ed25519PrivateKey:
    return signing_key(world, AGENCY)


@pytest.fixture
def made(world: Path) -> str:
    """The version of the memorandum that is in force."""
    return queries.version_in_force(MOU).content_hash


def state(content_hash: str) -> str:
    return queries.version(content_hash).state


def in_force(key: bytes) -> SigningKey:
    return next(k for k in agencies.key_ring().keys if k.public == key)


# -- what a revocation undoes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "held"), [(Step.SUSPEND, "suspended"), (Step.TERMINATE, "terminated")]
)
def test_what_was_held_back_or_ended_under_a_key_stays_so_when_it_is_revoked_since_before(
    old: Ed25519PrivateKey, made: str, kind: Step, held: str
) -> None:
    since = now()
    step(old, kind, made, now(), WHY)
    revoked_by_two(public(old), since)
    assert state(made) == held
    with pytest.raises(NotFound):
        queries.version_in_force(MOU)
    assert made not in {v.content_hash for v in queries.in_force(now()).versions}


def test_what_was_resumed_under_it_is_held_back_again(old: Ed25519PrivateKey, made: str) -> None:
    step(old, Step.SUSPEND, made, now(), WHY)
    since = now()
    step(old, Step.RESUME, made, now(), WHY)
    assert state(made) == "in-force"
    revoked_by_two(public(old), since)
    assert state(made) == "suspended"


# -- without a key ---------------------------------------------------------------------------------


def test_an_agency_without_a_key_suspends_and_resumes_with_its_next(
    old: Ed25519PrivateKey, made: str
) -> None:
    assert revoke(signed_in(ADA), public(old)).status_code == 303
    with acting(OKAFOR, DESK) as scope:
        actions.suspend(scope, made, reason=WHY)
    assert state(made) == "suspended"
    for take in (actions.resume, actions.terminate):
        with acting(OKAFOR, DESK) as scope, pytest.raises(NotAllowed, match="no key") as refusal:
            take(scope, made, reason=WHY)
        assert "operator of the node" in (refusal.value.who_can_change or "")
    new = Ed25519PrivateKey.generate()
    bring_key(AGENCY, public(new), "Said by Chief Reyes in person")
    assert state(made) == "suspended"
    step(new, Step.RESUME, made, now(), WHY)
    assert state(made) == "in-force"


def test_only_a_supervisor_of_a_party_suspends_so_and_only_now(
    old: Ed25519PrivateKey, made: str
) -> None:
    with_key = now()
    revoke(signed_in(ADA), public(old))
    with acting(ALVAREZ, DESK) as scope, pytest.raises(NotAllowed, match="supervisor"):
        actions.suspend(scope, made, reason=WHY)
    with acting(OKAFOR, DESK) as scope, pytest.raises(InvalidInput, match="had a key then"):
        actions.suspend(scope, made, reason=WHY, at=with_key)
    assert state(made) == "in-force"


def written(world: Path, kind: str, made: str, at: datetime) -> None:
    """A row without a signature, past the actions."""
    with administrator(world) as db:
        db.execute(
            "insert into agreement_state (version_id, step, at, by_member, agency, reason)"
            " values (%s, %s, %s, %s, %s, 'forged')",
            [made, kind, at, OKAFOR, AGENCY],
        )


def test_a_row_without_a_signature_counts_only_from_a_time_without_a_key(
    world: Path, old: Ed25519PrivateKey, made: str
) -> None:
    with_key = now()
    revoke(signed_in(ADA), public(old))
    written(world, "suspend", made, with_key)
    for kind in ("resume", "terminate"):
        written(world, kind, made, now())
    assert state(made) == "in-force"
    written(world, "suspend", made, now())
    assert state(made) == "suspended"


def test_no_row_is_dated_back_into_a_time_without_a_key(
    world: Path, old: Ed25519PrivateKey, made: str
) -> None:
    """SQL as the application writes a step of now alone, or a day back where it was signed."""
    revoke(signed_in(ADA), public(old))
    step = (
        "insert into agreement_state (version_id, step, at, by_member, agency, reason, signature)"
        " values (%s, %s, now() - %s, %s, %s, 'forged', %s)"
    )
    for kind, before, signature in (
        ("suspend", timedelta(minutes=10), None),
        ("suspend", timedelta(minutes=-10), None),
        ("suspend", timedelta(days=2), b"x" * 64),
        ("activate", timedelta(days=2), b"x" * 64),
        ("terminate", timedelta(minutes=-10), b"x" * 64),
    ):
        with (
            sealed(world, Asker(OKAFOR, DESK)) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(step, [made, kind, before, OKAFOR, AGENCY, signature])
    with sealed(world, Asker(OKAFOR, DESK)) as db:
        db.execute(step, [made, "suspend", timedelta(0), OKAFOR, AGENCY, None])


def test_the_page_suspends_without_a_signature_where_the_agency_has_no_key(
    old: Ed25519PrivateKey, made: str
) -> None:
    okafor, page = signed_in(OKAFOR), f"/agreements/{made}/suspend"
    assert "Without a signature of your agency" not in okafor.get(page).content.decode()
    revoke(signed_in(ADA), public(old))
    shown = okafor.get(page).content.decode()
    assert "Without a signature of your agency" in shown
    assert "key is not on this node" not in shown
    prepared = okafor.get(page, {"prepare": "1", "reason": WHY}).content.decode()
    assert 'name="signature"' not in prepared
    at = prepared.partition('name="at" value="')[2].partition('"')[0].replace("&#43;", "+")
    said = {"at": at, "prepare": "1", "reason": WHY}
    assert okafor.post(page, said).status_code == 303
    assert state(made) == "suspended"
    whole = okafor.get(f"/agreements/{made}").content.decode()
    assert "Without a key in force" in whole
    resume = okafor.get(f"/agreements/{made}/resume").content.decode()
    assert "no key in force. Until its next one it can only suspend" in resume


def test_the_api_suspends_so_too(old: Ed25519PrivateKey, made: str) -> None:
    token = create_api_token(OKAFOR)
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": DESK}

    def ask(step: str, **said: Any) -> Any:
        path = f"/api/v1/agreements/{made}/{step}"
        body = {"reason": WHY, **said}
        return Client().post(path, body, content_type="application/json", headers=headers)

    revoke(signed_in(ADA), public(old))
    signed = ask("suspension", signature="A" * 86 + "==")
    assert signed.status_code == 403
    assert "Suspend without one" in signed.json()["detail"]
    answer = ask("suspension")
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "suspended"
    whole = Client().get(f"/api/v1/agreements/{made}", headers=headers).json()
    last = whole["history"][-1]
    assert (last["step"], last["counts"], last["signature"]) == ("suspend", True, None)
    assert ask("resumption").status_code == 403


# -- said to be earlier ----------------------------------------------------------------------------


def test_of_a_revoked_key_an_earlier_moment_is_said_by_two(
    old: Ed25519PrivateKey, made: str
) -> None:
    step(old, Step.SUSPEND, made, now(), WHY)
    since = now()
    step(old, Step.RESUME, made, now(), WHY)
    assert revoke(signed_in(ADA), public(old)).status_code == 303
    first = in_force(public(old))
    assert first.revoked_from == first.revoked_at
    assert state(made) == "in-force"
    form = signed_in(ADA).get(f"/agencies/{AGENCY}/change").content.decode()
    assert f'value="{public(old).hex()}"' in form
    assert "revoked since" in form
    answer = revoke(signed_in(ADA), public(old), since)
    assert answer.status_code == 303, answer.content.decode()
    assert in_force(public(old)) == first, "one alone says it to nobody"
    assert signed_in(ADA).post(f"{answer['Location']}/approve").status_code == 403
    assert signed_in(BEN).post(f"{answer['Location']}/approve").status_code == 303
    found = in_force(public(old))
    assert (found.revoked_at, found.revoked_from) == (first.revoked_at, since)
    assert state(made) == "suspended"


def test_a_later_moment_or_none_is_refused(old: Ed25519PrivateKey) -> None:
    since = now() - timedelta(hours=2)
    revoked_by_two(public(old), since)
    for later in (None, since, since + A_LITTLE):
        answer = revoke(signed_in(ADA), public(old), later)
        assert answer.status_code == 400
        assert "since then the key is revoked already" in answer.content.decode()
    assert in_force(public(old)).revoked_from == since


def test_of_two_proposals_the_later_moment_comes_too_late(old: Ed25519PrivateKey) -> None:
    early, late = (now() - timedelta(hours=hours) for hours in (2, 1))
    first, second = (revoke(signed_in(ADA), public(old), s)["Location"] for s in (early, late))
    assert signed_in(BEN).post(f"{first}/approve").status_code == 303
    assert signed_in(BEN).post(f"{second}/approve").status_code == 400
    assert in_force(public(old)).revoked_from == early


def change(world: Path, by: str, key: bytes, since: datetime | None) -> str:
    """A proposal to revoke, written past the actions."""
    said = {"key": key.hex(), "reason": "x", "since": since.isoformat() if since else None}
    with administrator(world) as db:
        row = db.execute(
            "insert into agency_change (id, agency_id, kind, facts, state, proposed_by, proposed_at,"
            " via) values (gen_random_uuid(), %s, 'revoke-key', %s, 'proposed', %s, now(), 'page')"
            " returning id",
            [AGENCY, Jsonb(said), by],
        ).fetchone()
    assert row is not None
    return str(row["id"])


def applied(world: Path, by: str, proposal: str) -> Connection:
    """The application's role under this administrator's seal; the change is made and not committed."""
    asker = office(by)
    asker.standing()
    db = connect(world)
    put_seal(db, seal_for(world, asker, backend_of(db)))
    db.execute("select accord.apply_agency_change(%s)", [proposal])
    return db


def test_postgresql_itself_lets_nobody_say_later_or_alone(
    world: Path, old: Ed25519PrivateKey
) -> None:
    since = now() - timedelta(hours=2)
    revoked_by_two(public(old), since)
    earlier = since - A_LITTLE
    for proposer, second, moment in (
        (ADA, BEN, since + A_LITTLE),
        (ADA, BEN, since),
        (ADA, ADA, None),
        (ADA, ADA, earlier),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            applied(world, second, change(world, proposer, public(old), moment))
    applied(world, BEN, change(world, ADA, public(old), earlier)).rollback()


# -- in which order it goes ------------------------------------------------------------------------


def test_a_step_that_is_dated_ahead_is_refused(old: Ed25519PrivateKey, made: str) -> None:
    """It would fall under the next key, which did not sign it, and count for nothing."""
    with pytest.raises(InvalidInput, match="within the last day"):
        step(old, Step.SUSPEND, made, now() + timedelta(minutes=4), WHY)
    step(old, Step.SUSPEND, made, now(), WHY)
    rotated(old)
    assert state(made) == "suspended"


def test_a_step_is_dated_by_whichever_clock_is_behind(
    world: Path, old: Ed25519PrivateKey, made: str
) -> None:
    """Keys change by the database's clock; a node whose own is ahead signs nothing after that."""
    with administrator(world) as db:
        db.execute("insert into accord.clock_shift values (1, '-2 seconds')")
    with acting(OKAFOR, DESK) as scope:
        actions.suspend(scope, made, reason=WHY)
    rotated(old)
    assert state(made) == "suspended"


def taken_meanwhile(old: Ed25519PrivateKey, made: str) -> Exception | None:
    """Suspend in another thread; return why it was refused."""
    try:
        step(old, Step.SUSPEND, made, now(), WHY)
    except NotAllowed as refusal:
        return refusal
    finally:
        connections.close_all()
    return None


def test_a_step_that_is_taken_while_a_key_changes_counts_or_is_refused(
    world: Path, old: Ed25519PrivateKey, made: str
) -> None:
    new = Ed25519PrivateKey.generate()
    proposal = propose(signed_in(ADA), successor(old, new))["Location"].rpartition("/")[2]
    db = applied(world, BEN, proposal)
    with ThreadPoolExecutor(1) as pool:
        step_taken = pool.submit(taken_meanwhile, old, made)
        time.sleep(1)
        db.commit()
        refused = step_taken.result(timeout=30)
    db.close()
    assert agencies.key_now(AGENCY) == public(new)
    assert refused is not None or state(made) == "suspended"


def test_a_change_of_keys_waits_for_whoever_signs_and_comes_after(
    world: Path, old: Ed25519PrivateKey, made: str
) -> None:
    new = Ed25519PrivateKey.generate()
    proposal = propose(signed_in(ADA), successor(old, new))["Location"].rpartition("/")[2]

    def change_it() -> None:
        db = applied(world, BEN, proposal)
        db.commit()
        db.close()
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with acting(OKAFOR, DESK) as scope:
            actions.suspend(scope, made, reason=WHY)
            changed = pool.submit(change_it)
            time.sleep(1)
            assert not changed.done()
        changed.result(timeout=30)
    begin = in_force(public(new)).since
    assert begin is not None
    assert begin > queries.version(made).life.acts[-1].at
    assert state(made) == "suspended"


def test_the_moment_of_a_change_is_taken_after_the_waiting(
    world: Path, old: Ed25519PrivateKey
) -> None:
    proposal = revoke(signed_in(ADA), public(old), now() - timedelta(hours=1))["Location"]
    with administrator(world) as other, ThreadPoolExecutor(1) as pool:
        with other.transaction():
            other.execute(
                "select pg_advisory_xact_lock(hashtextextended('accord.directory ' || %s, 0))",
                [AGENCY],
            )

            def approve() -> int:
                try:
                    return int(signed_in(BEN).post(f"{proposal}/approve").status_code)
                finally:
                    connections.close_all()

            approved = pool.submit(approve)
            time.sleep(1.5)
            waited = now()
        assert approved.result(timeout=30) == 303
    revoked_at = in_force(public(old)).revoked_at
    assert revoked_at is not None
    assert revoked_at > waited


def test_a_key_that_the_operator_brings_waits_for_whoever_suspends_without_one(
    old: Ed25519PrivateKey, made: str
) -> None:
    revoke(signed_in(ADA), public(old))
    new = public(Ed25519PrivateKey.generate())

    def bring() -> None:
        bring_key(AGENCY, new, "Said in person")
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with acting(OKAFOR, DESK) as scope:
            actions.suspend(scope, made, reason=WHY)
            brought = pool.submit(bring)
            time.sleep(1)
            assert agencies.key_now(AGENCY) == NONE
        brought.result(timeout=30)
    assert agencies.key_now(AGENCY) == new
    assert state(made) == "suspended"


def test_before_and_after_nothing_else_changed(old: Ed25519PrivateKey, made: str) -> None:
    """A step that was signed in good time holds through rotation and revocation of the next key."""
    attest(old, now(), WHY)
    new = rotated(old)
    revoked_by_two(public(new), now())
    assert state(made) == "in-force"


def test_a_statement_asks_for_the_key_before_it_moves_the_epoch(
    world: Path, old: Ed25519PrivateKey
) -> None:
    """Whoever changes keys moves it after; the other way round each would wait for the other."""

    def declared() -> None:
        try:
            with acting(ALVAREZ, TRAFFICKING, HT) as scope:
                declare(scope, until=now() + timedelta(hours=1), reason=LONG)
        finally:
            connections.close_all()

    with administrator(world) as changing, ThreadPoolExecutor(1) as pool:
        with changing.transaction():
            changing.execute(
                "select pg_advisory_xact_lock(hashtextextended('accord.keys ' || %s, 0))", [AGENCY]
            )
            waiting = pool.submit(declared)
            time.sleep(1)
            changing.execute("set local lock_timeout = '3s'")
            changing.execute("update accord.policy_epoch set epoch = epoch + 1 where id = 1")
        waiting.result(timeout=30)


# -- what else takes away --------------------------------------------------------------------------


def test_a_statement_that_was_taken_back_opens_nothing_whatever_is_revoked(
    world: Path, old: Ed25519PrivateKey
) -> None:
    """Taking back needs no signature, so there is none to lose."""
    begin = now()
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        made = declare(scope, until=now() + timedelta(hours=1), reason=LONG)
    with acting(OKAFOR, TRAFFICKING, HT) as scope:
        confirm(scope, made)
    signed = now()
    with acting(OKAFOR, TRAFFICKING, HT) as scope:
        assert scope.standing.assumed
        take_back(scope, made, "given-in-error")
    for since in (signed, begin):
        revoked_by_two(public(old), since)
        with acting(OKAFOR, TRAFFICKING, HT) as scope:
            assert not scope.standing.assumed
            assert statements.statement(made, now()).state == "revoked"


def test_a_recall_stands_whatever_is_revoked(world: Path, old: Ed25519PrivateKey) -> None:
    """Its signature proves it to whoever reads it elsewhere; what it withdrew ended with the act."""
    record = write(draft(name="Recalled")).record_ids[0]
    since = now()
    with acting() as scope:
        start(scope, record, what="record", because="wrong", only=["harlan-so"])
    revoked_by_two(public(old), since)
    with acting():
        found = next(r for r in recalls.recalls(owner=AGENCY) if r.notice.record == record)
    assert found.state == "sent"
    assert not found.signed


# -- what consents and determinations opened -------------------------------------------------------


@pytest.fixture
def victim(world: Path) -> UUID:
    """A Riverbend record of an adult victim, of which nothing is open to the refuge."""
    return written_victim()


def written_victim() -> UUID:
    return write(victim_draft(), by="riverbend-pd.j.whitfield").record_ids[0]


def victim_draft(**more: Any) -> RecordDraft:
    """Two parts, of which no other names what the one says."""
    parts = {"core": {"status": ["open"]}, "identity": {"name": [f"Q {uuid4().hex}"]}}
    return draft(subjects=("victim",), parts=parts, **more)


def consented(victim: UUID) -> UUID:
    with acting(HART, "victim-protection") as scope:
        said = Draft(
            kind=CONSENT, recipient="safe-harbor", purpose="victim-protection", record=victim,
            parts=("core", "identity"), until=now() + timedelta(days=30), reason=LONG,
        )  # fmt: skip
        return give(scope, said)


def open_to_the_refuge(world: Path, record: UUID) -> set[str]:
    with sealed(world, REFUGE) as db:
        rows = db.execute("select kind from part where record_id = %s", [record]).fetchall()
    return {row["kind"] for row in rows}


def notices(statement: UUID) -> list[str]:
    with acting("safe-harbor.i.moreau", "records-administration"):
        found = statements.notices("safe-harbor")
    return [n.state(now()) for n in found if n.statement_id == statement]


def test_a_consent_that_was_signed_since_a_key_was_others_opens_nothing_any_more(
    world: Path, old: Ed25519PrivateKey, victim: UUID
) -> None:
    kept = consented(victim)
    since = now()
    other = written_victim()
    lost = consented(other)
    assert open_to_the_refuge(world, other) == {"core", "identity"}
    revoked_by_two(public(old), since)
    assert open_to_the_refuge(world, other) == set()
    assert open_to_the_refuge(world, victim) == {"core", "identity"}, "signed in good time"
    assert notices(lost) == ["revoked"]
    assert notices(kept) == ["active"]
    with acting(HART, "records-administration"):
        assert statements.statement(lost, now()).state == "void"
        assert statements.statement(kept, now()).state == "active"
    client = signed_in(HART)
    page = client.get(f"/statements/{lost}").content.decode()
    assert public(old).hex()[:8] in page
    assert "A copy was found" in page
    assert "Void" in client.get("/statements/?view=ended").content.decode()
    assert "A copy was found" not in client.get(f"/statements/{kept}").content.decode()
    with acting(HART, "victim-protection") as scope, pytest.raises(NotAllowed, match="void"):
        extend(scope, lost, until=now() + timedelta(days=60), reason=LONG)
    answer = client.get(
        f"/api/v1/statements/{lost}",
        headers={
            "Authorization": f"Bearer {create_api_token(HART)}",
            "Accord-Purpose": "records-administration",
            "Accord-Legal-Basis": "statute",
        },
    ).json()
    assert answer["state"] == "void"
    assert answer["void_because"]["key"] == public(old).hex()
    told = datetime.fromisoformat(answer["void_because"]["since"])
    assert abs(told - since) < timedelta(milliseconds=1)


def test_a_key_that_is_revoked_from_now_on_leaves_consents_as_they_are(
    world: Path, old: Ed25519PrivateKey, victim: UUID
) -> None:
    made = consented(victim)
    assert revoke(signed_in(ADA), public(old)).status_code == 303
    assert open_to_the_refuge(world, victim) == {"core", "identity"}
    assert notices(made) == ["active"]


def test_an_earlier_moment_that_is_said_later_ends_what_was_opened_since(
    world: Path, old: Ed25519PrivateKey, victim: UUID
) -> None:
    since = now()
    consented(victim)
    assert revoke(signed_in(ADA), public(old)).status_code == 303
    assert open_to_the_refuge(world, victim) == {"core", "identity"}
    revoked_by_two(public(old), since)
    assert open_to_the_refuge(world, victim) == set()


def test_what_was_signed_with_the_next_key_stays(
    world: Path, old: Ed25519PrivateKey, victim: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = now()
    new = rotated(old)
    monkeypatch.setattr(acts, "sign_here", lambda _, payload: new.sign(payload))
    consented(victim)
    revoked_by_two(public(old), since)
    assert open_to_the_refuge(world, victim) == {"core", "identity"}


def test_a_notice_that_an_emergency_held_back_goes_out_when_that_is_void(
    world: Path, old: Ed25519PrivateKey
) -> None:
    since = now()
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        made = declare(scope, until=now() + timedelta(hours=1), reason=LONG)
    with acting(OKAFOR, TRAFFICKING, HT) as scope:
        confirm(scope, made)
    duty = uuid4()
    with administrator(world) as db:
        db.execute(
            "insert into duty (id, entry_id, agency, owner_id, record_id, parts, agreement,"
            " agreement_hash, clause, kind, made_at, due_at, by_member, held, closed, waits_for)"
            " values (%s, %s, %s, 'harlan-so', %s, '{}', 'a', 'h', '1', 'notify-after', now(),"
            " now() + interval '1 hour', %s, false, false, %s)",
            [duty, uuid4(), AGENCY, uuid4(), ALVAREZ, [made]],
        )
        assert duty not in {row[0] for row in duties.come_due()}
        revoked_by_two(public(old), since)
        assert duty in {row[0] for row in duties.come_due()}
        db.execute("delete from duty where id = %s", [duty])
    with acting(OKAFOR, TRAFFICKING, HT) as scope:
        assert not scope.standing.assumed
        assert statements.statement(made, now()).state == "void"
    with administrator(
        world
    ) as db:  # with the keys as they were it would be open to all who follow
        db.execute("set session_replication_role = replica")
        db.execute("delete from statement_notice where statement = %s", [made])
        db.execute("delete from statement_act where statement_id = %s", [made])
        db.execute("delete from statement where id = %s", [made])


def test_a_revision_takes_over_no_key_of_what_was_revoked_meanwhile(
    world: Path, old: Ed25519PrivateKey, victim: UUID
) -> None:
    """The revoker waits for whoever copies keys, or whoever copies finds them gone; both at once."""
    since = now()
    consented(victim)
    with administrator(world) as db:
        source = db.execute("select source_ref from record where id = %s", [victim]).fetchone()

    copied = Event()

    def revised() -> None:
        try:
            with acting("riverbend-pd.j.whitfield") as scope:
                again = victim_draft(ref=source["source_ref"])
                contribute(scope, [again], collected_at=now())
                copied.set()
                time.sleep(1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(revised)
        assert copied.wait(timeout=20)
        revoked_by_two(public(old), since)
        running.result(timeout=30)
    with administrator(world) as db:
        left = db.execute(
            "select k.id from part_key k join part p on p.id = k.part_id"
            " where p.record_id = %s and k.kind > 1 and k.valid_until > now()",
            [victim],
        ).fetchall()
    assert left == []


def test_sql_puts_no_key_back_that_a_revocation_ended(
    world: Path, old: Ed25519PrivateKey, victim: UUID
) -> None:
    since = now()
    made = consented(victim)
    with administrator(world) as db:
        key = db.execute("select * from part_key where because = %s limit 1", [made]).fetchone()
    insert = (
        "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from, valid_until,"
        " because) values (%s, %s, %s, %s, %s, %s, now(), now() + interval '1 hour', %s)"
    )
    row = [key[n] for n in ("part_id", "owner_id", "label_id", "kind", "key", "because")]
    with sealed(world, Asker(HART, "victim-protection")) as db:
        db.execute(insert, [uuid4(), *row])
    revoked_by_two(public(old), since)
    with (
        sealed(world, Asker(HART, "victim-protection")) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        db.execute(insert, [uuid4(), *row])


def test_no_act_of_a_statement_is_dated_by_sql(world: Path, victim: UUID) -> None:
    made = consented(victim)
    act = (
        "insert into statement_act (id, statement_id, act, member, person, agency, at, word)"
        " values (%s, %s, 'revoked', %s, %s, %s, now() + %s, 'given-in-error')"
    )
    for shift in (timedelta(minutes=-10), timedelta(minutes=10)):
        with (
            sealed(world, Asker(HART, "victim-protection")) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(act, [uuid4(), made, HART, HART, AGENCY, shift])
    with sealed(world, Asker(HART, "victim-protection")) as db:
        db.execute(act, [uuid4(), made, HART, HART, AGENCY, timedelta(0)])


def test_no_recall_is_dated_by_sql(world: Path) -> None:
    record = write(draft(name="Recalled")).record_ids[0]
    notice = (
        "insert into recall_notice (id, owner_id, to_agency, record_id, by_member, at, due_at, facts)"
        " values (%s, %s, 'harlan-so', %s, %s, now() + %s, now(), '{}')"
    )
    act = (
        "insert into recall_act (id, notice_id, act, member, agency, at, entry_id)"
        " values (%s, %s, 'escalate', %s, %s, now() + %s, %s)"
    )
    made = uuid4()
    with sealed(world, Asker(OKAFOR, DESK)) as db:
        db.execute(notice, [made, AGENCY, record, OKAFOR, timedelta(0)])
        for shift in (timedelta(minutes=-10), timedelta(minutes=10)):
            for row, values in (
                (notice, [uuid4(), AGENCY, record, OKAFOR, shift]),
                (act, [uuid4(), made, OKAFOR, AGENCY, shift, uuid4()]),
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                    db.execute(row, values)
        db.execute(act, [uuid4(), made, OKAFOR, AGENCY, timedelta(0), uuid4()])
