"""The pages on which an agency signs an agreement and takes the other steps of its life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.demokeys import is_here, sign_here
from accord.agencies.keys import NONE
from accord.agreements import actions, queries
from accord.agreements.actions.attesting import check_key
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.life import ATTESTED, LONGEST_REASON, REASONED, Step, step_payload
from accord.agreements.membersigning import Asked, ask, given
from accord.agreements.pages import View, done, page
from accord.agreements.scope import Scope
from accord.agreements.screen import LABELS, held, moment_of, state_chip
from accord.agreements.signing import signature_of
from accord.agreements.versions import VersionEntry
from accord.identity.signed import Signs
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.web.faults import faults_of

FIELDS = {
    "reason": phrase("Reason"),
    "signature": phrase("Signature"),
    "at": phrase("Time"),
    "file": phrase("Signature"),
}
LARGEST_FILE = 4_096


@dataclass(frozen=True, slots=True)
class Telling:
    """What a step does, as its page tells it before it is taken."""

    title: str
    does: str
    final: bool = False


TELLING = {
    Step.SIGN: Telling(
        phrase("Sign"),
        phrase(
            "Your agency binds itself to this text, word for word. The agreement decides nothing until "
            "every party has signed and one of them puts it in force."
        ),
    ),
    Step.ACTIVATE: Telling(
        phrase("Put in force"),
        phrase(
            "From the next request on, everywhere, the agreement decides who may do what. It is proven "
            "first that the software does what was signed, and that nothing follows which a party "
            "wants never to follow."
        ),
    ),
    Step.WITHDRAW: Telling(
        phrase("Withdraw"), phrase("The proposal ends, and nobody can sign it."), final=True
    ),
    Step.SUSPEND: Telling(
        phrase("Suspend"),
        phrase(
            "From the next request on, everywhere, nobody is given anything under this agreement, by "
            "any party. What it forbids goes on binding. Only your agency ends its suspension."
        ),
    ),
    Step.RESUME: Telling(
        phrase("Resume"),
        phrase(
            "The agreement decides again from the next request on, unless another party suspends it as "
            "well. What then decides is proven first."
        ),
    ),
    Step.TERMINATE: Telling(
        phrase("Terminate"),
        phrase(
            "From the next request on the agreement is over for every party. What it forbids no longer "
            "binds either, also where another agreement permits. Suspending keeps it closed."
        ),
        final=True,
    ),
}


def _form_of(step: Step) -> View:
    @own_desk("case-administration")
    def form(request: Any, content_hash: str) -> HttpResponseBase:
        return _shown(request, content_hash, step)

    return form


def _shown(request: Any, content_hash: str, step: Step) -> HttpResponseBase:
    scope: Scope = request.scope
    if not content_hash.isalnum():
        raise NotFound("No agreement has this hash.")
    found = queries.version(content_hash)
    asked = request.POST if request.method == "POST" else request.GET
    reason = asked.get("reason", "").strip()
    key = agencies.key_now(scope.actor.agency)
    keyless = step is Step.SUSPEND and key == NONE
    at = moment_of(asked.get("at", "")) or (now() if keyless else now().replace(microsecond=0))
    prepared = step in (Step.SIGN, Step.ACTIVATE) or bool(asked.get("prepare") and reason)
    refused = held(found.life, step, scope.actor, agencies.agency_names())
    if refused is None and step in ATTESTED:
        refused = refusal_of(check_key, scope.actor, step, key)
    signing = _asked(request, found, step, at, reason) if prepared and not refused else None
    context = {
        "found": found,
        "signing": signing,
        "typed": request.POST.get("signature", ""),
        "state": state_chip(found),
        "step": str(step),
        "telling": TELLING[step],
        "label": LABELS[step],
        "held": refused,
        "reasoned": step in REASONED,
        "signs": step in ATTESTED or step is Step.SIGN,
        "here": is_here(scope.actor.agency),
        "keyless": keyless,
        "agency": scope.actor.agency_name,
        "reason": reason,
        "longest": LONGEST_REASON,
        "at": at.isoformat(),
        "prepared": prepared,
        "faults": faults_of(request, FIELDS),
    }
    return render(request, "agreements/step.html", context)


def _asked(
    request: Any, found: VersionEntry, step: Step, at: datetime, reason: str
) -> Asked | None:
    """What the member signs with a passkey on this page, word for word; None where nothing is."""
    if step is Step.SIGN:
        document = found.parsed.canonical()
        return ask(request, Signs.AGREEMENT, found.content_hash, document)
    if step not in ATTESTED:
        return None
    payload = step_payload(found.content_hash, step, at, reason)
    return ask(request, Signs.AGREEMENT_STEP, found.content_hash, payload)


def _sign(scope: Scope, content_hash: str, request: Any) -> None:
    signature = _brought(request)
    if signature is None:
        payload = queries.version(content_hash).parsed.canonical()
        signature = sign_here(scope.actor.agency, payload)
    if signature is None:
        raise NotAllowed(
            phrase(
                "Your agency's key is not on this node: sign the document where the key is, and bring "
                "the signature."
            ),
            who_can_change=phrase(
                "the officer who holds the key of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )
    actions.sign(scope, content_hash, signature, given(request))


def _attested(take: Callable[..., None], *, reasoned: bool) -> Callable[[Scope, str, Any], None]:
    def taken(scope: Scope, content_hash: str, request: Any) -> None:
        signature = _brought(request)
        at = moment_of(request.POST.get("at", ""))
        facts: dict[str, Any] = {"at": at, "signature": signature, "by": given(request)}
        if reasoned:
            facts["reason"] = request.POST.get("reason", "")
        take(scope, content_hash, **facts)

    return taken


def _withdraw(scope: Scope, content_hash: str, request: Any) -> None:
    actions.withdraw(scope, content_hash, reason=request.POST.get("reason", ""))


def _brought(request: Any) -> bytes | None:
    """A signature made off the node: pasted in base64, or a file of 64 bytes or of base64."""
    text = request.POST.get("signature", "").strip()
    sent = request.FILES.get("file")
    if sent is None:
        return signature_of(text, "step") if text else None
    content = sent.read(LARGEST_FILE)
    if len(content) == 64:
        return bytes(content)
    try:
        return signature_of(content.decode("ascii"), "step")
    except UnicodeDecodeError as error:
        raise InvalidInput("step", None, "file", phrase("must be 64 bytes, or base64")) from error


def _taking(step: Step, take: Callable[[Scope, str, Any], None]) -> View:
    @freshly_proven
    @own_desk("case-administration")
    def taken(request: Any, content_hash: str) -> HttpResponseBase:
        if not content_hash.isalnum():
            raise NotFound("No agreement has this hash.")
        take(request.scope, content_hash, request)
        request.session["said"] = phrase("%(labels)s: done.", labels=LABELS[step])
        return done(f"/agreements/{content_hash}")

    return taken


def _page_of(step: Step, take: Callable[[Scope, str, Any], None]) -> View:
    return page(get=_form_of(step), post=_taking(step, take))


sign = _page_of(Step.SIGN, _sign)
withdraw = _page_of(Step.WITHDRAW, _withdraw)
activate = _page_of(Step.ACTIVATE, _attested(actions.activate, reasoned=False))
suspend = _page_of(Step.SUSPEND, _attested(actions.suspend, reasoned=True))
resume = _page_of(Step.RESUME, _attested(actions.resume, reasoned=True))
terminate = _page_of(Step.TERMINATE, _attested(actions.terminate, reasoned=True))
