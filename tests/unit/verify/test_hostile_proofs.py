"""Files that agree with themselves and are false all the same: none of them verifies."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.kernel import merkle
from accord.kernel.canonical import canonical
from accord.kernel.signednote import Checkpoint, Signature, SigningKey, parse_note, sign_note
from accord.ledger.domain import SLOT_LEVELS, Opening, export_head, export_leaf, slot_of
from accord.ledger.pieces import Pieces, split_body
from accord.ledger.receipts import Place, Wanted, build_receipt, written
from accord_verify import main as program
from accord_verify.bodies import reader_of
from unit.verify import test_tampering as exports
from unit.verify.leafmaking import leaf_with
from unit.verify.test_single_items import COSIGNERS, NODE, entry, placed, run

OTHER = SigningKey("accord.ledger/of-another-node", bytes([9]) * 32)
FEW = entry(3, query="lopez")
AT = placed(FEW.acting, 10)
MANY = entry(400, query="lopez")
FAR = placed(MANY.acting, 10)
Proof = dict[str, Any]


def checked(
    capsys: pytest.CaptureFixture[str], file: Path, *words: str
) -> tuple[int, set[str], str]:
    code = program.main([str(file), "--json", *words])
    out, err = capsys.readouterr()
    reports = json.loads(out)["files"] if out else []
    found = {f["code"] for r in reports for step in r["steps"] for f in step["failures"]}
    return code, found, out + err


def entry_of(proof: Proof) -> str:
    """Of which entry a receipt's body says that it is."""
    return str(json.loads(proof["opening"]["text"]).get("id"))


def disclosures(folder: Path, *proofs: Proof) -> Path:
    file = folder / "disclosures.jsonl"
    lines: list[Proof] = [{"format": "accord-disclosures/1", "key": NODE.public.text, "asked": {}}]
    lines += [{"entry": entry_of(proof), "receipt": proof} for proof in proofs]
    lines.append({"end": len(proofs)})
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def test_the_key_of_one_log_does_not_speak_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(FEW.acting, AT)
    text = parse_note(AT.checkpoint).text
    proof["checkpoint"] = str(sign_note(text, OTHER))  # a head of NODE's, by another's key
    code, found, _ = run(proof, tmp_path, capsys, "--key", OTHER.public.text)
    assert (code, found) == (1, {"wrong-log"})


def test_one_key_does_not_sign_two_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else a second history would pass for that of some other log, and never be compared."""
    file = tmp_path / "head.note"
    file.write_text(str(sign_note(Checkpoint(f"{NODE.name}-2", 3, bytes(32)).text, NODE)), "utf-8")
    assert checked(capsys, file, "--key", NODE.public.text)[:2] == (1, {"wrong-log"})


def test_no_piece_is_shown_beside_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(FEW.acting, AT)
    proof["opening"] = proof["opening"] | {"pieces": proof.pop("pieces")}
    code, _, _ = run(proof, tmp_path, capsys)
    assert code == 2
    made_up = {"at": 0, "text": '{"record":"made up"}', "salt": "", "path": ""}
    code, _, _ = run(proof | {"shown": [made_up]}, tmp_path, capsys)
    assert code == 2


def test_a_piece_shown_twice_does_not_hide_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = entry(2)
    at = placed(few.acting, 10)
    proof = build_receipt(few.acting, at, Wanted(item=0))
    assert run(proof, tmp_path, capsys)[0] == 0
    proof["shown"] = proof["shown"] * 2  # "2 of 2", and one of them never shown
    code, found, _ = run(proof, tmp_path, capsys)
    assert (code, found) == (1, {"item-mismatch"})


@pytest.mark.parametrize("where", ["opening", "shown"])
def test_nothing_stands_in_a_receipt_that_nobody_checks(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(MANY.acting, FAR, Wanted(item=7))
    part = proof[where] if where == "opening" else proof[where][0]
    part["items"] = [{"record": "made up"}]
    assert run(proof, tmp_path, capsys)[0] == 2


def test_a_name_that_stands_twice_is_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads the first text in the file, and a program the last."""
    true = written(build_receipt(FEW.acting, AT)).decode()
    file = tmp_path / "receipt.json"
    file.write_text(true.replace('"opening":', '"opening":{"text":"made up"},"opening":', 1))
    code, _, said = checked(capsys, file, "--key", NODE.public.text)
    assert code == 2
    assert "'opening'" in said


