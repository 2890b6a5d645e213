"""The operator's file that describes one agency's identity provider and whom it may name.

Every fault is reported, with its field. What the file does not say of an OpenID provider is read
once from the provider's own description, and kept as it was then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from accord.identity.federation import oidc, saml
from accord.identity.federation.domain import NotProven, Protocol
from accord.kernel.errors import InvalidInput, raise_all

FIELDS = {
    Protocol.OIDC: {
        "authorization_endpoint", "client_id", "client_secret_file", "issuer", "jwks_uri",
        "says_issuer", "token_endpoint",
    },
    Protocol.SAML: {"metadata"},
}  # fmt: skip
COMMON = {"agency", "assurance", "kind", "members", "name", "names_member"}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
SAYS_ISSUER = "authorization_response_iss_parameter_supported"
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
REUSED = frozenset(
    {"email", "e-mail", "mail", "emailaddress", "preferred_username", "name", "upn", "phone_number"}
)
REUSED_ENDS = ("emailaddress", "0.9.2342.19200300.100.1.3", "/name", "/upn", ":mail")
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Described:
    """What a file says, checked as far as it can be without the directory."""

    name: str
    agency: str
    kind: Protocol
    issuer: str
    client_id: str
    secret: str
    settings: Mapping[str, Any]
    names_member: str
    assurance: Mapping[str, int]
    members: Mapping[str, str]


class _Reader:
    """Reads fields of one file and gathers what is wrong with them."""

    def __init__(self, path: Path, said: Mapping[str, Any]) -> None:
        self.path, self.said = path, said
        self.faults: list[InvalidInput] = []

    def fault(self, field: str, rule: str) -> None:
        self.faults.append(InvalidInput(str(self.path), None, field, rule))

    def text(self, field: str, usual: str | None = None) -> str:
        value = self.said.get(field, usual)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST:
            self.fault(field, "must be text")
            return ""
        return value.strip()

    def beside(self, field: str) -> bytes:
        """The bytes of a file that the field names, beside this one."""
        named = self.text(field)
        if not named:
            return b""
        try:
            return (self.path.parent / named).read_bytes()
        except OSError as fault:
            self.fault(field, f"cannot be read: {fault.strerror}")
            return b""

    def secure(self, field: str, value: object) -> str:
        """An https address; plain http on this machine alone."""
        parts = urlsplit(value) if isinstance(value, str) else None
        if parts is None or not parts.hostname or parts.fragment or parts.username:
            self.fault(field, "must be an https address")
            return ""
        if parts.scheme != "https" and (
            parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1")
        ):
            self.fault(field, "must be an https address")
            return ""
        return str(value)

    def check(self) -> None:
        raise_all(self.faults)


def read(path: Path) -> Described:
    """Read a file; raises InvalidInput with every fault found."""
    reader = _Reader(path, mapping_of(path))
    try:
        kind = Protocol(str(reader.said.get("kind")))
    except ValueError as fault:
        raise InvalidInput(str(path), None, "kind", "must be oidc or saml") from fault
    for field in sorted(map(str, set(reader.said) - COMMON - FIELDS[kind])):
        reader.fault(field, f"is not known for a provider of kind {kind}")
    name = reader.text("name")
    if name and not NAME.fullmatch(name):
        reader.fault("name", "must be small letters, digits and hyphens")
    protocol = _OIDC if kind is Protocol.OIDC else _SAML
    issuer, client_id, secret, settings = protocol(reader)
    found = Described(
        name=name,
        agency=reader.text("agency"),
        kind=kind,
        issuer=issuer,
        client_id=client_id,
        secret=secret,
        settings=settings,
        names_member=_names_member(reader, kind),
        assurance=_assurance(reader),
        members=_members(reader),
    )
    reader.check()
    return found


def mapping_of(path: Path) -> Mapping[str, Any]:
    """The fields of the operator's file; raises InvalidInput for one that holds none."""
    try:
        said = yaml.safe_load(path.read_text("utf-8"))
    except OSError as fault:
        raise InvalidInput(str(path), None, "", f"cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise InvalidInput(str(path), None, "", "must be UTF-8") from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise InvalidInput(str(path), line, "", "is no YAML") from fault
    if not isinstance(said, dict):
        raise InvalidInput(str(path), None, "", "must be a mapping of fields")
    return said


_Protocol = Callable[[_Reader], tuple[str, str, str, dict[str, Any]]]


def _oidc(reader: _Reader) -> tuple[str, str, str, dict[str, Any]]:
    issuer = reader.secure("issuer", reader.said.get("issuer"))
    published: Mapping[str, Any] = {}
    if issuer and any(field not in reader.said for field in ENDPOINTS):
        try:
            published = oidc.discovered(issuer)
        except NotProven as fault:
            reader.fault("issuer", f"its description cannot be had: {fault}")
            return issuer, "", "", {}
    settings: dict[str, Any] = {
        field: reader.secure(field, reader.said.get(field, published.get(field)))
        for field in ENDPOINTS
    }
    settings["says_issuer"] = reader.said.get("says_issuer", published.get(SAYS_ISSUER, False))
    if not isinstance(settings["says_issuer"], bool):
        reader.fault("says_issuer", "must be true or false")
    try:
        secret = reader.beside("client_secret_file").decode("ascii").strip()
    except UnicodeDecodeError:
        secret = ""
    if not secret and "client_secret_file" not in {f.field for f in reader.faults}:
        reader.fault("client_secret_file", "must name a file that holds the secret")
    return issuer, reader.text("client_id"), secret, settings


def _saml(reader: _Reader) -> tuple[str, str, str, dict[str, Any]]:
    raw = reader.beside("metadata")
    if not raw:
        return "", "", "", {}
    try:
        found = saml.described(raw)
    except NotProven as fault:
        reader.fault("metadata", f"is not taken: {fault}")
        return "", "", "", {}
    if not found["issuer"] or not found["certificates"]:
        reader.fault("metadata", "must name the provider and hold a certificate that it signs with")
    url = reader.secure("metadata", found["sso_url"])
    return found["issuer"], "", "", {"sso_url": url, "certificates": found["certificates"]}


_OIDC: _Protocol = _oidc
_SAML: _Protocol = _saml


def _names_member(reader: _Reader, kind: Protocol) -> str:
    named = reader.text("names_member", "sub" if kind is Protocol.OIDC else saml.NAME_ID)
    if named.casefold() in REUSED or named.casefold().endswith(REUSED_ENDS):
        reader.fault(
            "names_member",
            "must be what stays with one person: an address or a name is given to the next one",
        )
    return named


def _assurance(reader: _Reader) -> dict[str, int]:
    said = reader.said.get("assurance")
    if not isinstance(said, dict) or not said:
        reader.fault("assurance", "must map what the provider asserts to a level")
        return {}
    for context, level in said.items():
        if not isinstance(context, str) or isinstance(level, bool) or level not in (1, 2, 3):
            reader.fault(f"assurance.{context}", "must map a text to 1, 2 or 3")
    return dict(said)


def _members(reader: _Reader) -> dict[str, str]:
    said = reader.said.get("members")
    if not isinstance(said, dict):
        reader.fault("members", "must map what the provider calls somebody to a member's id")
        return {}
    for subject, member in said.items():
        if not isinstance(subject, str) or not isinstance(member, str) or not subject.strip():
            reader.fault(f"members.{subject}", "must map a text to a text: put both in quotes")
    return dict(said)
