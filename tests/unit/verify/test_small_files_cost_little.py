"""A small file costs little time and memory, and says little, whatever somebody put into it."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accord.kernel.signednote import Checkpoint, sign_note
from accord.ledger.receipts import build_receipt
from accord_verify import graph, timestamp
from accord_verify import main as program
from accord_verify.plain import read_json
from accord_verify.report import BadFile
from unit.verify.test_single_items import NODE, entry, placed

FEW = entry(1)
WORDS = ("--key", NODE.public.text)


@contextmanager
def costing(*, seconds: float, mebibytes: int) -> Iterator[None]:
    tracemalloc.start()
    before = time.process_time()
    try:
        yield
        assert time.process_time() - before < seconds
        assert tracemalloc.get_traced_memory()[1] < mebibytes << 20
    finally:
        tracemalloc.stop()


def test_a_name_twice_among_many_is_found_at_once() -> None:
    names = ",".join(f'"a{n}":0' for n in range(50_000))
    with costing(seconds=4, mebibytes=60), pytest.raises(BadFile, match="'a49999'"):
        read_json(f'{{{names},"a49999":1}}')


def test_a_graph_that_names_a_node_many_times_reads_it_once() -> None:
    facets = [{graph.HASH: [{graph.METHOD: f"m{n}", graph.VALUE: n} for n in range(1_000)]}]
    record = {"@id": "p", graph.NUMBER: "1", graph.OBJECT: [{"@id": "f"}] * 1_000}
    whole = {"@context": graph._CONTEXT, "@graph": [{"@id": "f", graph.FACET: facets}, record]}
    with costing(seconds=4, mebibytes=20):
        (failure,) = graph.check_graph(json.dumps(whole).encode(), {"1": {}})
    assert "other hashes" in failure.sentence


def test_a_graph_that_describes_a_node_twice_is_refused() -> None:
    record = {"@id": "p", graph.NUMBER: "1", graph.OBJECT: [{"@id": "f"}] * 3_000}
    whole = {"@context": graph._CONTEXT, "@graph": [{"@id": "f"}] * 3_000 + [record]}
    with costing(seconds=4, mebibytes=20):
        (failure,) = graph.check_graph(json.dumps(whole).encode(), {"1": {}})
    assert failure.sentence == "The graph describes f at two places."


def test_a_timestamp_larger_than_any_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = b"\x30\x84" + (3 << 20).to_bytes(4) + b"\x05\x00" * (3 << 19)
    with costing(seconds=1, mebibytes=4), pytest.raises(timestamp.Wrong, match="more than 64 KiB"):
        timestamp.read_token(token)
    large = {"timestamp": base64.b64encode(token[:100_000]).decode()}
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(build_receipt(FEW.acting, placed(FEW.acting, 10)) | large), "utf-8")
    assert program.main([str(file), *WORDS]) == 1
    assert "timestamp-invalid: The timestamp has more than" in capsys.readouterr().out


def test_two_files_that_cannot_be_compared_are_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many heads each of them holds."""
    proof = build_receipt(FEW.acting, placed(FEW.acting, 10))
    files = [tmp_path / f"{place}.jsonl" for place in range(3)]
    for place, file in enumerate(files):
        lines = [{"format": "accord-disclosures/1", "key": NODE.public.text, "asked": {}}]
        name = json.loads(FEW.acting.text)["id"]
        for at in range(20):
            note = sign_note(Checkpoint(NODE.name, 1024 + 3 * at + place, bytes(32)).text, NODE)
            receipt = proof | {"checkpoint": str(note), "leaf_index": at}
            lines.append({"entry": name, "receipt": receipt})
        lines.append({"end": 20})
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    program.main([*map(str, files), *WORDS, "--json"])
    together = json.loads(capsys.readouterr().out)["files"][-1]
    assert together["file"] == "all files together"
    (note,) = together["notes"]
    assert "60 head(s) of " in note
    assert str(files[0]) in note
