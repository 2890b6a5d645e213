"""Passkeys: made, used and revoked. WebAuthn level 3; py_webauthn verifies the ceremonies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import webauthn
from django.conf import settings
from django.db import IntegrityError, transaction
from webauthn.helpers import base64url_to_bytes, options_to_json, parse_attestation_object
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accord.identity.actions import ceremonies, signins
from accord.identity.actions.ceremonies import Occasion
from accord.identity.domain import Why, assurance_of
from accord.identity.models import Passkey
from accord.identity.naming import named
from accord.identity.relying import Relying
from accord.identity.rowseal import is_ours, row_mac, user_handle
from accord.identity.signed import key_digest
from accord.identity.tokens.queries import is_system
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.jsontext import read_json
from accord.kernel.phrases import phrase

TIMEOUT_MS = 300_000
LONGEST_ANSWER = 64_000
MOST = 20
"""Passkeys of one member that are not revoked."""
ROOTS = "attestation-roots"
Roots = Mapping[AttestationFormat, list[bytes]]


@dataclass(frozen=True, slots=True)
class Proven:
    """Who answered a challenge, and with which passkey."""

    member: str
    passkey: UUID
    assurance: int
    key: str
    """The digest of the public key, by which the ledger names it."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator signed: the bytes that a third party needs to check it."""

    proven: Proven
    party: Relying
    credential_id: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes


def creation_options(member: str, name: str, session: str, party: Relying) -> str:
    """The JSON of `navigator.credentials.create`: a discoverable key that verifies its user."""
    challenge = ceremonies.begin(Occasion.ENROL, session, member)
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name="Accord",
            user_id=user_handle(member),
            user_name=name,
            user_display_name=name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            attestation=AttestationConveyancePreference.DIRECT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(member),
        )
    )


def asking_options(
    step: Occasion, session: str, party: Relying, *, member: str | None = None,
    challenge: bytes | None = None,
) -> str:  # fmt: skip
    """The JSON of `navigator.credentials.get`. Without a member it names no key and no person."""
    made = ceremonies.begin(step, session, member, challenge)
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=made,
            timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=_descriptors(member) if member else None,
        )
    )


def _descriptors(member: str) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.objects.filter(member_id=member, revoked_at=None)
    return [PublicKeyCredentialDescriptor(id=bytes(row.credential_id)) for row in rows]


