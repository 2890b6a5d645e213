"""One item of an entry is shown without the others, in under 4 KB, and any change to it is named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.kernel import merkle
from accord.kernel.canonical import canonical
from accord.kernel.errors import Conflict, NotFound
from accord.kernel.ids import uuid7
from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
from accord.ledger.domain import (
    Committed,
    Entry,
    Item,
    Kind,
    Opening,
    build_leaf,
    commit,
    export_head,
    export_leaf,
)
from accord.ledger.receipts import Place, Wanted, build_receipt, size_of, written
from accord_verify import main as program
from unit.verify.leafmaking import leaf_with

NODE = SigningKey("accord.ledger/0123456789abcdef", bytes(range(32)))
COSIGNERS = [SigningKey(f"accord.cosigner/agency-number-{n}", bytes([n]) * 32) for n in (1, 2, 3)]
LARGE = 1 << 30
ITEMS = 400
Proof = dict[str, Any]


def entry(items: int = ITEMS, **detail: Any) -> Committed:
    made = Entry(
        kind=Kind.DISCLOSURE,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        actor="riverbend-pd.m.alvarez",
        agency="riverbend-pd",
        purpose="human-trafficking-investigation",
        case="HT-2026-014",
        legal_basis="statute",
        items=tuple(
            Item(
                str(uuid7()) if number else "asked-for",
                str(uuid7()),
                "harlan-so" if number % 2 else "state-bi",
                "mou-2026-007",
                "4.2",
                ("end-access: P1Y", "no-onward"),
            )
            for number in range(items)
        ),
        detail=detail,
    )
    return commit(made, uuid7(), random.Random(5))


def placed(opening: Opening, height: int = 30) -> Place:
    """The last leaf of a tree of 2**height leaves, whose other hashes are anything."""
    chance, size = random.Random(6), 1 << height
    path = tuple(chance.randbytes(32) for _ in range(height))
    leaf = merkle.leaf_hash(opening.leaf)
    root = merkle.root_from_inclusion(leaf, size - 1, size, path)
    note = sign_note(Checkpoint(NODE.name, size, root).text, NODE)
    for cosigner in COSIGNERS:
        note = note.with_signature(cosigner.cosign(note.text, 1_767_225_600))
    return Place(size - 1, path, str(note), NODE.public.text)


def run(
    proof: Proof, folder: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, set[str], str]:
    file = folder / "receipt.json"
    file.write_bytes(written(proof))
    code = program.main([str(file), "--key", NODE.public.text, "--json", *words])
    out, err = capsys.readouterr()
    found = {
        failure["code"]
        for each in (json.loads(out)["files"] if out else [])
        for step in each["steps"]
        for failure in step["failures"]
    }
    return code, found, out + err


MANY = entry(query="lopez")
AT = placed(MANY.acting)


@pytest.mark.parametrize("reader", ["acting", "harlan-so", "state-bi"])
def test_one_of_hundreds_of_items_in_a_tree_of_a_billion_is_shown_in_under_4_kb(
    reader: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opening = MANY.acting if reader == "acting" else MANY.owning[reader]
    proof = build_receipt(opening, AT, Wanted(item=7))
    assert size_of(proof) < 4096
    assert AT.checkpoint.count("accord.cosigner/") == 3
    cosigners = [word for key in COSIGNERS for word in ("--cosigner", key.cosigner.text)]
    code, failed, said = run(proof, tmp_path, capsys, *cosigners, "--quorum", "3")
    assert (code, failed) == (0, set())
    item = opening.body["items"][7]
    assert item["record"] in said
    others = [each["record"] for at, each in enumerate(opening.body["items"]) if at != 7]
    assert not any(record in said or record in json.dumps(proof) for record in others)
    assert f"{len(opening.pieces.texts) - 1} of" in said  # type: ignore[union-attr]


def test_an_entry_of_hundreds_is_shown_by_its_text_and_detail_and_says_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(MANY.acting, AT)
    assert size_of(proof) < 4096
    code, _, said = run(proof, tmp_path, capsys)
    assert code == 0
    assert "lopez" in said
    assert f"not checked: {ITEMS} of {ITEMS + 1} pieces" in said


def test_an_entry_of_a_few_items_is_shown_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = entry(3, agreement="mou-2026-007", hash="0" * 64)
    proof = build_receipt(few.acting, placed(few.acting, 20))
    assert size_of(proof) < 4096
    code, _, said = run(proof, tmp_path, capsys)
    assert code == 0
    assert "(4 of 4)" in said
    assert "Not shown here" not in said.partition('"notes"')[2]


def test_a_detail_that_does_not_fit_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = entry(2, said="x" * 5000)
    proof = build_receipt(long.acting, placed(long.acting))
    assert size_of(proof) < 4096
    code, _, said = run(proof, tmp_path, capsys)
    assert code == 0
    assert "3 of 3 pieces" in said


def test_the_items_of_one_record_are_shown_and_what_is_not_there_is_not_found() -> None:
    proof = build_receipt(MANY.acting, AT, Wanted(record="asked-for"))
    assert [piece["at"] for piece in proof["shown"]] == [0]
    for wanted in (Wanted(record="another"), Wanted(item=ITEMS), Wanted(item=-1)):
        with pytest.raises(NotFound):
            build_receipt(MANY.acting, AT, wanted)


def test_a_timestamp_that_does_not_fit_is_left_out() -> None:
    few = entry(1)
    small = placed(few.acting, 10)
    assert "timestamp" in build_receipt(few.acting, replace(small, timestamp=bytes(500)))
    proof = build_receipt(MANY.acting, replace(AT, timestamp=bytes(2000)), Wanted(item=7))
    assert "timestamp" not in proof


def change_text(proof: Proof) -> None:
    piece = proof["shown"][0]
    piece["text"] = piece["text"].replace("4.2", "4.3")


def move(proof: Proof) -> None:
    proof["shown"][0]["at"] += 1


def another_salt(proof: Proof) -> None:
    proof["shown"][0]["salt"] = proof["opening"]["salt"]


def of_another_entry(proof: Proof) -> None:
    proof["shown"] = build_receipt(entry(query="lopez").acting, AT, Wanted(item=7))["shown"]


def of_another_reader(proof: Proof) -> None:
    proof["shown"] = build_receipt(MANY.owning["harlan-so"], AT, Wanted(item=3))["shown"]


def cut_path(proof: Proof) -> None:
    proof["shown"][0]["path"] = ""


def pass_detail_off_as_item(proof: Proof) -> None:
    proof["shown"][0] |= {"at": 7, "text": MANY.acting.pieces.texts[-1]}  # type: ignore[union-attr]


ITEM_TAMPERING: list[Callable[[Proof], None]] = [
    change_text,
    move,
    another_salt,
    of_another_entry,
    of_another_reader,
    cut_path,
    pass_detail_off_as_item,
]


@pytest.mark.parametrize("tamper", ITEM_TAMPERING, ids=[each.__name__ for each in ITEM_TAMPERING])
def test_tampering_with_an_item_is_named(
    tamper: Callable[[Proof], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = json.loads(written(build_receipt(MANY.acting, AT, Wanted(item=7))))
    tamper(proof)
    assert run(proof, tmp_path, capsys)[:2] == (1, {"item-mismatch"})


def test_the_number_of_items_cannot_be_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = json.loads(written(build_receipt(MANY.acting, AT)))
    text = proof["opening"]["text"]
    proof["opening"]["text"] = text.replace(f'"items":{ITEMS}', '"items":1')
    assert text != proof["opening"]["text"]
    assert "body-mismatch" in run(proof, tmp_path, capsys)[1]


@pytest.mark.parametrize("what", ["change", "order", "leave out", "add", "seed"])
def test_tampering_with_pieces_of_a_whole_body_is_named(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = entry(3)
    proof = json.loads(written(build_receipt(few.acting, placed(few.acting, 10))))
    texts = proof["pieces"]["texts"]
    match what:
        case "change":
            texts[1] = texts[1].replace("4.2", "4.3")
        case "order":
            texts.reverse()
        case "leave out":
            del texts[1]
        case "add":
            texts.append(texts[0])
        case "seed":
            proof["pieces"]["seed"] = proof["opening"]["salt"]
    assert run(proof, tmp_path, capsys)[:2] == (1, {"item-mismatch"})


@pytest.mark.parametrize(
    "change",
    [
        {"pieces": {"seed": "", "texts": []}},
        {"shown": None},
        {"shown": [{"at": 0}]},
        {"shown": [{"at": True, "text": "", "salt": "", "path": ""}]},
        {"inclusion": "AAAA"},
        {"inclusion": 7},
        {"another": 1},
        {"format": "accord-receipt/1"},
    ],
)
def test_a_receipt_that_is_not_whole_is_a_bad_file(
    change: Proof, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(MANY.acting, AT, Wanted(item=7)) | change
    assert run(proof, tmp_path, capsys)[0] == 2


def old(items: int = 2) -> Opening:
    """A body as version 1 wrote it."""
    body = {
        "v": 1, "view": "acting", "id": str(uuid7()), "kind": "disclosure",
        "at": "2026-01-01T00:00:00.000000Z", "actor": "riverbend-pd.m.alvarez",
        "agency": "riverbend-pd", "purpose": None, "case": "HT-2026-014", "legal_basis": None,
        "items": [{"record": f"r{n}", "agreement": "mou", "clause": "4.2"} for n in range(items)],
        "detail": {},
    }  # fmt: skip
    return leaf_with({77: canonical(body).decode()})[0]


def test_an_entry_of_before_is_checked_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opening = Opening.of(old().facts())
    assert opening.leads_to(build_leaf(opening.commitment(), 1))
    proof = build_receipt(opening, placed(opening))
    assert proof["format"] == "accord-receipt/1"
    code, _, said = run(proof, tmp_path, capsys)
    assert code == 0
    assert "a leaf of version 1" in said
    proof["opening"]["text"] = proof["opening"]["text"].replace("4.2", "4.3")
    assert run(proof, tmp_path, capsys)[1] == {"body-mismatch"}
    with pytest.raises(Conflict, match="one by one"):
        build_receipt(opening, placed(opening), Wanted(item=0))


@pytest.mark.parametrize("tamper", [False, True])
def test_an_export_holds_bodies_of_both_versions(
    tamper: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = old(), entry(3).acting
    hashes = [merkle.leaf_hash(each.leaf) for each in (before, after)]
    note = sign_note(Checkpoint(NODE.name, 2, merkle.root(hashes)).text, NODE)
    lines = [
        export_head(origin=NODE.name, size=2, key=NODE.public.text),
        export_leaf(0, before.commitment(), [before], version=1),
        export_leaf(1, after.commitment(), [after]),
        {"checkpoint": str(note)},
        {"end": 2},
    ]
    if tamper:
        texts = lines[2]["openings"][0]["pieces"]["texts"]
        texts[0] = texts[0].replace("4.2", "4.3")
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    code = program.main([str(file), "--key", NODE.public.text])
    assert code == (1 if tamper else 0)
    assert ("item-mismatch" in capsys.readouterr().out) is tamper
