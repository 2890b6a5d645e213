"""A member's own passkeys and sessions, and the page that asks for a new proof."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies.directory.domain import ADMINISTRATOR
from accord.agencies.domain import Actor
from accord.agreements import membersigning
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import OPEN, done, page
from accord.desk import known_devices
from accord.desk.context import say
from accord.desk.middleware import address_of
from accord.desk.signing_in import (
    OFFICE,
    ceremony,
    check_speaks_for_all,
    party,
    session_name,
)
from accord.desk.told import lines
from accord.identity import queries
from accord.identity.actions import passkeys, signins
from accord.identity.actions.ceremonies import Occasion
from accord.identity.codes import queries as codes
from accord.identity.codes.actions import devices
from accord.identity.codes.domain import CODES_ASSURANCE
from accord.identity.domain import LONGEST, Method, Proof, Why, idle_after
from accord.identity.federation import queries as federation
from accord.identity.federation.domain import ProviderEntry
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.web.faults import faults_of

ANSWER = "accord-proof"
"""The field that holds the answer to a step-up; the fields beside it are those of the step itself."""
PROOF_PASSWORD, PROOF_CODE = "accord-password", "accord-code"
"""Those of a step-up in a session that was begun with a password and a code."""
NOT_KEPT = {
    ANSWER, membersigning.ANSWER, "csrfmiddlewaretoken", PROOF_PASSWORD, PROOF_CODE,
    devices.PASSWORD, devices.CODE, devices.NEW_PASSWORD,
}  # fmt: skip
"""What no page holds again: answers, and what nobody but its holder should read on a screen."""
LABELS = {"name": phrase("Name")}
METHODS = {
    Method.DEMO: phrase("Demonstration, without a proof"),
    Method.PASSKEY: phrase("Passkey"),
    Method.CODE: phrase("Password and code"),
    Method.OIDC: phrase("Your agency's sign-in"),
    Method.SAML: phrase("Your agency's sign-in"),
}
ENDS = {
    Why.LEFT: phrase("Signed out"),
    Why.IDLE: phrase("Nothing was asked for too long"),
    Why.OVER: phrase("It lasted as long as one may"),
    Why.FAMILY: phrase(
        "It came over another kind of address: IPv4 instead of IPv6, or the reverse"
    ),
    Why.REVOKED: phrase("It was ended from another session"),
    Why.CREDENTIAL: phrase("What it was proven with was revoked"),
    Why.CODES: phrase("Your agency allows one-time codes no more"),
    Why.RECOVERED: phrase("A recovery code was used"),
    Why.UPGRADED: phrase("The node was brought to a newer version"),
}


@own_desk(OFFICE)
def _show(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    sessions = queries.signins(actor.member)
    context: dict[str, Any] = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "passkeys": queries.passkeys(actor.member),
        "signins": sessions,
        "others": any(s.ended_at is None and s.id != request.proof.signin for s in sessions),
        "proof": request.proof,
        "told": lines(request),
        "zone": actor.zone,
        "longest_h": int(LONGEST.total_seconds() // 3600),
        "idle_min": int(idle_after(request.proof.assurance).total_seconds() // 60),
        "METHODS": METHODS,
        "ENDS": ENDS,
        "providers": _providers(actor),
        "coded": codes.coded(actor.member, actor.agency),
        **ceremony(request, partial(passkeys.creation_options, actor.member, actor.name)),
    }
    return render(request, "desk/account.html", context)


def _providers(actor: Actor) -> tuple[ProviderEntry, ...]:
    """The sign-in of an agency as its administrators read it; nobody else does."""
    return federation.entries(actor.agency) if ADMINISTRATOR in actor.roles else ()


@freshly_proven
@own_desk(OFFICE)
def _add(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    check_speaks_for_all(actor, request.proof)
    proven = passkeys.add(
        actor.member, request.POST.get("answer", ""), request.POST.get("name", ""),
        session_name(request), party(request),
    )  # fmt: skip
    request.scope.did(
        "membership", step="made a passkey", passkey=str(proven.passkey), key=proven.key
    )
    say(request, phrase("The passkey is made. You can sign in with it from now on."))
    return done("/account/")


@freshly_proven
@own_desk(OFFICE)
def _revoke(request: Any, passkey: UUID) -> HttpResponseBase:
    passkeys.revoke(request.scope.actor.member, passkey)
    request.scope.did("membership", step="revoked a passkey", passkey=str(passkey))
    say(request, phrase("The passkey is revoked, and every session it opened is over."))
    return done("/account/")


@own_desk(OFFICE)
def _rename(request: Any, passkey: UUID) -> HttpResponseBase:
    passkeys.rename(request.scope.actor.member, passkey, request.POST.get("name", ""))
    request.scope.did("membership", step="named a passkey", passkey=str(passkey))
    return done("/account/")


def _named_badly(request: Any, passkey: UUID) -> HttpResponseBase:
    del passkey
    return _show(request)


@freshly_proven
@own_desk(OFFICE)
def _end(request: Any, signin: UUID) -> HttpResponseBase:
    signins.end_own(request.scope.actor.member, signin)
    request.scope.did("membership", step="ended an own session", session=str(signin))
    say(request, phrase("That session is over."))
    return done("/account/")


@freshly_proven
@own_desk(OFFICE)
def _end_others(request: Any) -> HttpResponseBase:
    count = signins.end_others(request.proof)
    request.scope.did("membership", step="ended all other own sessions", count=count)
    say(request, phrase("All other sessions are over."))
    return done("/account/")


account = page(get=_show)
account_add = page(get=_show, post=_add)
account_revoke = page(post=_revoke)
account_rename = page(post=_rename, again=_named_badly)
account_end = page(post=_end)
account_end_others = page(post=_end_others)


# -- a new proof -----------------------------------------------------------------------------------


def ask_again(request: Any, fault: str | None = None) -> HttpResponseBase:
    """The page that asks for a new proof before a step: 401, with what was typed kept in it.

    Answering sends the step itself again, with the answer beside it.
    """
    proof: Proof = request.proof
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_KEPT
        for value in values
    ]
    if request.method == "GET":  # all of the page is sealed: its proof leads back to it
        kept = [(OPEN, "")]
    context: dict[str, Any] = {
        "target": request.get_full_path(),
        "kept": kept,
        "files": bool(request.FILES),
        "fault": fault,
        "by_code": proof.method is Method.CODE,
        "providers": federation.usable_by(proof.member, request.actor.agency),
        **ceremony(
            request, partial(passkeys.asking_options, Occasion.STEP_UP, member=proof.member)
        ),
    }
    response = render(request, "desk/prove.html", context, status=401)
    response.headers["WWW-Authenticate"] = (
        'Passkey error="insufficient_user_authentication", max_age="600"'  # RFC 9470
    )
    return response


def answer_of(request: Any) -> str | None:
    """The answer to a step-up that came with a step; None without one."""
    return request.POST.get(ANSWER) if request.method == "POST" else None


def take_answer(request: Any, answer: str) -> None:
    """Count a new proof for the session it came in; raises NotAllowed.

    INVARIANT: it is the same member's, and proves no less than the session did.
    """
    proof: Proof = request.proof
    proven = passkeys.prove(
        Occasion.STEP_UP, answer, session_name(request), party(request), proof.member
    )
    if proven.assurance < proof.assurance:
        raise passkeys.proves_less()
    signins.proven_again(
        request.session, proof, method=Method.PASSKEY,
        credential=proven.passkey, assurance=proven.assurance,
    )  # fmt: skip


def coded_answer_of(request: Any) -> tuple[str, str] | None:
    """Password and code that came with a step; None without them."""
    if request.method != "POST" or not request.POST.get(PROOF_CODE):
        return None
    return request.POST.get(PROOF_PASSWORD, ""), request.POST[PROOF_CODE]


def take_coded_answer(request: Any, password: str, code: str) -> None:
    """Count password and code as a new proof of the session that was begun with them.

    INVARIANT: a session that a passkey or a provider opened is proven again by nothing weaker.
    """
    proof: Proof = request.proof
    if proof.method is not Method.CODE or proof.assurance > CODES_ASSURANCE:
        raise passkeys.proves_less()
    device = devices.prove_again(
        proof.member, proof.membership, password, code,
        known_devices.tokens(request), address_of(request),
    )  # fmt: skip
    signins.proven_again(
        request.session, proof, method=Method.CODE, credential=device, assurance=CODES_ASSURANCE
    )


def take_signature(request: Any) -> None:
    """Verify a member's signature that came with a form; it counts as a new proof as well."""
    if request.method != "POST" or not request.POST.get(membersigning.ANSWER):
        return
    request.signed = membersigning.take(request)
    found = request.signed.assertion
    if found is None:
        return
    try:
        signins.proven_again(
            request.session, request.proof, method=Method.PASSKEY,
            credential=found.proven.passkey, assurance=found.proven.assurance,
        )  # fmt: skip
    except NotAllowed as refusal:
        request.signed = membersigning.Given(refusal=refusal)
