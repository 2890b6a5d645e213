"""Settings are read in one place, and what cannot be is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.cli.serve import check_listening
from accord.kernel.errors import InvalidInput
from accord.platform.configuration import SETTINGS, load_file, table, web, web_processes

ROOT = Path(__file__).parents[3]


def test_the_reference_page_holds_the_table_of_the_code() -> None:
    assert table() in (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")


def test_every_setting_that_the_code_reads_is_in_the_table() -> None:
    import re

    by_commands = {"ACCORD_DEMO", "ACCORD_LIVE_PORT"}
    names = {s.name for s in SETTINGS} | by_commands
    read = set()
    for path in (ROOT / "src").rglob("*.py"):
        read |= set(re.findall(r'environ(?:ment)?(?:\.get\(|\[)"(ACCORD_\w+)"', path.read_text()))
    assert read
    assert read - names == set()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "accord.toml").write_text(
        'public_url = "https://a.example.org"\nhosts = ["b", "c"]\ntls = true\nops_port = 9000\n'
    )
    environment = {"ACCORD_OPS_PORT": "1"}
    load_file(tmp_path, environment)
    assert environment == {
        "ACCORD_OPS_PORT": "1",
        "ACCORD_PUBLIC_URL": "https://a.example.org",
        "ACCORD_HOSTS": "b,c",
        "ACCORD_TLS": "1",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour: is no setting"),
        ("hosts = {a = 1}", "hosts: must be text"),
        ("tls = ", "is no TOML"),
        ('database_url = "postgresql://a:b@c"', "database_url: is no setting"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "accord.toml").write_text(text)
    with pytest.raises(InvalidInput, match=said):
        load_file(tmp_path, {})


def test_there_is_one_web_process_unless_more_are_asked_for() -> None:
    assert web_processes({}) == 1
    assert web_processes({"ACCORD_WEB_PROCESSES": "32"}) == 32
    for wrong in ("0", "33", "-1", "two"):
        with pytest.raises(InvalidInput, match="ACCORD_WEB_PROCESSES"):
            web_processes({"ACCORD_WEB_PROCESSES": wrong})


def test_an_https_address_turns_tls_on() -> None:
    found = web({"ACCORD_PUBLIC_URL": "https://accord.example.org"})
    assert (found.tls, found.hsts_seconds) == (True, 31_536_000)
    assert "accord.example.org" in found.hosts
    assert web({}).tls is False
    assert web({}).hsts_seconds == 0


@pytest.mark.parametrize(
    "environment",
    [
        {"ACCORD_PUBLIC_URL": "accord.example.org"},
        {"ACCORD_PUBLIC_URL": "https://accord.example.org/path"},
        {"ACCORD_PUBLIC_URL": "https://accord.example.org", "ACCORD_TLS": "0"},
        {"ACCORD_TLS": "yes"},
        {"ACCORD_TLS": "1", "ACCORD_HSTS_SECONDS": "-1"},
        {"ACCORD_HOSTS": "*"},
    ],
)
def test_what_contradicts_itself_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="configuration: ACCORD_"):
        web(environment)


def test_plain_http_is_refused_off_loopback() -> None:
    check_listening("127.0.0.1", web({}))
    check_listening("::1", web({}))
    with pytest.raises(InvalidInput, match="plain HTTP is spoken on loopback only"):
        check_listening("0.0.0.0", web({}))
    https = {"ACCORD_PUBLIC_URL": "https://accord.example.org"}
    with pytest.raises(InvalidInput, match="ACCORD_TRUSTED_PROXY"):
        check_listening("10.0.0.5", web(https))
    check_listening("10.0.0.5", web(https | {"ACCORD_TRUSTED_PROXY": "10.0.0.4"}))
