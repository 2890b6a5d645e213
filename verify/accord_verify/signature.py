"""Signatures of members: what was shown, what was signed about it, and the passkey's answer.

The layout of what is signed is fixed (docs/how-to/member-signatures.md): the line
`accord-member-signature/1`, a line feed, and the facts in canonical JSON (RFC 8785). Its SHA-256 is
the challenge that the passkey answered (WebAuthn level 3, section 7.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from accord_verify import cose
from accord_verify.notes import unbase64
from accord_verify.plain import only, read_json, within
from accord_verify.report import BadFile, Code, Failure, Report, Signer

FORMAT = "accord-signature/1"
DOMAIN = b"accord-member-signature/1\n"
NAMES = {"format", "document", "signed", "assertion", "key", "rp", "origin"}
ASSERTION = {"authenticatorData", "clientDataJSON", "signature"}
KEY = {"cose", "digest", "credential"}
FACTS = ("agency", "at", "digest", "kind", "member", "membership", "subject")
USER_PRESENT, USER_VERIFIED = 0x01, 0x04
SHORTEST_DATA = 37


@dataclass(frozen=True)
class Expected:
    """What the reader knows by another way, where they do: the origin, the key's digest."""

    origins: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A signature, parsed and not yet believed."""

    document: bytes
    signed: bytes
    facts: dict[str, str]
    data: bytes
    client_data: bytes
    client: dict[str, Any]
    signature: bytes
    key: bytes
    key_digest: str
    rp: str
    origin: str

    @property
    def counter(self) -> int:
        return int.from_bytes(self.data[33:37], "big")


def read_bundle(sent: dict[str, Any], where: str) -> Bundle:
    """A bundle from its JSON; raises BadFile for one that is not whole."""
    with within(where):
        return _read(sent, where)


def _read(sent: dict[str, Any], where: str) -> Bundle:
    assertion, key = sent.get("assertion"), sent.get("key")
    signed, rp, origin = sent.get("signed"), sent.get("rp"), sent.get("origin")
    if not isinstance(assertion, dict) or not isinstance(key, dict):
        raise BadFile(f"{where}: a signature has `assertion` and `key`.")
    if not isinstance(signed, str) or not isinstance(rp, str) or not isinstance(origin, str):
        raise BadFile(f"{where}: a signature has `signed`, `rp` and `origin`.")
    if sent.get("format") != FORMAT:
        raise BadFile(f"{where}: a signature is of the form {FORMAT}.")
    only(sent, NAMES, "a signature")
    only(assertion, ASSERTION, "the answer of a passkey")
    only(key, KEY, "the key of a signature")
    data = unbase64(assertion.get("authenticatorData"), "authenticator data")
    if len(data) < SHORTEST_DATA:
        raise BadFile(f"{where}: authenticator data have at least {SHORTEST_DATA} bytes.")
    client_data = unbase64(assertion.get("clientDataJSON"), "client data")
    return Bundle(
        document=unbase64(sent.get("document"), "a document"),
        signed=signed.encode(),
        facts=_facts(signed.encode(), where),
        data=data,
        client_data=client_data,
        client=_object(client_data, f"{where}: the client data"),
        signature=unbase64(assertion.get("signature"), "a signature"),
        key=unbase64(key.get("cose"), "a public key"),
        key_digest=str(key.get("digest")),
        rp=rp,
        origin=origin,
    )


def _facts(signed: bytes, where: str) -> dict[str, str]:
    if not signed.startswith(DOMAIN):
        raise BadFile(f"{where}: what was signed does not begin with {DOMAIN.decode().strip()}.")
    facts = _object(signed[len(DOMAIN) :], f"{where}: what was signed")
    if tuple(sorted(facts)) != FACTS or not all(isinstance(v, str) for v in facts.values()):
        raise BadFile(f"{where}: what was signed has {', '.join(FACTS)}, all of them text.")
    return facts


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        found = read_json(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{what} is not JSON.") from error
    if not isinstance(found, dict):
        raise BadFile(f"{what} is no JSON object.")
    return found


def check_bundle(bundle: Bundle, expected: Expected, source: str) -> Report:
    """Takes the steps of the package's beginning, in their order."""
    report = Report(source)
    report.signer = Signer.NAMED if expected.keys else Signer.IN_FILE
    facts = bundle.facts
    steps: tuple[tuple[str, Callable[[Bundle, Expected], list[Failure]]], ...] = (
        ("The document is the one that the signed statement names.", _document),
        ("The passkey answered the hash of exactly this statement.", _challenge),
        ("The answer was given on a page of this node's origin.", _origin),
        ("The passkey answered for this node, and saw and verified its user.", _authenticator),
        ("The key is the one that is named.", _key),
        ("The signature is this key's.", _signature),
    )
    for sentence, check in steps:
        report.step(sentence, check(bundle, expected))
    report.notes.append(
        f"{facts['member']} (as {facts['membership']} of {facts['agency']}) signed "
        f"{facts['kind']} {facts['subject']}, shown at {facts['at']}."
    )
    if not expected.origins:
        report.notes.append(f"You named no origin; the file says {bundle.origin}.")
    if not expected.keys:
        report.notes.append(
            f"You named no key; compare {bundle.key_digest} with the ledger's entry "
            "`made a passkey` of this member."
        )
    return report


