"""Public keys of Ed25519 under which anybody signs anything: points of small order.

Of the 2^252 and more points that a key can be, eight have an order that divides 8. Under one of them a
made-up signature fits many messages or all, and most libraries (OpenSSL among them) do not refuse it.
Each is listed by every encoding that decodes to it, also by those that are not canonical: the seven
values of y in Table 1 and appendix C of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko;
SSR 2020, https://eprint.iacr.org/2020/1244), the same as in libsodium's `ge25519_has_small_order`,
each with either sign of x.
"""

from __future__ import annotations

from accord_verify.report import BadFile

_Y = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)
_SIGN = 0x80
SMALL_ORDER = frozenset(
    y[:-1] + bytes([y[-1] | sign]) for y in map(bytes.fromhex, _Y) for sign in (0, _SIGN)
)


def check_order(public: bytes) -> None:
    """Raises BadFile for a public key (32 bytes) of small order."""
    if public in SMALL_ORDER:
        raise BadFile("The key is a point of small order: anybody can sign under it.")
