"""Every failure ends in a sentence and an exit code: 0 done, 1 no, 2 wrong use, 3 failed."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from accord.cli import main
from accord.cli.options import data_dir_option
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> object:
    """Make `accord boom` raise what the test says."""

    def arrange(error: BaseException | None, result: int | None = None) -> None:
        @click.command()
        @data_dir_option
        def boom(data_dir: Path) -> int | None:
            if error is not None:
                raise error
            return result

        monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: boom)

    return arrange


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotAllowed("The clause forbids it."), 1),
        (NotFound(), 1),
        (Conflict("It changed."), 1),
        (InvalidInput("a.yaml", 3, "until", "is before from"), 2),
        (AccordError("The disk is full."), 3),
    ],
)
def test_each_error_has_its_exit_code(
    raising: object, capsys: pytest.CaptureFixture[str], error: AccordError, code: int
) -> None:
    raising(error)  # type: ignore[operator]
    assert main.run(["boom"]) == code
    assert error.message in capsys.readouterr().err


def test_who_can_change_it_and_every_fault_are_said(
    raising: object, capsys: pytest.CaptureFixture[str]
) -> None:
    later = InvalidInput("a.yaml", 9, "zone", "is no time zone")
    raising(  # type: ignore[operator]
        InvalidInput("a.yaml", 3, "until", "is before from", others=[later], reference="R-1")
    )
    assert main.run(["boom"]) == 2
    said = capsys.readouterr().err
    assert "a.yaml:3: until" in said
    assert "a.yaml:9: zone" in said
    assert "Reference: R-1" in said


def test_a_failure_of_the_program_has_a_reference_and_its_details_in_the_log(
    raising: object, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    raising(ZeroDivisionError("a bug"))  # type: ignore[operator]
    assert main.run(["boom", "--data-dir", str(tmp_path)]) == 3
    said = capsys.readouterr().err
    assert "Traceback" not in said
    reference = said.split("Reference: ")[1].strip()
    log = tmp_path / "logs" / "errors.log"
    assert reference in log.read_text()
    assert "builtins.ZeroDivisionError" in log.read_text()
    assert "a bug" not in log.read_text()  # the words of an exception may quote a row
    assert log.stat().st_mode & 0o077 == 0


def test_a_result_is_the_exit_code(raising: object) -> None:
    for result, code in ((None, 0), (0, 0), (1, 1)):
        raising(None, result)  # type: ignore[operator]
        assert main.run(["boom"]) == code


def test_wrong_use_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["no-such-command"]) == 2
    assert main.run(["db", "psql-url", "--role", "postgres"]) == 2
    assert "no-such-command" in capsys.readouterr().err


def test_help_lists_only_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    said = capsys.readouterr().out
    assert "demo" in said
    assert "serve" in said


def test_db_status_says_no_where_nothing_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["db", "status", "--data-dir", str(tmp_path / "none")]) == 1
    assert "not running" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()