@transaction.atomic
def add(
    member: str, answer: str, name: str, session: str, party: Relying,
    spending: Callable[[], object] = lambda: None,
) -> Proven:  # fmt: skip
    """Keep the passkey that an authenticator made for this member.

    `spending` is done in the same transaction: what entitled to make one is spent by it.
    Raises InvalidInput for a name that is none, NotAllowed for an answer that does not hold: another
    challenge, origin or node, no verified user, a key that is known here.
    """
    called = named(name)
    if is_system(member):
        raise _refused()  # a program never signs in
    sent = _read(answer)
    challenge = _challenge(sent)
    if not ceremonies.take(Occasion.ENROL, session, member, challenge):
        raise _refused()
    if Passkey.objects.filter(member_id=member, revoked_at=None).count() >= MOST:
        raise NotAllowed(
            phrase("You have %(count)s passkeys. Revoke one that you do not use.", count=MOST)
        )
    made = _verified(sent, challenge, party, {})
    if made is None:
        raise _refused()
    bound = made.credential_device_type is CredentialDeviceType.SINGLE_DEVICE
    attested = _is_attested(sent, challenge, party, made)
    facts = _facts(member, made.credential_id, made.credential_public_key, bound, attested)
    row = Passkey(
        id=ids.uuid7(),
        member_id=member,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        aaguid=UUID(made.aaguid),
        device_bound=bound,
        attested=attested,
        mac=row_mac("passkey", **facts),
        name=called,
        created_at=now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as fault:
        raise _refused() from fault
    spending()
    level = assurance_of(device_bound=bound, attested=attested)
    return Proven(member, row.id, level, key_digest(made.credential_public_key))


def _verified(
    sent: dict[str, Any], challenge: bytes, party: Relying, roots: Roots
) -> VerifiedRegistration | None:
    try:
        return webauthn.verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            pem_root_certs_bytes_by_fmt=roots or None,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None


def _is_attested(
    sent: dict[str, Any], challenge: bytes, party: Relying, made: VerifiedRegistration
) -> bool:
    """Whether the key's maker vouches for it, under a root that the operator trusts.

    A key that vouches for itself (no certificate in its statement) shows nothing.
    """
    roots = attestation_roots()
    if made.fmt not in roots:
        return False
    if not parse_attestation_object(made.attestation_object).att_stmt.x5c:
        return False
    return _verified(sent, challenge, party, roots) is not None


def attestation_roots() -> Roots:
    """The roots that the operator trusts for hardware keys: every PEM file of their folder."""
    folder = Path(settings.ACCORD_DATA_DIR) / ROOTS
    found = [path.read_bytes() for path in sorted(folder.glob("*.pem"))]
    if not found:
        return {}
    return dict.fromkeys((AttestationFormat.PACKED, AttestationFormat.TPM), found)


def prove(
    step: Occasion, answer: str, session: str, party: Relying, member: str | None = None
) -> Proven:
    """Return who answered this session's challenge.

    Raises NotAllowed, always in the same words: whether the key is unknown, revoked, another
    member's, or the answer is to another challenge, origin or step.
    """
    return assert_with(step, answer, session, party, member).proven


@transaction.atomic
def assert_with(
    step: Occasion, answer: str, session: str, party: Relying, member: str | None = None
) -> Assertion:
    """Like `prove`, and return the bytes that prove it to others."""
    sent = _read(answer)
    challenge = _challenge(sent)
    if not ceremonies.take(step, session, member, challenge):
        raise _refused()
    try:
        credential_id = base64url_to_bytes(sent["rawId"])
        said = sent["response"].get("userHandle")
        handle = None if said is None else base64url_to_bytes(said)
    except (ValueError, KeyError) as fault:
        raise _refused() from fault
    row = (
        Passkey.objects.select_for_update()
        .filter(credential_id=credential_id, revoked_at=None)
        .first()
    )
    if row is None or (member is not None and row.member_id != member) or not _holds(row):
        raise _refused()
    if handle is not None and handle != user_handle(row.member_id):
        raise _refused()
    try:
        found = webauthn.verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise _refused() from fault
    row.sign_count, row.last_used_at = found.new_sign_count, now()
    row.save(update_fields=["sign_count", "last_used_at"])
    level = assurance_of(device_bound=row.device_bound, attested=row.attested)
    return Assertion(
        Proven(row.member_id, row.id, level, key_digest(bytes(row.public_key))),
        party,
        credential_id,
        bytes(row.public_key),
        base64url_to_bytes(sent["response"]["authenticatorData"]),
        base64url_to_bytes(sent["response"]["clientDataJSON"]),
        base64url_to_bytes(sent["response"]["signature"]),
    )


@transaction.atomic
def revoke(member: str, passkey: UUID) -> None:
    """Revoke a member's own passkey and end what was proven with it; raises NotFound."""
    done = Passkey.objects.filter(id=passkey, member_id=member, revoked_at=None).update(
        revoked_at=now()
    )
    if not done:
        raise NotFound()
    signins.end_of_credential(passkey, Why.CREDENTIAL)


def rename(member: str, passkey: UUID, name: str) -> None:
    """Give an own passkey another name; raises InvalidInput, NotFound."""
    called = named(name)
    if not Passkey.objects.filter(id=passkey, member_id=member, revoked_at=None).update(
        name=called
    ):
        raise NotFound()


def _holds(row: Passkey) -> bool:
    facts = _facts(
        row.member_id, bytes(row.credential_id), bytes(row.public_key), row.device_bound,
        row.attested,
    )  # fmt: skip
    return is_ours(row.mac, "passkey", **facts)


def _facts(
    member: str, credential: bytes, public_key: bytes, bound: bool, attested: bool
) -> dict[str, str | int | bool]:
    return {
        "member": member,
        "credential": credential.hex(),
        "public_key": public_key.hex(),
        "device_bound": bound,
        "attested": attested,
    }


def _read(answer: str) -> dict[str, Any]:
    """The JSON of a PublicKeyCredential, as far as its form goes."""
    if len(answer) > LONGEST_ANSWER:
        raise _refused()
    try:
        sent = read_json(answer)
    except ValueError as fault:
        raise _refused() from fault
    if not isinstance(sent, dict) or not isinstance(sent.get("response"), dict):
        raise _refused()
    return sent


def _challenge(sent: Mapping[str, Any]) -> bytes:
    """The challenge that was answered; a page inside another page's frame answers none."""
    try:
        client = read_json(base64url_to_bytes(sent["response"]["clientDataJSON"]))
        if client.get("crossOrigin") or "topOrigin" in client:
            raise _refused()
        return base64url_to_bytes(client["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _refused() from fault


def proves_less() -> NotAllowed:
    """What is answered to a key that proves less than its session did."""
    return NotAllowed(
        phrase("This passkey proves less than the one that you signed in with."),
        who_can_change=phrase("you, with the passkey of this session or one as strong"),
    )


def _refused() -> NotAllowed:
    return NotAllowed(
        phrase("That did not prove who you are."),
        who_can_change=phrase(
            "you: try again with a passkey that you made here, or ask your agency's administrators"
        ),
    )
