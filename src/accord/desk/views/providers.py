"""Signing in through an agency's own identity provider, and proving again there.

A SAML response is posted from the provider's page, so the browser sends no cookie with it. It is
handed back to the browser in a form, which sends it again from this node's own page.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.desk.middleware import address_of
from accord.desk.signing_in import OFFICE, enter, noted, party, session_name
from accord.desk.views import sign_in
from accord.identity.actions import attempts, signins
from accord.identity.actions.attempts import Door
from accord.identity.domain import Proof
from accord.identity.federation import asking, queries
from accord.identity.federation.asking import Named
from accord.identity.federation.domain import NotProven, Protocol, Provider
from accord.identity.federation.saml_form import LONGEST_BYTES
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.http import public
from accord.platform.logs import facts

log = logging.getLogger("accord.identity")
WHY = phrase("whoever is not signed in has to sign in somewhere; it shows no agency's data")
TAKEN_AWAY = "the link to the member was taken away meanwhile"
LONGEST_SENT = LONGEST_BYTES * 2  # base64 with its lines


def _origin(request: Any) -> str:
    """The origin that providers know this node by, whatever a request says of its host."""
    try:
        return party(request).origin
    except NotAllowed as refusal:
        raise NotAllowed(
            phrase(
                "Signing in through your agency needs this node's name, and this page was asked for "
                "by a number."
            ),
            who_can_change=refusal.who_can_change,
        ) from refusal


def _found(name: str, kind: Protocol) -> Provider:
    found = queries.provider(name)
    if found.kind is not kind:
        raise NotFound()
    return found


@public(WHY)
def _begin(request: Any, provider: str) -> HttpResponseBase:
    found = queries.provider(provider)
    if request.proof is not None:
        return done("/")  # a link from elsewhere ends no session
    stored = session_name(request)
    return _away(asking.begin(request.session, stored, found, _origin(request)))


@own_desk(OFFICE)
def _prove(request: Any, provider: str) -> HttpResponseBase:
    actor = request.scope.actor
    if provider not in queries.usable_by(actor.member, actor.agency):
        raise NotFound()
    found, stored = queries.provider(provider), session_name(request)
    return _away(asking.begin(request.session, stored, found, _origin(request), step_up=True))


def _away(address: str) -> HttpResponseBase:
    """Send the browser to an address that the operator put in, and to no other."""
    if urlsplit(address).scheme not in ("https", "http"):
        raise NotFound()
    return HttpResponse(status=303, headers={"Location": address})


@public(WHY)
def _come_back(request: Any, provider: str) -> HttpResponseBase:
    return _read(request, _found(provider, Protocol.OIDC), request.GET.dict())


@public("hands a response back to the browser that posted it; reads nothing and shows no data")
def _handed_over(request: Any, provider: str) -> HttpResponseBase:
    found = _found(provider, Protocol.SAML)
    sent = request.POST.get("SAMLResponse", "")
    if not sent or len(sent) > LONGEST_SENT:
        return _refused(request, found, "the response is missing or too long")
    return render(request, "desk/goes_on.html", {"provider": found, "response": sent})


@public(WHY)
def _read_response(request: Any, provider: str) -> HttpResponseBase:
    return _read(request, _found(provider, Protocol.SAML), request.POST.dict())


def _read(request: Any, provider: Provider, answer: Mapping[str, str]) -> HttpResponseBase:
    try:
        asked, named = asking.answered(
            request.session, session_name(request), provider, _origin(request), answer
        )
        if asked.step_up:
            return _proven_again(request, provider, named)
        _enter(request, provider, named)
    except NotProven as refusal:
        return _refused(request, provider, str(refusal))
    return done("/")


def _enter(request: Any, provider: Provider, named: Named) -> None:
    try:
        enter(
            request, named.actor, provider.kind.method, named.assurance, named.link,
            named.proven_at, provider=provider.name,
        )  # fmt: skip
    except NotFound as over:
        raise NotProven(TAKEN_AWAY) from over


def _proven_again(request: Any, provider: Provider, named: Named) -> HttpResponseBase:
    """Count a new proof for the session it came in. INVARIANT: the same membership, no less proven."""
    proof: Proof | None = request.proof
    if proof is None or named.actor.membership != proof.membership:
        raise NotProven("another person was proven than sits here")
    if named.assurance < proof.assurance:
        raise NotProven("less was proven than this session rests on")
    try:
        signins.proven_again(
            request.session, proof, method=provider.kind.method, credential=named.link,
            assurance=named.assurance, proven_at=named.proven_at,
        )  # fmt: skip
    except NotAllowed as over:
        raise NotProven(TAKEN_AWAY) from over
    noted(named.actor, "proved again who they are", provider=provider.name)
    return render(request, "desk/proven.html", {"provider": provider})


def _refused(request: Any, provider: Provider, why: str) -> HttpResponseBase:
    """One answer to everything that does not hold; why is in the operator's log."""
    log.warning("a sign-in through a provider was refused", extra=facts(why=_word(why)))
    attempts.missed(Door.PROVIDER, address_of(request))
    request.fault = NotAllowed(
        phrase(
            "The sign-in of %(agency)s did not let you in here. Try again; it works once, within "
            "five minutes.",
            agency=provider.agency_name,
        ),
        who_can_change=phrase("the administrators of your agency, or the operator of this node"),
    )
    response = sign_in.sign_in_page(request)
    response.status_code = 403
    return response


def _word(sentence: str) -> str:
    """A constant sentence as the one word that a line of the log may hold."""
    return re.sub(r"[^A-Za-z0-9]+", "-", sentence).strip("-")


provider_sign_in = page(get=_begin)
provider_callback = page(get=_come_back)
provider_posted = csrf_exempt(page(post=_handed_over))
provider_read = page(post=_read_response)
provider_prove = page(get=_prove)
