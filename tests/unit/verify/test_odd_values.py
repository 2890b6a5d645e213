"""Whatever stands in a file, the program ends with a report or a sentence: never with a traceback."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import merkle
from accord.kernel.signednote import Checkpoint, sign_note
from accord.ledger.domain import export_head, export_leaf
from accord.ledger.receipts import Wanted, build_receipt, written
from accord_verify import main as program
from unit.verify import bundlemaking as making
from unit.verify.test_single_items import COSIGNERS, NODE, entry, placed

FEW, MANY = entry(2, query="lopez"), entry(40, query="lopez")
AT, FAR = placed(FEW.acting, 10), placed(MANY.acting, 10)
SIGNED = "accord-member-signature/1\n"
WORDS = ("--key", NODE.public.text)
HALVES = "\ud800", "\udc00"
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, 10**30, float("nan"), float("inf"), "", "x", *HALVES,
    "\x00", "\u202e", "\x9b", "https://[", "[]", "9" * 30, "AA==", "[" * 100_000, [], {},
    [[]], [None], {"a": 1}, [1] * 70, ["AA=="] * 3,
]  # fmt: skip


def custody() -> dict[str, Any]:
    """A chain of two events, the second of them signed."""
    number, record = "RPD-2026-17/alpha/1", "01985e2c-0000-7000-8000-0000000000a1"
    ledger = making.Ledger(NODE)
    facts = dict(making.custody(ledger, making.chain(number, record, "ab" * 32)).facts)
    kept = facts["chain"][:2]
    return facts | {"chain": kept, "events": 2, "head": kept[1]["hash"]}


def export() -> list[dict[str, Any]]:
    leaf = merkle.leaf_hash(FEW.acting.leaf)
    return [
        export_head(origin=NODE.name, size=1, key=NODE.public.text),
        export_leaf(0, FEW.commitment, [FEW.acting], [{"view": "owning", "by": None}]),
        {"checkpoint": str(sign_note(Checkpoint(NODE.name, 1, leaf).text, NODE))},
        {"end": 1},
    ]


def disclosures() -> list[dict[str, Any]]:
    return [
        {"format": "accord-disclosures/1", "key": NODE.public.text, "asked": {"case": "x"}},
        {"entry": str(FEW.entry_id), "receipt": build_receipt(FEW.acting, AT)},
        {"entry": "1", "at": "2026-11-16T15:00:00Z", "erased": True},
        {"entry": "2", "at": "2026-11-16T15:00:00Z", "waits": True},
        {"end": 3},
    ]


def refusal() -> dict[str, Any]:
    heads = [sign_note(Checkpoint(NODE.name, n, bytes(32)).text, NODE) for n in (9, 5)]
    return {
        "format": "accord-cosigner-proof/1", "kind": "rolled-back", "path": [], "at": "today",
        "key": NODE.public.text, "cosigner": COSIGNERS[0].cosigner.text, "refused": str(heads[1]),
        "cosigned": str(heads[0].with_signature(COSIGNERS[0].cosign(heads[0].text, 5))),
    }  # fmt: skip


KINDS: dict[str, Callable[[], Any]] = {
    "a receipt": lambda: build_receipt(FEW.acting, AT),
    "a receipt of one item": lambda: (
        build_receipt(MANY.acting, FAR, Wanted(item=3)) | {"timestamp": "MAMCAQE="}
    ),
    "disclosures": disclosures,
    "an export": export,
    "a chain of custody": custody,
    "a signature": lambda: custody()["chain"][1]["signature"],
    "what a cosigner kept": refusal,
}
WHOLE = {name: json.loads(json.dumps(make())) for name, make in KINDS.items()}


def inside(text: str) -> tuple[Any, Callable[[Any], str]] | None:
    """What a text holds in JSON, and how to write it again; None for a text that holds none."""
    bare = text.removeprefix(SIGNED)
    for said, write in (
        (bare, lambda odd: text[: len(text) - len(bare)] + json.dumps(odd)),
        (decoded(text), lambda odd: base64.b64encode(json.dumps(odd).encode()).decode()),
    ):
        if said.startswith("{"):
            return json.loads(said), write
    return None


def decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def ways(facts: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value, also to what stands in JSON in its texts."""
    yield way
    if isinstance(facts, dict | list):
        for name, value in facts.items() if isinstance(facts, dict) else enumerate(facts):
            yield from ways(value, (*way, name))
    elif isinstance(facts, str) and (found := inside(facts)):
        yield from ways(found[0], (*way, ...))


def exchanged(facts: Any, way: tuple[Any, ...], odd: Any) -> Any:
    if not way:
        return odd
    if way[0] is ...:
        value, write = inside(facts) or pytest.fail("there is no JSON in this text")
        return write(exchanged(value, way[1:], odd))
    copy = dict(facts) if isinstance(facts, dict) else list(facts)
    copy[way[0]] = exchanged(facts[way[0]], way[1:], odd)
    return copy


def relinked(facts: Any) -> Any:
    """A chain with hashes that fit its events again, as far as they still are any."""
    chain = facts.get("chain") if isinstance(facts, dict) else None
    for line in chain if isinstance(chain, list) else ():
        if isinstance(line, dict) and isinstance(line.get("event"), str):
            line["hash"] = sha256(line["event"].encode("utf-8", "surrogatepass")).hexdigest()
    return facts


