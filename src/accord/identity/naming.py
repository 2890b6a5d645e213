"""What members call what is theirs: a passkey, a token, a system, a client."""

from __future__ import annotations

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

LONGEST_NAME = 60


def named(text: str) -> str:
    """A name as it is kept; raises InvalidInput for none and for a long one."""
    called = " ".join(text.split())
    if not called or len(called) > LONGEST_NAME:
        rule = phrase("give it a name of 1 to %(most)s characters", most=LONGEST_NAME)
        raise InvalidInput("request", None, "name", rule)
    return called
