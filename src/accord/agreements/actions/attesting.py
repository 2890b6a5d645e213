"""When an agency takes a step, and its signature over it, under the key that it has then.

INVARIANT: what is let through here counts for good. A step is dated no later than now, by the clock of
this process and by the database's, and its agency's keys change only after it is stored: so it lies in
the time of the key that signed it. Without a key an agency only suspends, and is dated so too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accord.agencies import queries as agencies
from accord.agencies.demokeys import sign_here
from accord.agencies.domain import Actor
from accord.agencies.keys import NONE
from accord.agreements.life import Step, step_payload
from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.kernel.signatures import verifies
from accord.platform.db.moments import no_later

SIGNED_WITHIN = timedelta(days=1)
"""How old a step's signature may be: time enough to carry it to the node."""


def attested(
    scope: Scope,
    content_hash: str,
    step: Step,
    at: datetime | None,
    reason: str,
    signature: bytes | None,
) -> tuple[datetime, bytes | None]:
    """Return when the agency takes the step and its signature over it, None where it has no key.

    Raises InvalidInput for a time that lies wrong; NotAllowed where the signature is not there or not
    the agency's by its present key, and without a key for every step but one.
    """
    key = agencies.key_kept(scope.actor.agency)
    moment = _moment(at)
    check_key(scope.actor, step, key)
    if key == NONE:
        _check_keyless(scope.actor, moment, signature)
        return moment, None
    payload = step_payload(content_hash, step, moment, reason)
    made = sign_here(scope.actor.agency, payload) if signature is None else signature
    if made is None:
        raise _needed(scope.actor)
    earlier = agencies.key_ring().key(scope.actor.agency, moment) != key
    if earlier or not verifies(key, made, payload):
        raise _not_theirs(scope.actor)
    return moment, made


def check_key(actor: Actor, step: Step, key: bytes) -> None:
    """Raise NotAllowed for an agency without a key in force, unless it suspends."""
    if key == NONE and step is not Step.SUSPEND:
        raise NotAllowed(
            phrase(
                "%(agency_name)s has no key in force. Until its next one it can only suspend.",
                agency_name=actor.agency_name,
            ),
            who_can_change=phrase(
                "the operator of the node, who brings the next key of %(agency_name)s",
                agency_name=actor.agency_name,
            ),
        )


def _moment(at: datetime | None) -> datetime:
    """When the agency took the step: now, or the time that its signature names."""
    present = no_later()
    if at is None:
        return present
    if at.tzinfo is None:
        raise InvalidInput(
            "step", None, "at", phrase("needs a zone, for example 2026-01-31T12:00:00Z")
        )
    if not present - SIGNED_WITHIN <= at <= present:
        raise InvalidInput("step", None, "at", phrase("must be within the last day"))
    return at


def _check_keyless(actor: Actor, at: datetime, signature: bytes | None) -> None:
    """Without a key nothing verifies, and a suspension counts from when the agency had none."""
    if signature is not None:
        raise NotAllowed(
            phrase(
                "%(agency_name)s has no key in force, so no signature counts. Suspend without one.",
                agency_name=actor.agency_name,
            ),
            who_can_change=phrase("you, without a signature"),
        )
    if agencies.key_ring().held(actor.agency, at) != NONE:
        rule = phrase("your agency had a key then: prepare the step again")
        raise InvalidInput("step", None, "at", rule)


def _needed(actor: Actor) -> NotAllowed:
    return NotAllowed(
        phrase(
            "This step counts with your agency's signature over it, and the agency's key is not on "
            "this node: sign the step where the key is, and bring the signature."
        ),
        who_can_change=_holder(actor),
    )


def _not_theirs(actor: Actor) -> NotAllowed:
    return NotAllowed(
        phrase(
            "The signature is not %(agency_name)s's over this step, its time and its reason, by its "
            "present key.",
            agency_name=actor.agency_name,
        ),
        who_can_change=_holder(actor),
    )


def _holder(actor: Actor) -> str:
    return phrase("the officer who holds the key of %(agency_name)s", agency_name=actor.agency_name)
