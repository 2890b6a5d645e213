"""Keep what a member signed with a passkey: the document, the assertion and the key that made it."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from django.db import transaction
from webauthn.helpers import base64url_to_bytes

from accord.identity.actions.passkeys import Assertion
from accord.identity.models import MemberSignature
from accord.identity.rowseal import row_mac
from accord.identity.signed import ToSign, key_digest
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.db import nodeword


@transaction.atomic
def keep(shown: ToSign, given: Assertion) -> UUID:
    """Store a member's signature over what was shown to them; returns its id.

    Raises NotAllowed for a signature over anything else than exactly this, or by somebody else.
    """
    said = json.loads(given.client_data)
    if given.proven.member != shown.member or (
        base64url_to_bytes(said["challenge"]) != shown.challenge()
    ):
        raise not_this()
    made = ids.uuid7()
    row = MemberSignature(
        id=made,
        kind=shown.kind,
        subject=shown.subject,
        document=shown.document,
        signed=shown.signed(),
        member_id=shown.member,
        membership_id=shown.membership,
        agency=shown.agency,
        shown_at=shown.at,
        kept_at=now(),
        passkey=given.proven.passkey,
        credential_id=given.credential_id,
        public_key=given.public_key,
        authenticator_data=given.authenticator_data,
        client_data=given.client_data,
        signature=given.signature,
        rp_id=given.party.id,
        origin=given.party.origin,
        mac=b"",
    )
    row.mac = seal_of(row)
    MemberSignature.objects.bulk_create([row])
    # What stands on it in the database (custody) asks whether this program checked it, just now.
    nodeword.say(f"signature:{made}:{shown.digest}")
    return made


def seal_of(row: MemberSignature) -> bytes:
    """The node's MAC over a kept signature: that this key was this member's when it was made."""
    return row_mac(
        "member-signature",
        id=str(row.id),
        signed=hashlib.sha256(bytes(row.signed)).hexdigest(),
        assertion=hashlib.sha256(
            bytes(row.authenticator_data) + hashlib.sha256(bytes(row.client_data)).digest()
        ).hexdigest(),
        signature=bytes(row.signature).hex(),
        member=row.member_id,
        key=key_digest(bytes(row.public_key)),
        credential=bytes(row.credential_id).hex(),
        rp=row.rp_id,
        origin=row.origin,
    )


def not_this() -> NotAllowed:
    """What a signature over something else is answered."""
    return NotAllowed(
        phrase("Your passkey did not sign this very text. Nothing was done."),
        who_can_change=phrase("you: open the page again, read it, and sign what it shows"),
    )
