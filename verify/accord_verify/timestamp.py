"""Timestamps over signed heads: RFC 3161 tokens, which are CMS signed data (RFC 5652).

1. The token is whole, and what it states is the digest of this head's text without its signatures.
2. What was signed is that statement, and names the certificate of its signer (RFC 5035, RFC 2634).
3. The signer's certificate is for timestamps and was valid at the stated time.
4. It is one that the reader named, or was issued by one (at most four steps).
5. The signature is its key's (RSA PKCS #1 v1.5, ECDSA, Ed25519).

Not checked: whether the certificate was revoked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from accord_verify import der
from accord_verify.notes import Head
from accord_verify.report import BadFile, Code, Failure, Report

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
CERTIFICATE_V1, CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
DIGESTS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
SIGNATURES = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
LONGEST_CHAIN = 4
MOST_TOKEN_BYTES = 64 * 1024
"""A token with its certificates has 1 to 10 KB; each value of two bytes costs a hundred when read."""
MALFORMED = (
    der.NotDer,
    ValueError,
    IndexError,
    TypeError,  # cryptography's, where a certificate has a value of another type than its name says
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a stranger's DER and certificates may raise."""


class Wrong(Exception):
    """A step that does not hold, under its name."""

    def __init__(self, sentence: str, code: Code = Code.TIMESTAMP_INVALID) -> None:
        super().__init__(sentence)
        self.failure = Failure(code, sentence)


@dataclass(frozen=True)
class Authority:
    """The certificates that the reader trusts for timestamps."""

    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True)
class Token:
    """A timestamp token as read; nothing in it is believed yet."""

    info: bytes
    imprint_by: str
    imprint: bytes
    at: datetime
    certificates: tuple[x509.Certificate, ...]
    signer: der.Node
    digest: str
    attributes: bytes
    named: dict[str, der.Node]
    algorithm: str
    signature: bytes


def read_authority(files: list[Path]) -> Authority | None:
    """The certificates in these PEM files; None where none was named. Raises BadFile."""
    found: list[x509.Certificate] = []
    for file in files:
        try:
            found += x509.load_pem_x509_certificates(file.read_bytes())
        except MALFORMED as error:
            raise BadFile(f"{file.name}: the file holds no certificate in PEM.") from error
    return Authority(tuple(found)) if files else None


def check(raw: bytes, head: Head, authority: Authority | None, report: Report) -> datetime | None:
    """Takes the steps above, as one or two steps of the report; gives the time where they hold."""
    try:
        token = read_token(raw)
        _check_imprint(token, head)
    except Wrong as wrong:
        report.step("the timestamp is over this head", [wrong.failure])
        return None
    report.step("the timestamp is over this head", [])
    when = token.at.isoformat()
    if authority is None:
        report.notes.append(
            f"The timestamp says that the head was there at {when}. Who says so was not checked: "
            "name the authority's certificate with --tsa-cert."
        )
        return token.at
    try:
        check_signer(token, authority)
    except Wrong as wrong:
        report.step(f"an authority that you named gave the time {when}", [wrong.failure])
        return None
    report.step(f"an authority that you named gave the time {when}", [])
    return token.at


def times(
    stamped: Sequence[tuple[bytes | None, Head]], authority: Authority | None
) -> Iterator[str]:
    """What to say of the timestamps of many receipts: how many hold, from when to when, and by whom."""
    tokens = [(raw, head) for raw, head in stamped if raw is not None]
    if not tokens and authority is not None:
        yield "There is no timestamp in this file, so none was checked."
    found = [check(raw, head, authority, Report("")) for raw, head in tokens]
    if held := [at for at in found if at is not None]:
        by = "by an authority that you named" if authority else "whose authority nobody named"
        yield (
            f"Receipts with a timestamp {by}: {len(held)}{'' if authority else ' (--tsa-cert)'}, from"
            f" {min(held).isoformat()} (earliest) to {max(held).isoformat()} (latest)."
        )


