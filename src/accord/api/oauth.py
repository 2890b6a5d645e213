"""Tokens for systems: OAuth 2.0 client credentials, and where a program finds how (RFC 8414).

POST /oauth/token takes one grant, `client_credentials` (RFC 6749 section 4.4), from a client that
authenticates by client_secret_basic or private_key_jwt (RFC 7523). Wrong authentication is answered
alike whatever was wrong, after a short wait; from one network, for one client, it is answered so
often a minute and no more. A right one is never refused for the wrong ones before it.
"""

from __future__ import annotations

import base64
import binascii
import logging
import threading
import time
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accord.api.limits import Left, limits
from accord.desk.middleware import address_of
from accord.desk.signing_in import noted
from accord.identity.addresses import place_of
from accord.identity.tokens.actions import oauth
from accord.identity.tokens.actions.oauth import Authenticated
from accord.identity.tokens.clientkeys import ALGORITHMS, said_client
from accord.identity.tokens.domain import SYSTEMS_LIFE, ScopeRefused, actions, purposes, written
from accord.platform.http import public
from accord.platform.logs import facts

log = logging.getLogger("accord.identity")
TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
BEARER_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WAIT_S = 0.2
WAITING = threading.BoundedSemaphore(4)
"""How many wrong answers wait at a time; more are answered at once, so that threads stay free."""
LONGEST_FIELD = 8_192


class Refused(Exception):
    """An error of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


def issuer(request: HttpRequest) -> str:
    """Who gives tokens here: the node's public address, or the one that was asked."""
    public_url: str = settings.ACCORD_PUBLIC_URL
    return public_url.rstrip("/") if public_url else f"{request.scheme}://{request.get_host()}"


@csrf_exempt
@public("says how systems get tokens, and nothing of what is held")
def discovery(request: HttpRequest) -> HttpResponse:
    """Serve the metadata of RFC 8414."""
    who = issuer(request)
    return JsonResponse(
        {
            "issuer": who,
            "token_endpoint": f"{who}{TOKEN_PATH}",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "scopes_supported": [f"purpose:{word}" for word in purposes()]
            + [f"action:{word}" for word in actions()],
            "service_documentation": f"{who}/api/v1/openapi.json",
        }
    )


@csrf_exempt
@public("a client authenticates here; without that it gives nothing")
def token(request: HttpRequest) -> HttpResponse:
    """Give a client a token (RFC 6749 section 4.4.3), or say why not (section 5.2)."""
    try:
        known, asked = _authenticated(request)
        return _given(known, asked)
    except Refused as refused:
        said = {"error": refused.error, "error_description": refused.description}
        response = JsonResponse(said, status=refused.status)
        if refused.status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="accord", charset="UTF-8"'
        if refused.status == 405:
            response.headers["Allow"] = "POST"
        if refused.status == 429:
            response.headers["Retry-After"] = "60"
        return response


def _given(known: Authenticated, asked: str) -> JsonResponse:
    if not limits().spend_client(str(known.client)).allowed:
        raise Refused("invalid_request", "This client asks for tokens too often.", 429)
    try:
        made, scope = oauth.give_token(known, asked)
    except ScopeRefused as refused:
        raise Refused("invalid_scope", str(refused)) from refused
    noted(
        known.actor, "got a token", client=str(known.client), credential=str(known.credential),
        scope=written(scope),
    )  # fmt: skip
    answer = {
        "access_token": made,
        "token_type": "Bearer",
        "expires_in": int(SYSTEMS_LIFE.total_seconds()),
        "scope": written(scope),
    }
    response = JsonResponse(answer)
    response.headers["Pragma"] = "no-cache"
    return response


def _authenticated(request: HttpRequest) -> tuple[Authenticated, str]:
    """Who asks, and for which scope; raises Refused."""
    if request.method != "POST":
        raise Refused("invalid_request", "Send the form by POST.", 405)
    form = _form(request)
    if "grant_type" not in form:
        raise Refused("invalid_request", "Say which grant you ask for: grant_type.")
    if form["grant_type"] != "client_credentials":
        raise Refused("unsupported_grant_type", "The grant is client_credentials.")
    header, assertion = request.headers.get("Authorization", ""), form.get("client_assertion")
    if header and assertion is not None:
        raise Refused("invalid_request", "Authenticate in one way.")
    if assertion is not None:
        right_type = form.get("client_assertion_type") == BEARER_JWT
        said = said_client(assertion)
        who = issuer(request)
        known = oauth.by_assertion(assertion, (who, who + TOKEN_PATH)) if right_type else None
    else:
        said, secret = _basic(header)
        known = oauth.by_secret(said, secret)
    if known is None:
        by = "client_secret" if assertion is None else "client_assertion"
        log.warning("a client did not authenticate", extra=facts(why=by))
        raise _wrong(request, said)
    if form.get("client_id", said) != said:
        raise Refused("invalid_request", "client_id is another than the one authenticated.")
    return known, form.get("scope", "")


def _form(request: HttpRequest) -> dict[str, str]:
    """The fields; one that is sent twice, or of another form, is refused (section 3.2)."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "Send application/x-www-form-urlencoded.")
    found: dict[str, str] = {}
    for name, values in request.POST.lists():
        if len(values) != 1 or len(str(values[0])) > LONGEST_FIELD:
            raise Refused("invalid_request", "A field is sent twice, or is too long.")
        found[name] = str(values[0])
    return found


def _basic(header: str) -> tuple[str, str]:
    """Client and secret of HTTP Basic, each form-encoded (section 2.3.1); empty where it is none."""
    scheme, _, sent = header.partition(" ")
    if scheme.lower() != "basic" or len(sent) > LONGEST_FIELD:
        return "", ""
    try:
        client, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(client), unquote_plus(secret)


def _wrong(request: HttpRequest, client: str) -> Refused:
    """The one answer to wrong authentication: after a wait, and so often a minute."""
    left: Left = limits().spend_wrong_client(client[:40], place_of(address_of(request)))
    if not left.allowed:
        return Refused("invalid_client", "Wrong too often from this network.", 429)
    if WAITING.acquire(blocking=False):
        try:
            time.sleep(WAIT_S)
        finally:
            WAITING.release()
    return Refused("invalid_client", "The client did not authenticate.", 401)
