"""Who may set up webhooks, and where they may go. `check_...` raises a sentence; `can_...` wraps it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from accord.agencies.domain import Actor
from accord.exchange.webhooks.domain import TOPICS
from accord.kernel.errors import AccordError, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

LONGEST_URL = 500
MOST_ENDPOINTS = 20
CARRY_ANOTHER = tuple(
    ipaddress.ip_network(n)
    for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""NAT64 (RFC 6052, 8215), 6to4, Teredo and IPv4-compatible: behind them may lie a private one."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_manage(actor: Actor) -> None:
    """Only a supervisor decides which of the agency's systems are told."""
    if "supervisor" not in actor.roles:
        raise NotAllowed(
            phrase("A supervisor sets up what other systems of your agency are told."),
            who_can_change=phrase("a supervisor of your agency"),
        )


def check_own(actor: Actor, membership: str) -> None:
    """A webhook tells what its member may fetch, so nobody sets one up in the name of another."""
    if membership != actor.membership:
        raise NotAllowed(
            phrase(
                "A webhook is told under the standing of whoever set it up, and of nobody else."
            ),
            who_can_change=membership,
        )


def can_manage(actor: Actor) -> str | None:
    """Return why not, or None."""
    try:
        check_manage(actor)
    except AccordError as error:
        return str(error)
    return None


def check_topics(topics: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds in their order; raises InvalidInput for none or an unknown one."""
    chosen = set(topics)
    if not chosen or chosen - set(TOPICS):
        raise InvalidInput(
            "webhook", None, "topics", phrase("one or more of %(topics)s", topics=", ".join(TOPICS))
        )
    return tuple(t for t in TOPICS if t in chosen)


def check_url(url: str, allowed: Iterable[Network]) -> str:
    """Return the address; raises InvalidInput unless it is https, or http on this machine.

    An address that is a number is judged here; a name is judged when it is resolved, each time.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong(phrase("is not an address")) from error
    host = parts.hostname
    if len(url) > LONGEST_URL or not url.isascii() or any(c.isspace() for c in url):
        raise _wrong(phrase("at most %(longest)s plain characters", longest=LONGEST_URL))
    if not host or parts.username or parts.password or parts.fragment or port == 0:
        raise _wrong(phrase("https://host/path, without a name, password or # part"))
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise _wrong(phrase("names no host")) from error
    number = _number(host)
    if number is not None:
        check_address(number, allowed)
    loopback = host == "localhost" or (number is not None and number.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise _wrong(phrase("https, except to this machine itself"))
    return url


def check_address(address: Address, allowed: Iterable[Network]) -> None:
    """Raise InvalidInput for an address inside somebody's network that was not allowed by name.

    Else whoever sets up a webhook could make the node knock at doors that only it can reach.
    """
    mapped = getattr(address, "ipv4_mapped", None)
    real: Address = mapped or address
    if any(real.version == n.version and real in n for n in allowed):
        return
    if any(real.version == n.version and real in n for n in CARRY_ANOTHER):
        raise _wrong(phrase("carries the address of another network; name that one itself"))
    if not real.is_global or real.is_multicast or getattr(real, "is_site_local", False):
        raise _wrong(phrase("is inside a private network; the node's operator can allow it"))


def _number(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _wrong(rule: str) -> InvalidInput:
    return InvalidInput("webhook", None, "url", rule)