def read_token(raw: bytes) -> Token:
    """Reads a token; raises for one that is not whole."""
    if len(raw) > MOST_TOKEN_BYTES:
        raise Wrong(f"The timestamp has more than {MOST_TOKEN_BYTES // 1024} KiB.")
    try:
        return _read(raw)
    except MALFORMED as error:
        raise Wrong(f"The timestamp is not an RFC 3161 token: {error}.") from error


def _read(raw: bytes) -> Token:
    kind, content = der.inside(der.whole(raw), der.SEQUENCE, 2)[:2]
    if kind.oid() != SIGNED_DATA:
        raise der.NotDer("it is no signed data")
    fields = der.inside(der.inside(content, der.TAGGED_0)[0], der.SEQUENCE, 4)
    of, wrapped = der.inside(fields[2], der.SEQUENCE, 2)[:2]
    if of.oid() != TST_INFO:
        raise der.NotDer("what was signed is no timestamp")
    info = der.octets(der.inside(wrapped, der.TAGGED_0)[0])
    embedded = [
        x509.load_der_x509_certificate(node.raw)
        for group in fields[3:-1]
        if group.tag == der.TAGGED_0
        for node in group.children()
    ]
    signers = der.inside(fields[-1], der.SET)
    if len(signers) != 1:
        raise der.NotDer("it has several signers")
    return _token(info, tuple(embedded), der.inside(signers[0], der.SEQUENCE, 6))


def _token(info: bytes, embedded: tuple[x509.Certificate, ...], signer: list[der.Node]) -> Token:
    stated = der.inside(der.whole(info), der.SEQUENCE, 5)
    by, imprint = der.inside(stated[2], der.SEQUENCE, 2)[:2]
    attributes = der.inside(signer[3], der.TAGGED_0)
    named = {
        name.oid(): der.inside(values, der.SET)[0]
        for name, values in (der.inside(each, der.SEQUENCE, 2)[:2] for each in attributes)
    }
    return Token(
        info=info,
        imprint_by=_digest(by),
        imprint=der.octets(imprint),
        at=_time(stated[4]),
        certificates=embedded,
        signer=signer[1],
        digest=_digest(signer[2]),
        attributes=bytes([der.SET]) + signer[3].raw[1:],  # signed as a SET (RFC 5652, 5.4)
        named=named,
        algorithm=der.inside(signer[4], der.SEQUENCE)[0].oid(),
        signature=der.octets(signer[5]),
    )


def _digest(algorithm: der.Node) -> str:
    name = der.inside(algorithm, der.SEQUENCE)[0].oid()
    if name not in DIGESTS:
        raise der.NotDer(f"digest {name} is not supported")
    return DIGESTS[name]


def _time(node: der.Node) -> datetime:
    text = node.content.decode("ascii")
    if node.tag != der.TIME or not text.endswith("Z"):
        raise der.NotDer("its time is not in UTC")
    whole, _, fraction = text[:-1].partition(".")
    at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else at


def _check_imprint(token: Token, head: Head) -> None:
    if hashlib.new(token.imprint_by, head.text.encode()).digest() != token.imprint:
        raise Wrong(
            f"The timestamp is over something else than {head.label}.", Code.TIMESTAMP_MISMATCH
        )


def check_signer(token: Token, authority: Authority) -> None:
    """Steps 2 to 5; raises for the first that does not hold."""
    try:
        _check_attributes(token)
        certificate = _signer(token, authority)
        _check_purpose(certificate, token.at)
        _check_chain(certificate, token, authority)
        _check_signature(token, certificate)
    except MALFORMED as error:
        raise Wrong(f"The timestamp or a certificate is malformed: {error}.") from error


def _check_attributes(token: Token) -> None:
    said = token.named.get(MESSAGE_DIGEST)
    kind = token.named.get(CONTENT_TYPE)
    digest, of = der.octets(said) if said else b"", kind.oid() if kind else ""
    if of != TST_INFO or digest != hashlib.new(token.digest, token.info).digest():
        raise Wrong("What the timestamp states is not what was signed: it was changed.")