def ends(facts: Any, *words: str, twice: bool = False) -> int:
    """Checks a file of these facts, or of these lines; what it prints as JSON is JSON."""
    with tempfile.TemporaryDirectory(prefix="accord-odd-") as folder:
        file = Path(folder) / "odd.json"
        lines = facts if isinstance(facts, list) else [facts]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = program.main([*[str(file)] * (2 if twice else 1), *words])
    said = out.getvalue()
    if "--json" in words and code != 2:
        assert json.loads(said)["verifies"] is (code == 0)
    assert all(char.isprintable() or char == "\n" for char in said + err.getvalue())
    assert (code == 2) is bool(err.getvalue())
    return code


@pytest.mark.parametrize("kind", WHOLE)
def test_the_whole_ones_are_read(kind: str) -> None:
    expected = {"what a cosigner kept": 1, "a receipt of one item": 1, "a signature": 3}
    assert ends(WHOLE[kind], *WORDS) == (3 if kind == "an export" else expected.get(kind, 0))


@pytest.mark.parametrize("kind", WHOLE)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_anything_in_place_of_anything_ends_in_words(kind: str, data: st.DataObject) -> None:
    facts = WHOLE[kind]
    for _ in range(data.draw(st.integers(1, 2))):
        way = data.draw(st.sampled_from([way for way in ways(facts) if way]))
        facts = exchanged(facts, way, data.draw(st.sampled_from(ODD)))
    if data.draw(st.booleans()):
        facts = relinked(facts)
    words = (
        *data.draw(st.sampled_from([(), WORDS])),
        *data.draw(st.sampled_from([(), ("--json",)])),
    )
    assert ends(facts, *words, twice=data.draw(st.booleans())) in (0, 1, 2, 3)


@pytest.mark.parametrize("half", HALVES, ids=ascii)
@pytest.mark.parametrize(
    "way",
    [("opening", "text"), ("pieces", "texts", 0), ("checkpoint",), ("key",)],
    ids=str,
)
def test_half_a_character_is_a_bad_file(way: tuple[Any, ...], half: str) -> None:
    facts = WHOLE["a receipt"]
    value = facts
    for name in way:
        value = value[name]
    assert ends(exchanged(facts, way, half + value), *WORDS) == 2
    assert ends(exchanged(facts, way, value.replace("\n", half + "\n", 1) + half), "--json") == 2


def test_a_word_of_the_command_line_may_be_no_text() -> None:
    assert ends(WHOLE["a receipt"], "--key", "\udcff" + NODE.public.text) == 2


@pytest.mark.parametrize("kind", ["an export", "disclosures"])
@pytest.mark.parametrize("end", [True, 1.0])
def test_an_end_that_is_no_number_is_a_bad_file(kind: str, end: Any) -> None:
    """True is 1 to Python, and to no other reader."""
    first, whole = WHOLE[kind][:2], WHOLE[kind]
    lines = whole[:-1] if kind == "an export" else first
    assert ends([*lines, {"end": 1}], *WORDS) in (0, 3)
    assert ends([*lines, {"end": end}], *WORDS) == 2


@pytest.mark.parametrize("previous", [[], {}, 7, ["x"]])
def test_rivals_that_follow_no_hash_are_a_bad_file(previous: Any) -> None:
    facts = WHOLE["a chain of custody"]
    odd = exchanged(facts, ("chain", 1, "event", ..., "previous"), previous)
    rivals = odd | {"chain": [*facts["chain"], odd["chain"][1]]}
    assert ends(relinked(rivals), *WORDS) == 2


def test_an_address_that_is_none_fails_its_signature() -> None:
    facts = WHOLE["a signature"]
    odd = exchanged(facts, ("assertion", "clientDataJSON", ..., "origin"), "https://[")
    assert ends(odd | {"origin": "https://["}, "--json") == 1


@pytest.mark.parametrize("codec", ["ascii", "cp1252"])
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_letters_that_a_terminal_does_not_have_are_escaped(
    codec: str, words: list[str], tmp_path: Path
) -> None:
    made = entry(1, query="Пластинка")
    file = tmp_path / "receipt.json"
    file.write_bytes(written(build_receipt(made.acting, placed(made.acting, 10), Wanted(item=0))))
    named = tmp_path / "Пластинка.json"
    named.write_bytes(file.read_bytes())
    ran = subprocess.run(
        [sys.executable, "-m", "accord_verify", str(named), *WORDS, *words],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": codec, "PYTHONPATH": _path()},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.decode(codec)
    assert r"\u041f\u043b" in said
    if words:
        assert json.loads(said)["files"][0]["file"] == str(named)


def _path() -> str:
    return str(Path(program.__file__).parent.parent)


@pytest.mark.parametrize("query", ["accord-ledger-export/1", "accord-disclosures/1"])
def test_a_receipt_is_judged_by_its_form_and_not_by_its_words(query: str) -> None:
    made = entry(1, query=query)
    facts = json.loads(written(build_receipt(made.acting, placed(made.acting, 10))))
    assert query in json.dumps(facts)[:4096]
    assert ends(facts, *WORDS) == 0


@pytest.mark.parametrize("query", ["accord-custody/1", "accord-signature/1", "accord-receipt/3"])
def test_so_are_disclosures(query: str) -> None:
    lines = disclosures()
    lines[0]["asked"] = {"query": query}
    assert ends(lines, *WORDS) == 0


def test_what_draws_nothing_is_escaped_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "\x9b31m\u202e\x7f\U000e0041 Пластинка"
    file = tmp_path / "disclosures.jsonl"
    lines = disclosures()
    lines[0]["asked"] = odd
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert program.main([str(file), *WORDS, "--json"]) == 0
    said = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in said)
    assert "Пластинка" in said
    assert any(odd in note for note in json.loads(said)["files"][0]["notes"])