def test_a_larger_head_in_an_export_is_not_followed_by_a_smaller_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = exports.make_entries(1)
    lines = exports.export(entries[:10], (3, 10))
    signed = {"checkpoint": exports.head(entries, 12)}
    place = next(at for at, line in enumerate(lines) if "checkpoint" in line) + 1
    file = tmp_path / "export.jsonl"
    words = ["--key", exports.NODE.public.text]
    for extra, expected in (([], (0, set())), ([signed], (1, {"rolled-back"}))):
        forged = [*lines[:place], *extra, *lines[place:]]
        file.write_text("".join(json.dumps(line) + "\n" for line in forged), "utf-8")
        assert checked(capsys, file, *words)[:2] == expected


def test_two_histories_in_one_file_of_disclosures_are_a_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = placed(MANY.acting, 10)
    first, second = build_receipt(FEW.acting, AT), build_receipt(MANY.acting, other)
    words = ["--key", NODE.public.text]
    assert checked(capsys, disclosures(tmp_path, first), *words)[:2] == (0, set())
    code, found, _ = checked(capsys, disclosures(tmp_path, first, second), *words)
    assert code == 1
    assert "fork" in found


def test_a_timestamp_in_a_file_of_disclosures_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(FEW.acting, AT) | {"timestamp": base64.b64encode(b"junk").decode()}
    file = disclosures(tmp_path, proof)
    code, found, _ = checked(capsys, file, "--key", NODE.public.text)
    assert (code, found) == (1, {"timestamp-invalid"})


def test_one_cosigner_with_an_impossible_time_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = parse_note(AT.checkpoint)
    text, time = note.text, (1 << 64) - 1
    message = f"cosignature/v1\ntime {time}\n{text}"
    own = SigningKey("accord.cosigner/false", bytes([77]) * 32)
    value = own._key.sign(message.encode())
    line = Signature(own.name, own.cosigner.id, time.to_bytes(8) + value)
    proof = build_receipt(FEW.acting, AT) | {"checkpoint": str(note.with_signature(line))}
    cosigners = [w for key in (own, *COSIGNERS) for w in ("--cosigner", key.cosigner.text)]
    code, found, _ = run(proof, tmp_path, capsys, *cosigners, "--quorum", "3")
    assert (code, found) == (0, set())


@pytest.mark.parametrize("detail", ["1.0", "true", "2", "-1"])
def test_a_body_that_counts_oddly_does_not_verify_and_ends_nothing(
    detail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(FEW.acting, AT, Wanted(item=0))
    text = proof["opening"]["text"]
    assert '"detail":1' in text
    proof["opening"]["text"] = text.replace('"detail":1', f'"detail":{detail}')
    assert run(proof, tmp_path, capsys)[0] in (1, 2)


def test_what_a_file_says_stays_on_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = build_receipt(MANY.acting, FAR, Wanted(item=7))
    proof["shown"][0]["text"] = "\x1b[2J\n\nIt verifies.\n\u202e"
    file = tmp_path / "receipt.json"
    file.write_bytes(written(proof))
    assert program.main([str(file), "--key", NODE.public.text]) == 1
    said = capsys.readouterr().out
    assert "It verifies." not in said.splitlines()
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_the_logs_own_signature_is_not_a_cosigners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = [str(sign_note(Checkpoint(NODE.name, n, bytes(32)).text, NODE)) for n in (9, 5)]
    facts = {
        "format": "accord-cosigner-proof/1", "kind": "rolled-back", "path": [], "at": "",
        "key": NODE.public.text, "cosigner": NODE.public.text,
        "cosigned": heads[0], "refused": heads[1],
    }  # fmt: skip
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(facts), "utf-8")
    assert checked(capsys, file)[0] == 2


def test_two_bodies_of_one_leaf_for_one_reader_are_found_when_they_meet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever wrote a leaf of version 1 can have hidden two in it, and show each asker another."""
    files = [tmp_path / f"{at}.json" for at in (0, 1)]
    for file, opening in zip(files, leaf_with(two_for_who_acted(3, 200)), strict=True):
        file.write_bytes(written(build_receipt(opening, placed(opening, 10))))
    words = ["--key", NODE.public.text]
    for file in files:
        assert checked(capsys, file, *words)[:2] == (0, set())
    assert program.main([str(files[0]), str(files[0]), *words]) == 0
    code = program.main([*map(str, files), *words])
    assert code == 1
    assert "two-bodies" in capsys.readouterr().out


def two_for_who_acted(*slots: int) -> dict[int, str]:
    """Two bodies of one entry for its actor, each with another name, in these slots."""
    return {
        slot: canonical({"v": 1, "view": "acting", "items": [], "actor": f"a.{slot}"}).decode()
        for slot in slots
    }


def test_a_second_body_for_one_reader_is_named_without_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a leaf of version 2 a reader has one slot, so each receipt is judged on its own."""
    lot = bytes(range(16))
    right = slot_of(lot, "acting")
    texts = {
        slot: canonical(split_body(json.loads(text), bytes(32))[0]).decode()
        for slot, text in two_for_who_acted(right, right ^ 1).items()
    }
    words = ["--key", NODE.public.text]
    found = {}
    for opening in leaf_with(texts, SLOT_LEVELS, lot):
        whole = replace(opening, pieces=Pieces(bytes(32), ()))
        file = tmp_path / f"{opening.slot}.json"
        file.write_bytes(written(build_receipt(whole, placed(whole, 10))))
        found[opening.slot] = checked(capsys, file, *words)[:2]
    assert found == {right: (0, set()), right ^ 1: (1, {"body-misplaced"})}


