"""What somebody does about an own session stands in the ledger; who nobody knows, in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.ledger import queries as ledger
from authenticator import Authenticator
from isolation.contributing import acting
from unit.identity.coding import PASSWORD, allow, forget, in_seconds, set_up, try_code
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in
from unit.identity.tokening import ask_token

pytestmark = pytest.mark.usefixtures("real")
REVOKE = "/account/passkeys/00000000-0000-7000-8000-00000000dead/revoke"
AGAIN, REFUSED = "proved again who they are", "was refused a new proof"


@pytest.fixture
def noted() -> Callable[[], list[dict[str, Any]]]:
    """What stands in the ledger since, of what changed about who acts; the oldest first."""

    def lines() -> list[Any]:
        with acting(ALVAREZ, "case-administration"):
            return list(ledger.own_entries(limit=60))

    before = {line.id for line in lines()}

    def since() -> list[dict[str, Any]]:
        new = [line.id for line in lines() if line.id not in before and line.kind == "membership"]
        with acting(ALVAREZ, "case-administration"):
            return [(ledger.entry(one).body or {})["detail"] for one in reversed(new)]

    return since


def said(entries: list[dict[str, Any]], *steps: str) -> list[tuple[str, str | None]]:
    return [(e["step"], e.get("method")) for e in entries if e["step"] in steps]


def test_a_new_proof_by_passkey_and_a_refused_one_stand_in_the_ledger(
    device: Authenticator, noted
) -> None:
    client = enrolled(device)
    with in_seconds(11 * 60):
        asked = client.post(REVOKE)
        wrong = device.get(options_in(asked.content), origin="https://evil.example")
        asked = client.post(REVOKE, {"accord-proof": wrong})
        assert asked.status_code == 401
        answer = device.get(options_in(asked.content))
        assert client.post(REVOKE, {"accord-proof": answer}).status_code == 404
    assert said(noted(), AGAIN, REFUSED) == [(REFUSED, "passkey"), (AGAIN, "passkey")]


def test_a_new_proof_by_code_and_a_refused_one_stand_in_the_ledger(
    device: Authenticator, real: Path, noted
) -> None:
    allow(real)
    try:
        app, _ = set_up(enrolled(device))
        client = browser()
        with in_seconds(60):
            assert try_code(client, app.code(), password=PASSWORD).status_code == 303
        form = {"do": "recovery", "accord-password": PASSWORD}
        with in_seconds(15 * 60):
            wrong = client.post("/account/code", form | {"accord-code": app.wrong()})
            assert wrong.status_code == 401
            right = client.post("/account/code", form | {"accord-code": app.code()})
            assert right.status_code == 200
    finally:
        forget(real)
    assert said(noted(), AGAIN, REFUSED) == [(REFUSED, "code"), (AGAIN, "code")]


def test_signing_out_stands_in_the_ledger_once(device: Authenticator, noted) -> None:
    client = enrolled(device)
    for _ in range(2):
        assert client.post("/sign-out").status_code == 303
    assert said(noted(), "signed out") == [("signed out", None)]


def test_a_refused_passkey_is_a_line_of_the_log_and_no_entry(
    device: Authenticator, noted, caplog: pytest.LogCaptureFixture
) -> None:
    enrolled(device)
    before = noted()
    client = browser()
    wrong = device.get(options_in(client.get("/sign-in/").content), origin="https://evil.example")
    assert client.post("/sign-in/passkey", {"answer": wrong}).status_code == 403
    (line,) = [r for r in caplog.records if r.msg == "a sign-in with a passkey was refused"]
    assert line.facts == {"kind": "InvalidAuthenticationResponse"}
    assert noted() == before


def test_a_client_that_does_not_authenticate_is_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert ask_token("no-uuid", "accordk_wrong").status_code == 401
    (line,) = [r for r in caplog.records if r.msg == "a client did not authenticate"]
    assert line.facts == {"why": "client_secret"}
