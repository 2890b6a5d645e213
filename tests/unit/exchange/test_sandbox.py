"""The confined reader: what it cannot do, and how each of its ends is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accord.exchange.sandbox.starter import Reader
from accord.exchange.sandbox.wire import Job, Receiver, Sender
from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import VocabularyError
from accord.platform.confined import child
from accord.records.intake import store
from accord.records.intake.rows import AcceptedRow, RowError
from unit.exchange.conftest import INTAKE, bring, xlsx

MAPPING = """\
schema: Person
source_system: sandbox
source_ref: [no]
label: {subjects: [victim], basis: statute}
columns: {name: name, dob: birthDate}
"""
CONFINED = "from accord.platform.confined.confine import Bounds, confine; confine(Bounds(5)); "


class Keys:
    """One agency key, in memory."""

    def current(self, owner: str) -> tuple[str, bytes]:
        return "0001", b"k" * 32

    def get(self, owner: str, key_id: str) -> bytes:
        return b"k" * 32


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., tuple[Path, Job]]:
    def made(data: bytes, **changes: Any) -> tuple[Path, Job]:
        import io

        run, path = uuid4(), tmp_path / f"{uuid4()}.intake"
        kept = store.store(path, io.BytesIO(data), run=run, owner="riverbend-pd", keys=Keys())  # type: ignore[arg-type]  # two of its methods
        key = store.data_key(path, run=run, owner="riverbend-pd", keys=Keys())  # type: ignore[arg-type]  # the same
        asked = Job(
            file="sent.csv",
            size_bytes=kept.size_bytes,
            run=str(run),
            data_key=key.hex(),
            format="",
            mapping=MAPPING,
            owner="riverbend-pd",
            collected="2026-11-28",
            region="US",
            rows=True,
        )
        return path, replace(asked, **changes)

    return made


def test_rows_come_through_as_they_were_drafted(job: Callable[..., tuple[Path, Job]]) -> None:
    data = b"no,name,dob\n1,Ann Sent,1980-01-02\n2,Bo Sent,never\n3,Cy Sent,2015-01-01\n"
    here = bring(data, mapping=MAPPING)[2]
    with Reader(*job(data)) as reader:
        assert reader.head().columns == ("no", "name", "dob")
        there = list(reader.rows())
    assert there == here
    assert [type(r) for r in there] == [AcceptedRow, RowError, AcceptedRow]


def test_a_run_goes_on_after_a_row_and_still_finds_a_conflict_with_one_before(
    job: Callable[..., tuple[Path, Job]],
) -> None:
    data = b"no,name,dob\n1,Ann,1980-01-02\n2,Bo,\n1,Other,\n"
    with Reader(*job(data, start_after=2)) as reader:
        reader.head()
        (bad,) = reader.rows()
    assert isinstance(bad, RowError)
    assert (bad.row, bad.rule) == (3, "conflicting-reference")


def test_a_refusal_of_the_reader_keeps_file_line_and_rule(
    job: Callable[..., tuple[Path, Job]],
) -> None:
    with Reader(*job(b"no,name,name\n")) as reader, pytest.raises(InvalidInput) as caught:
        reader.head()
    assert (caught.value.file, caught.value.line) == ("sent.csv", 1)
    assert caught.value.rule == "two columns have this name"


def test_a_stored_file_that_was_altered_is_told(job: Callable[..., tuple[Path, Job]]) -> None:
    path, asked = job(b"no,name,dob\n1,Ann,\n")
    altered = bytearray(path.read_bytes())
    altered[-1] ^= 1
    path.write_bytes(bytes(altered))
    with Reader(path, asked) as reader, pytest.raises(InvalidInput, match="was altered"):
        reader.head()


def test_a_sheet_that_swells_beyond_memory_is_told(job: Callable[..., tuple[Path, Job]]) -> None:
    """Two cells in the far corners: a dense table of them would have 17 billion."""
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    body = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{row}{far}</sheetData></worksheet>'
    bomb = _with_sheet(xlsx([["no"], ["1"]]), body)
    with (
        Reader(*job(bomb, mapping=None, rows=False)) as reader,
        pytest.raises(InvalidInput) as caught,
    ):
        reader.head()
    assert "memory" in caught.value.rule or "columns" in caught.value.rule


def _with_sheet(data: bytes, body: str) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, body if name.endswith("sheet1.xml") else old.read(name))
    return out.getvalue()


def test_a_reader_that_says_nothing_is_killed_in_time(
    job: Callable[..., tuple[Path, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = job(b"x")
    real = subprocess.Popen

    def sleeps(command: list[str], **options: Any) -> Any:
        return real(["/bin/sleep", "60"], **options)

    monkeypatch.setattr(child.subprocess, "Popen", sleeps)
    reader = Reader(path, asked, silence_s=0.3)
    with reader, pytest.raises(InvalidInput, match="takes longer than is allowed"):
        reader.head()
    assert reader._child.process.poll() is not None


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "import os; os.fork()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "open('/tmp/accord-reader-wrote', 'w')",
        "import os; os.remove('/tmp/nothing-there')",
        "bytearray(2 * 1024**3)",
        "import os; os.open('/tmp/accord-reader-wrote-2', os.O_CREAT | os.O_WRONLY); raise OSError",
    ],
)
def test_what_a_reader_may_not_do_fails(attempt: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CONFINED + attempt],
        env={"PYTHONPATH": child.SOURCE},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert b"ModuleNotFoundError" not in done.stderr
    assert not Path("/tmp/accord-reader-wrote").exists()


def test_a_reader_that_loops_ends_at_its_processor_limit() -> None:
    loop = CONFINED.replace("Bounds(5)", "Bounds(1)") + "\nwhile True: pass"
    done = subprocess.run(
        [sys.executable, "-c", loop], env={"PYTHONPATH": child.SOURCE}, timeout=60, check=False
    )
    assert done.returncode < 0


def test_a_reader_is_given_no_environment(
    job: Callable[..., tuple[Path, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_DATABASE_URL", "postgresql://secret")
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def notes(command: list[str], **options: Any) -> Any:
        seen.update(options["env"])
        return real(command, **options)

    monkeypatch.setattr(child.subprocess, "Popen", notes)
    with Reader(*job(b"no,name,dob\n")) as reader:
        reader.head()
    assert set(seen) == {"PATH", "LANG"}
    assert os.environ["ACCORD_DATABASE_URL"]


# -- what a reader that was taken over could say ---------------------------------------------------


def _messages() -> list[list[Any]]:
    (row,) = bring(b"no,name,dob\n1,Ann Sent,1980-01-02\n", mapping=MAPPING)[2]
    return json.loads(json.dumps(Sender().messages(row)))  # type: ignore[no-any-return]  # of JSON


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m[0][2].update(owner="harlan-so"),
        lambda m: m[0][2].update(sensitivity="whatever"),
        lambda m: m[0][2].update(part="contact"),
        lambda m: m[-1][5][0][2].update(phone=["+13125550142"]),
        lambda m: m[-1][5][0].__setitem__(1, 99),
        lambda m: m[-1].__setitem__(4, ["too", "short"]),
    ],
)
def test_an_answer_that_breaks_the_rules_is_not_believed(change: Callable[[Any], Any]) -> None:
    def hear(messages: list[list[Any]]) -> None:
        receiver = Receiver("riverbend-pd", INTAKE.ontology)
        for message in messages:
            receiver.label(message) if message[0] == "label" else receiver.row(message)

    hear(_messages())
    told = _messages()
    change(told)
    with pytest.raises((ValueError, KeyError, TypeError, VocabularyError)):
        hear(told)