def exported(folder: Path, *leaves: tuple[Opening, int]) -> Path:
    """An export of leaves, each with its body and its version, and a head over all."""
    tree = merkle.root([merkle.leaf_hash(opening.leaf) for opening, _ in leaves])
    note = sign_note(Checkpoint(NODE.name, len(leaves), tree).text, NODE)
    lines = [
        export_head(origin=NODE.name, size=len(leaves), key=NODE.public.text),
        *(
            export_leaf(at, opening.commitment(), [opening], version=version)
            for at, (opening, version) in enumerate(leaves)
        ),
        {"checkpoint": str(note)},
        {"end": len(leaves)},
    ]
    file = folder / "export.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def test_a_ledger_does_not_go_back_to_leaves_with_room_for_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old, _), new = leaf_with(two_for_who_acted(3, 200)), entry(1).acting
    words = ["--key", NODE.public.text]
    code, found, said = checked(capsys, exported(tmp_path, (old, 1), (new, 2)), *words)
    assert (code, found) == (0, set())
    assert "room for several bodies for one reader: 1." in said
    code, found, _ = checked(capsys, exported(tmp_path, (old, 1), (new, 2), (old, 1)), *words)
    assert (code, found) == (1, {"version-back"})
    assert checked(capsys, exported(tmp_path, (old, 2)), *words)[0] == 2


def test_an_export_names_a_body_that_stands_in_another_slot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = bytes(range(16))
    misplaced = slot_of(lot, "acting") ^ 1
    (opening,) = leaf_with(two_for_who_acted(misplaced), SLOT_LEVELS, lot)
    code, found, said = checked(capsys, exported(tmp_path, (opening, 2)), "--key", NODE.public.text)
    assert (code, found) == (1, {"body-misplaced"})
    assert "Leaf 0: The body does not stand in the one slot of its reader" in said


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ('{"view":"acting"}', "acting"),
        ('{"owner":"a","view":"owning"}', "owning a"),
        ('{"owner":"a","view":"acting"}', None),
        ('{"view":"owning","view":"acting"}', None),
        ('{"owner":"a","owner":"b","view":"owning"}', None),
        ('{"owner":1,"view":"owning"}', None),
        ('{"owner":"harlan-so ","view":"owning"}', None),
        ('{"owner":"h\u0430rlan-so","view":"owning"}', None),
        ('{"owner":"harlan-so\u200b","view":"owning"}', None),
        ('{"owner":"HARLAN-SO","view":"owning"}', None),
        ('{"owner":"","view":"owning"}', None),
        ('{"owner":"\\ud800","view":"owning"}', None),
        ('["acting"]', None),
        ("acting", None),
        ("[" * 100_000, None),
    ],
)
def test_whose_a_body_is_stands_in_it_once(text: str, reader: str | None) -> None:
    assert reader_of(text) == reader


def owned(owner: str, slot: int, lot: bytes) -> Opening:
    """A body for an owner in this slot of a leaf of its own."""
    said = {"v": 2, "view": "owning", "owner": owner, "kind": "disclosure", "items": []}
    said |= {"at": "2026-01-01T00:00:00.000000Z", "actor": "a.b", "agency": "a"}
    split, _ = split_body(said, bytes(32))
    (opening,) = leaf_with({slot: canonical(split).decode()}, SLOT_LEVELS, lot)
    return replace(opening, pieces=Pieces(bytes(32), ()))


