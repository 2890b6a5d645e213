"""What the application's role cannot do to identities and agreements, even with injected SQL."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from accord.agencies import actions as agencies
from accord.agreements import queries
from accord.kernel.clock import FixedClock, now, taken_from
from accord.platform.db import launcher
from accord.platform.sessions import SessionStore, stored_key

ALVAREZ = "riverbend-pd.m.alvarez"


@pytest.fixture
def app(world: Path):
    with psycopg.connect(launcher.ensure_running(world).dsn("accord_app")) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "update membership set roles = '{supervisor}'",
        "insert into membership select 'x', '', '{supervisor}', 'secret', 3, now(), null, "
        "agency_id, member_id from membership limit 1",
        "update agency_key set public_key = '\\x00'",
        "update agency_key set retired_at = null",
        "insert into agency_key select gen_random_uuid(), '\\x00', null, null, null, null, '[]', '', "
        "null, null, id from agency limit 1",
        "delete from agency_key",
        "update certificate set valid_until = '2099-01-01'",
        "insert into signin_link select '\\x00', now() + interval '1 day', null, id "
        "from membership limit 1",
        "update signin_link set membership_id = 'x'",
        "insert into api_token select '\\x00', now(), now() + interval '1 day', null, id "
        "from membership limit 1",
        "insert into agreement_state (step, at, by_member, agency, reason, version_id) "
        "select 'terminate', now(), 'x', 'harlan-so', '', content_hash from agreement_version",
        "insert into identity_provider select 'x', 'oidc', 'https://x', 'x', '{}', 'sub', '{}', "
        "'\\x00', '\\x00', now(), id from agency limit 1",
        "update identity_provider set agency_id = 'harlan-so'",
        "delete from identity_provider",
        "insert into provider_link select gen_random_uuid(), 'x', '\\x00', now(), id, 'x' "
        "from member limit 1",
        "update provider_link set member_id = 'x'",
        "delete from provider_link",
        "insert into agreement_signature (agency, officer, signature, signed_at, version_id) "
        "select 'harlan-so', 'x', '\\x00', now(), content_hash from agreement_version limit 1",
    ],
)
def test_the_application_s_role_cannot_make_itself_somebody_or_change_what_was_agreed(
    app, statement
):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement)


def test_a_version_put_in_force_without_its_signatures_decides_nothing(world: Path):
    before = queries.in_force(now()).versions
    chosen = next(v for v in before if v.kind == "mou")
    with psycopg.connect(
        launcher.ensure_running(world).admin_dsn, dbname="accord", autocommit=True
    ) as admin:
        taken = admin.execute(
            "update agreement_signature set signature = decode(repeat('00', 64), 'hex') "
            "where version_id = %s and agency = %s returning id",
            [chosen.content_hash, chosen.parties[0]],
        )
        assert taken.rowcount == 1
        try:
            left = {v.content_hash for v in queries.in_force(now()).versions}
        finally:
            given = next(s for s in chosen.signatures if s.agency == chosen.parties[0])
            admin.execute(
                "update agreement_signature set signature = %s where version_id = %s "
                "and agency = %s",
                [given.signature, chosen.content_hash, chosen.parties[0]],
            )
    assert chosen.content_hash not in left
    assert len(left) == len(before) - 1
    assert queries.in_force(now()).versions == before


def test_a_session_is_kept_under_the_digest_of_its_key(app, world: Path):
    session = SessionStore()
    session["membership"] = ALVAREZ
    session.save()
    key = session.session_key
    rows = {r[0] for r in app.execute("select session_key from django_session")}
    assert key not in rows
    assert stored_key(key) in rows
    assert SessionStore(key)["membership"] == ALVAREZ
    assert SessionStore(stored_key(key)).get("membership") is None
    session.delete()
    assert SessionStore(key).get("membership") is None


def test_a_link_is_spent_once(world: Path):
    token = agencies.create_signin_link(ALVAREZ).rsplit("/", 1)[1]
    assert agencies.use_signin_link(token) == ALVAREZ
    with pytest.raises(agencies.NotFound):
        agencies.use_signin_link(token)


def test_a_session_ends_eight_hours_after_it_began_whatever_was_done_in_it(world: Path):
    client = Client()
    link = agencies.create_signin_link(ALVAREZ)
    assert client.post(link).status_code == 303
    assert client.get("/").status_code == 200
    later = FixedClock(now() + timedelta(hours=8, minutes=1))
    with taken_from(later):
        assert client.get("/").status_code == 302
