"""The endpoints under /scim/v2: giving more is proposed, taking away is in force at once.

A token stands for one administrator. What it proposes is approved by another one, as a person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accord.agencies.directory import policy, queries
from accord.agencies.directory.domain import Change, ChangeKind, MemberEntry, Via
from accord.agencies.domain import Actor
from accord.agreements.entry import desk_scope
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needed
from accord.api.bearer import bearer
from accord.api.limits import TooMany
from accord.api.scim import described
from accord.api.scim.resources import (
    ERROR,
    LIST,
    ScimFault,
    Wish,
    new_member,
    patched,
    proposed_user,
    wanted,
)
from accord.api.scim.resources import user as as_user
from accord.desk import administering
from accord.desk.middleware import reference, status_of
from accord.desk.signing_in import OFFICE
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotFound
from accord.kernel.jsontext import read_json
from accord.platform.http import public
from accord.platform.logs import facts

SCIM = "application/scim+json"
MOST = 200
MOST_BYTES = 256 * 1024
ENTRY = f"own desk: {OFFICE}"
WHY = "says how to ask, and nothing of what is held"
log = logging.getLogger("accord.errors")
Operation = Callable[..., HttpResponse]


def _answer(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=SCIM)


def _error(status: int, said: str, kind: str | None = None) -> HttpResponse:
    """RFC 7644 section 3.12."""
    body = {"schemas": [ERROR], "status": str(status), "detail": said}
    response = _answer(body | ({"scimType": kind} if kind else {}), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _told(error: AccordError) -> HttpResponse:
    """Each error of the family in SCIM's form; absent and forbidden are the same bytes."""
    match error:
        case ScimFault():
            return _error(error.status, str(error), error.kind)
        case NotFound():
            return _error(404, "There is nothing here for you.")
        case InvalidInput():
            return _error(400, "; ".join(str(f) for f in error.faults), "invalidValue")
        case Conflict():
            return _error(409, str(error), "uniqueness")
        case _:
            return _error(status_of(error), str(error))


def _actor(request: HttpRequest) -> Actor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    proof = bearer(request, token)
    return None if proof is None else proof.actor


def _endpoint(**operations: Operation) -> Callable[..., HttpResponseBase]:
    """One address: a bearer token, a scope, and the operation of the method."""

    @csrf_exempt  # a cookie opens nothing here
    def entered(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            actor = _actor(request)
            if actor is None:
                return _error(401, "Send a valid bearer token.")
            operation = operations.get(str(request.method))
            if operation is None:
                refused = _error(405, "This address does not take that method.")
                refused.headers["Allow"] = ", ".join(operations)
                return refused
            with desk_scope(actor, OFFICE, needed(operation, str(request.method))) as scope:
                policy.check_reads(actor)
                return operation(scope, request, **kwargs)
        except TooMany as often:
            response = _error(429, "Asked too often.")
            response.headers["Retry-After"] = str(often.retry_after_s)
            return response
        except AccordError as error:
            return _told(error)
        except OperationalError:
            number = reference()
            log.exception("the database does not answer", extra=facts(reference=number))
            return _error(503, f"Not available now ({number}).")

    entered.accord_entry = ENTRY  # type: ignore[attr-defined]  # read by RefuseUndeclared
    return entered


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/scim/v2")


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise ScimFault("tooMany", "The message is too large.", 413)
    try:
        found = read_json(request.body)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise ScimFault("invalidSyntax", "The message is no JSON object.")
    return found


def _list(scope: Scope, request: HttpRequest) -> HttpResponse:
    named = wanted(request.GET.get("filter"))
    start = max(1, _number(request, "startIndex", 1))
    count = min(MOST, max(0, _number(request, "count", MOST)))
    scope.did("consultation", of="members, by SCIM")
    waiting = queries.changes(waiting=True, most=1000)
    entries = queries.members(scope.actor.agency)
    known = {e.membership for e in entries if e.in_force or e.suspended}
    shown = [_user(e, waiting, request) for e in entries if e.membership in known]
    shown += [
        proposed_user(c, _base(request))
        for c in waiting
        if c.kind is ChangeKind.JOIN and c.membership not in known
    ]
    if named is not None:
        shown = [u for u in shown if u["userName"].lower() == named.lower()]
    page = shown[start - 1 : start - 1 + count]
    return _answer(
        {
            "schemas": [LIST],
            "totalResults": len(shown),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }
    )


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name)
    if text is None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise ScimFault("invalidValue", f"`{name}` is a whole number.") from None