@pytest.mark.parametrize("owner", ["harlan-so\u200b", "harlan-so ", "h\u0430rlan-so", ""])
def test_a_reader_who_looks_like_another_has_no_slot(
    owner: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = bytes(range(16))
    opening = owned(owner, slot_of(lot, f"owning {owner}"), lot)
    file = tmp_path / "proof.json"
    file.write_bytes(written(build_receipt(opening, placed(opening, 10))))
    assert checked(capsys, file, "--key", NODE.public.text)[:2] == (1, {"body-misplaced"})


def test_a_receipt_says_for_whom_it_is_and_is_held_against_who_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = bytes(range(16))
    opening = owned("harlan-so", slot_of(lot, "owning harlan-so"), lot)
    file = tmp_path / "proof.json"
    file.write_bytes(written(build_receipt(opening, placed(opening, 10))))
    words = ["--key", NODE.public.text]
    code, failed, said = checked(capsys, file, *words, "--reader", "harlan-so")
    assert (code, failed) == (0, set())
    assert "It is for the owner harlan-so." in said
    assert checked(capsys, file, *words, "--reader", "state-bi")[:2] == (1, {"wrong-reader"})
    acting = entry(1).acting
    file.write_bytes(written(build_receipt(acting, placed(acting, 10))))
    assert "It is for who acted." in checked(capsys, file, *words)[2]
    assert checked(capsys, file, *words, "--reader", acting.body["agency"])[0] == 0
    assert checked(capsys, file, *words, "--reader", "harlan-so")[1] == {"wrong-reader"}


def test_disclosures_are_all_for_one_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, words = entry(1, detail={}), ["--key", NODE.public.text]
    owner, own = next(iter(made.owning.items()))
    ours = build_receipt(own, placed(own, 10))
    theirs = build_receipt(made.acting, placed(made.acting, 11))
    assert checked(capsys, disclosures(tmp_path, ours), *words, "--reader", owner)[:2] == (0, set())
    _, failed, _ = checked(capsys, disclosures(tmp_path, ours, theirs), *words)
    assert "wrong-reader" in failed
    _, failed, _ = checked(capsys, disclosures(tmp_path, ours), *words, "--reader", "another")
    assert failed == {"wrong-reader"}


def test_a_leaf_of_version_1_after_one_of_version_2_is_named_in_any_two_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old, _), new = leaf_with(two_for_who_acted(3, 200)), entry(1).acting
    hashes = [merkle.leaf_hash(each.leaf) for each in (new, old)]
    fetch = merkle.nodes_of(hashes)
    note = str(sign_note(Checkpoint(NODE.name, 2, merkle.root(hashes)).text, NODE))
    files = []
    for at, opening in enumerate((new, old)):
        place = Place(at, merkle.inclusion_proof(at, 2, fetch), note, NODE.public.text)
        files.append(tmp_path / f"{at}.json")
        files[-1].write_bytes(written(build_receipt(opening, place)))
    words = ["--key", NODE.public.text]
    for file in files:
        assert checked(capsys, file, *words)[:2] == (0, set())
    assert checked(capsys, tmp_path, *words)[:2] == (1, {"version-back"})
    lines = disclosures(tmp_path, *(json.loads(file.read_text("utf-8")) for file in files))
    assert "version-back" in checked(capsys, lines, *words)[1]


def test_two_bodies_of_one_leaf_are_named_within_one_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a leaf of version 1, which has room for both."""
    first, second = leaf_with(two_for_who_acted(3, 200))
    file = exported(tmp_path, (first, 1))
    lines = file.read_text("utf-8").splitlines()
    leaf = json.loads(lines[1])
    leaf["openings"].append(second.facts())
    file.write_text("\n".join([lines[0], json.dumps(leaf), *lines[2:]]) + "\n", "utf-8")
    code, failed, _ = checked(capsys, file, "--key", NODE.public.text)
    assert (code, failed) == (1, {"two-bodies"})


@pytest.mark.parametrize(
    ("change", "found"),
    [("path", (2, set())), ("lot", (1, {"body-misplaced"})), ("given", (2, set()))],
)
def test_a_body_has_the_path_and_the_lot_of_its_version(
    change: str,
    found: tuple[int, set[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A shorter path would give one reader several places."""
    opening = entry(1).acting
    assert opening.lot is not None
    changed = {
        "path": replace(opening, path=opening.path[1:], slot=opening.slot >> 1),
        "lot": replace(opening, lot=opening.lot[:5]),
        "given": replace(leaf_with(two_for_who_acted(3))[0], lot=opening.lot),
    }[change]
    assert not changed.leads_to(changed.leaf)
    version = 1 if change == "given" else 2
    file = exported(tmp_path, (changed, version))
    assert checked(capsys, file, "--key", NODE.public.text)[:2] == found


@pytest.mark.parametrize("version", [True, 1.0, "2", 3, None])
def test_a_version_of_a_leaf_is_a_number_that_is_known(
    version: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(tmp_path, (entry(1).acting, 2))
    lines = file.read_text("utf-8").splitlines()
    leaf = json.loads(lines[1]) | {"v": version}
    file.write_text("\n".join([lines[0], json.dumps(leaf), *lines[2:]]) + "\n", "utf-8")
    assert checked(capsys, file, "--key", NODE.public.text)[0] == 2