def _document(bundle: Bundle, expected: Expected) -> list[Failure]:
    del expected
    if sha256(bundle.document).hexdigest() != bundle.facts["digest"]:
        return [Failure(Code.DOCUMENT_MISMATCH, "The document has another SHA-256.")]
    try:
        if _names(bundle.facts["kind"], bundle.document, bundle.facts["subject"]):
            return []
    except BadFile as bad:
        return [Failure(Code.WRONG_SUBJECT, str(bad))]
    return [Failure(Code.WRONG_SUBJECT, "The document is about another subject than is stated.")]


def _names(kind: str, document: bytes, subject: str) -> bool:
    """Whether a document is about the subject: a kind that is not known here says it by its digest."""
    match kind:
        case "agreement":
            return sha256(document).hexdigest() == subject
        case "agreement-step":
            return _object(document, "The document").get("hash") == subject
        case "statement":
            return _object(document, "The document").get("id") == subject
        case "custody":
            return _object(document, "The document").get("exhibit") == subject
        case _:
            return True


def _challenge(bundle: Bundle, expected: Expected) -> list[Failure]:
    del expected
    failures = []
    if bundle.client.get("type") != "webauthn.get":
        failures.append(Failure(Code.WRONG_CEREMONY, "The answer is to another kind of question."))
    if bundle.client.get("crossOrigin") or "topOrigin" in bundle.client:
        failures.append(Failure(Code.WRONG_ORIGIN, "The page was shown inside another one."))
    challenge = _unbase64url(bundle.client.get("challenge"))
    if challenge != sha256(bundle.signed).digest():
        failures.append(Failure(Code.WRONG_CHALLENGE, "The passkey answered something else."))
    return failures


def _origin(bundle: Bundle, expected: Expected) -> list[Failure]:
    said = bundle.client.get("origin")
    if said != bundle.origin or (expected.origins and said not in expected.origins):
        return [Failure(Code.WRONG_ORIGIN, f"The answer was given on a page of {said}.")]
    try:
        host = urlsplit(bundle.origin).hostname or ""
    except ValueError:
        return [Failure(Code.WRONG_ORIGIN, f"{bundle.origin} is the address of no page.")]
    if host != bundle.rp and not host.endswith("." + bundle.rp):
        return [Failure(Code.WRONG_ORIGIN, f"{bundle.origin} is no page of {bundle.rp}.")]
    return []


def _authenticator(bundle: Bundle, expected: Expected) -> list[Failure]:
    del expected
    failures = []
    if bundle.data[:32] != sha256(bundle.rp.encode()).digest():
        failures.append(Failure(Code.WRONG_NODE, "The passkey answered for another node."))
    if not bundle.data[32] & USER_PRESENT:
        failures.append(Failure(Code.NOT_VERIFIED, "Nobody touched the passkey."))
    if not bundle.data[32] & USER_VERIFIED:
        failures.append(Failure(Code.NOT_VERIFIED, "The passkey did not verify who touched it."))
    return failures


def _key(bundle: Bundle, expected: Expected) -> list[Failure]:
    digest = sha256(bundle.key).hexdigest()
    if digest != bundle.key_digest:
        return [Failure(Code.WRONG_KEY, "The key is not the one whose digest stands beside it.")]
    if expected.keys and digest not in expected.keys:
        return [Failure(Code.WRONG_KEY, f"You did not name the key {digest}.")]
    return []


def _signature(bundle: Bundle, expected: Expected) -> list[Failure]:
    del expected
    message = bundle.data + sha256(bundle.client_data).digest()
    try:
        if cose.verifies(bundle.key, bundle.signature, message):
            return []
    except BadFile as bad:  # this one signature fails, and all else in the file is judged
        return [Failure(Code.WRONG_KEY, str(bad))]
    return [Failure(Code.SIGNATURE_INVALID, "The key did not make this signature.")]


def _unbase64url(text: object) -> bytes | None:
    """The bytes of base64url without padding; None for what is none."""
    if not isinstance(text, str) or set(text) & set("+/="):
        return None
    try:
        return unbase64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), "x")
    except BadFile:
        return None


def counters(bundles: list[tuple[str, Bundle]]) -> Report | None:
    """Whether the counter of every key that counts went up from each signature to the next one.

    None where no key signed twice. A counter that stood still or went back tells of a copied key.
    """
    by_key: dict[bytes, list[tuple[str, Bundle]]] = {}
    for source, bundle in bundles:
        by_key.setdefault(bundle.key, []).append((source, bundle))
    several = [found for found in by_key.values() if len(found) > 1]
    if not several:
        return None
    report = Report("the signatures of one key together")
    for found in several:
        found.sort(key=lambda pair: pair[1].facts["at"])
        report.step(
            f"The counter of key {found[0][1].key_digest[:12]} went up each time.",
            [
                Failure(
                    Code.COUNTER_BACK,
                    f"{later[0]}: {later[1].counter} follows {earlier[1].counter}.",
                )
                for earlier, later in pairwise(found)
                if earlier[1].signature != later[1].signature
                and (earlier[1].counter or later[1].counter)
                and later[1].counter <= earlier[1].counter
            ],
        )
    return report
