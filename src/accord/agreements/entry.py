"""How a view is entered: every page that shows agency data declares a context, or is refused.

@in_context            the URL carries purpose, legal basis and case (/w/<purpose>/<basis>/<case>)
@own_desk("purpose")   the page has one fixed purpose and no case
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponseBase

from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import Scope, log_miss, open_scope, receiving
from accord.agreements.tokenscope import OutOfScope, check_action, check_purpose, needed
from accord.identity.domain import Proof
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.ledger.domain import Kind

View = Callable[..., HttpResponseBase]
API_CONTEXT = "working context"


class SignInNeeded(AccordError):
    """Nobody is signed in; the edge sends a browser to the sign-in page and a program a 401."""

    def __init__(self) -> None:
        super().__init__(
            "Sign in first.", who_can_change=phrase("you, with a passkey or a link of your agency")
        )


class StepUpNeeded(AccordError):
    """The step asks for a new proof; the edge asks for it and keeps what was typed (RFC 9470)."""

    def __init__(self) -> None:
        super().__init__(
            phrase("Prove again who you are: this step asks for it."),
            who_can_change=phrase("you, with a passkey"),
        )


def freshly_proven(view: View) -> View:
    """Declare that a view asks for a proof of the last ten minutes, whatever the session proved.

    A program's token is as fresh as the proof of the session that made it; a system's never is.
    """
    return _freshly_proven(view, and_systems=False)


def freshly_proven_person(view: View) -> View:
    """Declare that a view asks a person for a new proof, as `freshly_proven` does, and no system.

    A system has none to give: a second administrator approved what its client may take.
    """
    return _freshly_proven(view, and_systems=True)


def _freshly_proven(view: View, *, and_systems: bool) -> View:
    @functools.wraps(view)
    def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        proof: Proof | None = getattr(request, "proof", None)
        if proof is not None and request.actor is None:
            raise SignInNeeded()  # whoever acts for nobody now has nothing to prove
        if not _is_fresh(request, and_systems=and_systems):
            raise StepUpNeeded()
        return view(request, *args, **kwargs)

    return entered


def _is_fresh(request: Any, *, and_systems: bool) -> bool:
    """Whether whoever asks proved within ten minutes who they are; systems have nothing to prove.

    Asked of the clock once a request: what let a step in lets it read what it needs.
    """
    if not hasattr(request, "proof_is_fresh"):
        proof: Proof | None = getattr(request, "proof", None)
        request.proof_is_fresh = proof is None or proof.is_fresh(now())
    if not request.proof_is_fresh:
        return False
    is_system = and_systems and getattr(request, "token_is_system", False)
    return bool(is_system or getattr(request, "token_is_fresh", True))


def unseals(request: Any) -> bool:
    """Whether what is sealed opens to whoever asks; the scope of a request is told so (0017)."""
    return _is_fresh(request, and_systems=True)


def in_context(view: View) -> View:
    """Declare a view under /w/<purpose>/<basis>/<case>/ and open its scope around it."""

    @functools.wraps(view)
    def entered(
        request: Any, purpose: str, basis: str, case: str, **kwargs: Any
    ) -> HttpResponseBase:
        actor = _actor(request)
        return _run(view, request, actor, _context(actor, purpose, basis, case), kwargs)

    entered.accord_entry = "working context"  # type: ignore[attr-defined]  # read by RefuseUndeclared
    return entered


def in_context_receiving(view: View) -> View:
    """Declare a view as `in_context` does, for pieces of a file that its member is sending.

    INVARIANT: nothing leaves such a view but how much of the member's own upload is here.
    """

    @functools.wraps(view)
    def entered(
        request: Any, purpose: str, basis: str, case: str, **kwargs: Any
    ) -> HttpResponseBase:
        actor = _actor(request)
        with receiving(actor, _context(actor, purpose, basis, case)) as scope:
            request.scope = scope
            return view(request, **kwargs)

    entered.accord_entry = "working context"  # type: ignore[attr-defined]  # read by RefuseUndeclared
    return entered


def in_context_covered(view: View) -> View:
    """Declare a view as `in_context` does, for a picture that stands on a page whose entry covers it.

    INVARIANT: only behind a mark of the node that this page gave, for this member, context and record.
    """
    return in_context_receiving(view)


def own_desk(purpose: str, legal_basis: str = "statute") -> Callable[[View], View]:
    """Declare a view that serves one purpose of the member's own office, without a case."""

    def declare(view: View) -> View:
        @functools.wraps(view)
        def entered(request: Any, **kwargs: Any) -> HttpResponseBase:
            actor = _actor(request)
            return _run(view, request, actor, _context(actor, purpose, legal_basis, None), kwargs)

        entered.accord_entry = f"own desk: {purpose}"  # type: ignore[attr-defined]  # read by RefuseUndeclared
        return entered

    return declare


