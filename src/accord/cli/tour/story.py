"""The main job, step by step: from two agencies' files to a lawful, logged disclosure, and back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from accord.cli.tour import importing, narrowing, proving
from accord.cli.tour.stage import (
    ALVAREZ,
    BOONE,
    CASE,
    KOWALSKI,
    MOREAU,
    PROTECTION,
    PURPOSE,
    RASMUSSEN,
    RECORDS,
    WHITAKER,
    Stage,
    Step,
    Unexpected,
    cited,
    kinds,
)

SUSPECT = ("harlan-so", "HS-26-0312")
VICTIM = ("harlan-so", "HS-26-0702")
SURVIVOR = ("safe-harbor", "SH-26-0051")
MISSPELT = "Victor Danilchuk"
VICTIMS_NAME = "Oksana Khomenko dob:2001-08-09"
GRANTED = ["core", "identity", "narrative"]
WITHHELD = {"contact", "location", "biometric"}
REASON = (
    "A man of nearly this name paid for three rooms at the Lockside Inn; we need to know who he is"
    " before the interviews. (Asked by the tour.)"
)
ANSWER = (
    "Core, identity and narrative for the interviews. His address concerns other people living"
    " there. (Answered by the tour.)"
)


def _search(stage: Stage) -> None:
    stage.say.did(stage.called(ALVAREZ), f"searches «{MISSPELT}», as a night clerk wrote it down")
    question = {"q": MISSPELT, "schemas": ["Person"]}
    found = stage.ask(ALVAREZ, "POST", "/search", json=question).need(200, "search")
    for own in found["visible"]:
        stage.say.show(f"{own['caption']}, a record of {own['owner']} that she may read")
    ours = [h for h in found["hits"] if h["owner"] == SUSPECT[0]]
    if not ours:
        raise Unexpected("the misspelt name gave no hit on a record of Harlan")
    for hit in found["hits"]:
        stage.say.show(
            f"a hit: {hit['owner_name']} holds a record ({hit['category']});"
            f" ask {hit['desk']['name']}, {hit['desk']['phone']}",
            cited(hit["why"]),
        )
    told = set().union(*(hit.keys() for hit in found["hits"]))
    allowed = {
        "handle",
        "schema_name",
        "category",
        "handling",
        "owner",
        "owner_name",
        "desk",
        "why",
    }
    stage.say.expect("a hit tells whom to ask, and nothing of the content", told - allowed, set())
    clauses = {(h["why"]["agreement"], h["why"]["clause"]) for h in ours}
    stage.say.expect(
        "it is the task force's memorandum that lets her learn this",
        clauses,
        {("mou-2026-007", "4.1")},
        "mou-2026-007, clause 4.1",
    )
    stage.kept["handles"] = [h["handle"] for h in ours]


def _read_too_early(stage: Stage) -> None:
    record = stage.record_id(*SUSPECT)
    stage.say.did(stage.called(ALVAREZ), "tries to read the record, having heard its number")
    refused = stage.ask(ALVAREZ, "GET", f"/records/{record}")
    absent = stage.ask(ALVAREZ, "GET", f"/records/{uuid4()}")
    stage.say.expect("a hit is not a reading: 404", refused.status, 404)
    stage.say.expect(
        "the answer is, byte for byte, that for a record that does not exist",
        refused.raw,
        absent.raw,
    )


def _ask(stage: Stage) -> None:
    """Which hit is the record is not for her to know, so she asks about each hit of that agency."""
    stage.say.did(stage.called(ALVAREZ), f"asks Harlan to disclose: «{REASON}»")
    asked = []
    for handle in stage.kept["handles"]:
        made = stage.ask(ALVAREZ, "POST", f"/hits/{handle}/requests", json={"reason": REASON})
        asked.append(made.need(201, "the request")["id"])
    stage.kept["requests"] = asked
    first = stage.ask(ALVAREZ, "GET", f"/requests/{asked[0]}").need(200, "her request")
    stage.say.show(f"{len(asked)} request(s), to be answered by {first['due_at'][:10]}")
    stage.say.expect("it is open", first["state"], "open")
    stage.say.expect("she does not learn the record's number", first["record"], None)


def _answer(stage: Stage) -> None:
    office: dict[str, Any] = {"purpose": RECORDS, "case": None, "basis": "statute"}
    stage.say.did(stage.called(RASMUSSEN, purpose=RECORDS, case=None), "opens her inbox")
    wanted = str(stage.record_id(*SUSPECT))
    requests = []
    for request_id in stage.kept["requests"]:
        answer = stage.ask(RASMUSSEN, "GET", f"/requests/{request_id}", **office)
        requests.append(answer.need(200, "the request in the owner's inbox"))
    mine = [r for r in requests if r["record"] == wanted]
    if not mine:
        raise Unexpected("none of the requests is about the record of the stop of 12 March")
    stage.say.show(f"from {mine[0]['requester_agency']}, due {mine[0]['due_at'][:10]}")
    stage.say.expect("she reads the reason", mine[0]["reason"], REASON)
    for other in (r for r in requests if r["record"] != wanted):
        _refuse(stage, other["id"], office)
    body = {"granted": GRANTED, "text": ANSWER}
    path = f"/requests/{mine[0]['id']}/answer"
    done = stage.ask(RASMUSSEN, "POST", path, json=body, **office).need(200, "the answer")
    stage.say.show(f"granted: {', '.join(done['granted'])}, and no other part")
    stage.say.expect("a part of it is granted, by a person", done["state"], "partly-granted")
    stage.kept["granted"] = mine[0]["id"]


def _refuse(stage: Stage, request_id: str, office: dict[str, Any]) -> None:
    body = {"granted": [], "text": "The report of 12 March answers the question. (The tour.)"}
    answer = stage.ask(RASMUSSEN, "POST", f"/requests/{request_id}/answer", json=body, **office)
    stage.say.expect(
        "she refuses what the question does not need",
        answer.need(200, "refusal")["state"],
        "refused",
    )


def _read(stage: Stage) -> None:
    record = stage.record_id(*SUSPECT)
    stage.say.did(stage.called(ALVAREZ), "reads what was granted")
    found = stage.ask(ALVAREZ, "GET", f"/records/{record}").need(200, "the record")
    for part in found["parts"]:
        duties = "; ".join(part["why"]["obligations"]) or "no obligation"
        stage.say.show(f"{part['kind']}: {_brief(part['values'])} ({duties})", cited(part["why"]))
    stage.say.expect("exactly the parts that were granted", sorted(kinds(found)), sorted(GRANTED))
    stage.say.expect(
        "each under the clause about what an owner releases",
        {cited(part["why"]) for part in found["parts"]},
        {"mou-2026-007, clause 4.4"},
        "mou-2026-007, clause 4.4",
    )
    stage.say.expect("nothing of the rest", WITHHELD & set(kinds(found)), set())
    stage.kept["read"] = found


def _brief(values: dict[str, list[str]]) -> str:
    text = "; ".join(f"{name} {', '.join(found)}" for name, found in sorted(values.items()))
    return text if len(text) <= 100 else f"{text[:97]}..."


def _victim(stage: Stage) -> None:
    victim, survivor = stage.record_id(*VICTIM), stage.record_id(*SURVIVOR)
    stage.say.did(stage.called(ALVAREZ), "opens the victim's record that Harlan placed in the case")
    _sees(stage, ALVAREZ, victim, ["core"], "mou-2026-007, clause 4.3")
    found = stage.ask(ALVAREZ, "POST", "/search", json={"q": VICTIMS_NAME}).need(200, "search")
    theirs = [h for h in found["hits"] if h["owner"] == VICTIM[0]]
    stage.say.expect(
        "no search for her name and birth date finds her", (found["visible"], theirs), ([], [])
    )
    refused = stage.ask(ALVAREZ, "GET", f"/records/{survivor}")
    stage.say.expect("whether Safe Harbor helps her does not show", refused.status, 404)

    stage.say.did(stage.called(KOWALSKI), "asks too; his victim-centred training has expired")
    expired = stage.ask(KOWALSKI, "GET", f"/records/{victim}")
    stage.say.expect("he learns nothing, not that she exists", expired.status, 404)

    stage.say.did(stage.called(BOONE), "of her own agency, trained, in the case, reads her record")
    _sees(stage, BOONE, victim, ["core", "identity", "contact", "narrative"])

    stage.say.did(stage.called(WHITAKER, purpose="prosecution"), "prosecutes the case")
    _sees(stage, WHITAKER, victim, ["core"], "disclosure-2026-002, clause 1.3", "prosecution")

    stage.say.did(stage.called(MOREAU, purpose=PROTECTION), "prepares a bed and an interpreter")
    _sees(stage, MOREAU, victim, ["core"], "protocol-2025-012, clause 2.2", PROTECTION)
    stage.say.did(stage.called(MOREAU, purpose=PROTECTION, case=None), "opens her own file")
    context: dict[str, Any] = {"purpose": PROTECTION, "case": None, "basis": "consent"}
    own = stage.ask(MOREAU, "GET", f"/records/{survivor}", **context).need(200, "her own file")
    stage.say.expect(
        "she reads what was told to her, and it stays with her",
        {cited(part["why"]) for part in own["parts"]},
        {"policy-safe-harbor, clause 1.1"},
        "policy-safe-harbor, clause 1.1",
    )


def _sees(
    stage: Stage,
    member: str,
    record: Any,
    parts: list[str],
    clause: str | None = None,
    purpose: str = PURPOSE,
) -> None:
    found = stage.ask(member, "GET", f"/records/{record}", purpose=purpose)
    shown = found.need(200, "the victim's record")
    for part in shown["parts"]:
        stage.say.show(f"{part['kind']}", cited(part["why"]))
    said = "sees that there is a victim, and no name" if parts == ["core"] else "sees who she is"
    stage.say.expect(said, sorted(kinds(shown)), sorted(parts), clause)
    if clause:
        stage.say.expect(
            "under this clause alone", {cited(p["why"]) for p in shown["parts"]}, {clause}
        )


def _place(stage: Stage) -> None:
    record = importing.towed_van(stage)
    stage.say.did(stage.called(ALVAREZ), "places the towed van in the case")
    before = stage.ask(BOONE, "GET", f"/records/{record}")
    stage.say.expect("before, Harlan's investigator sees nothing of it", before.status, 404)
    placed = stage.ask(ALVAREZ, "POST", f"/cases/{CASE}/records", json={"record": record})
    placed.need(204, "placing the record")
    stage.kept["placed"] = record
    stage.say.did(stage.called(BOONE), "opens the case")
    listed = stage.ask(BOONE, "GET", f"/cases/{CASE}/records?limit=200").need(200, "the case")
    there = [p for p in listed["items"] if p["record"] == record]
    stage.say.expect("the van is there", [p["owner"] for p in there], ["riverbend-pd"])
    found = stage.ask(BOONE, "GET", f"/records/{record}").need(200, "the van")
    for part in found["parts"]:
        stage.say.show(f"{part['kind']}: {_brief(part['values'])}", cited(part["why"]))
    stage.say.expect(
        "each part under the clause that asks least in return",
        {part["kind"]: cited(part["why"]) for part in found["parts"]},
        {
            "core": "mou-2026-007, clause 4.3",
            "identity": "mou-2026-007, clause 4.2",
            "location": "mou-2026-007, clause 4.2",
        },
    )


def put_back(stage: Stage) -> None:
    """Undo what a tour did, by the same means; a tour that was interrupted is put back too."""
    narrowing.widen(stage)
    office: dict[str, Any] = {"purpose": RECORDS, "case": None, "basis": "statute"}
    for line in _own_requests(stage):
        if line["state"] == "open":
            stage.ask(ALVAREZ, "POST", f"/requests/{line['id']}/withdraw").need(200, "withdrawing")
        elif line["state"] in ("granted", "partly-granted"):
            answer = stage.ask(RASMUSSEN, "POST", f"/requests/{line['id']}/revoke", **office)
            answer.need(200, "revoking")
    importing.take_out(stage)


def _own_requests(stage: Stage) -> list[dict[str, Any]]:
    """The requests that a tour made; those that people made are left alone."""
    found = stage.ask(ALVAREZ, "GET", "/requests?side=sent&limit=200").need(200, "requests")
    open_ones = [
        line
        for line in found["items"]
        if line["case"] == CASE
        and line["owner"] == SUSPECT[0]
        and line["requester"] == ALVAREZ
        and line["state"] in ("open", "granted", "partly-granted")
    ]
    return [
        line
        for line in open_ones
        if stage.ask(ALVAREZ, "GET", f"/requests/{line['id']}").need(200, "request")["reason"]
        == REASON
    ]


def _put_back(stage: Stage) -> None:
    stage.say.did("The same people", "put everything back as people do; the ledger keeps it all")
    put_back(stage)
    refused = stage.ask(ALVAREZ, "GET", f"/records/{stage.record_id(*SUSPECT)}")
    stage.say.expect("the grant is revoked: she reads nothing of it any more", refused.status, 404)
    van = stage.ask(BOONE, "GET", f"/records/{stage.kept['placed']}")
    stage.say.expect("the van is out of the case", van.status, 404)
    stage.say.expect(
        "the clauses of the original memorandum decide again", narrowing.is_wide(stage), True
    )


def _set_out(stage: Stage) -> None:
    """What an interrupted tour left behind is put back first."""
    narrowing.check_keys(stage)
    put_back(stage)
    stage.say.expect("the memorandum decides as it was signed", narrowing.is_wide(stage), True)


PUT_BACK = Step("What the tour changed is put back", put_back)
STEPS = (
    Step("The stage is as the world describes it", _set_out),
    Step("Two agencies import their files", importing.play),
    Step("An investigator searches a misspelt name", _search),
    Step("She may not read what she has a hit on", _read_too_early),
    Step("She asks its owner, with a reason", _ask),
    Step("A person of the owning agency grants a part", _answer),
    Step("She reads exactly that part, each with its clause", _read),
    Step("The victim shows to nobody whom no clause names", _victim),
    Step("An owner places a record in the joint case", _place),
    Step("An amendment narrows the agreement", narrowing.play),
    Step("The log proves the disclosure, without Accord", proving.play),
    Step("Everything is put back", _put_back),
)
