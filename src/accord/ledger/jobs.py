"""Background work of the ledger: heads are dated by a timestamp authority (RFC 3161), if one is set.

What is stamped is the text of a head without its signatures. Nothing is asked for in a request: the
worker calls this on a thread of its own, so an authority that is slow or wrong holds up nothing else.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography.x509 import (
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    load_pem_x509_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
)
from rfc3161_client import decode_timestamp_response as decode

from accord.kernel.clock import now
from accord.kernel.signednote import parse_note
from accord.ledger import actions, queries
from accord.platform.logs import facts

STAMP_EVERY = timedelta(minutes=10)
TIMEOUT_S = 10.0
WITHIN_S = 30.0
LONGEST_BYTES = 64 * 1024
GRANTED = (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)

log = logging.getLogger("accord.ledger")


class NotStamped(Exception):
    """The authority gave no token over what was sent."""


@dataclass(frozen=True)
class Stamped:
    """A token, and when it says that it was given."""

    token: bytes
    at: datetime


def stamp_newest() -> bool:
    """Have the newest head stamped if it is due; False where nothing was, or the authority failed."""
    url = settings.ACCORD_TSA_URL
    due = queries.unstamped_head(now() - STAMP_EVERY) if url else None
    if due is None:
        return False
    size, note = due
    try:
        stamped = ask(url, parse_note(note).text.encode())
    except NotStamped as error:
        log.error("a head was not stamped", extra=facts(kind=str(error)))
        return False
    actions.keep_timestamp(size, stamped.token, stamped.at, urlsplit(url).hostname or "")
    return True


def ask(url: str, text: bytes) -> Stamped:
    """A token over a text; raises NotStamped where the answer is none over exactly that."""
    asked = (
        TimestampRequestBuilder()
        .data(text)
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=False)
        .build()
    )
    try:
        answer = decode(_answer(url, asked.as_bytes()))
        if answer.status not in GRANTED:
            raise NotStamped(f"the authority refuses: {answer.status}")
        info = answer.tst_info
        if info.nonce != asked.nonce or info.message_imprint.message != sha256(text).digest():
            raise NotStamped("the token is over something else")
        _check_signature(asked, answer, text)
        return Stamped(answer.time_stamp_token(), info.gen_time)
    except ValueError as error:
        raise NotStamped("the answer is no timestamp") from error


def _check_signature(asked: TimeStampRequest, answer: TimeStampResponse, text: bytes) -> None:
    """Raise NotStamped unless the authority whose certificates are configured signed the token.

    The signer must be for time stamping alone, and its chain has to lead to one of those given. With
    none configured nothing is checked here, and whoever reads a receipt checks it.
    """
    if not settings.ACCORD_TSA_CERT:
        return
    try:
        own, above = _certificates(Path(settings.ACCORD_TSA_CERT).read_bytes())
        verifier = VerifierBuilder(
            nonce=asked.nonce, tsa_certificate=own, roots=above or [own]
        ).build()
        verifier.verify_message(answer, text)
    except (VerificationError, ValueError, OSError) as error:
        raise NotStamped("the token is not signed by the authority that is configured") from error


def _certificates(pem: bytes) -> tuple[Certificate, list[Certificate]]:
    """The certificate that signs, and those above it; raises ValueError where none is for stamping."""
    found = load_pem_x509_certificates(pem)
    own = [each for each in found if _stamps(each)]
    if len(own) != 1:
        raise ValueError("there must be one certificate for time stamping")
    return own[0], [each for each in found if each not in own]


def _stamps(certificate: Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in uses


def _answer(url: str, request: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    deadline_s, body = time.monotonic() + WITHIN_S, b""
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S) as client,
            client.stream("POST", url, content=request, headers=headers) as answer,
        ):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LONGEST_BYTES:
                    raise NotStamped("the answer is too long")
                if time.monotonic() > deadline_s:
                    raise NotStamped("the answer takes too long")
            if answer.status_code != httpx.codes.OK:
                raise NotStamped(f"the authority answers {answer.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotStamped(f"the authority does not answer: {type(error).__name__}") from error
    return body
