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
    refused,
)
from accord_client import models as m

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
    found = stage.by(ALVAREZ).search.ask({"q": MISSPELT, "schemas": ["Person"]})
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
    hers = stage.by(ALVAREZ).records
    closed = refused(lambda: hers.one_record(str(record)))
    absent = refused(lambda: hers.one_record(str(uuid4())))
    stage.say.expect("a hit is not a reading: 404", closed.status, 404)
    stage.say.expect(
        "the answer is, byte for byte, that for a record that does not exist",
        closed.raw,
        absent.raw,
    )


def _ask(stage: Stage) -> None:
    """Which hit is the record is not for her to know, so she asks about each hit of that agency."""
    stage.say.did(stage.called(ALVAREZ), f"asks Harlan to disclose: «{REASON}»")
    hers = stage.by(ALVAREZ).requests
    asked = [hers.ask(handle, {"reason": REASON})["id"] for handle in stage.kept["handles"]]
    stage.kept["requests"] = asked
    first = stage.by(ALVAREZ).requests.one_request(asked[0])
    stage.say.show(f"{len(asked)} request(s), to be answered by {first['due_at'][:10]}")
    stage.say.expect("it is open", first["state"], "open")
    stage.say.expect("she does not learn the record's number", first["record"], None)


def _answer(stage: Stage) -> None:
    inbox = stage.office(RASMUSSEN).requests
    stage.say.did(stage.called(RASMUSSEN, purpose=RECORDS, case=None), "opens her inbox")
    wanted = str(stage.record_id(*SUSPECT))
    requests = [inbox.one_request(request_id) for request_id in stage.kept["requests"]]
    mine = [r for r in requests if r["record"] == wanted]
    if not mine:
        raise Unexpected("none of the requests is about the record of the stop of 12 March")
    stage.say.show(f"from {mine[0]['requester_agency']}, due {mine[0]['due_at'][:10]}")
    stage.say.expect("she reads the reason", mine[0]["reason"], REASON)
    for other in (r for r in requests if r["record"] != wanted):
        _refuse(stage, other["id"])
    done = inbox.answer(mine[0]["id"], {"granted": GRANTED, "text": ANSWER})
    stage.say.show(f"granted: {', '.join(done['granted'])}, and no other part")
    stage.say.expect("a part of it is granted, by a person", done["state"], "partly-granted")
    stage.kept["granted"] = mine[0]["id"]


def _refuse(stage: Stage, request_id: str) -> None:
    text = "The report of 12 March answers the question. (The tour.)"
    done = stage.office(RASMUSSEN).requests.answer(request_id, {"granted": [], "text": text})
    stage.say.expect("she refuses what the question does not need", done["state"], "refused")


def _read(stage: Stage) -> None:
    record = stage.record_id(*SUSPECT)
    stage.say.did(stage.called(ALVAREZ), "reads what was granted")
    found = stage.by(ALVAREZ).records.one_record(str(record))
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
    found = stage.by(ALVAREZ).search.ask({"q": VICTIMS_NAME})
    theirs = [h for h in found["hits"] if h["owner"] == VICTIM[0]]
    stage.say.expect(
        "no search for her name and birth date finds her", (found["visible"], theirs), ([], [])
    )
    hidden = refused(lambda: stage.by(ALVAREZ).records.one_record(str(survivor)))
    stage.say.expect("whether Safe Harbor helps her does not show", hidden.status, 404)

    stage.say.did(stage.called(KOWALSKI), "asks too; his victim-centred training has expired")
    expired = refused(lambda: stage.by(KOWALSKI).records.one_record(str(victim)))
    stage.say.expect("he learns nothing, not that she exists", expired.status, 404)

    stage.say.did(stage.called(BOONE), "of her own agency, trained, in the case, reads her record")
    _sees(stage, BOONE, victim, ["core", "identity", "contact", "narrative"])

    stage.say.did(stage.called(WHITAKER, purpose="prosecution"), "prosecutes the case")
    _sees(stage, WHITAKER, victim, ["core"], "disclosure-2026-002, clause 1.3", "prosecution")

    stage.say.did(stage.called(MOREAU, purpose=PROTECTION), "prepares a bed and an interpreter")
    _sees(stage, MOREAU, victim, ["core"], "protocol-2025-012, clause 2.2", PROTECTION)
    stage.say.did(stage.called(MOREAU, purpose=PROTECTION, case=None), "opens her own file")
    hers = stage.by(MOREAU, purpose=PROTECTION, case=None, basis="consent")
    own = hers.records.one_record(str(survivor))
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
    shown = stage.by(member, purpose=purpose).records.one_record(str(record))
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
    before = refused(lambda: stage.by(BOONE).records.one_record(record))
    stage.say.expect("before, Harlan's investigator sees nothing of it", before.status, 404)
    stage.by(ALVAREZ).cases.place(CASE, {"record": record})
    stage.kept["placed"] = record
    stage.say.did(stage.called(BOONE), "opens the case")
    listed = stage.by(BOONE).cases.placed(CASE, limit=200)
    there = [p for p in listed["items"] if p["record"] == record]
    stage.say.expect("the van is there", [p["owner"] for p in there], ["riverbend-pd"])
    found = stage.by(BOONE).records.one_record(record)
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
    for line in _own_requests(stage):
        if line["state"] == "open":
            stage.by(ALVAREZ).requests.withdraw(line["id"])
        elif line["state"] in ("granted", "partly-granted"):
            stage.office(RASMUSSEN).requests.revoke(line["id"])
    importing.take_out(stage)


def _own_requests(stage: Stage) -> list[m.RequestLineOut]:
    """The requests that a tour made; those that people made are left alone."""
    found = stage.by(ALVAREZ).requests.list_requests(side="sent", limit=200)
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
        if stage.by(ALVAREZ).requests.one_request(line["id"])["reason"] == REASON
    ]


def _put_back(stage: Stage) -> None:
    stage.say.did("The same people", "put everything back as people do; the ledger keeps it all")
    put_back(stage)
    suspect = str(stage.record_id(*SUSPECT))
    closed = refused(lambda: stage.by(ALVAREZ).records.one_record(suspect))
    stage.say.expect("the grant is revoked: she reads nothing of it any more", closed.status, 404)
    van = refused(lambda: stage.by(BOONE).records.one_record(stage.kept["placed"]))
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