def _actor(request: Any) -> Actor:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise SignInNeeded()
    return actor


def _context(actor: Actor, purpose: str, basis: str, case: str | None) -> WorkingContext:
    """Return the context asked for; one that is not there for this actor is logged as a miss."""
    try:
        check_purpose(actor, purpose)
        return resolve(actor, purpose, basis, case)
    except OutOfScope as refused:
        asked = {"purpose": purpose, "legal_basis": basis, "case": case}
        log_miss(actor, str(refused), Kind.REFUSAL, **asked)
        raise
    except NotFound as miss:
        log_miss(actor, str(miss), purpose=purpose, legal_basis=basis, case=case)
        raise


def _run(
    view: View, request: Any, actor: Actor, context: WorkingContext, kwargs: dict[str, Any]
) -> HttpResponseBase:
    with open_scope(actor, context) as scope:
        scope.unseals = unseals(request)
        request.scope = scope
        return view(request, **kwargs)


def _stated(request: Any, actor: Actor) -> WorkingContext:
    purpose = request.headers.get("Accord-Purpose", "")
    if not purpose:
        raise InvalidInput(
            "request", None, "Accord-Purpose", phrase("state the purpose before you ask")
        )
    basis = request.headers.get("Accord-Basis", "statute")
    return _context(actor, purpose, basis, request.headers.get("Accord-Case") or None)


def api_context(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Open the scope of an API operation from `Accord-Purpose`, `Accord-Basis`, `Accord-Case`.

    Raises InvalidInput when the purpose is not stated; a wrong one is refused like any other.
    """

    @functools.wraps(operation)
    def entered(request: Any, *args: Any, **kwargs: Any) -> Any:
        actor = _actor(request)
        with open_scope(actor, _stated(request, actor)) as scope:
            check_action(actor, needed(operation, request.method))
            scope.unseals = unseals(request)
            request.scope = scope
            return operation(request, *args, **kwargs)

    return _declared(entered, operation, API_CONTEXT)


def api_receiving(operation: Callable[..., Any]) -> Callable[..., Any]:
    """As `api_context`, for pieces of a file that its member is sending: see `receiving`."""

    @functools.wraps(operation)
    def entered(request: Any, *args: Any, **kwargs: Any) -> Any:
        actor = _actor(request)
        with receiving(actor, _stated(request, actor)) as scope:
            check_action(actor, needed(operation, request.method))
            request.scope = scope
            return operation(request, *args, **kwargs)

    return _declared(entered, operation, API_CONTEXT)


def api_desk(purpose: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open the scope of an API operation of the member's own office: fixed purpose, no case."""

    def declare(operation: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(operation)
        def entered(request: Any, *args: Any, **kwargs: Any) -> Any:
            with desk_scope(_actor(request), purpose, needed(operation, request.method)) as scope:
                scope.unseals = unseals(request)
                request.scope = scope
                return operation(request, *args, **kwargs)

        return _declared(entered, operation, f"own desk: {purpose}")

    return declare


@contextmanager
def desk_scope(actor: Actor, purpose: str, action: str | None) -> Iterator[Scope]:
    """The scope of a member's own office, for whoever acts by a token that is for it.

    Nothing sealed opens in it: whoever knows how the token was proven says otherwise.
    """
    with open_scope(actor, _context(actor, purpose, "statute", None)) as scope:
        scope.unseals = False
        check_action(actor, action)
        yield scope


def _declared(
    entered: Callable[..., Any], operation: Callable[..., Any], entry: str
) -> Callable[..., Any]:
    """Say how the operation is entered, and resolve its annotations where they were written."""
    entered.accord_entry = entry  # type: ignore[attr-defined]  # read when the document is built
    entered.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]  # ninja reads it
    return entered
