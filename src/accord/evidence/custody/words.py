"""How a state of custody is called in a sentence and on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from accord.evidence.custody.domain import CustodyState
from accord.kernel.phrases import Phrase, phrase

STATE_WORDS: Mapping[CustodyState, Phrase] = MappingProxyType(
    {
        CustodyState.NONE: phrase("Not acquired"),
        CustodyState.HELD: phrase("Held"),
        CustodyState.SEALED: phrase("Held, sealed"),
        CustodyState.OUT: phrase("Checked out"),
        CustodyState.OUT_SEALED: phrase("Checked out, sealed"),
        CustodyState.OFFERED: phrase("Offered"),
        CustodyState.OFFERED_SEALED: phrase("Offered, sealed"),
        CustodyState.ORDERED: phrase("Disposal ordered"),
        CustodyState.ORDERED_SEALED: phrase("Disposal ordered, sealed"),
        CustodyState.RELEASED: phrase("Released"),
        CustodyState.DISPOSED: phrase("Disposed of"),
    }
)


def not_admitted(state: CustodyState) -> Phrase:
    """That an exhibit in this state does not admit a step."""
    said = STATE_WORDS[state]
    return phrase("An exhibit that is “%(state)s” does not admit this step.", state=said)
