"""What an operator who holds the log's key could write, and what no file may say unchecked."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.kernel import merkle
from accord.kernel.ids import uuid7
from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
from accord.ledger.domain import (
    Committed,
    Entry,
    Item,
    Kind,
    build_leaf,
    commit,
    export_head,
    export_leaf,
)
from accord.ledger.receipts import Place, build_receipt
from accord_verify import main as program
from unit.verify.test_odd_values import WHOLE

NODE = SigningKey("accord.ledger/test", bytes(range(32)))
COSIGNERS = [SigningKey(f"cosigner-{n}.example", bytes([n]) * 32) for n in (1, 2)]
KEY = ("--key", NODE.public.text)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
Lines = list[dict[str, Any]]


def entries(*ats: datetime, kinds: dict[int, Kind] | None = None) -> list[Committed]:
    return [
        commit(
            Entry(
                kind=(kinds or {}).get(number, Kind.DISCLOSURE),
                at=at,
                actor="alpha.m.alvarez",
                agency="alpha",
                case="HT-2026-014",
                items=(Item(f"record-{number}", "core", "harlan", "mou", "4.2"),),
            ),
            uuid7(),
        )
        for number, at in enumerate(ats)
    ]


def hashes(made: list[Committed]) -> list[bytes]:
    return [merkle.leaf_hash(build_leaf(each.commitment)) for each in made]


def head(made: list[Committed], cosigned_at: datetime | None = None) -> str:
    leaves = hashes(made)
    note = sign_note(Checkpoint(NODE.name, len(leaves), merkle.root(leaves)).text, NODE)
    for key in COSIGNERS if cosigned_at else ():
        note = note.with_signature(key.cosign(note.text, int(cosigned_at.timestamp())))
    return str(note)


def export(made: list[Committed], erased: dict[int, list[dict[str, Any]]] | None = None) -> Lines:
    gone = erased or {}
    lines = [export_head(origin=NODE.name, size=len(made), key=NODE.public.text)]
    for number, each in enumerate(made):
        shown = [] if number in gone else [each.acting]
        lines.append(export_leaf(number, each.commitment, shown, gone.get(number, ())))
    return [*lines, {"checkpoint": head(made)}, {"end": len(made)}]


def receipt(
    made: list[Committed], at: int, cosigned_at: datetime | None = None, owner: str | None = None
) -> dict[str, Any]:
    path = merkle.inclusion_proof(at, len(made), merkle.nodes_of(hashes(made)))
    opening = made[at].owning[owner] if owner else made[at].acting
    return build_receipt(opening, Place(at, path, head(made, cosigned_at), NODE.public.text))


def disclosures(made: list[Committed]) -> Lines:
    first = {"format": "accord-disclosures/1", "key": NODE.public.text, "asked": {}}
    lines = [
        {"entry": str(each.entry_id), "receipt": receipt(made, at, owner="harlan")}
        for at, each in enumerate(made)
    ]
    return [first, *lines, {"end": len(made)}]


Check = Callable[..., tuple[int, set[str], str]]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Exit code, names of what failed, and all that was said, of files of such lines."""

    def checked(*files: Any, words: tuple[str, ...] = KEY) -> tuple[int, set[str], str]:
        paths = []
        for place, facts in enumerate(files):
            lines = facts if isinstance(facts, list) else [facts]
            paths.append(tmp_path / f"{place}.jsonl")
            paths[-1].write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")
        code = program.main([*map(str, paths), *words, "--json"])
        out, err = capsys.readouterr()
        steps = [s for each in json.loads(out)["files"] for s in each["steps"]] if out else []
        return code, {f["code"] for step in steps for f in step["failures"]}, out + err

    return checked


BACK = entries(NOW, NOW + HOUR, NOW - timedelta(days=365), NOW + 2 * HOUR)


def test_an_entry_dated_a_year_back_is_named_in_an_export_in_disclosures_and_in_two_receipts(
    check: Check,
) -> None:
    assert check(export(BACK))[:2] == (1, {"back-dated"})
    assert check(disclosures(BACK))[:2] == (1, {"back-dated"})
    before, it = receipt(BACK, 1), receipt(BACK, 2)
    assert check(it)[0] == 0  # alone nobody can tell
    code, failed, said = check(before, it)
    assert (code, failed) == (1, {"back-dated"})
    assert "leaf 2 is dated 2025-11-20" in said


def test_an_act_that_took_its_time_is_not_back_dated(check: Check) -> None:
    made = entries(NOW, NOW + HOUR, NOW + timedelta(minutes=10), NOW + 3 * HOUR)
    assert check(export(made))[:2] == (0, set())
    assert check(disclosures(made))[:2] == (0, set())


def test_an_entry_dated_after_cosigners_had_seen_it_is_named(check: Check) -> None:
    made = entries(NOW, NOW + timedelta(days=90))
    words = [*KEY, *(word for key in COSIGNERS for word in ("--cosigner", key.cosigner.text))]
    late, sound = receipt(made, 1, NOW), receipt(made, 0, NOW)
    assert check(late, words=tuple(words))[:2] == (1, {"back-dated"})
    assert check(sound, words=tuple(words))[:2] == (0, set())
    behind = receipt(made, 0, NOW - timedelta(minutes=50))
    assert check(behind, words=tuple(words))[:2] == (0, set())


ERASING = entries(NOW, NOW, NOW, NOW, kinds={2: Kind.ERASURE})


