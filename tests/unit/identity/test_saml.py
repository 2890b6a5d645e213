"""Signing in through an agency's SAML provider, and what is tried against it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import xmlsec
from django.test import Client
from lxml import etree

import saml_provider
from accord.agencies import queries as agencies
from accord.identity.actions import providers
from accord.identity.federation import file as files
from isolation.direct import administrator
from saml_provider import SAML, WRAPPINGS, Key, Provider, at, field_of, wrapped, wrapped_response
from unit.identity.conftest import ALVAREZ, browser

OKAFOR = "riverbend-pd.d.okafor"
ACS = "http://localhost/sign-in/with/riverbend/saml"
ENTITY = "http://localhost/sign-in/with/riverbend"
FILE = """
name: riverbend
agency: riverbend-pd
kind: saml
metadata: metadata.xml
assurance: {{"{context}": 2}}
members: {{"u-4711": "{alvarez}", "u-1": "{okafor}"}}
"""


@pytest.fixture
def provider(real: Path, tmp_path: Path) -> Iterator[Provider]:
    with saml_provider.running() as found:
        (tmp_path / "metadata.xml").write_text(found.metadata())
        said = FILE.format(
            context=saml_provider.AAL2,
            alvarez=agencies.actor(ALVAREZ).member,
            okafor=agencies.actor(OKAFOR).member,
        )
        (tmp_path / "provider.yaml").write_text(said)
        providers.put("provider.yaml", files.read(tmp_path / "provider.yaml"))
        yield found
    with administrator(real) as db:
        db.execute("delete from provider_link")
        db.execute("delete from identity_provider")


def answered(client: Client) -> str:
    """The response with which the provider sends this browser back."""
    sent = client.get("/sign-in/with/riverbend")
    assert sent.status_code == 303
    page = httpx.get(sent.headers["Location"])
    assert page.status_code == 200
    assert f'action="{ACS}"' in page.text
    return field_of(page.text, "SAMLResponse")


def handed_in(client: Client, response: str):
    """What the node makes of it, by way of its own page, as a browser goes."""
    posted = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)  # it sends no cookie
    page = posted.post("/sign-in/with/riverbend/saml", {"SAMLResponse": response})
    if page.status_code != 200:
        return page
    kept = field_of(page.content.decode(), "SAMLResponse")
    assert kept == response
    return client.post("/sign-in/with/riverbend/saml/read", {"SAMLResponse": kept})


def signed_in(client: Client):
    return handed_in(client, answered(client))


def refused(answer, client: Client, caplog, why: str) -> None:
    """One page for whatever does not hold; the log says what it was; nobody is signed in."""
    assert answer.status_code == 403, answer.status_code
    assert b"did not let you in here" in answer.content
    said = [r.facts["why"] for r in caplog.records if hasattr(r, "facts") and "why" in r.facts]
    assert why.replace(" ", "-") in said[-1], said
    assert client.get("/").status_code == 302


def test_a_member_comes_in_through_the_provider_of_the_agency(provider: Provider):
    client = browser()
    answer = signed_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    actor = client.get("/account/").wsgi_request.actor
    assert (actor.membership, actor.assurance) == (ALVAREZ, 2)


def test_a_response_that_is_signed_as_well_is_taken(provider: Provider):
    provider.signs_response = True
    assert signed_in(browser()).status_code == 303


def test_only_this_node_s_own_page_hands_a_response_in(provider: Provider):
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    answer = client.post("/sign-in/with/riverbend/saml/read", {"SAMLResponse": answered(client)})
    assert answer.status_code == 403
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("how", WRAPPINGS)
@pytest.mark.parametrize("both", [False, True], ids=["assertion signed", "both signed"])
def test_a_signature_speaks_for_nothing_but_what_it_stands_in(
    provider: Provider, caplog, how: str, both: bool
):
    provider.signs_response = both
    provider.after = wrapped(how, "u-1")
    client = browser()
    why = WRAPPINGS[how][1]
    refused(signed_in(client), client, caplog, why)


@pytest.mark.parametrize("how", ["in the Object of its signature", "beside its signature"])
@pytest.mark.parametrize("both", [False, True], ids=["response signed", "both signed"])
def test_a_signed_response_inside_a_forged_one_is_refused(
    provider: Provider, caplog, how: str, both: bool
):
    provider.signs_response, provider.signs_assertion = True, both
    provider.after = wrapped_response(how, "u-1")
    client = browser()
    refused(signed_in(client), client, caplog, saml_provider.NOT_ONE)


def test_an_assertion_must_be_signed_itself(provider: Provider, caplog):
    for response_too in (False, True):
        provider.signs_assertion, provider.signs_response = False, response_too
        client = browser()
        refused(signed_in(client), client, caplog, "the Assertion is not signed")


def test_a_key_that_the_operator_did_not_put_in_counts_for_nothing(provider: Provider, caplog):
    provider.signs = Key()  # its certificate comes along in the signature
    client = browser()
    refused(signed_in(client), client, caplog, "python3-saml")


def test_sha_1_is_not_taken(provider: Provider, caplog):
    provider.method = xmlsec.Transform.RSA_SHA1
    client = browser()
    refused(signed_in(client), client, caplog, "is not taken")


HOURS = {"yesterday": -24, "long_ago": -2, "later": 2}  # from the moment of the test


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"audience": "https://elsewhere.example"}, "python3-saml"),
        ({"audience": ENTITY + "/x"}, "python3-saml"),
        ({"recipient": "https://elsewhere.example/acs"}, "python3-saml"),
        ({"recipient": ACS + "?to=https://elsewhere.example"}, "no confirmation of the subject"),
        ({"destination": "https://elsewhere.example/acs"}, "python3-saml"),
        ({"destination": ACS + "/more"}, "meant for another address"),
        ({"issuer": "https://elsewhere.example"}, "python3-saml"),
        ({"until": 'NotOnOrAfter="{long_ago}"'}, "python3-saml"),
        ({"until": ""}, "the assertion has no end"),
        ({"before": "{later}"}, "python3-saml"),
        ({"ends": 'NotOnOrAfter="{long_ago}"'}, "python3-saml"),
        ({"ends": ""}, "no confirmation of the subject"),
        ({"answers": "_another"}, "python3-saml"),
        ({"confirms": "_another"}, "python3-saml"),
        ({"proven": "{yesterday}"}, "the proof is too old"),
        ({"proven": "{later}"}, "a moment to come"),
        ({"context": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}, "is not mapped"),
        ({"subject": "u-unknown"}, "linked to no member"),
        ({"subject": "m.alvarez@riverbend.example"}, "linked to no member"),
        ({"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, "with one person"),
        ({"format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}, "with one person"),
    ],
    ids=str,
)  # fmt: skip
def test_an_assertion_that_says_something_else_is_refused(
    provider: Provider, caplog, wrong: dict[str, str], why: str
):
    now = datetime.now(UTC)
    moments = {name: at(now + timedelta(hours=hours)) for name, hours in HOURS.items()}
    provider.wrong = {part: said.format_map(moments) for part, said in wrong.items()}
    client = browser()
    refused(signed_in(client), client, caplog, why)


def test_an_unsolicited_response_is_refused(provider: Provider, caplog):
    client = browser()
    refused(
        handed_in(client, provider.response("_x", ACS, ENTITY)), client, caplog, "asked nothing"
    )
    client.get("/sign-in/with/riverbend")
    refused(handed_in(client, provider.response("_x", ACS, ENTITY)), client, caplog, "python3-saml")


@pytest.mark.parametrize("where", ["response", "confirmation", "both"])
def test_a_response_that_says_of_no_request_that_it_answers_it_is_refused(
    provider: Provider, caplog, where: str
):
    said = rb' InResponseTo="[^"]*"'

    def unsaid(raw: bytes) -> bytes:
        if where == "confirmation":
            return re.sub(rb"(SubjectConfirmationData)" + said, rb"\1", raw)
        return re.sub(said, b"", raw, count=1 if where == "response" else 0)

    def signed_without(raw: bytes) -> bytes:
        root = etree.fromstring(unsaid(raw))
        provider.key.sign(root.find(f"{{{SAML}}}Assertion"))
        return etree.tostring(root)

    provider.signs_assertion, provider.raw = False, signed_without
    client = browser()
    why = "no confirmation" if where == "confirmation" else "answers no request"
    refused(signed_in(client), client, caplog, why)


def test_a_response_counts_once(provider: Provider, caplog):
    client = browser()
    response = answered(client)
    assert handed_in(client, response).status_code == 303
    client.post("/sign-out")
    refused(handed_in(client, response), client, caplog, "asked nothing")
    client.get("/sign-in/with/riverbend")
    refused(handed_in(client, response), client, caplog, "python3-saml")


def test_a_response_to_one_browser_signs_no_other_in(provider: Provider, caplog):
    victim = browser()
    victim.get("/sign-in/with/riverbend")
    refused(handed_in(victim, answered(browser())), victim, caplog, "python3-saml")


@pytest.mark.parametrize(
    "inside", ["u-1<!-- -->4711", "u-4711<!-- -->9", "<!-- -->u-4711", "u-1<?x?>2"]
)
def test_nothing_but_text_names_a_member(provider: Provider, caplog, inside: str):
    """A comment in a signed name is left out when it is checked, and may not be when it is read."""
    provider.wrong = {"subject": inside}
    client = browser()
    refused(signed_in(client), client, caplog, "a comment")


def test_a_comment_put_into_a_signed_name_afterwards_is_refused(provider: Provider, caplog):
    provider.raw = lambda raw: raw.replace(b"u-4711</", b"u-<!-- -->4711</")
    client = browser()
    refused(signed_in(client), client, caplog, "a comment")


DOCTYPES = {
    "file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "address": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY e "&a;&a;&a;&a;">]>',
    "bare": "<!DOCTYPE x>",
    "outside": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
}


@pytest.mark.parametrize("name", DOCTYPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_whatever_it_says(
    provider: Provider, caplog, name: str, encoding: str
):
    def with_type(raw: bytes) -> bytes:
        text = raw.decode().replace(
            "u-4711</", "&e;</" if "ENTITY e" in DOCTYPES[name] else "u-4711</"
        )
        return f'<?xml version="1.0"?>{DOCTYPES[name]}{text}'.encode(encoding)

    provider.raw = with_type
    client = browser()
    refused(signed_in(client), client, caplog, "the XML ")


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ("", "missing or too long"),
        ("%%%", "no base64"),
        ("PHg+", "cannot be read"),
        (base64.b64encode(b"<x/>").decode(), "the root is no Response"),
        (base64.b64encode(b"\xff\xfe").decode(), "cannot be read"),
        (base64.b64encode(b"<a>" * 50_000).decode(), "cannot be read"),
        ("A" * 500_000, "too long"),
        ("A" * 600_000, "missing or too long"),
    ],
    ids=["nothing", "no base64", "no XML", "another root", "no text", "deep", "long", "longer"],
)
def test_what_is_no_response_is_refused(provider: Provider, caplog, response: str, why: str):
    client = browser()
    client.get("/sign-in/with/riverbend")
    refused(handed_in(client, response), client, caplog, why)


def test_an_attribute_may_name_the_member_and_an_address_may_not(
    provider: Provider, tmp_path: Path
):
    said = (tmp_path / "provider.yaml").read_text()
    for reused in ("mail", "urn:oid:0.9.2342.19200300.100.1.3", "email",
                   "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"):  # fmt: skip
        (tmp_path / "other.yaml").write_text(f"{said}\nnames_member: {reused}\n")
        with pytest.raises(files.InvalidInput, match="stays with one person"):
            files.read(tmp_path / "other.yaml")


def test_the_provider_is_asked_for_a_new_proof_where_a_step_asks_for_one(provider: Provider):
    provider.wrong = {"proven": at(datetime.now(UTC) - timedelta(hours=1))}
    client = browser()
    assert signed_in(client).status_code == 303
    assert provider.asked[-1].get("ForceAuthn") == "false"
    assert client.post("/account/passkeys", {"answer": "{}", "name": "x"}).status_code == 401
    provider.wrong = {}
    page = httpx.get(client.get("/account/prove/riverbend").headers["Location"])
    assert provider.asked[-1].get("ForceAuthn") == "true"
    assert handed_in(client, field_of(page.text, "SAMLResponse")).status_code == 200
    assert client.post("/account/passkeys", {"answer": "{}", "name": "x"}).status_code != 401
