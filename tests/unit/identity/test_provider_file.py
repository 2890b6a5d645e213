"""The operator's file and commands, and what an agency's administrators read of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import oidc_provider
from accord.cli.main import DONE, NO, WRONG_USE, run
from accord.identity.federation import file as files
from accord.kernel.errors import InvalidInput
from isolation.direct import administrator
from oidc_provider import SECRET, Provider
from unit.identity.conftest import ALVAREZ, browser, enrolled
from unit.identity.test_oidc import FILE

GOOD = {
    "name": "riverbend",
    "agency": "riverbend-pd",
    "kind": "oidc",
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "jwks_uri": "https://id.example/keys",
    "client_id": "accord",
    "client_secret_file": "secret",
    "assurance": {"2": 2},
    "members": {"4711": ALVAREZ},
}


def written(folder: Path, **other: object) -> Path:
    (folder / "secret").write_text(SECRET)
    path = folder / "provider.yaml"
    said = {k: v for k, v in {**GOOD, **other}.items() if v is not None}
    path.write_text(json.dumps(said))  # JSON is YAML
    return path


@pytest.fixture
def provider(real: Path) -> Iterator[Provider]:
    with oidc_provider.running() as found:
        yield found
    with administrator(real) as db:
        db.execute("delete from provider_link")
        db.execute("delete from identity_provider")


def test_a_file_that_says_all_is_read(tmp_path: Path):
    found = files.read(written(tmp_path))
    assert (found.names_member, found.secret) == ("sub", SECRET)
    assert found.settings["says_issuer"] is False


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("kind", "ldap", "must be oidc or saml"),
        ("name", "Riverbend PD", "small letters"),
        ("agency", None, "must be text"),
        ("issuer", "http://id.example", "https"),
        ("issuer", "file:///etc/passwd", "https"),
        ("token_endpoint", "https://user@id.example/", "https"),
        ("authorization_endpoint", "javascript:alert(1)", "https"),
        ("jwks_uri", "https://id.example/#x", "https"),
        ("says_issuer", "yes", "true or false"),
        ("client_secret_file", "no-such-file", "cannot be read"),
        ("client_secret_file", None, "must be text"),
        ("names_member", "email", "stays with one person"),
        ("names_member", "preferred_username", "stays with one person"),
        ("assurance", {}, "must map"),
        ("assurance", {"2": 4}, "1, 2 or 3"),
        ("assurance", {"2": True}, "1, 2 or 3"),
        ("members", None, "must map"),
        ("members", {"4711": 5}, "in quotes"),
        ("metadata", "x.xml", "is not known for a provider of kind oidc"),
        ("client_secret", "clear", "is not known"),
    ],
)
def test_a_fault_names_its_field_and_rule(tmp_path: Path, field: str, value: object, rule: str):
    with pytest.raises(InvalidInput) as fault:
        files.read(written(tmp_path, **{field: value}))
    found = [f for f in fault.value.faults if f.field.partition(".")[0] == field]
    assert found, fault.value.faults
    assert rule in str(found[0])


def test_every_fault_is_said_at_once(tmp_path: Path):
    with pytest.raises(InvalidInput) as fault:
        files.read(written(tmp_path, name="X", assurance={}, members=None))
    assert {f.field for f in fault.value.faults} == {"name", "assurance", "members"}


def test_a_description_of_another_issuer_is_not_taken(tmp_path: Path, provider: Provider):
    kept, provider.issuer = provider.issuer, "https://elsewhere.example"
    with pytest.raises(InvalidInput, match="names another issuer"):
        files.read(written(tmp_path, issuer=kept, token_endpoint=None))


def test_the_operator_puts_lists_and_removes(
    provider: Provider, real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    where = ["--data-dir", str(real)]
    (tmp_path / "secret").write_text(SECRET)
    path = tmp_path / "provider.yaml"
    path.write_text(
        FILE.format(
            name="riverbend", agency="riverbend-pd", issuer=provider.issuer,
            members=f'"4711": "{ALVAREZ}"',
        )
    )  # fmt: skip
    assert run(["identity-provider", "put", str(path), *where]) == DONE
    said = capsys.readouterr().out
    assert "1 members of riverbend-pd" in said
    assert "/sign-in/with/riverbend/callback" in said
    assert run(["identity-provider", "list", "--json", *where]) == DONE
    said = capsys.readouterr().out
    assert SECRET not in said
    assert [e["name"] for e in json.loads(said)] == ["riverbend"]
    path.write_text(path.read_text().replace("riverbend-pd\n", "no-such-agency\n"))
    assert run(["identity-provider", "put", str(path), *where]) == WRONG_USE
    assert "agency: is not known on this node" in capsys.readouterr().err
    assert run(["identity-provider", "remove", "riverbend", *where]) == DONE
    assert run(["identity-provider", "remove", "riverbend", *where]) == NO


def test_the_agency_s_administrators_read_it_and_nobody_else(
    provider: Provider, real: Path, tmp_path: Path
):
    from accord.identity.actions import providers
    from authenticator import Authenticator

    path = written(tmp_path, members={})
    providers.put("provider.yaml", files.read(path))
    client = enrolled(Authenticator())
    assert b"https://id.example" not in client.get("/account/").content
    with administrator(real) as db:
        db.execute(
            "update membership set roles = roles || '{system-administrator}' where id = %s",
            [ALVAREZ],
        )
    try:
        page = client.get("/account/").content
        assert b"https://id.example" in page
        assert SECRET.encode() not in page
    finally:
        with administrator(real) as db:
            db.execute(
                "update membership set roles = array_remove(roles, 'system-administrator') "
                "where id = %s",
                [ALVAREZ],
            )
    assert browser().get("/account/").status_code == 302
