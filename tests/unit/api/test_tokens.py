"""`accord token` and `accord signin` work on demo data, and refuse on any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.cli.main import NO, WRONG_USE, run

ALVAREZ = "riverbend-pd.m.alvarez"


@pytest.fixture
def marked(world: Path) -> Iterator[Path]:
    """The node, marked as holding a demo world."""
    mark = world / "demo-world"
    mark.write_text("riverbend", "utf-8")
    yield world
    mark.unlink()


def test_token_opens_the_api_as_its_member(
    marked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.test import Client

    assert run(["token", ALVAREZ, "--data-dir", str(marked)]) == 0
    token = capsys.readouterr().out.strip()
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": "case-administration"}
    assert Client().get("/api/v1/me", headers=headers).json()["membership"] == ALVAREZ


def test_signin_gives_a_link_that_works_once(
    marked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from accord.agencies.actions import use_signin_link
    from accord.kernel.errors import NotFound

    assert run(["signin", ALVAREZ, "--data-dir", str(marked), "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    secret = link.rpartition("/sign-in/")[2]
    assert use_signin_link(secret) == ALVAREZ
    with pytest.raises(NotFound):
        use_signin_link(secret)


@pytest.mark.parametrize("command", ["token", "signin"])
def test_refused_without_the_mark_of_a_demo(
    command: str, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, ALVAREZ, "--data-dir", str(world)]) == NO
    said = capsys.readouterr()
    assert "demo and development data only" in said.err
    assert said.out == ""


@pytest.mark.parametrize("command", ["token", "signin"])
def test_an_unknown_member_is_named(
    command: str, marked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "riverbend-pd.nobody", "--data-dir", str(marked)]) == NO
    assert "riverbend-pd.nobody is no membership" in capsys.readouterr().err


def test_a_folder_without_a_node_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo-world").write_text("riverbend", "utf-8")
    assert run(["token", ALVAREZ, "--data-dir", str(tmp_path)]) == WRONG_USE
    assert "there is no node here" in capsys.readouterr().err
