"""The life of an agreement over the API, from draft to termination, and what is refused."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from paging import every_page

Ask = Callable[..., Any]
OKAFOR, ALVAREZ = "riverbend-pd.d.okafor", "riverbend-pd.m.alvarez"
RASMUSSEN, ADEYEMI = "harlan-so.e.rasmussen", "safe-harbor.c.adeyemi"
YAML = """\
id: {name}
kind: mou
title: Shared stolen vehicles
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {{from: 2026-01-01, until: 2031-12-31, zone: America/Chicago}}
vocabulary: 1
clauses:
  - id: "1"
    prose: A party may learn that another holds a stolen vehicle, and whom to ask.
    permit: hit
    to: {{role: [investigator], assurance: 3, training: [cjis-security]}}
    for: {{purpose: [property-crime-investigation]}}
    of: {{schema: [Vehicle], subject: [none], part: [core]}}
"""


def _text(name: str | None = None, **changes: str) -> str:
    text = YAML.format(name=name or f"mou-{secrets.token_hex(4)}")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _sign(ask: Ask, world: Path, member: str, content_hash: str) -> Any:
    from accord.agencies.demokeys import signing_key

    given = ask(member, "get", f"/agreements/{content_hash}/canonical").json()
    signature = signing_key(world, member.partition(".")[0]).sign(
        base64.b64decode(given["canonical"])
    )
    body = {"signature": base64.b64encode(signature).decode()}
    return ask(member, "post", f"/agreements/{content_hash}/signatures", body=body)


def _proposed(ask: Ask, text: str | None = None) -> str:
    made = ask(OKAFOR, "post", "/agreements", body={"text": text or _text()})
    assert made.status_code == 201, made.content
    found: str = made.json()["content_hash"]
    return found


def _in_force(ask: Ask, world: Path, text: str | None = None) -> str:
    content_hash = _proposed(ask, text)
    for member in (OKAFOR, RASMUSSEN):
        assert _sign(ask, world, member, content_hash).status_code == 201
    answer = ask(RASMUSSEN, "post", f"/agreements/{content_hash}/activation", body={})
    assert answer.status_code == 200, answer.content
    return content_hash


def test_a_draft_becomes_an_agreement_is_suspended_resumed_and_ended(ask: Ask, world: Path) -> None:
    draft = ask(ALVAREZ, "post", "/agreement-drafts", body={"name": "Vehicles", "text": "id: x"})
    assert draft.status_code == 201
    path = f"/agreement-drafts/{draft.json()['id']}"
    edit = {"name": "Vehicles", "text": _text(), "based_on": 1}
    assert ask(OKAFOR, "post", f"{path}/revisions", body=edit).json()["revision"] == 2
    assert ask(ALVAREZ, "post", f"{path}/proposal", body={"based_on": 2}).status_code == 403
    made = ask(OKAFOR, "post", f"{path}/proposal", body={"based_on": 2}).json()["content_hash"]
    assert ask(OKAFOR, "get", path).status_code == 404

    def state() -> str:
        found: str = ask(ALVAREZ, "get", f"/agreements/{made}").json()["state"]
        return found

    assert state() == "proposed"
    assert _sign(ask, world, OKAFOR, made).json()["state"] == "proposed"
    assert _sign(ask, world, RASMUSSEN, made).json()["state"] == "signed"
    assert (
        ask(OKAFOR, "post", f"/agreements/{made}/activation", body={}).json()["state"] == "in-force"
    )
    why = {"reason": "The audit found accounts that nobody owns."}
    suspended = ask(RASMUSSEN, "post", f"/agreements/{made}/suspension", body=why)
    assert suspended.json()["state"] == "suspended"
    assert made not in _deciding(ask)
    assert ask(OKAFOR, "post", f"/agreements/{made}/resumption", body=why).status_code == 403
    resumed = ask(RASMUSSEN, "post", f"/agreements/{made}/resumption", body=why)
    assert resumed.json()["state"] == "in-force"
    assert made in _deciding(ask)
    assert ask(OKAFOR, "post", f"/agreements/{made}/termination", body=why).status_code == 200
    assert state() == "terminated"
    assert made not in _deciding(ask)
    whole = ask(ALVAREZ, "get", f"/agreements/{made}").json()
    steps = [(s["step"], s["agency"], s["counts"]) for s in whole["history"]]
    assert steps == [
        ("propose", "riverbend-pd", True),
        ("activate", "riverbend-pd", True),
        ("suspend", "harlan-so", True),
        ("resume", "harlan-so", True),
        ("terminate", "riverbend-pd", True),
    ]
    assert whole["history"][2]["reason"] == why["reason"]
    again = ask(OKAFOR, "post", f"/agreements/{made}/activation", body={})
    assert again.status_code == 409
    assert "terminated, which is final" in again.json()["detail"]


def _deciding(ask: Ask) -> set[str]:
    found = every_page(lambda path: ask(ALVAREZ, "get", path).json(), "/agreements/in-force")
    return {a["content_hash"] for a in found}


def test_only_supervisors_of_parties_take_steps(ask: Ask, world: Path) -> None:
    for member in (ALVAREZ, ADEYEMI):
        assert ask(member, "post", "/agreements", body={"text": _text()}).status_code == 403
    made = _in_force(ask, world)
    for member in (ALVAREZ, ADEYEMI):
        for step in ("suspension", "termination"):
            answer = ask(member, "post", f"/agreements/{made}/{step}", body={"reason": "Because."})
            assert answer.status_code == 403, (member, step)
            assert answer.json()["who_can_change"]
    assert ask(ALVAREZ, "get", f"/agreements/{made}").json()["state"] == "in-force"


def test_a_proposal_is_withdrawn_by_its_proposer_only_and_for_good(ask: Ask, world: Path) -> None:
    text = _text()
    made = _proposed(ask, text)
    why = {"reason": "It names the wrong statute."}
    assert ask(RASMUSSEN, "post", f"/agreements/{made}/withdrawal", body=why).status_code == 403
    assert (
        ask(OKAFOR, "post", f"/agreements/{made}/withdrawal", body={"reason": " "}).status_code
        == 400
    )
    assert ask(OKAFOR, "post", f"/agreements/{made}/withdrawal", body=why).status_code == 200
    assert _sign(ask, world, OKAFOR, made).status_code == 409
    again = ask(OKAFOR, "post", "/agreements", body={"text": text})
    assert again.status_code == 409
    assert "withdrawn before" in again.json()["detail"]


def test_an_amendment_replaces_its_parent_and_a_second_one_is_stale(ask: Ask, world: Path) -> None:
    name = f"mou-{secrets.token_hex(4)}"
    first = _in_force(ask, world, _text(name))
    amended = _text(name).replace("Shared stolen", "Stolen") + f"amends: sha256:{first}\n"
    other = amended.replace("Stolen vehicles", "Vehicles")
    other_hash = _proposed(ask, other)
    second = _in_force(ask, world, amended)
    assert ask(ALVAREZ, "get", f"/agreements/{first}").json()["state"] == "superseded"
    listed = ask(ALVAREZ, "get", f"/agreements/{first}/versions").json()["items"]
    assert [v["content_hash"] for v in listed] == [first, other_hash, second]
    for member in (OKAFOR, RASMUSSEN):
        assert _sign(ask, world, member, other_hash).status_code == 201
    stale = ask(OKAFOR, "post", f"/agreements/{other_hash}/activation", body={})
    assert stale.status_code == 409
    assert "replaced by an amendment" in stale.json()["detail"]
    late = ask(OKAFOR, "post", "/agreements", body={"text": other.replace("Vehicles", "Cars")})
    assert late.status_code == 409
    unknown = amended.replace(first, "0" * 64)
    assert ask(OKAFOR, "post", "/agreements", body={"text": unknown}).status_code == 409


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("harlan-so]", "no-such-so]", "no-such-so"),
        ("role: [investigator]", "role: [wizard]", "wizard"),
    ],
)
def test_an_unknown_party_or_role_is_refused_and_stores_nothing(
    ask: Ask, old: str, new: str, said: str
) -> None:
    name = f"mou-{secrets.token_hex(4)}"
    text = _text(name).replace(old, new)
    answer = ask(OKAFOR, "post", "/agreements", body={"text": text})
    assert answer.status_code == 400
    assert any(said in e["rule"] and e["line"] for e in answer.json()["errors"])
    assert ask(OKAFOR, "get", f"/agreements?agreement={name}").json()["items"] == []
    checked = ask(OKAFOR, "post", "/agreement-checks", body={"text": text}).json()
    assert said in checked["faults"][0]["rule"]


def test_a_step_counts_only_with_the_agency_s_own_signature_over_it(ask: Ask, world: Path) -> None:
    from accord.agencies.demokeys import signing_key

    made = _in_force(ask, world)
    at = datetime.now(UTC).isoformat()
    asked = f"/agreements/{made}/canonical?step=suspend&reason=Leak"
    payload = ask(OKAFOR, "get", asked).json()
    moment = payload["at"]

    def send(agency: str, reason: str, when: str) -> int:
        signature = signing_key(world, agency).sign(base64.b64decode(payload["canonical"]))
        body = {
            "reason": reason,
            "at": when,
            "signature": base64.b64encode(signature).decode(),
        }
        status: int = ask(OKAFOR, "post", f"/agreements/{made}/suspension", body=body).status_code
        return status

    assert send("harlan-so", "Leak", moment) == 403, "another agency's key"
    assert send("riverbend-pd", "Another reason", moment) == 403
    assert send("riverbend-pd", "Leak", at) == 403, "another time"
    old = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    assert send("riverbend-pd", "Leak", old) == 400
    assert made in _deciding(ask)
    assert send("riverbend-pd", "Leak", moment) == 200
    assert made not in _deciding(ask)
    back = ask(OKAFOR, "post", f"/agreements/{made}/resumption", body={"reason": "Mended"})
    assert back.status_code == 200, back.content
    assert send("riverbend-pd", "Leak", moment) == 409, "the same signature again"
    assert made in _deciding(ask)


def test_a_concurrent_edit_of_a_draft_is_never_lost(ask: Ask) -> None:
    made = ask(OKAFOR, "post", "/agreement-drafts", body={"name": "D", "text": "first"}).json()
    path = f"/agreement-drafts/{made['id']}"
    mine = {"name": "D", "text": "mine", "based_on": 1}
    yours = {"name": "D", "text": "yours", "based_on": 1}
    assert ask(OKAFOR, "post", f"{path}/revisions", body=mine).status_code == 200
    for end, body in (("revisions", yours), ("discarding", {"based_on": 1})):
        assert ask(ALVAREZ, "post", f"{path}/{end}", body=body).status_code == 409
    assert ask(ALVAREZ, "get", path).json()["text"] == "mine"
    assert ask(RASMUSSEN, "get", path).status_code == 404
    assert made["id"] not in ask(RASMUSSEN, "get", "/agreement-drafts").content.decode()
    assert ask(RASMUSSEN, "post", f"{path}/revisions", body=mine).status_code == 404
    assert ask(OKAFOR, "post", f"{path}/discarding", body={"based_on": 2}).status_code == 204
    assert ask(OKAFOR, "get", path).status_code == 404


def test_an_amendment_is_compared_and_invariants_are_proven(ask: Ask) -> None:
    listed = ask(ALVAREZ, "get", "/agreements?agreement=mou-2026-007").json()["items"]
    amendment = next(v for v in listed if v["parent_hash"])["content_hash"]
    found = ask(ALVAREZ, "get", f"/agreements/{amendment}/comparison").json()
    assert found["verdict"] == "narrower"
    assert found["wider"] is None
    assert "may read" in found["narrower"]["text"]
    assert found["narrower"]["allowed_by"][0]["agreement"] == "mou-2026-007"
    parent = found["against"]
    back = ask(ALVAREZ, "get", f"/agreements/{parent}/comparison?against={amendment}").json()
    assert back["verdict"] == "wider"
    same = ask(ALVAREZ, "get", f"/agreements/{parent}/comparison?against={parent}").json()
    assert same["verdict"] == "equal"
    proven = ask(ALVAREZ, "get", f"/agreements/{parent}/invariants").json()["invariants"]
    assert {p["id"]: p["proven"] for p in proven} == {
        "victims-harlan": True,
        "victims-abroad": True,
    }
