"""SAML 2.0, the side of this node: a request by redirect, and one reading of the posted response.

What is checked, in this order (SAML profiles 4.1.4.3, SAML core 2.3 to 2.7):

1. the form of the document (accord.identity.federation.saml_form), which fixes what can be read
2. python3-saml in strict mode: schema, status, issuer, times, and the signature by a certificate
   that the operator put in; what the response says of its own key counts for nothing
3. what python3-saml lets pass when it is missing or only alike: it answers the request of this
   browser; destination, recipient and audience are this node's, to the letter; both ends have a time

Left to the caller: that the request is of this browser's session and is answered once; who is named.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from xmlsec import Error as XmlsecError

from accord.identity.federation.domain import Asked, Asserted, Here, NotProven, Provider
from accord.identity.federation.saml_form import SAML, SAMLP, assertion_of, decoded, parsed
from accord.kernel.clock import now

NAME_ID = "NameID"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
FORMAT = "urn:oasis:names:tc:SAML:{}:nameid-format:{}"
LASTING = frozenset({FORMAT.format("2.0", "persistent"), FORMAT.format("1.1", "unspecified")})
"""Forms of a NameID that stay with one person; an e-mail address is given to the next one."""

UNDERSTOOD = frozenset(
    f"{SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
)
"""Conditions that this node keeps by what it does; another makes an assertion invalid (core 2.5.1)."""


def address(provider: Provider, here: Here, asked: Asked) -> str:
    """Where the browser is sent to be signed in (HTTP-Redirect binding, section 3.4)."""
    start = str(provider.settings["sso_url"])
    request = etree.Element(
        f"{SAMLP}AuthnRequest",
        {
            "ID": asked.request,
            "Version": "2.0",
            "IssueInstant": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Destination": start,
            "AssertionConsumerServiceURL": here.acs,
            "ProtocolBinding": POST,
            "ForceAuthn": "true" if asked.step_up else "false",
        },
        nsmap={"samlp": SAMLP[1:-1], "saml": SAML[1:-1]},
    )
    etree.SubElement(request, f"{SAML}Issuer").text = here.entity
    packed = zlib.compress(etree.tostring(request))[2:-4]  # DEFLATE without zlib's frame
    said = urlencode({"SAMLRequest": base64.b64encode(packed).decode()})
    return f"{start}{'&' if '?' in start else '?'}{said}"


def read(provider: Provider, here: Here, asked: Asked, answer: Mapping[str, str]) -> Asserted:
    """Return whom the provider names; raises NotProven."""
    raw = decoded(answer.get("SAMLResponse", ""))
    response = parsed(raw)
    assertion = assertion_of(response)
    _check_signed(provider, here, asked, raw)
    _check_answers(response, assertion, here, asked)
    return Asserted(
        _subject(provider, assertion),
        _text(assertion, "AuthnStatement/AuthnContext/AuthnContextClassRef"),
        _moment(_one(assertion, "AuthnStatement").get("AuthnInstant")),
    )


def _check_signed(provider: Provider, here: Here, asked: Asked, raw: bytes) -> None:
    parts = urlsplit(here.acs)
    request = {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
    }
    try:
        OneLogin_Saml2_Response(_settings(provider, here), base64.b64encode(raw)).is_valid(
            request, request_id=asked.request, raise_exceptions=True
        )
    except OneLogin_Saml2_ValidationError as fault:
        raise NotProven(f"the response does not hold (python3-saml: {fault.code})") from fault
    except (OneLogin_Saml2_Error, XmlsecError, etree.LxmlError, ValueError) as fault:
        raise NotProven(f"the response cannot be checked: {type(fault).__name__}") from fault


def _settings(provider: Provider, here: Here) -> Any:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": here.entity,
                "assertionConsumerService": {"url": here.acs, "binding": POST},
            },
            "idp": {
                "entityId": provider.issuer,
                "singleSignOnService": {"url": provider.settings["sso_url"], "binding": REDIRECT},
                "x509certMulti": {"signing": provider.settings["certificates"]},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantAttributeStatement": False,
                "requestedAuthnContext": False,
                "rejectDeprecatedAlgorithm": True,
                "rejectUnsolicitedResponsesWithInResponseTo": True,
            },
        }
    )


def _check_answers(
    response: etree._Element, assertion: etree._Element, here: Here, asked: Asked
) -> None:
    if response.get("InResponseTo") != asked.request:
        raise NotProven("the response answers no request of this browser")
    if response.get("Destination") != here.acs:
        raise NotProven("the response was meant for another address")
    conditions = _one(assertion, "Conditions")
    if conditions.get("NotOnOrAfter") is None:
        raise NotProven("the assertion has no end")
    restrictions = conditions.findall(f"{SAML}AudienceRestriction")
    meant = [[a.text for a in r.findall(f"{SAML}Audience")] for r in restrictions]
    if not meant or any(here.entity not in audience for audience in meant):
        raise NotProven("the assertion was made for somebody else")
    if any(node.tag not in UNDERSTOOD for node in conditions):
        raise NotProven("the assertion states a condition that is not understood")
    confirmed = _one(assertion, "Subject").findall(f"{SAML}SubjectConfirmation")
    if not any(_is_ours(c, here, asked) for c in confirmed):
        raise NotProven("no confirmation of the subject is for this request at this address")


def _is_ours(confirmation: etree._Element, here: Here, asked: Asked) -> bool:
    data = confirmation.find(f"{SAML}SubjectConfirmationData")
    if data is None or confirmation.get("Method") != BEARER:
        return False
    ends = _moment(data.get("NotOnOrAfter"))
    return (
        data.get("Recipient") == here.acs
        and data.get("InResponseTo") == asked.request
        and data.get("NotBefore") is None
        and ends is not None
        and ends > now()
    )


def _subject(provider: Provider, assertion: etree._Element) -> str:
    if provider.names_member == NAME_ID:
        name = _one(assertion, "Subject/NameID")
        if name.get("Format", FORMAT.format("1.1", "unspecified")) not in LASTING:
            raise NotProven("the NameID does not stay with one person")
        return _whole(name)
    found = [
        value
        for attribute in assertion.iter(f"{SAML}Attribute")
        if attribute.get("Name") == provider.names_member
        for value in attribute.findall(f"{SAML}AttributeValue")
    ]
    if len(found) != 1:
        raise NotProven("the attribute that names the member is not there once")
    return _whole(found[0])


def _one(node: etree._Element, path: str) -> etree._Element:
    found = node.findall("/".join(f"{SAML}{step}" for step in path.split("/")))
    if len(found) != 1:
        raise NotProven(f"there is not one {path}")
    return found[0]


def _text(node: etree._Element, path: str) -> str:
    found = node.findall("/".join(f"{SAML}{step}" for step in path.split("/")))
    return _whole(found[0]) if len(found) == 1 else ""


def _whole(node: etree._Element) -> str:
    """The text of an element that holds nothing but text."""
    text = (node.text or "").strip()
    if len(node) or not text:
        raise NotProven(f"a {etree.QName(node).localname} is empty or holds more than text")
    return text


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise NotProven("a moment of the assertion is none") from fault
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def described(raw: bytes) -> dict[str, Any]:
    """Issuer, address and certificates of a provider's own metadata; raises NotProven."""
    parsed(raw)
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(raw, required_sso_binding=REDIRECT)
    except (OneLogin_Saml2_Error, etree.LxmlError, ValueError) as fault:
        raise NotProven("the metadata cannot be read") from fault
    idp = found.get("idp", {})
    held = idp.get("x509certMulti", {}).get("signing") or [idp.get("x509cert")]
    return {
        "issuer": idp.get("entityId", ""),
        "sso_url": idp.get("singleSignOnService", {}).get("url", ""),
        "certificates": [c for c in held if c],
    }