@pytest.mark.parametrize("by", [0, 1, 3, 4, 999])
def test_a_body_is_erased_by_an_erasure_that_came_later_and_by_nothing_else(
    by: int, check: Check
) -> None:
    mark = {"view": "acting", "by": by}
    assert check(export(ERASING, {1: [mark]}))[:2] == (1, {"erasure-mismatch"})


def test_a_lawful_erasure_is_told_and_one_that_nothing_shows_is_told_apart(check: Check) -> None:
    lawful = export(ERASING, {1: [{"view": "acting", "by": 2}]})
    code, failed, said = check(lawful)
    assert (code, failed) == (0, set())
    assert "A body of leaf 1 was erased; leaf 2 is the entry that says so." in said
    del lawful[3]["openings"]
    code, failed, said = check(lawful)
    assert (code, failed) == (0, set())
    assert "nobody checked that it is an erasure" in said
    code, failed, said = check(export(ERASING, {1: [{"view": "acting", "by": None}]}))
    assert (code, failed) == (3, set())
    assert "no entry says so yet" in said


def test_a_body_that_is_called_erased_is_not_shown(check: Check) -> None:
    lines = export(ERASING)
    lines[2]["erased"] = [{"view": "acting", "by": 2}]
    assert check(lines)[:2] == (1, {"erasure-mismatch"})


@pytest.mark.parametrize("mark", ["", {}, {"view": "acting"}, {"view": "x", "by": 2},
                                  {"view": "acting", "by": "2"}, {"view": "acting", "by": True},
                                  {"view": "acting", "by": 2, "why": "a court"}])  # fmt: skip
def test_what_is_said_of_an_erased_body_has_one_form(mark: object, check: Check) -> None:
    lines = export(ERASING, {1: []})
    lines[2]["erased"] = [mark]
    code, _, said = check(lines)
    assert code == 2
    assert "0.jsonl:3: " in said


def test_an_export_is_for_the_reader_who_asks(check: Check) -> None:
    lines = export(entries(NOW, NOW))
    assert check(lines, words=(*KEY, "--reader", "alpha"))[:2] == (0, set())
    code, failed, said = check(lines, words=(*KEY, "--reader", "harlan"))
    assert (code, failed) == (1, {"wrong-reader"})
    assert said.count("is not for harlan") == 1


def test_a_receipt_stands_beside_its_own_entry(check: Check) -> None:
    lines = disclosures(entries(NOW, NOW))
    lines[1]["entry"], lines[2]["entry"] = lines[2]["entry"], lines[1]["entry"]
    assert check(lines)[:2] == (1, {"wrong-receipt"})


@pytest.mark.parametrize("line", range(4))
def test_nothing_unknown_stands_in_lines(line: int, check: Check) -> None:
    for lines in (export(entries(NOW)), disclosures(entries(NOW, NOW))):
        if line >= len(lines):
            continue
        whole = copy.deepcopy(lines)
        assert check(whole)[0] == 0
        whole[line]["note"] = "reviewed by the court"
        assert check(whole)[0] == 2
    lines = disclosures(entries(NOW))
    lines[1]["erased"] = True
    assert check(lines)[0] == 2


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("a chain of custody", ()),
        ("a chain of custody", ("chain", 0)),
        ("a chain of custody", ("chain", 0, "signature")),
        ("a signature", ()),
        ("a signature", ("assertion",)),
        ("a signature", ("key",)),
        ("what a cosigner kept", ()),
    ],
)
def test_nothing_unknown_stands_in_what_was_signed_or_kept(
    kind: str, way: tuple[Any, ...], check: Check
) -> None:
    facts = copy.deepcopy(WHOLE[kind])
    inner: Any = facts
    for name in way:
        inner = inner[name]
    inner["note"] = "reviewed by the court"
    code, _, said = check(facts, words=())
    assert code == 2
    assert "'note'" in said


@pytest.mark.parametrize("name", ["signature", "receipt"])
def test_a_signature_and_a_receipt_are_objects_or_nothing(name: str, check: Check) -> None:
    facts = copy.deepcopy(WHOLE["a chain of custody"])
    facts["chain"][0][name] = "unsigned"
    assert check(facts, words=())[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"format": "accord-receipt/3", "format": "accord-receipt/3"}',
        '{"format": "accord-receipt/3", "x": "\\ud800"}',
        '{"format": "accord-custody/1", "format": "accord-custody/1"}',
        "no head at all",
    ],
)
def test_a_bad_file_says_which_it_is(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "which-one.json"
    file.write_text(text, "utf-8")
    assert program.main([str(file), *KEY]) == 2
    assert "which-one.json: " in capsys.readouterr().err


@pytest.mark.parametrize("way", [("opening", "salt"), ("checkpoint",), ("key",), ("inclusion",)])
def test_a_bad_value_in_a_receipt_says_in_which(way: tuple[str, ...], check: Check) -> None:
    facts: Any = receipt(entries(NOW, NOW), 1)
    inner = facts
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = "???"
    code, _, said = check(facts)
    assert code == 2
    assert "0.jsonl: " in said


def test_sixty_receipts_under_different_heads_are_told_in_one_line_and_an_export_joins_them(
    check: Check,
) -> None:
    made = entries(*[NOW] * 61)
    files = [receipt(made[: size + 1], 0) for size in range(1, 61)]
    code, _, said = check(*files)
    assert code == 0
    assert said.count("could not be held against") == 1
    assert "60 head(s) of accord.ledger/test" in said
    code, _, said = check(*files, export(made))
    assert code == 0
    assert "could not be held against" not in said
    other = [*made[:30], *entries(NOW), *made[31:]]
    code, failed, said = check(*files, export(other))
    assert (code, failed) == (1, {"fork"})
