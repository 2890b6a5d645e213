"""Every example in the document is sent to the demo world as it stands, and is answered as it says.

An example names things by ids that no node has, and by moments; those are put in by the play below,
which goes through the operations in the order in which people use them. What it cannot play is named
with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from accord.agencies.actions import create_api_token
from accord.api.document import document
from accord.evidence.custody.rereading import reread
from accord.identity.tokens.queries import tokens as tokens_of
from accord.kernel.clock import now
from isolation.contributing import draft, superuser, write
from isolation.custodying import acquired
from isolation.test_ledger_erasing import logged
from unit.identity.tokening import FIRST, SECOND, make_administrators, members_token

OKAFOR, ALVAREZ = "riverbend-pd.d.okafor", "riverbend-pd.m.alvarez"
MERCER = "state-bi.h.mercer"
BOONE, RASMUSSEN = "harlan-so.c.boone", "harlan-so.e.rasmussen"
WHITFIELD, HART = "riverbend-pd.j.whitfield", "riverbend-pd.l.hart"
CASE, PURPOSE = "HT-2026-014", "human-trafficking-investigation"
DESK, RECORDS = "case-administration", "records-administration"
CHECK = "general-policing"
WRITTEN: dict[str, Any] = json.loads(json.dumps(document()))
BY_ID = {
    o["operationId"]: (method, path, o)
    for path, methods in WRITTEN["paths"].items()
    for method, o in methods.items()
}
NOT_PLAYED = {
    **dict.fromkeys(
        (
            "exhibits_begin", "exhibits_list_uploads", "exhibits_one_upload", "exhibits_where",
            "exhibits_send", "exhibits_discard", "exhibits_acquire", "exhibits_list_exhibits",
            "exhibits_one_exhibit", "exhibits_record_basis", "exhibits_take_file",
            "exhibits_one_reading", "exhibits_read_again", "exhibits_text", "exhibits_preview",
            "exhibits_derive", "exhibits_list_derived", "exhibits_one_derivation",
            "exhibits_cancel_derivation",
            "exhibits_plan_bundle", "exhibits_take_bundle",
        ),
        "bytes come before JSON, in a case; tests/isolation/test_exhibits_api.py plays it",
    ),
    "agreements_sign": "a signature is made with an agency's key; test_operations signs",
    "agreements_activate": "needs every party's signature; test_agreement_life_api plays the life",
    "agreements_suspend": "a step of the life of an agreement, as above",
    "agreements_resume": "a step of the life of an agreement, as above",
    "agreements_terminate": "a step of the life of an agreement, as above",
    "agreements_member_signature": "a member signs with a passkey, which a demonstration asks for "
    "nowhere; tests/unit/identity/test_member_signatures plays it",
    "statements_member_signature": "a member's signature, as above",
    "statements_sign_statement": "a signature is made with an agency's key",
    "statements_confirm": "a signature is made with an agency's key",
    "statements_review": "follows an emergency that ended; tests/isolation/test_statements plays it",
    "statements_extend": "follows a statement that is in force; tests/isolation plays it",
    "statements_revoke_statement": "follows a consent; tests/isolation plays it",
    "statements_give_consent": "needs a record that a clause lets the member release",
    "statements_give_determination": "needs a record that a clause lets the member release",
    "intake_resolve": "needs a row that a worker set aside; test_intake_api plays it",
    "obligations_one_obligation": "needs a duty of the member; tests/isolation plays it",
    "obligations_discharge": "needs a duty of the member; tests/isolation plays it",
    "obligations_take_copy": "needs a clause for export; journeys/test_copies takes one",
    "requests_answer": "follows a request that a person of Harlan reads; the tour plays it",
    "requests_revoke": "follows a grant; the tour plays it",
    "assistance_escalate": "waits for the deadline; tests/isolation/test_assistance moves the clock",
    "webhooks_retry": "needs a message that was given up; test_webhooks plays it",
    "agreements_withdraw": "is played by test_agreement_life_api",
    "agreements_comparison": "compares two versions; test_agreement_life_api asks",
    "agreements_proof": "runs the prover for seconds; test_proofs asks",
    "agreements_impact_of_draft": "goes over every part; test_agreement_life_api asks",
    "retention_propose": "waits for the record's day; tests/isolation/test_retention moves the clock",
    "retention_withdraw": "follows a proposal, as above",
    "retention_approve": "follows a proposal, as above",
    "recalls_hold": "needs copies that a clause let somebody take; tests/isolation/test_recall plays it",
    "recalls_escalate": "waits for the deadline; tests/isolation/test_recall moves the clock",
    "agencies_propose_agency_change": "the cast has no administrators; tests/isolation plays it",
    "agencies_list_agency_changes": "the cast has no administrators; tests/isolation plays it",
    "agencies_approve_agency_change": "the cast has no administrators; tests/isolation plays it",
    "agencies_withdraw_agency_change": "the cast has no administrators; tests/isolation plays it",
    "directory_list_members": "the cast has no administrators; tests/isolation plays it",
    "directory_propose_member": "the cast has no administrators; tests/isolation plays it",
    "directory_one_member": "the cast has no administrators; tests/isolation plays it",
    "directory_change_member": "the cast has no administrators; tests/isolation plays it",
    "directory_list_changes": "the cast has no administrators; tests/isolation plays it",
    "directory_one_change": "the cast has no administrators; tests/isolation plays it",
    "directory_approve_change": "the cast has no administrators; tests/isolation plays it",
    "directory_make_code": "the cast has no administrators; tests/isolation plays it",
    "directory_withdraw_change": "the cast has no administrators; tests/isolation plays it",
    "ledger_receipt": "waits for the sequencer; test_operations fetches one",
}  # fmt: skip


@dataclass
class Play:
    """Members who send examples, and what came back."""

    tokens: dict[str, str] = field(default_factory=dict)
    played: set[str] = field(default_factory=set)

    def send(
        self,
        name: str,
        member: str,
        /,
        *,
        purpose: str = DESK,
        case: str | None = None,
        put: Mapping[str, Any] | None = None,
        query: str = "",
        **path: str,
    ) -> Any:
        """Send the example of an operation; it must be answered as the document says."""
        method, address, described = BY_ID[name]
        for step, value in path.items():
            address = address.replace("{" + step + "}", value)
        assert "{" not in address, address
        if member not in self.tokens:
            self.tokens[member] = create_api_token(member)
        headers = {"Authorization": f"Bearer {self.tokens[member]}", "Accord-Purpose": purpose}
        headers |= {"Accord-Case": case} if case else {}
        sent = _body(described, put or {})
        answer = getattr(Client(), method)(f"{address}{query}", headers=headers, **sent)
        status = str(answer.status_code)
        assert status.startswith("2"), f"{name}: {status} {answer.getvalue()[:600]!r}"
        assert status in described["responses"], f"{name} answers {status}, which it does not say"
        self.played.add(name)
        return _checked(answer, described["responses"][status])


def _body(described: Mapping[str, Any], put: Mapping[str, Any]) -> dict[str, Any]:
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        example = content["application/json"]["example"] | put
        return {"data": json.dumps(example), "content_type": "application/json"}
    if content:
        return {"data": dict(put)}
    return {}


def _checked(answer: Any, response: Mapping[str, Any]) -> Any:
    content = response.get("content", {})
    if not content:
        return None
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert kind in content
    if kind != "application/json":
        return answer.getvalue()
    schema = content[kind]["schema"] | {"components": WRITTEN["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    return answer.json()


@pytest.fixture(scope="module")
def play(world: Path) -> Iterator[Play]:
    made = Play()
    _readers(made)
    _records(made)
    _cases(made)
    _agreements(made)
    _rest(made)
    _mappings(made)
    _searches(made)
    _retention(made)
    _erasing(made)
    _recall(made)
    _systems(made)
    _assistance(made)
    _custody(made, world)
    return made


def _readers(play: Play) -> None:
    for name in (
        "members_me", "members_contexts", "agencies_directory", "ledger_checkpoint",
        "ledger_owner_entries", "ledger_export", "ledger_export_disclosures",
        "statements_list_statements",
        "statements_list_notices", "obligations_list_obligations", "obligations_list_copies",
        "requests_list_requests", "cases_list_cases", "agreements_list_drafts",
    ):  # fmt: skip
        play.send(name, ALVAREZ)
    play.send("agencies_one_agency", ALVAREZ, agency_id="harlan-so")
    play.send("agencies_agency_keys", ALVAREZ, agency_id="harlan-so")
    entry = play.send("ledger_own_entries", ALVAREZ)["items"][0]["id"]
    play.send("ledger_one_entry", ALVAREZ, entry_id=entry)


def _records(play: Play) -> None:
    inside: dict[str, Any] = {"purpose": PURPOSE, "case": CASE}
    play.send("search_ask", ALVAREZ, **inside)
    write(draft(agency="harlan-so", name="Yaroslav Unasked"), by="harlan-so.e.rasmussen")
    found = play.send("search_ask", ALVAREZ, put={"q": "Yaroslav Unasked"}, **inside)
    handle = found["hits"][0]["handle"]
    asked = play.send("requests_ask", ALVAREZ, handle=handle, **inside)["id"]
    play.send("requests_one_request", ALVAREZ, request_id=asked)
    play.send("requests_withdraw", ALVAREZ, request_id=asked)
    play.send("records_list_latest", ALVAREZ, **inside)
    made = play.send("intake_contribute_record", WHITFIELD, purpose=RECORDS)["id"]
    play.send("records_one_record", WHITFIELD, purpose=RECORDS, record_id=made)
    play.send("records_revisions", WHITFIELD, purpose=RECORDS, record_id=made)
    play.send("agreements_who_can_see", WHITFIELD, purpose=RECORDS, record_id=made)
    play.send("agreements_simulate", WHITFIELD)


def _cases(play: Play) -> None:
    number = play.send("cases_open_case", OKAFOR)["number"]
    play.send("cases_get_case", OKAFOR, number=number)
    play.send("cases_admit", OKAFOR, number=number)
    play.send("cases_release", OKAFOR, number=number, membership=BOONE)
    play.send("cases_close", OKAFOR, number=number)
    play.send("cases_reopen", OKAFOR, number=number)
    inside: dict[str, Any] = {"purpose": PURPOSE, "case": CASE, "number": CASE}
    first = play.send("cases_write_note", ALVAREZ, put={"based_on": None}, **inside)
    play.send("cases_write_note", ALVAREZ, put={"based_on": first["revision_id"]}, **inside)
    play.send("cases_notes", ALVAREZ, **inside)
    play.send("cases_note_history", ALVAREZ, note=first["revision_id"], **inside)
    placed = play.send("cases_placed", ALVAREZ, **inside)["items"]
    own = next(p["record"] for p in placed if p["owner"] == "riverbend-pd")
    play.send("cases_withdraw", ALVAREZ, record=own, **inside)
    play.send("cases_place", ALVAREZ, put={"record": own}, **inside)


def _agreements(play: Play) -> None:
    play.send("agreements_list_versions", OKAFOR)
    content_hash = play.send("agreements_in_force", OKAFOR)["items"][0]["content_hash"]
    for name in ("agreements_one_version", "agreements_versions", "agreements_canonical",
                 "agreements_impact", "agreements_list_member_signatures"):  # fmt: skip
        play.send(name, OKAFOR, content_hash=content_hash)
    play.send("agreements_check", OKAFOR)
    text = AGREEMENT
    play.send("agreements_propose", OKAFOR, put={"text": text.replace("2026-09", "2026-10")})
    draft = play.send("agreements_begin", OKAFOR)["id"]
    play.send("agreements_one_draft", OKAFOR, draft_id=draft)
    play.send("agreements_edit", OKAFOR, draft_id=draft, put={"text": text})
    play.send("agreements_propose_draft", OKAFOR, draft_id=draft)
    other = play.send("agreements_begin", OKAFOR)["id"]
    play.send("agreements_edit", OKAFOR, draft_id=other)
    play.send("agreements_discard", OKAFOR, draft_id=other)


AGREEMENT = """\
id: mou-2026-09x
kind: mou
title: Shared stolen vehicles
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {from: 2026-01-01, zone: America/Chicago}
vocabulary: 1
clauses:
  - {id: "1", prose: What a court sealed stays closed., forbid: match, of: {sealed: true}}
