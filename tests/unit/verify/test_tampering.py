"""Every kind of tampering has a name, and whole files verify."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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

NODE = SigningKey("accord.ledger/test", bytes(range(32)))
STRANGER = SigningKey("accord.ledger/test", bytes(range(1, 33)))
COSIGNERS = [SigningKey(f"cosigner-{n}.example", bytes([n]) * 32) for n in (1, 2, 3)]
SIZE, ERASURE = 12, 5
HEADS = (3, 7, SIZE)
Lines = list[dict[str, Any]]


def make_entries(seed: int, count: int = SIZE) -> list[Committed]:
    chance = random.Random(seed)
    return [
        commit(
            Entry(
                kind=Kind.ERASURE if number == ERASURE else Kind.DISCLOSURE,
                at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
                actor="riverbend-pd.m.alvarez",
                agency="riverbend-pd",
                case="HT-2026-014",
                items=(Item(f"record-{number}", "core", "harlan-so", "mou", "4.2"),),
            ),
            uuid7(),
            chance,
        )
        for number in range(count)
    ]


def hashes(entries: list[Committed]) -> list[bytes]:
    return [merkle.leaf_hash(build_leaf(entry.commitment)) for entry in entries]


def head(entries: list[Committed], size: int, key: SigningKey = NODE, *cosign: SigningKey) -> str:
    note = sign_note(Checkpoint(NODE.name, size, merkle.root(hashes(entries)[:size])).text, key)
    for cosigner in cosign:
        note = note.with_signature(cosigner.cosign(note.text, 1_767_312_000))
    return str(note)


def export(entries: list[Committed], heads: tuple[int, ...] = HEADS) -> Lines:
    lines = [export_head(origin=NODE.name, size=len(entries), key=NODE.public.text)]
    for number, entry in enumerate(entries):
        shown = [entry.acting] if number % 3 else []
        erased = [{"view": "acting", "by": ERASURE}] if number == 3 else []
        lines.append(export_leaf(number, entry.commitment, shown, erased))
        if number + 1 in heads:
            lines.append({"checkpoint": head(entries, number + 1)})
    return [*lines, {"end": len(entries)}]


def receipt(entries: list[Committed], index: int, *cosign: SigningKey) -> dict[str, Any]:
    fetch = merkle.nodes_of(hashes(entries))
    place = Place(
        leaf_index=index,
        inclusion=merkle.inclusion_proof(index, len(entries), fetch),
        checkpoint=head(entries, len(entries), NODE, *cosign),
        key=NODE.public.text,
    )
    return build_receipt(entries[index].acting, place)


ENTRIES = make_entries(1)
OTHERS = make_entries(2)


def write(path: Path, content: object) -> str:
    if isinstance(content, list):
        path.write_text("".join(json.dumps(line) + "\n" for line in content), "utf-8")
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, set[str], str]:
    """Exit code, names of what failed, and all that was said."""
    code = program.main([*arguments, "--json"])
    out, err = capsys.readouterr()
    if code == program.BAD_FILE:
        return code, set(), err
    report = json.loads(out)
    names = {
        failure["code"]
        for file in report["files"]
        for step in file["steps"]
        for failure in step["failures"]
    }
    return code, names, out


def leaf(lines: Lines, number: int) -> dict[str, Any]:
    return next(line for line in lines if line.get("i") == number)


def test_a_whole_export_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a.jsonl", export(ENTRIES))
    code, failed, said = run(capsys, file, "--key", NODE.public.text)
    assert (code, failed) == (0, set())
    assert "was erased; leaf 5 is the entry that says so" in said


def test_the_report_lists_its_steps_and_what_it_leaves_to_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main([write(tmp_path / "a.jsonl", export(ENTRIES))]) == 3
    said = capsys.readouterr().out
    assert "1. holds   the file is whole (12 leaves)" in said
    assert "No key was named" in said
    assert "Not checked" in said
    assert "It verifies." not in said
    assert "What was checked holds. NOT CHECKED, so that nobody can say that it verifies" in said


def alter_leaf(lines: Lines) -> None:
    leaf(lines, 4)["commitment"] = "00" * 32


def alter_leaf_and_hash(lines: Lines) -> None:
    lines[lines.index(leaf(lines, 4))] = export_leaf(4, bytes(32))


def drop_leaf(lines: Lines) -> None:
    lines.remove(leaf(lines, 4))


def drop_last_leaves(lines: Lines) -> None:
    for number in (10, 11):
        lines.remove(leaf(lines, number))
    lines[0]["size"] = lines[-1]["end"] = 10


def drop_and_renumber(lines: Lines) -> None:
    lines.remove(leaf(lines, 4))
    for number in range(5, SIZE):
        leaf(lines, number)["i"] = number - 1
    lines[0]["size"] = lines[-1]["end"] = SIZE - 1


def swap_lines(lines: Lines) -> None:
    one, other = lines.index(leaf(lines, 4)), lines.index(leaf(lines, 5))
    lines[one], lines[other] = lines[other], lines[one]


def swap_contents(lines: Lines) -> None:
    one, other = leaf(lines, 4), leaf(lines, 6)
    for name in ("commitment", "openings"):
        first, second = one.pop(name, []), other.pop(name, [])
        one[name], other[name] = second, first


def swap_whole(lines: Lines) -> None:
    one, other = leaf(lines, 4), leaf(lines, 5)
    one["i"], other["i"] = 5, 4
    swap_lines(lines)


def repeat_leaf(lines: Lines) -> None:
    lines.insert(lines.index(leaf(lines, 4)), dict(leaf(lines, 4)))


def add_leaf(lines: Lines) -> None:
    lines.insert(-1, export_leaf(SIZE, bytes(32)))


def change_root(lines: Lines) -> None:
    last = lines[-2]
    origin, size, _, *rest = last["checkpoint"].split("\n")
    last["checkpoint"] = "\n".join([origin, size, "A" * 43 + "=", *rest])


def forge_signature(lines: Lines) -> None:
    note = sign_note("other\n", NODE)
    text = lines[-2]["checkpoint"].split("\n\n")[0] + "\n"
    lines[-2]["checkpoint"] = text + "\n" + note.signatures[0].line


def sign_by_stranger(lines: Lines) -> None:
    lines[-2]["checkpoint"] = head(ENTRIES, SIZE, STRANGER)


def sign_over_other_leaves(lines: Lines) -> None:
    lines[-2]["checkpoint"] = head(OTHERS, SIZE)


def fork_in_the_middle(lines: Lines) -> None:
    at = lines.index({"checkpoint": head(ENTRIES, 7)})
    lines[at]["checkpoint"] = head(OTHERS, 7)


def roll_back(lines: Lines) -> None:
    lines.insert(-1, {"checkpoint": head(ENTRIES, 3)})


def drop_last_head(lines: Lines) -> None:
    del lines[-2]


def head_of_another_ledger(lines: Lines) -> None:
    text = Checkpoint("accord.ledger/other", SIZE, merkle.root(hashes(ENTRIES))).text
    lines[-2]["checkpoint"] = str(sign_note(text, NODE))


def edit_body(lines: Lines) -> None:
    opening = leaf(lines, 4)["openings"][0]
    opening["text"] = opening["text"].replace("alvarez", "somebody")


def move_body(lines: Lines) -> None:
    leaf(lines, 4)["openings"] = leaf(lines, 5)["openings"]


TAMPERING: list[tuple[Callable[[Lines], None], str]] = [
    (alter_leaf, "leaf-altered"),
    (alter_leaf_and_hash, "root-mismatch"),
    (drop_leaf, "leaf-missing"),
    (drop_last_leaves, "leaf-missing"),
    (drop_and_renumber, "root-mismatch"),
    (swap_lines, "order-swapped"),
    (swap_contents, "order-swapped"),
    (swap_whole, "root-mismatch"),
    (repeat_leaf, "leaf-repeated"),
    (add_leaf, "leaf-added"),
    (change_root, "signature-invalid"),
    (forge_signature, "signature-invalid"),
    (sign_by_stranger, "unknown-key"),
    (sign_over_other_leaves, "root-mismatch"),
    (fork_in_the_middle, "fork"),
    (roll_back, "rolled-back"),
    (drop_last_head, "head-missing"),
    (head_of_another_ledger, "wrong-log"),
    (edit_body, "body-mismatch"),
    (move_body, "body-mismatch"),
]


@pytest.mark.parametrize(
    ("tamper", "name"), TAMPERING, ids=[tamper.__name__ for tamper, _ in TAMPERING]
)
def test_tampering_with_an_export_is_named(
    tamper: Callable[[Lines], None],
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = json.loads(json.dumps(export(ENTRIES)))
    tamper(lines)
    code, failed, _ = run(capsys, write(tmp_path / "a.jsonl", lines), "--key", NODE.public.text)
    assert code == 1
    assert name in failed


def test_two_exports_of_one_ledger_that_differ_are_a_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.jsonl", export(ENTRIES))
    write(tmp_path / "b.jsonl", export(OTHERS[:7], (7,)))
    code, failed, _ = run(capsys, str(tmp_path), "--key", NODE.public.text)
    assert (code, failed) == (1, {"fork", "two-bodies"})


def test_an_older_export_a_receipt_and_a_head_agree_with_a_newer_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.jsonl", export(ENTRIES))
    write(tmp_path / "b.jsonl", export(ENTRIES[:7], (3, 7)))
    write(tmp_path / "c.json", receipt(ENTRIES, 4))
    write(tmp_path / "d.note", head(ENTRIES, 3))
    code, failed, said = run(capsys, str(tmp_path), "--key", NODE.public.text)
    assert (code, failed) == (0, set())
    assert "no two files show different histories" in said


def test_a_receipt_verifies_and_is_under_4_kb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = receipt(make_entries(3, 300), 255, *COSIGNERS)
    file = write(tmp_path / "r.json", made)
    assert Path(file).stat().st_size < 4096
    cosigners = [word for key in COSIGNERS for word in ("--cosigner", key.cosigner.text)]
    code, failed, said = run(capsys, file, "--key", NODE.public.text, *cosigners, "--quorum", "3")
    assert (code, failed) == (0, set())
    assert "disclosure by riverbend-pd.m.alvarez of riverbend-pd" in said


def test_a_receipt_with_too_few_cosigners_does_not_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "r.json", receipt(ENTRIES, 4, COSIGNERS[0]))
    cosigners = [word for key in COSIGNERS for word in ("--cosigner", key.cosigner.text)]
    cosigners += ["--key", NODE.public.text]
    code, failed, _ = run(capsys, file, *cosigners, "--quorum", "2")
    assert (code, failed) == (1, {"too-few-cosigners"})
    assert run(capsys, file, *cosigners)[:2] == (1, {"too-few-cosigners"})
    assert run(capsys, file, *cosigners, "--quorum", "1")[:2] == (0, set())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"leaf_index": 5}, "not-included"),
        ({"commitment": "00" * 32}, "body-mismatch"),
        ({"opening": receipt(ENTRIES, 5)["opening"]}, "body-mismatch"),
        ({"inclusion": receipt(ENTRIES, 5)["inclusion"]}, "not-included"),
        ({"inclusion": []}, "not-included"),
        ({"checkpoint": head(OTHERS, SIZE)}, "not-included"),
        ({"checkpoint": head(ENTRIES, SIZE, STRANGER)}, "unknown-key"),
    ],
)
def test_tampering_with_a_receipt_is_named(
    change: dict[str, Any], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "r.json", receipt(ENTRIES, 4) | change)
    code, failed, _ = run(capsys, file, "--key", NODE.public.text)
    assert code == 1
    assert name in failed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "{",
        "[]",
        "{}",
        '{"format":"accord-receipt/1"}',
        '{"format":"accord-ledger-export/1"}\n',
        "\x00\x01\x02",
        "[" * 100_000,
        '{"format":"accord-receipt/1"' + "," * 5 + "}",
    ],
)
def test_garbage_is_a_bad_file_and_not_a_failure(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = run(capsys, write(tmp_path / "a.json", text))
    assert code == 2
    assert "Traceback" not in said
    assert said.startswith("accord-verify: ")


def test_a_file_that_is_not_there_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(tmp_path / "none.json"))[0] == 2
    assert run(capsys, str(tmp_path))[0] == 2


def test_binary_and_wrong_keys_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe{}")
    assert run(capsys, str(tmp_path / "a.json"))[0] == 2
    file = write(tmp_path / "b.jsonl", export(ENTRIES))
    assert run(capsys, file, "--key", "nonsense")[0] == 2
    assert run(capsys, file, "--key", COSIGNERS[0].cosigner.text)[0] == 2
    assert run(capsys, file, "--cosigner", NODE.public.text)[0] == 2
    assert run(capsys, file, "--quorum", "1")[0] == 2


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_cut_anywhere_never_verifies(
    data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = "".join(json.dumps(line) + "\n" for line in export(ENTRIES))
    cut = data.draw(st.integers(0, len(whole) - 2))
    assert run(capsys, write(tmp_path / "a.jsonl", whole[:cut]))[0] == 2


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_receipt_with_any_changed_character_never_verifies_as_something_else(
    data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = receipt(ENTRIES, 4)
    whole = json.dumps(made)
    at = data.draw(st.integers(0, len(whole) - 1))
    char = data.draw(st.sampled_from('0aZ"}+/ '))
    changed = whole[:at] + char + whole[at + 1 :]
    code, _, _ = run(capsys, write(tmp_path / "r.json", changed), "--key", NODE.public.text)
    try:
        same = json.loads(changed)
    except ValueError:
        same = None
    if code == 0:
        # The shown key is only a hint once a key was named; all else must be as it was.
        assert same is not None
        assert {**same, "key": ""} == {**made, "key": ""}


def test_the_program_imports_nothing_of_accord() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"  # a Debian interpreter brings its own sitecustomize
        "import accord_verify.main\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "extra = names - set(sys.stdlib_module_names) - {'__main__', 'accord_verify',"
        " 'cryptography', '_cffi_backend', 'cffi', 'typing_extensions'}\n"
        "print(sorted(name for name in extra if not name.startswith('_')))\n"
    )
    folder = Path(program.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(folder)},
    )
    assert done.stdout.strip() == "[]"
