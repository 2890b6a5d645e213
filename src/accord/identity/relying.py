"""What a passkey is bound to: the name of this node, and the origin that its pages come from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase


@dataclass(frozen=True, slots=True)
class Relying:
    """The relying party of WebAuthn: its id (a host name) and the one origin that may ask."""

    id: str
    origin: str


def relying(host: str) -> Relying:
    """Return what passkeys are bound to for pages of this host (with its port).

    With a public address configured that one alone counts, whatever host was asked for; without it,
    `localhost` with the port asked for. Raises NotAllowed elsewhere: no browser makes a passkey for
    an address that is a number.
    """
    public = settings.ACCORD_PUBLIC_URL
    if public:
        parts = urlsplit(public)
        return Relying(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")
    name = host.rsplit(":", 1)[0] if ":" in host else host
    if name == "localhost":
        return Relying("localhost", f"http://{host}")
    raise NotAllowed(
        phrase("Passkeys need this node's name, and this page was asked for by a number."),
        who_can_change=phrase(
            "you: open the page as http://localhost, or the operator, who sets ACCORD_PUBLIC_URL"
        ),
    )
