"""Steps that ask for a new proof: refused without one, taken with one, nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accord.agencies.queries import actor
from accord.identity import queries
from accord.kernel.clock import FixedClock, now, taken_from
from authenticator import Authenticator
from isolation.direct import administrator
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in

pytestmark = pytest.mark.usefixtures("real")
PASSKEYS = "/account/passkeys"


def later(minutes: int) -> taken_from:
    return taken_from(FixedClock(now() + timedelta(minutes=minutes)))


def revoke_path() -> str:
    return f"{PASSKEYS}/{queries.passkeys(actor(ALVAREZ).member)[-1].id}/revoke"


@pytest.fixture
def two(device: Authenticator) -> tuple[Client, Authenticator]:
    """Somebody with two devices, signed in with the second."""
    enrolled(device)
    other = Authenticator()
    return enrolled(other), other


def test_an_old_proof_is_asked_again_and_what_was_typed_is_kept(two) -> None:
    client, other = two
    with later(11):
        asked = client.post(revoke_path(), {"reason": "It was <stolen>", "many": ["1", "2"]})
        assert asked.status_code == 401
        assert "insufficient_user_authentication" in asked.headers["WWW-Authenticate"]
        page = asked.content.decode()
        assert 'name="reason" value="It was &lt;stolen&gt;"' in page
        assert page.count('name="many"') == 2
        assert len(queries.passkeys(actor(ALVAREZ).member)) == 2, "nothing was done yet"
        answer = other.get(options_in(asked.content))
        assert client.post(revoke_path(), {"accord-proof": answer}).status_code == 303
        assert len(queries.passkeys(actor(ALVAREZ).member)) == 1


def test_ending_other_sessions_asks_for_a_new_proof(two) -> None:
    client, other = two
    third = sign_in(other)
    with later(11):
        asked = client.post("/account/sessions/others/end")
        assert asked.status_code == 401
        assert third.get("/").status_code == 200
        answer = other.get(options_in(asked.content))
        ended = client.post("/account/sessions/others/end", {"accord-proof": answer})
        assert ended.status_code == 303
        assert third.get("/").status_code == 302


def test_the_proof_counts_for_ten_minutes_and_the_session_for_no_longer_than_it_did(two) -> None:
    client, other = two
    with later(11):
        asked = client.post(f"{PASSKEYS}/{queries.passkeys(actor(ALVAREZ).member)[0].id}/revoke")
        answer = other.get(options_in(asked.content))
        client.post("/account/sessions/others/end", {"accord-proof": answer})
        assert client.get("/").wsgi_request.proof.proven_at == now()
    with later(15):
        assert client.post(revoke_path()).status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://evil.example"}, {"flags": 0}, {"type": "webauthn.create"}],
    ids=str,
)
def test_an_answer_that_does_not_hold_is_asked_again(two, wrong) -> None:
    client, other = two
    with later(11):
        asked = client.post(revoke_path(), {"kept": "words"})
        answer = other.get(options_in(asked.content), **wrong)
        again = client.post(revoke_path(), {"accord-proof": answer, "kept": "words"})
        assert again.status_code == 401
        assert b'value="words"' in again.content
        assert len(queries.passkeys(actor(ALVAREZ).member)) == 2


def test_the_answer_of_somebody_else_proves_nothing(two) -> None:
    client, _ = two
    stranger = Authenticator()
    enrolled(stranger, "riverbend-pd.d.okafor")
    with later(11):
        asked = client.post(revoke_path())
        answer = stranger.get(options_in(asked.content))
        assert client.post(revoke_path(), {"accord-proof": answer}).status_code == 401


def test_the_answer_to_a_sign_in_steps_nobody_up(two) -> None:
    client, other = two
    with later(11):
        client.post(revoke_path())
        options = options_in(client.get("/sign-in/").content)
        assert client.post(revoke_path(), {"accord-proof": other.get(options)}).status_code == 401


def test_a_weaker_key_does_not_step_up_a_stronger_session(two, monkeypatch) -> None:
    from accord.identity.actions import passkeys

    client, other = two
    monkeypatch.setattr(passkeys, "assurance_of", lambda **_: 3)
    client = sign_in(other, client)
    monkeypatch.setattr(passkeys, "assurance_of", lambda **_: 2)
    with later(11):
        asked = client.post(revoke_path())
        answer = other.get(options_in(asked.content))
        refused = client.post(revoke_path(), {"accord-proof": answer})
    assert refused.status_code == 401
    assert b"proves less" in refused.content


def test_nobody_who_is_not_signed_in_is_asked_for_a_proof(device: Authenticator) -> None:
    enrolled(device)
    asked = browser().post(revoke_path())
    assert asked.status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/agreements/{version}/sign",
        "/agreements/{version}/suspend",
        "/statements/{absent}/sign",
        "/w/human-trafficking-investigation/statute/HT-2026-014/records/{absent}/export",
        "/account/passkeys",
    ],
)
def test_what_leaves_signs_or_administers_asks_for_a_new_proof(two, path: str) -> None:
    from accord.agreements.queries import versions

    client, _ = two
    filled = path.format(
        version=versions()[0].content_hash, absent="00000000-0000-7000-8000-00000000dead"
    )
    assert client.post(filled).status_code != 401
    with later(11):
        assert client.post(filled).status_code == 401


def test_nothing_that_was_typed_is_left_out(two) -> None:
    client, _ = two
    with later(11):
        asked = client.post(revoke_path(), {"many": [str(n) for n in range(300)]})
        assert asked.content.decode().count('name="many"') == 300


def test_who_is_a_member_no_more_is_asked_to_sign_in(two, world) -> None:
    client, _ = two
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [ALVAREZ])
    try:
        with later(11):
            answer = client.post("/account/sessions/others/end")
            assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
            answer = client.post("/account/sessions/others/end", {"accord-proof": "none"})
            assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    finally:
        with administrator(world) as db:
            db.execute("update membership set valid_until = null where id = %s", [ALVAREZ])
