"""What is kept of an address that a request came from: its kind and its network, never itself."""

from __future__ import annotations

import ipaddress


def family_of(address: str) -> int:
    """4 or 6; 0 for what is no address (a local socket)."""
    found = _parsed(address)
    return found.version if found else 0


def place_of(address: str) -> str:
    """The network an address is in, /24 or /48: enough for a member to know an own session by."""
    return _network(address, 24, 48)


def customer_of(address: str) -> str:
    """Who counts as one: an IPv4 address, an IPv6 network of /64, which is what one customer has."""
    return _network(address, 32, 64)


def _network(address: str, of_4: int, of_6: int) -> str:
    found = _parsed(address)
    if found is None:
        return ""
    return str(ipaddress.ip_network((found, of_4 if found.version == 4 else of_6), strict=False))


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
