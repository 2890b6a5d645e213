"""What a member signs with a passkey, beside the agency's own signature: shown, taken, demanded.

On a node for real work nobody signs for an agency, takes an attested step or signs a statement
without it (docs/decisions/0018-members-sign.md). A demonstration lets its cast in without a proof,
so there it is absent, and the pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accord.agreements.scope import Scope
from accord.identity.actions import membersignatures, passkeys
from accord.identity.actions.ceremonies import Occasion
from accord.identity.actions.passkeys import Assertion
from accord.identity.domain import Method, Proof
from accord.identity.relying import relying
from accord.identity.signed import Signs, ToSign, moment
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.sessions import stored_key

ANSWER = "accord-signature"
"""The field that holds a passkey's answer to what a page showed."""
SHOWN_AT = "accord-shown-at"
LONGEST_MOMENT = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A document on a page, ready to be signed; or why this session cannot sign it."""

    text: str
    digest: str
    shown_at: str
    options: str | None = None
    refusal: NotAllowed | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What came with a form: the passkey's answer as it was verified, or why it was refused."""

    shown_at: datetime | None = None
    assertion: Assertion | None = None
    refusal: NotAllowed | None = None


def ask(
    request: Any, kind: Signs, subject: str, document: bytes, at: datetime | None = None
) -> Asked | None:
    """Return the document as it is to be signed on this page; None in a demonstration.

    `at` is the moment that the document itself names, where it names one; else it is now.
    """
    if settings.ACCORD_DEMO:
        return None
    scope: Scope = request.scope
    shown = _shown(scope, kind, subject, document, at or now())
    parts = document.decode(), shown.digest, moment(shown.at)
    refusal = _not_by(request.proof)
    if refusal is not None:
        return Asked(*parts, refusal=refusal)
    try:
        options = passkeys.asking_options(
            Occasion.SIGNATURE, stored_key(request.session.session_key),
            relying(request.get_host()), member=scope.actor.member, challenge=shown.challenge(),
        )  # fmt: skip
    except NotAllowed as because:
        return Asked(*parts, refusal=because)
    return Asked(*parts, options=options)


def take(request: Any) -> Given:
    """Verify the passkey's answer that came with a form, for this session and its member.

    Whether it is over the very document is for `member_signs` to say, which knows it.
    """
    proof: Proof = request.proof
    refusal = _not_by(proof)
    if refusal is not None:
        return Given(refusal=refusal)
    try:
        at = datetime.fromisoformat(request.POST.get(SHOWN_AT, "")[:LONGEST_MOMENT])
        if at.tzinfo is None:
            raise ValueError("without a zone")
    except ValueError:
        return Given(refusal=membersignatures.not_this())
    try:
        found = passkeys.assert_with(
            Occasion.SIGNATURE, request.POST[ANSWER], stored_key(request.session.session_key),
            relying(request.get_host()), proof.member,
        )  # fmt: skip
    except NotAllowed as because:
        return Given(refusal=because)
    if found.proven.assurance < proof.assurance:
        return Given(refusal=passkeys.proves_less())
    return Given(at, found)


def given(request: Any) -> Given:
    """What the edge took from this request (accord.desk.middleware.StepUp)."""
    return getattr(request, "signed", None) or Given()


def member_signs(
    scope: Scope, kind: Signs, subject: str, document: bytes, by: Given | None
) -> UUID | None:
    """Keep the member's signature over a document that the caller made from what it stores.

    Returns its id; None in a demonstration. Raises NotAllowed where there is none on a node for real
    work, and for one over anything else.
    """
    if by is not None and by.refusal is not None:
        raise by.refusal
    if by is None or by.assertion is None or by.shown_at is None:
        if settings.ACCORD_DEMO:
            return None
        raise _missing()
    shown = _shown(scope, kind, subject, document, by.shown_at)
    made = membersignatures.keep(shown, by.assertion)
    scope.detail |= {
        "member_signature": str(made),
        "digest": shown.digest,
        "key": by.assertion.proven.key,
    }
    return made


def _shown(scope: Scope, kind: Signs, subject: str, document: bytes, at: datetime) -> ToSign:
    actor = scope.actor
    return ToSign(kind, subject, document, actor.member, actor.membership, actor.agency, at)


def _not_by(proof: Proof) -> NotAllowed | None:
    """Why a session signs nothing that was opened by anything but a passkey."""
    if proof.method is Method.PASSKEY:
        return None
    return NotAllowed(
        phrase("You did not sign in with a passkey, and a member's signature is made with one."),
        who_can_change=phrase(
            "you: make a passkey on the page of your sign-in, and come in with it"
        ),
    )


def _missing() -> NotAllowed:
    return NotAllowed(
        phrase("This is signed with your passkey, beside your agency's signature."),
        who_can_change=phrase("you, with your passkey, on the page that shows what is signed"),
    )
