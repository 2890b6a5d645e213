"""What a token may be used for, beside what its member may do: other purposes and actions are refused.

INVARIANT: the standing of a token is closed for every action it is not for (accord.agreements.
standing), so a check forgotten here shows nothing. What is checked here is refused in words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from accord.agencies.domain import Actor
from accord.identity.tokens.domain import STEP
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase

READ = "view"
UNNAMED = object()
Operation = TypeVar("Operation", bound=Callable[..., Any])


class OutOfScope(NotAllowed):
    """The token is not for this purpose or action (RFC 6750: insufficient_scope)."""

    def __init__(self, needs: str, reason: str) -> None:
        super().__init__(
            reason, who_can_change=phrase("the token's member, with a token that is for it")
        )
        self.needs = needs


def check_purpose(actor: Actor, purpose: str) -> None:
    """Raise OutOfScope unless whoever acts may ask for this purpose by this token."""
    if actor.only is not None and purpose not in actor.only.purposes:
        raise OutOfScope(
            f"purpose:{purpose}", phrase("This token is for other purposes than this one.")
        )


def check_action(actor: Actor, action: str | None) -> None:
    """Raise OutOfScope unless whoever acts may do this by this token."""
    if actor.only is not None and action is not None and action not in actor.only.actions:
        raise OutOfScope(
            f"action:{action}", phrase("This token is for other actions than this one.")
        )


def needs(action: str | None) -> Callable[[Operation], Operation]:
    """Declare which action of a token an operation of the API needs; None for none.

    An operation that says nothing needs `view` where it is a GET, and `step` elsewhere.
    """

    def declare(operation: Operation) -> Operation:
        operation.accord_action = action  # type: ignore[attr-defined]  # read by `needed`
        return operation

    return declare


def needed(operation: Callable[..., Any], method: str) -> str | None:
    """The action that an operation needs of a token."""
    declared = getattr(operation, "accord_action", UNNAMED)
    if declared is UNNAMED:
        return READ if method in ("GET", "HEAD") else STEP
    return declared if declared is None else str(declared)