"""


def _rest(play: Play) -> None:
    until = (now() + timedelta(hours=20)).isoformat()
    made = play.send(
        "statements_declare", ALVAREZ, purpose=PURPOSE, case=CASE, put={"until": until}
    )
    for name in ("statements_one_statement", "statements_list_member_signatures"):
        play.send(name, ALVAREZ, purpose=PURPOSE, case=CASE, statement_id=made["id"])
    file = SimpleUploadedFile("records.jsonl", b"{}\n")
    run = play.send("intake_send_file", WHITFIELD, put={"file": file})["id"]
    play.send("intake_list_runs", WHITFIELD)
    play.send("intake_one_run", WHITFIELD, run_id=run)
    play.send("intake_quarantine", WHITFIELD, run_id=run)
    play.send("intake_cancel", WHITFIELD, run_id=run)
    hook = play.send("webhooks_set_up", OKAFOR)["id"]
    for name in ("one", "pause", "resume", "secret", "renew_secret", "test", "messages"):
        play.send(f"webhooks_{name}", OKAFOR, webhook=hook)
    play.send("webhooks_list_webhooks", OKAFOR)
    play.send("webhooks_remove", OKAFOR, webhook=hook)


TABLE = b"booking_no,name\nB-26-1,Rosa Quintero\nB-26-2,Ivan Petrenko\n"


def _mappings(play: Play) -> None:
    play.send("intake_push", WHITFIELD, purpose=RECORDS)
    file = SimpleUploadedFile("roster.csv", TABLE)
    run = play.send("intake_send_file", WHITFIELD, put={"file": file, "wait": "true"})["id"]
    play.send("intake_columns", WHITFIELD, run_id=run)
    play.send("intake_try_mapping", WHITFIELD, run_id=run)
    play.send("intake_save", WHITFIELD, put={"based_on": 0})
    play.send("intake_list_mappings", WHITFIELD)
    play.send("intake_one_mapping", WHITFIELD, name="jail-roster")
    play.send("intake_use_mapping", WHITFIELD, run_id=run)
    play.send("intake_cancel", WHITFIELD, run_id=run)


def _searches(play: Play) -> None:
    inside: dict[str, Any] = {"purpose": PURPOSE, "case": CASE}
    kept = play.send("search_save_search", ALVAREZ, **inside)["id"]
    play.send("search_list_searches", ALVAREZ, **inside)
    play.send("search_run_search", ALVAREZ, search_id=kept, **inside)
    play.send("search_mark_seen", ALVAREZ, search_id=kept, **inside)
    play.send("search_rename", ALVAREZ, search_id=kept, **inside)
    play.send("search_delete", ALVAREZ, search_id=kept, **inside)
    play.send("search_restore", ALVAREZ, search_id=kept, **inside)
    until = (now() + timedelta(days=30)).isoformat()
    made = play.send("subscriptions_subscribe", ALVAREZ, put={"until": until}, **inside)["id"]
    play.send("subscriptions_list_subscriptions", ALVAREZ, **inside)
    play.send("subscriptions_take_step", ALVAREZ, subscription_id=made, **inside)
    play.send("subscriptions_list_notices", ALVAREZ, **inside)
    with override_settings(ACCORD_QUICK_CHECK_REVIEW_PERCENT=100):
        play.send("search_ask", ALVAREZ, purpose=CHECK, put={"reason": "stop"})
    play.send("quick_checks_list_checks", ALVAREZ, purpose=CHECK)
    drawn = play.send("quick_checks_list_checks", OKAFOR, query="?which=review")["items"]
    play.send("quick_checks_review", OKAFOR, check_id=drawn[0]["id"])


def _retention(play: Play) -> None:
    record = str(write(draft(agency="harlan-so", name="Kept Person"), by=RASMUSSEN).record_ids[0])
    for name in ("retention_list_queue", "retention_list_purges", "retention_list_tombstones"):
        play.send(name, RASMUSSEN, purpose=RECORDS)
    at: dict[str, Any] = {"purpose": RECORDS, "record_id": record}
    going = play.send("retention_one_record", RASMUSSEN, **at)["parts"]
    later = (now() + timedelta(days=400)).date().isoformat()
    days = {"review_on": later, "retain_until": later}
    play.send("retention_validate", RASMUSSEN, put=days, **at)
    play.send("retention_hold", RASMUSSEN, put={"on": True}, **at)
    play.send("retention_hold", RASMUSSEN, **at)
    play.send("retention_last_day", RASMUSSEN, put={"retain_until": later}, **at)
    identity = next(part["part"] for part in going if part["kind"] == "identity")
    play.send("retention_relabel", RASMUSSEN, purpose=RECORDS, part_id=identity)


def _erasing(play: Play) -> None:
    """Two people of Harlan erase what it was told of; their first proposal is taken back."""
    overseer = "harlan-so.g.lindqvist"
    for step, member in (("withdraw", RASMUSSEN), ("approve", overseer)):
        entry = str(logged())
        made = play.send("ledger_propose_erasure", RASMUSSEN, entry_id=entry)["id"]
        play.send("ledger_one_erasure", overseer, erasure_id=made)
        play.send(f"ledger_{step}_erasure", member, erasure_id=made)
    play.send("ledger_list_erasures", overseer)


def _recall(play: Play) -> None:
    inside: dict[str, Any] = {"purpose": PURPOSE, "case": CASE}
    record = str(write(draft(agency="harlan-so", name="Called Back"), by=RASMUSSEN).record_ids[0])
    play.send("cases_place", BOONE, put={"record": record}, number=CASE, **inside)
    play.send("records_one_record", ALVAREZ, record_id=record, **inside)
    play.send("recalls_recall_record", RASMUSSEN, purpose=RECORDS, record_id=record)
    (told,) = [
        r["id"]
        for r in play.send("recalls_list_recalls", RASMUSSEN, purpose=RECORDS)["items"]
        if r["record"] == record
    ]
    play.send("recalls_one_recall", OKAFOR, purpose=RECORDS, notice_id=told)
    play.send("recalls_answer", OKAFOR, purpose=RECORDS, notice_id=told)
    play.send("recalls_note", RASMUSSEN, purpose=RECORDS, notice_id=told)


def _systems(play: Play) -> None:
    make_administrators()
    play.send("tokens_list_tokens", ALVAREZ)
    members_token()
    play.send("tokens_revoke", ALVAREZ, token_id=str(tokens_of(ALVAREZ)[0].id))
    system = play.send("systems_propose", FIRST)["id"]
    play.send("systems_approve", SECOND, system_id=system)
    play.send("systems_propose_owner", FIRST, system_id=system)
    play.send("systems_withdraw_owner", SECOND, system_id=system)
    play.send("systems_propose_owner", FIRST, system_id=system)
    play.send("systems_approve_owner", SECOND, system_id=system)
    client = play.send("systems_register", FIRST, system_id=system)["id"]
    secret = play.send("systems_add_secret", FIRST, client_id=client)["id"]
    play.send("systems_approve_credential", SECOND, credential_id=secret)
    play.send("systems_add_key", FIRST, client_id=client)
    play.send("systems_list_systems", FIRST)
    play.send("systems_revoke_credential", FIRST, credential_id=secret)
    play.send("systems_revoke_client", FIRST, client_id=client)
    play.send("systems_end", SECOND, system_id=system)


def _custody(play: Play, world: Path) -> None:
    exhibit = str(acquired())
    play.send("custody_take_step", ALVAREZ, exhibit_id=exhibit)
    for read in ("custody_one_chain", "custody_custody_file"):
        play.send(read, ALVAREZ, exhibit_id=exhibit)
    play.send("custody_list_custody", ALVAREZ)
    with superuser(world) as db:
        db.execute(
            "update stored_object set made_at = now() - interval '90 days' where record_id = %s",
            [exhibit],
        )
    reread(lambda _: None)
    (alarm, *_) = [
        a for a in play.send("custody_list_alarms", OKAFOR)["items"] if a["exhibit"] == exhibit
    ]
    play.send("custody_one_alarm", OKAFOR, alarm_id=alarm["id"])
    play.send("custody_explain", OKAFOR, alarm_id=alarm["id"])
    play.send("custody_confirm", WHITFIELD, alarm_id=alarm["id"])
    with superuser(world) as db:  # the others, which nobody needs; they close what others place
        db.execute("update custody_alarm set closed_at = now() where closed_at is null")


def _assistance(play: Play) -> None:
    made = play.send("expertise_propose", ALVAREZ)["id"]
    play.send("expertise_mine", ALVAREZ)
    play.send("expertise_of_agency", OKAFOR)
    play.send("expertise_attest", OKAFOR, expertise_id=made)
    assert play.send("expertise_look", BOONE)["items"]
    play.send("expertise_set_named", ALVAREZ, expertise_id=made)
    play.send("expertise_withdraw", ALVAREZ, expertise_id=made)
    inside: dict[str, Any] = {"purpose": PURPOSE, "case": CASE}
    for course in (
        ("acknowledge", "accept", "remark", "complete"),
        ("decline",),
        ("pass_on",),
    ):
        (asked,) = play.send("assistance_ask", ALVAREZ, **inside)["ids"]
        for step in course:
            play.send(f"assistance_{step}", MERCER, assistance_id=asked)
    play.send("assistance_list_requests", ALVAREZ)
    (asked,) = play.send("assistance_ask", ALVAREZ, **inside)["ids"]
    play.send("assistance_one_request", ALVAREZ, assistance_id=asked)
    play.send("assistance_withdraw", ALVAREZ, assistance_id=asked)


def test_every_example_was_answered_as_the_document_says(play: Play) -> None:
    assert play.played | set(NOT_PLAYED) == set(BY_ID)
    assert not play.played & set(NOT_PLAYED)
    assert all(NOT_PLAYED.values())