def _user(entry: MemberEntry, waiting: tuple[Change, ...], request: HttpRequest) -> dict[str, Any]:
    own = [c for c in waiting if c.membership == entry.membership]
    return as_user(entry, own, _base(request))


def _found(scope: Scope, membership: str) -> tuple[MemberEntry | None, Change | None]:
    """A membership that is not over, else the proposal of one; raises NotFound."""
    try:
        entry = queries.member(scope.actor.agency, membership)
    except NotFound:
        entry = None
    if entry is not None and (entry.in_force or entry.suspended):
        return entry, None
    for change in queries.changes(membership, waiting=True):
        if change.kind is ChangeKind.JOIN:
            return None, change
    raise NotFound()


def _as_it_is(scope: Scope, request: HttpRequest, membership: str) -> dict[str, Any]:
    entry, change = _found(scope, membership)
    if entry is not None:
        return _user(entry, queries.changes(membership, waiting=True), request)
    assert change is not None
    return proposed_user(change, _base(request))


def _one(scope: Scope, request: HttpRequest, membership: str) -> HttpResponse:
    scope.did("consultation", of="member, by SCIM", about=membership)
    return _answer(_as_it_is(scope, request, membership))


def _create(scope: Scope, request: HttpRequest) -> HttpResponse:
    """Answers 201 with a user that is not active: a second administrator has to approve."""
    said = new_member(_sent(request), scope.actor.agency)
    outcome = administering.join(scope, said, Via.SCIM)
    made = proposed_user(queries.change(outcome.change), _base(request))
    response = _answer(made, 201)
    response.headers["Location"] = made["meta"]["location"]
    return response


def _patch(scope: Scope, request: HttpRequest, membership: str) -> HttpResponse:
    entry, _ = _found(scope, membership)
    if entry is None:
        raise Conflict("This member is proposed, and not approved yet.")
    wish = patched(_sent(request), entry.roles)
    for kind, said in _steps(entry, wish):
        if not queries.waits(membership, kind, said):  # a service says it again until it is so
            administering.ask(scope, kind, membership, said, Via.SCIM)
    return _answer(_as_it_is(scope, request, membership))


def _steps(entry: MemberEntry, wish: Wish) -> Iterator[tuple[ChangeKind, dict[str, Any]]]:
    """What leads from a membership to what is wished of it: what takes away first."""
    add = [r for r in wish.roles if r not in entry.roles]
    remove = [r for r in entry.roles if r not in wish.roles]
    if add and len(remove) == len(entry.roles):  # nobody is without a role meanwhile
        yield ChangeKind.ROLE, {"add": add, "remove": remove}
    else:
        if remove:
            yield ChangeKind.ROLE, {"add": [], "remove": remove}
        if add:
            yield ChangeKind.ROLE, {"add": add, "remove": []}
    if wish.active is False and entry.in_force:
        yield ChangeKind.SUSPEND, {}
    if wish.active and entry.suspended:
        yield ChangeKind.RESUME, {}


def _delete(scope: Scope, request: HttpRequest, membership: str) -> HttpResponse:
    """The member leaves now; a proposal is withdrawn."""
    del request
    entry, change = _found(scope, membership)
    if entry is not None:
        administering.ask(scope, ChangeKind.LEAVE, membership, {}, Via.SCIM)
    elif change is not None:
        administering.withdraw(scope, change)
    return HttpResponse(status=204)


@public(WHY)
def provider(request: HttpRequest) -> HttpResponseBase:
    """What the service can do."""
    del request  # Django's signature
    return _answer(described.provider())


@public(WHY)
def schemas(request: HttpRequest) -> HttpResponseBase:
    """The form of users."""
    del request  # Django's signature
    return _answer(_listed(described.schemas()))


@public(WHY)
def resource_types(request: HttpRequest) -> HttpResponseBase:
    """The kinds of resource."""
    del request  # Django's signature
    return _answer(_listed(described.resource_types()))


def _listed(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [LIST], "totalResults": len(items), "Resources": items}


users = _endpoint(GET=_list, POST=_create)
user = _endpoint(GET=_one, PATCH=_patch, DELETE=_delete)
