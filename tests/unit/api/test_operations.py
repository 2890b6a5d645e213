"""What the API does: cases, notes, agreements and the ledger, as members of several agencies."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from accord_verify.main import main as accord_verify
from naming import wrong_with
from paging import every_page

ALVAREZ, OKAFOR = "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor"
BOONE, RASMUSSEN = "harlan-so.c.boone", "harlan-so.e.rasmussen"
CASE, PURPOSE = "HT-2026-014", "human-trafficking-investigation"
RIVERBEND = Path(__file__).parents[3] / "worlds" / "riverbend"
Ask = Callable[..., Any]


def test_me_says_which_training_is_no_longer_valid(ask: Ask) -> None:
    me = ask("riverbend-pd.r.kowalski", "get", "/me").json()
    held = {t["training"]: t["valid"] for t in me["training"]}
    assert held["cjis-security"] is True
    assert held["victim-centred-practice"] is False


def test_contexts_name_own_cases_only(ask: Ask) -> None:
    mine = ask("safe-harbor.y.haddad", "get", "/contexts").json()
    assert [c["number"] for c in mine["cases"]] == ["HT-2026-021"]
    assert "prosecution" in {p["word"] for p in mine["purposes"]}


def test_pages_join_to_the_whole_list(ask: Ask) -> None:
    whole = [a["id"] for a in ask(ALVAREZ, "get", "/agencies").json()["items"]]
    joined: list[str] = []
    after = ""
    while True:
        page = ask(ALVAREZ, "get", f"/agencies?limit=2{after}").json()
        joined += [a["id"] for a in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert joined == whole
    assert len(whole) == 6


def test_case_is_opened_staffed_closed_and_reopened(ask: Ask) -> None:
    number = f"HT-{secrets.token_hex(4)}"
    body = {"number": number, "title": "By the API", "purposes": [PURPOSE], "members": [ALVAREZ]}
    assert ask(ALVAREZ, "post", "/cases", body=body).status_code == 403
    opened = ask(OKAFOR, "post", "/cases", body=body)
    assert opened.status_code == 201
    assert ask(OKAFOR, "post", "/cases", body=body).status_code == 409
    assert ask(BOONE, "get", f"/cases/{number}").status_code == 404
    admitted = ask(OKAFOR, "post", f"/cases/{number}/members", body={"membership": BOONE})
    assert admitted.status_code == 201
    assert ask(BOONE, "get", f"/cases/{number}").status_code == 200
    assert ask(OKAFOR, "delete", f"/cases/{number}/members/{BOONE}").status_code == 204
    assert ask(BOONE, "get", f"/cases/{number}").status_code == 404
    assert ask(OKAFOR, "post", f"/cases/{number}/close").json()["state"] == "closed"
    assert ask(OKAFOR, "post", f"/cases/{number}/close").status_code == 403
    assert ask(OKAFOR, "post", f"/cases/{number}/reopen").json()["state"] == "open"


def test_edits_of_two_agencies_stand_side_by_side(ask: Ask) -> None:
    notes = f"/cases/{CASE}/notes"

    def write(member: str, text: str, based_on: str | None = None) -> str:
        body = {"text": text, "based_on": based_on}
        written = ask(member, "post", notes, purpose=PURPOSE, case=CASE, body=body)
        assert written.status_code == 201, written.content
        found: str = written.json()["revision_id"]
        return found

    first = write(ALVAREZ, "Cards collected.")
    write(BOONE, "Cards collected on Tuesday.", first)
    write(ALVAREZ, "Cards collected by patrol.", first)
    heads = ask(BOONE, "get", notes, purpose=PURPOSE, case=CASE).json()["items"]
    ours = [n for n in heads if n["note"] == first]
    assert {n["text"] for n in ours} == {
        "Cards collected on Tuesday.",
        "Cards collected by patrol.",
    }
    assert all(n["concurrent"] for n in ours)
    history = ask(ALVAREZ, "get", f"{notes}/{first}", purpose=PURPOSE, case=CASE).json()["items"]
    assert len(history) == 3


def test_what_is_in_a_case_is_asked_for_in_its_context(ask: Ask) -> None:
    answer = ask(ALVAREZ, "get", f"/cases/{CASE}/notes", purpose=PURPOSE)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Accord-Case"


def test_only_the_owner_places_a_record(ask: Ask) -> None:
    placed = ask(ALVAREZ, "get", f"/cases/{CASE}/records", purpose=PURPOSE, case=CASE).json()
    other = next(p["record"] for p in placed["items"] if p["owner"] == "harlan-so")
    path = f"/cases/{CASE}/records/{other}"
    assert ask(ALVAREZ, "delete", path, purpose=PURPOSE, case=CASE).status_code == 403


def test_agreement_shows_prose_plain_language_and_what_is_signed(ask: Ask) -> None:
    listed = ask(BOONE, "get", "/agreements/in-force").json()["items"]
    content_hash = next(a["content_hash"] for a in listed if a["agreement"] == "mou-2026-007")
    whole = ask(BOONE, "get", f"/agreements/{content_hash}").json()
    clause = next(c for c in whole["clauses"] if c["id"] == "4.4")
    assert clause["facts"]["when"] == ["grant"]
    assert {t["term"] for t in clause["plain"]} >= {"Who", "May", "For", "Over", "When"}
    assert json.loads(base64.b64decode(whole["canonical"]))["id"] == "mou-2026-007"


def test_faults_of_an_agreement_name_file_line_field_and_rule(ask: Ask) -> None:
    text = (RIVERBEND / "agreements" / "mou-2026-007.yaml").read_text("utf-8")
    broken = text.replace("permit: hit", "permit: peek", 1)
    answer = ask(OKAFOR, "post", "/agreements", body={"text": broken, "file": "ours.yaml"})
    assert answer.status_code == 400
    fault = answer.json()["errors"][0]
    assert fault["file"] == "ours.yaml"
    assert fault["line"] == broken[: broken.index("permit: peek")].count("\n") + 1
    assert "4.1" in fault["field"]
    assert fault["rule"]


def test_only_a_party_signs_and_only_with_its_key(ask: Ask, world: Path) -> None:
    from accord.agencies.demokeys import signing_key

    text = (RIVERBEND / "agreements" / "mou-2024-031.yaml").read_text("utf-8")
    text = text.replace("id: mou-2024-031", f"id: mou-{secrets.token_hex(4)}", 1)
    made = ask(OKAFOR, "post", "/agreements", body={"text": text}).json()
    path = f"/agreements/{made['content_hash']}"
    payload = base64.b64decode(made["canonical"])

    def sign(member: str, agency: str) -> Any:
        signature = base64.b64encode(signing_key(world, agency).sign(payload)).decode()
        return ask(member, "post", f"{path}/signatures", body={"signature": signature})

    assert sign(OKAFOR, "harlan-so").status_code == 403, "another agency's key"
    assert sign("safe-harbor.c.adeyemi", "safe-harbor").status_code == 403, "no party"
    assert sign(OKAFOR, "riverbend-pd").status_code == 201
    assert ask(OKAFOR, "post", f"{path}/activation", body={}).status_code == 403, (
        "not all have signed"
    )
    for bad in ("!!!", base64.b64encode(b"short").decode()):
        answer = ask(OKAFOR, "post", f"{path}/signatures", body={"signature": bad})
        assert answer.status_code == 400


def test_receipt_and_export_verify_offline(ask: Ask, tmp_path: Path) -> None:
    from accord.ledger.actions import sequence_all

    ask(ALVAREZ, "get", f"/cases/{CASE}", purpose=PURPOSE, case=CASE)
    sequence_all()
    entry = ask(ALVAREZ, "get", f"/ledger/entries?case={CASE}&limit=1").json()["items"][0]
    proof = tmp_path / "receipt.json"
    proof.write_bytes(ask(ALVAREZ, "get", f"/ledger/entries/{entry['id']}/receipt").content)
    key = ask(None, "get", "/ledger/checkpoint", purpose=None).json()["key"]
    assert accord_verify([str(proof), "--key", key]) == 0
    export = tmp_path / "export.jsonl"
    export.write_bytes(b"".join(ask(ALVAREZ, "get", "/ledger/export").streaming_content))
    assert wrong_with(export) == set()
    changed = export.read_text("utf-8").replace("consultation", "consultatiom", 1)
    export.write_text(changed, "utf-8")
    assert wrong_with(export) != set()


def test_owner_is_not_told_the_case_of_whoever_asked(ask: Ask) -> None:
    lines = every_page(lambda path: ask(RASMUSSEN, "get", path).json(), "/ledger/records")
    assert lines
    assert all(line["case"] is None and line["purpose"] is None for line in lines)
    assert any(line["agency"] != "harlan-so" for line in lines)
