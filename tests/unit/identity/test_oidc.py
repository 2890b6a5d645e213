"""Signing in through an agency's OpenID provider, and what is tried against it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client

import oidc_provider
from accord.agencies import queries as agencies
from accord.identity.actions import providers
from accord.identity.federation import file as files
from accord.identity.queries import passkeys
from authenticator import Authenticator
from isolation.contributing import tables_with
from isolation.direct import administrator
from oidc_provider import SECRET, Provider
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in

BOONE = "harlan-so.c.boone"
FILE = """
name: {name}
agency: {agency}
kind: oidc
issuer: {issuer}
client_id: accord
client_secret_file: secret
assurance: {{"urn:example:aal1": 1, "urn:example:aal2": 2, "urn:example:aal3": 3}}
members: {{{members}}}
"""


def put(
    folder: Path, provider: Provider, name: str = "riverbend", agency: str = "riverbend-pd",
    member: str = ALVAREZ, subject: str = "4711",
) -> int:  # fmt: skip
    """The operator puts a provider in."""
    (folder / "secret").write_text(SECRET + "\n")
    members = f'"{subject}": "{agencies.actor(member).member}"'
    said = FILE.format(name=name, agency=agency, issuer=provider.issuer, members=members)
    (folder / "provider.yaml").write_text(said)
    provider.redirect_uris.add(f"http://localhost/sign-in/with/{name}/callback")
    return providers.put("provider.yaml", files.read(folder / "provider.yaml"))


@pytest.fixture
def provider(real: Path, tmp_path: Path) -> Iterator[Provider]:
    with oidc_provider.running() as found:
        put(tmp_path, found)
        yield found
    _clear(real)


@pytest.fixture
def other(real: Path, tmp_path: Path) -> Iterator[Provider]:
    """The provider of another agency."""
    with oidc_provider.running() as found:
        put(tmp_path, found, "harlan", "harlan-so", BOONE)
        yield found
    _clear(real)


def _clear(world: Path) -> None:
    with administrator(world) as db:
        db.execute("delete from provider_link")
        db.execute("delete from identity_provider")


def asked(client: Client, name: str = "riverbend") -> str:
    """Where the node sends a browser."""
    answer = client.get(f"/sign-in/with/{name}")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def came_back(address: str) -> str:
    """Where the provider sends the browser that comes with this address, signed in there."""
    answer = httpx.get(address)
    assert answer.status_code == 302, answer.text
    found = urlsplit(answer.headers["Location"])
    assert found.netloc == "localhost"
    return f"{found.path}?{found.query}"


def signed_in(client: Client, name: str = "riverbend"):
    return client.get(came_back(asked(client, name)))


def refused(answer, client: Client) -> None:
    """One page for whatever does not hold, and nobody is signed in."""
    assert answer.status_code == 403, answer.status_code
    assert b"did not let you in here" in answer.content
    assert client.get("/").status_code == 302


def test_a_member_comes_in_through_the_provider_of_the_agency(provider: Provider):
    client = browser()
    assert b"/sign-in/with/riverbend" in client.get("/sign-in/").content
    answer = signed_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = client.get("/account/")
    assert b"Your agency&#39;s sign-in" in page.content or b"Your agency's sign-in" in page.content
    assert page.wsgi_request.actor.membership == ALVAREZ
    assert page.wsgi_request.actor.assurance == 2


def test_the_provider_is_asked_for_who_it_is_and_no_more(provider: Provider):
    (scope,) = parse_qs(urlsplit(asked(browser())).query)["scope"]
    assert scope == "openid"


@pytest.mark.parametrize(("acr", "level"), [("urn:example:aal1", 1), ("urn:example:aal3", 2)])
def test_assurance_is_what_was_asserted_and_at_most_the_membership_s(
    provider: Provider, acr: str, level: int
):
    provider.acr = acr
    client = browser()
    assert signed_in(client).status_code == 303
    assert client.get("/account/").wsgi_request.actor.assurance == level


@pytest.mark.parametrize("acr", [None, "urn:example:unheard-of", "4"])
def test_a_context_that_nobody_mapped_opens_nothing(provider: Provider, acr: str | None):
    provider.acr = acr
    client = browser()
    refused(signed_in(client), client)


def test_whom_the_provider_names_must_be_linked_and_an_address_links_nobody(provider: Provider):
    provider.subject = "m.alvarez@riverbend.example"
    client = browser()
    refused(signed_in(client), client)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": ["somebody-else"]},
        {"aud": ["accord", "somebody-else"], "azp": "somebody-else"},
        {"aud": ["accord", "somebody-else"]},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": float("inf")},
        {"iat": float("-inf")},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": 4711},
        {"auth_time": 4_000_000_000},
    ],
    ids=str,
)
def test_an_id_token_that_says_something_else_is_refused(provider: Provider, claims):
    provider.claims = claims
    client = browser()
    refused(signed_in(client), client)
    assert provider.given == 1  # it was the token that was refused, not the way to it


@pytest.mark.parametrize(
    "forge",
    [oidc_provider.unsigned, oidc_provider.by_another_key, oidc_provider.by_its_own_key, None],
    ids=["alg none", "another key", "own key", "public key as secret"],
)
def test_an_id_token_that_the_provider_s_key_did_not_sign_is_refused(provider: Provider, forge):
    provider.forge = forge or oidc_provider.by_the_public_half(provider)
    client = browser()
    refused(signed_in(client), client)
    assert provider.given == 1


def test_an_answer_counts_once(provider: Provider):
    client = browser()
    back = came_back(asked(client))
    assert client.get(back).status_code == 303
    client.post("/sign-out")
    refused(client.get(back), client)


def test_an_answer_with_another_state_is_none_and_spends_nothing(provider: Provider):
    client = browser()
    back = came_back(asked(client))
    other = parse_qs(urlsplit(back).query)["state"][0]
    for state in ("", "0" * 64, other[:-1], f"{other}0"):
        refused(client.get(back.replace(other, state)), client)
    assert client.get(back).status_code == 303


def test_a_browser_that_asked_nothing_is_not_signed_in_by_another_s_answer(provider: Provider):
    refused((victim := browser()).get(came_back(asked(browser()))), victim)
    victim = browser()
    asked(victim)
    refused(victim.get(came_back(asked(browser()))), victim)


def test_a_code_of_one_provider_is_not_taken_to_another(provider: Provider, other: Provider):
    client = browser()
    back = came_back(asked(client))
    refused(client.get(back.replace("/with/riverbend/", "/with/harlan/")), client)
    # The browser asked Harlan; an answer with Harlan's state that Riverbend gave (RFC 9207).
    code = parse_qs(urlsplit(back).query)["code"][0]
    for end in (f"&iss={provider.issuer}", ""):
        asked_anew = parse_qs(urlsplit(asked(client, "harlan")).query)["state"][0]
        refused(
            client.get(f"/sign-in/with/harlan/callback?code={code}&state={asked_anew}{end}"), client
        )
    assert (provider.given, other.given) == (0, 0)


def test_a_code_is_no_use_without_the_verifier_that_stayed_here(provider: Provider):
    mine, thiefs = browser(), browser()
    stolen = parse_qs(urlsplit(came_back(asked(mine))).query)["code"][0]
    state = parse_qs(urlsplit(asked(thiefs)).query)["state"][0]
    address = f"/sign-in/with/riverbend/callback?code={stolen}&state={state}&iss={provider.issuer}"
    refused(thiefs.get(address), thiefs)
    assert provider.given == 0


@pytest.mark.parametrize("named", ["next", "redirect_uri", "return_to", "url"])
def test_no_address_from_outside_is_gone_to(provider: Provider, named: str):
    client = browser()
    sent = client.get(f"/sign-in/with/riverbend?{named}=https://evil.example/").headers["Location"]
    assert sent.startswith(f"{provider.issuer}/authorize?")
    asked_for = parse_qs(urlsplit(sent).query)["redirect_uri"]
    assert asked_for == ["http://localhost/sign-in/with/riverbend/callback"]
    back = client.get(f"{came_back(sent)}&{named}=https://evil.example/")
    assert (back.status_code, back.headers["Location"]) == (303, "/")


def test_a_forged_host_names_no_redirect_uri(provider: Provider):
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example"):
        answer = Client(headers={"host": host}).get("/sign-in/with/riverbend")
        assert answer.status_code in (400, 403)
        assert "Location" not in answer.headers


def test_with_a_public_address_configured_that_one_is_the_redirect_uri(
    provider: Provider, monkeypatch
):
    from django.conf import settings

    monkeypatch.setattr(settings, "ACCORD_PUBLIC_URL", "https://accord.example")
    sent = browser().get("/sign-in/with/riverbend").headers["Location"]
    asked_for = parse_qs(urlsplit(sent).query)["redirect_uri"]
    assert asked_for == ["https://accord.example/sign-in/with/riverbend/callback"]


def test_a_provider_speaks_for_its_own_agency_alone(
    provider: Provider, other: Provider, real: Path, tmp_path: Path
):
    with pytest.raises(files.InvalidInput, match="no member of riverbend-pd"):
        put(tmp_path, provider, "riverbend", "riverbend-pd", BOONE)
    # A link that SQL alone moved to another agency's member carries no seal of this node.
    boone = agencies.actor(BOONE).member
    with administrator(real) as db:
        db.execute("update provider_link set member_id = %s where subject = '4711'", [boone])
    client = browser()
    refused(signed_in(client), client)


def test_whoever_has_two_hats_comes_in_for_the_provider_s_agency_alone(
    other: Provider, real: Path, tmp_path: Path
):
    tate = agencies.actor("harlan-so.w.tate").member
    assert {a.agency for a in agencies.memberships_of(tate)} == {"harlan-so", "state-bi"}
    put(tmp_path, other, "harlan", "harlan-so", "harlan-so.w.tate")
    client = browser()
    answer = signed_in(client, "harlan")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = client.get("/account/")
    assert page.wsgi_request.actor.membership == "harlan-so.w.tate"
    # A passkey would be the person's, and open the other hat too.
    answer = Authenticator().create(options_in(page.content))
    made = client.post("/account/passkeys", {"answer": answer, "name": "Phone"})
    assert made.status_code == 403
    assert passkeys(tate) == ()
    assert client.get("/sign-in/as").status_code == 404  # nothing is left to choose


def test_a_session_of_a_passkey_that_a_provider_proved_again_makes_none_for_both_hats(
    other: Provider, real: Path, tmp_path: Path
):
    """What was proven last counts: one agency's provider would open the other agency's hat for good."""
    tate = agencies.actor("harlan-so.w.tate").member
    put(tmp_path, other, "harlan", "harlan-so", "harlan-so.w.tate")
    client = enrolled(Authenticator(), "harlan-so.w.tate")
    held = passkeys(tate)
    sent = client.get("/account/prove/harlan").headers["Location"]
    assert client.get(came_back(sent)).status_code == 200
    answer = Authenticator().create(options_in(client.get("/account/").content))
    made = client.post("/account/passkeys", {"answer": answer, "name": "Phone"})
    assert made.status_code == 403
    assert passkeys(tate) == held


def test_a_sealed_link_to_a_member_who_left_the_agency_opens_no_other_membership(
    provider: Provider, real: Path
):
    """A member with a hat elsewhere: the provider of the agency that was left opens none."""
    with administrator(real) as db:
        db.execute("update membership set agency_id = 'harlan-so' where id = %s", [ALVAREZ])
    try:
        client = browser()
        refused(signed_in(client), client)
    finally:
        with administrator(real) as db:
            db.execute("update membership set agency_id = 'riverbend-pd' where id = %s", [ALVAREZ])


def test_a_provider_that_sql_alone_changed_is_none(provider: Provider, real: Path):
    for change in ("agency_id = 'harlan-so'", "issuer = 'https://evil.example'",
                   "assurance = '{\"urn:example:aal2\": 3}'"):  # fmt: skip
        with administrator(real) as db:
            kept = db.execute("select agency_id, issuer, assurance::text from identity_provider")
            before = kept.fetchone()
            db.execute(f"update identity_provider set {change}")
        assert browser().get("/sign-in/with/riverbend").status_code == 404
        with administrator(real) as db:
            db.execute(
                "update identity_provider set agency_id = %(agency_id)s, issuer = %(issuer)s, "
                "assurance = %(assurance)s::jsonb",
                before,
            )
    assert browser().get("/sign-in/with/riverbend").status_code == 303


def test_a_suspended_agency_s_provider_is_not_there(provider: Provider, real: Path):
    client, late = browser(), browser()
    assert signed_in(client).status_code == 303
    back = came_back(asked(late))
    with administrator(real) as db:
        db.execute("update agency set suspended_at = now() where id = 'riverbend-pd'")
    try:
        assert b"/sign-in/with/riverbend" not in browser().get("/sign-in/").content
        assert browser().get("/sign-in/with/riverbend").status_code == 404
        assert late.get(back).status_code == 404
        assert client.get("/account/").status_code == 302
    finally:
        with administrator(real) as db:
            db.execute("update agency set suspended_at = null where id = 'riverbend-pd'")


def test_removing_a_link_or_the_provider_ends_the_sessions_it_opened(
    provider: Provider, tmp_path: Path
):
    client = browser()
    signed_in(client)
    assert put(tmp_path, provider) == 0  # the same again changes nothing
    assert client.get("/account/").status_code == 200
    assert put(tmp_path, provider, subject="4712") == 1
    assert client.get("/account/").status_code == 302
    provider.subject = "4712"
    signed_in(client)
    assert providers.remove("riverbend") == 1
    assert client.get("/account/").status_code == 302
    assert client.get("/sign-in/with/riverbend").status_code == 404


def test_an_old_proof_is_not_fresh_and_the_provider_is_asked_anew(provider: Provider):
    provider.age_s = 3600
    client = browser()
    signed_in(client)
    page = client.post("/account/passkeys", {"answer": "{}", "name": "Phone"})
    assert page.status_code == 401
    assert b"/account/prove/riverbend" in page.content
    sent = client.get("/account/prove/riverbend").headers["Location"]
    assert parse_qs(urlsplit(sent).query)["max_age"] == ["0"]
    assert parse_qs(urlsplit(sent).query)["prompt"] == ["login"]
    # It answers from its session of an hour ago all the same: that is no new proof.
    assert client.get(came_back(sent)).status_code == 403
    assert client.post("/account/passkeys", {"answer": "{}"}).status_code == 401
    provider.age_s = 0
    sent = client.get("/account/prove/riverbend").headers["Location"]
    assert client.get(came_back(sent)).status_code == 200
    assert client.post("/account/passkeys", {"answer": "{}", "name": "Phone"}).status_code != 401


def test_a_step_up_proves_no_less_and_nobody_else(provider: Provider, tmp_path: Path):
    client = browser()
    signed_in(client)
    provider.acr = "urn:example:aal1"
    sent = client.get("/account/prove/riverbend").headers["Location"]
    assert client.get(came_back(sent)).status_code == 403
    provider.acr, provider.subject = "urn:example:aal2", "4799"
    sent = client.get("/account/prove/riverbend").headers["Location"]
    assert client.get(came_back(sent)).status_code == 403


def test_a_proof_older_than_a_session_may_last_is_none(provider: Provider):
    provider.age_s = 9 * 3600
    client = browser()
    refused(signed_in(client), client)


def test_a_link_from_elsewhere_ends_no_session(provider: Provider):
    client = browser()
    signed_in(client)
    answer = client.get("/sign-in/with/riverbend")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/account/").status_code == 200


def test_a_provider_that_does_not_answer_lets_nobody_in(provider: Provider, real: Path):
    client = browser()
    back = came_back(asked(client))
    provider.codes.clear()
    refused(client.get(back), client)


def test_no_token_of_the_provider_is_kept_shown_or_logged(
    provider: Provider, real: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    client = browser()
    answer = signed_in(client)
    assert len(provider.tokens) == 2
    shown = [answer.content, *(client.get(path).content for path in ("/", "/account/"))]
    parts = {part for t in provider.tokens for part in (t, *t.split(".")[1:])}
    assert tables_with(real, ALVAREZ) != set()
    assert tables_with(real, *parts) == set()
    ours = [r for r in caplog.records if r.name.startswith(("accord", "django"))]
    assert ours
    logged = str([(r.getMessage(), r.__dict__) for r in ours])
    for part in parts:
        assert part not in logged
        assert part not in str(client.cookies)
        assert not any(part.encode() in page for page in shown)


def test_the_secret_is_neither_kept_nor_shown_in_clear(provider: Provider, real: Path):
    with administrator(real) as db:
        rows = db.execute("select provider::text from identity_provider provider").fetchall()
    assert SECRET not in str(rows)
    assert SECRET.encode().hex() not in str(rows)
    page = browser().get("/sign-in/").content
    assert SECRET.encode() not in page
    assert provider.issuer.encode() not in page


def test_a_session_that_rests_on_no_passkey_makes_no_token(provider: Provider) -> None:
    client = browser()
    assert signed_in(client).status_code == 303
    form = {
        "name": "List", "hours": "2", "actions": ["view"],
        "purposes": ["human-trafficking-investigation"],
    }  # fmt: skip
    answer = client.post("/account/tokens", form)
    assert answer.status_code == 403
    assert b"A token rests on a passkey" in answer.content