def _signer(token: Token, authority: Authority) -> x509.Certificate:
    """The certificate that the token says its signer has, and that the signed attributes name."""
    for certificate in (*authority.certificates, *token.certificates):
        if _is_named(certificate, token.signer):
            if not _is_signed_for(certificate, token):
                raise Wrong("The timestamp was signed for another certificate than its signer's.")
            return certificate
    raise Wrong(
        "The timestamp's signer is not among the certificates that you named, nor in the token.",
        Code.TIMESTAMP_UNTRUSTED,
    )


def _is_named(certificate: x509.Certificate, signer: der.Node) -> bool:
    if signer.tag == der.SEQUENCE:
        issuer, serial = der.inside(signer, der.SEQUENCE, 2)[:2]
        same = issuer.raw == certificate.issuer.public_bytes()
        return same and serial.integer() == certificate.serial_number
    try:
        known = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return known.value.digest == signer.content


def _is_signed_for(certificate: x509.Certificate, token: Token) -> bool:
    """Whether the signed attributes name this certificate by its hash."""
    encoded = certificate.public_bytes(Encoding.DER)
    try:
        if (found := token.named.get(CERTIFICATE_V2)) is not None:
            fields = der.inside(_first_certificate(found), der.SEQUENCE)
            by = _digest(fields[0]) if fields[0].tag == der.SEQUENCE else "sha256"
            said = der.octets(fields[1] if fields[0].tag == der.SEQUENCE else fields[0])
            return said == hashlib.new(by, encoded).digest()
        if (found := token.named.get(CERTIFICATE_V1)) is not None:
            said = der.octets(der.inside(_first_certificate(found), der.SEQUENCE)[0])
            # RFC 2634 fixes SHA-1 here; the signature itself never rests on it.
            return said == hashlib.sha1(encoded, usedforsecurity=False).digest()
    except (der.NotDer, IndexError):
        return False
    return False


def _first_certificate(attribute: der.Node) -> der.Node:
    return der.inside(der.inside(attribute, der.SEQUENCE)[0], der.SEQUENCE)[0]


def _check_purpose(certificate: x509.Certificate, at: datetime) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        usage = None
    stamping = x509.oid.ExtendedKeyUsageOID.TIME_STAMPING
    if usage is None or not usage.critical or list(usage.value) != [stamping]:
        raise Wrong("The signer's certificate is not for timestamps alone (RFC 3161, 2.3).")
    _check_valid(certificate, at)


def _check_valid(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        name = certificate.subject.rfc4514_string()
        raise Wrong(f"The certificate of {name} was not valid at {at.isoformat()}.")


def _check_chain(certificate: x509.Certificate, token: Token, authority: Authority) -> None:
    current = certificate
    for below in range(LONGEST_CHAIN):
        if current in authority.certificates:
            return
        issuers = (*authority.certificates, *token.certificates)
        above = next((each for each in issuers if _issued(current, each, below)), None)
        if above is None:
            break
        _check_valid(above, token.at)
        current = above
    raise Wrong(
        "The timestamp's certificate is not one that you named, and was issued by none of them.",
        Code.TIMESTAMP_UNTRUSTED,
    )


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, below: int) -> bool:
    """Whether the issuer signed this, and may: `below` counts authorities under it (RFC 5280, 4.2.1)."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = [e.value for e in issuer.extensions if isinstance(e.value, x509.KeyUsage)]
        certificate.verify_directly_issued_by(issuer)
    except (*MALFORMED, x509.ExtensionNotFound, TypeError, InvalidSignature):
        return False
    deep = constraints.path_length is not None and below > constraints.path_length
    return constraints.ca and not deep and all(each.key_cert_sign for each in usage)


def _check_signature(token: Token, certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    by = _HASHES[SIGNATURES.get(token.algorithm, token.digest)]
    try:
        match key:
            case rsa.RSAPublicKey():
                key.verify(token.signature, token.attributes, padding.PKCS1v15(), by)
            case ec.EllipticCurvePublicKey():
                key.verify(token.signature, token.attributes, ec.ECDSA(by))
            case ed25519.Ed25519PublicKey():
                key.verify(token.signature, token.attributes)
            case _:
                raise Wrong("The timestamp's key is of a kind that this program does not know.")
    except InvalidSignature as error:
        raise Wrong("The authority's key did not make this timestamp's signature.") from error
