"""The operator's file and commands, and what an agency's administrators read of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import oidc_provider
from accord.cli.main import DONE, NO, WRONG_USE, run
from accord.identity.federation import file as files
from accord.kernel.errors import InvalidInput, NotFound
from accord.ledger.domain import OPERATOR, EntryId
from accord.ledger.queries import Filter, own_entries
from accord.ledger.queries import entry as entry_of
from authenticator import Authenticator
from isolation.contributing import acting
from isolation.direct import administrator
from oidc_provider import SECRET, Provider
from unit.identity.conftest import ALVAREZ, browser, enrolled
from unit.identity.test_oidc import FILE

OVERSEER = "riverbend-pd.p.sandoval"
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


# -- in the ledger ---------------------------------------------------------------------------------


def newest_of_the_operator(member: str) -> EntryId | None:
    """The operator's newest entry, as this member's oversight reads it."""
    with acting(member, "oversight"):
        found = own_entries(Filter(actor=OPERATOR), limit=1)
    return found[0].id if found else None


def said_by_the_operator(member: str, since: EntryId | None) -> list[dict[str, object]]:
    """What the operator did after that entry, oldest first: the world's log may hold any number."""
    with acting(member, "oversight"):
        lines = own_entries(Filter(actor=OPERATOR), after=since)
        found = [entry_of(line.id) for line in lines]
    return [dict(f.body["detail"]) for f in reversed(found) if f.body is not None]


def test_each_change_of_the_operator_stands_in_the_ledger_for_the_agency_s_oversight(
    real: Path, tmp_path: Path
):
    from accord.identity.actions import providers

    before = newest_of_the_operator(OVERSEER)
    device = Authenticator()
    enrolled(device)
    providers.put("provider.yaml", files.read(written(tmp_path)))
    with administrator(real) as db:
        ended = db.execute(
            "update signin set credentials = credentials || (select id from provider_link)"
            " where member_id = %s and ended_at is null",
            [ALVAREZ],
        ).rowcount
    providers.put("provider.yaml", files.read(written(tmp_path, members={"4712": ALVAREZ})))
    providers.remove("riverbend")
    put, again, removed = said_by_the_operator(OVERSEER, before)
    assert put == {
        "step": "put in an identity provider",
        "about": "riverbend",
        "protocol": "oidc",
        "issuer": "https://id.example",
        "client": "accord",
        "settings": {
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "says_issuer": False,
        },
        "names_member": "sub",
        "assurance": {"2": 2},
        "linked": {"4711": ALVAREZ},
        "unlinked": {},
        "sessions_ended": 0,
    }
    assert SECRET not in json.dumps([put, again, removed])
    assert again == {**put, "linked": {"4712": ALVAREZ}, "unlinked": {"4711": ALVAREZ},
                     "sessions_ended": ended}  # fmt: skip
    assert removed == {
        "step": "took out an identity provider",
        "about": "riverbend",
        "issuer": "https://id.example",
        "linked": {},
        "unlinked": {"4712": ALVAREZ},
        "sessions_ended": 0,
    }
    with acting(ALVAREZ, "general-policing"):
        assert not own_entries(Filter(actor=OPERATOR)), "a member without oversight"


def test_what_the_operator_could_not_do_leaves_no_entry(real: Path, tmp_path: Path):
    from accord.identity.actions import providers

    before = newest_of_the_operator(OVERSEER)
    with pytest.raises(InvalidInput, match="no member of"):
        providers.put("f", files.read(written(tmp_path, members={"1": "harlan-so.c.boone"})))
    with pytest.raises(NotFound):
        providers.remove("riverbend")
    assert newest_of_the_operator(OVERSEER) == before


def test_a_change_whose_entry_cannot_be_written_does_not_happen(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from accord.identity.actions import providers
    from accord.identity.federation import queries

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the ledger does not answer")

    monkeypatch.setattr(providers.ledger, "append_by_operator", fails)
    with pytest.raises(RuntimeError):
        providers.put("provider.yaml", files.read(written(tmp_path)))
    assert queries.entries() == ()
