"""What the scripts say. A page in another language carries these; `says.js` looks them up."""

from __future__ import annotations

from accord.kernel.phrases import phrase

SCRIPTS_SAY = (
    phrase("Choose with"),
    phrase("{chosen} chosen; choose with"),
    phrase("Reading …"),
    phrase("It could not be read here. Open it in full."),
    phrase("This page could not be renewed. What it shows may be old: reload it."),
    phrase("{count} new. Show"),
    phrase("Changed. Show"),
    phrase("Renewed: {names}"),
    phrase("Could not be renewed. Reload to see what is new."),
    phrase("Live"),
    phrase("No longer live: your session or your access ended."),
    phrase("This page is no longer live."),
    phrase("Not live now. Reload to see what is new."),
    phrase("Not live on a slow connection. Reload to see what is new."),
    phrase("Next in the list"),
    phrase("Previous in the list"),
    phrase("Open the one in focus"),
    phrase("Choose the one in focus"),
    phrase("Look at it beside the list"),
    phrase("Ask for what the line in focus offers"),
    phrase("Open or close every “Why can I see this?”"),
    phrase("Copied {what}"),
    phrase("The browser did not allow copying: select the {what} by hand"),
    phrase("{left} characters left"),
    phrase("{over} characters too many"),
    phrase("Recent"),
    phrase("Waiting for your passkey …"),
    phrase("This device holds a passkey of yours already."),
    phrase("Nothing was sent: the passkey was not used, or it took too long. Try again."),
    phrase("This browser has no passkeys."),
    phrase("{percent} percent, {sent} of {total}"),
    phrase("Working out its SHA-256 …"),
    phrase("Paused at {percent} percent"),
    phrase("The line broke; trying again …"),
    phrase("Here whole. Say what it is"),
    phrase("Not sent: {why}"),
    phrase("the server does not answer"),
    phrase("it cannot be read; choose the files of a folder one by one"),
    phrase("What arrived is not what was sent; discard it and send it again"),
    phrase("Pause"),
    phrase("Go on"),
    phrase("Discard"),
    phrase("Discarded"),
    phrase("Area {number}"),
    phrase("Remove area {number}"),
    phrase("{page} (areas: {count})"),
    phrase("Choose all"),
    phrase("Choose none"),
    phrase("{count} of {all} chosen"),
)


def scripts_say() -> tuple[tuple[str, str], ...]:
    """Each message with its English, which scripts know it by."""
    return tuple((str(said), said) for said in SCRIPTS_SAY)
