"""Passwords: which may be one, how one is kept, and that a wrong one takes as long as a right one.

SP 800-63B-4 section 3.1.1.2: length instead of composition, a list of what is refused, no change
without a reason. A password is taken as it was typed: neither cut nor changed (ASVS 6.2.8).
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import ScryptPasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator

from accord.identity.codes.domain import LEAST_PASSWORD, MOST_PASSWORD
from accord.kernel.errors import InvalidInput, TooOften
from accord.kernel.phrases import phrase

_HASHING = threading.BoundedSemaphore(3)
"""Each hash takes 16 MB and a fifth of a second; more at a time would keep the pages waiting."""
_IN_LINE = threading.BoundedSemaphore(5)
"""Those, and whoever waits for them."""
_BUSY_S = 2.0
_RETRY_S = 2
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiopasdfghjklzxcvbnm")
_LEAST_DISTINCT = 6
_LEAST_LEFT = 8
_LEAST_WORD = 3
_LEAST_PIECE = 4
_MOST_DIGITS = 6
"""More of them are no decoration."""
_STANDING_FOR = tuple(str.maketrans("034579@$!1", f"oeastgasi{one}") for one in "il")
_OURS = ("accord", "password", "passphrase")


def check_password(password: str, words: Iterable[str], field: str) -> None:
    """Raise InvalidInput unless this may be a password; `words` are names of member and agency."""
    rule = _refused(password, words)
    if rule is not None:
        raise InvalidInput("request", None, field, rule)


def _refused(password: str, words: Iterable[str]) -> str | None:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        return phrase(
            "must have %(least)s to %(most)s characters; several words are easily kept in mind",
            least=LEAST_PASSWORD,
            most=MOST_PASSWORD,
        )
    plain = unicodedata.normalize("NFKC", password).casefold()
    said = {plain, _bare(plain)}
    if any(_is_common(one) for one in said):
        return phrase(
            "is among the most common passwords, or made of one or two of them: choose other words"
        )
    if any(len(set(one)) < _LEAST_DISTINCT or _is_run(one) for one in said):
        return phrase("is one of those that are tried first: choose another")
    own = {each for word in words for each in (word.casefold(), _bare(word.casefold()))}
    if any(len(_without(one, own)) < _LEAST_LEFT for one in said):
        return phrase("is hardly more than your name, your agency's or this program's")
    return None


def _bare(text: str) -> str:
    """The same letters without accents and other marks on them."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Me"))
    return unicodedata.normalize("NFC", bare)


def _is_common(plain: str) -> bool:
    """Whether it is a common password, one said several times, or two of them.

    Signs between and around count for nothing, nor do a few digits, or digits that stand for letters.
    """
    return any(_is_made_of_common(said) for said in _readings(plain) if said)


def _is_made_of_common(said: str) -> bool:
    common = _common()
    if said in common or _unit(said) in common:
        return True
    cuts = range(_LEAST_PIECE, len(said) - _LEAST_PIECE + 1)
    return any(said[:cut] in common and said[cut:] in common for cut in cuts)


def _readings(plain: str) -> Iterator[str]:
    """The same without what is written between its letters, and with letters for signs."""
    yield plain
    yield re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    for table in _STANDING_FOR:
        yield re.sub(r"[\W_]+", "", plain.translate(table))
    joined = re.sub(r"[\W_]+", "", plain)
    yield joined
    letters = re.sub(r"\d+", "", joined)
    if len(joined) - len(letters) <= _MOST_DIGITS:
        yield letters


def _unit(plain: str) -> str:
    """The shortest text that this one is a repetition of."""
    return plain[: (plain + plain).find(plain, 1)]


def _is_run(plain: str) -> bool:
    """Whether it goes along the alphabet, the digits or the keyboard, either way, round and round."""
    rows = [row * (len(plain) // len(row) + 2) for row in _ROWS]
    return any(plain in row or plain[::-1] in row for row in rows)


def _without(plain: str, words: Iterable[str]) -> str:
    """What is left of the letters without these words."""
    left = re.sub(r"[\W_]+", "", plain)
    parts = {part for word in (*words, *_OURS) for part in re.split(r"[\W_]+", word.casefold())}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _LEAST_WORD:
            left = left.replace(part, "")
    return left


@cache
def _common() -> frozenset[str]:
    """Twenty thousand common passwords, as Django brings them."""
    return frozenset(CommonPasswordValidator().passwords)


def kept(password: str) -> str:
    """A password as it is kept: scrypt (N 2^14, r 8, p 5) with a salt of its own."""
    with turn():
        return str(ScryptPasswordHasher().encode(password, secrets.token_urlsafe(16)))


def is_right(password: str, held: str | None) -> bool:
    """Whether this is the password; where none is held, False after the same work. Takes a turn."""
    text = password if len(password) <= MOST_PASSWORD else ""
    same = ScryptPasswordHasher().verify(text, held or _nobodys())
    return bool(same) and held is not None and bool(text)


@cache
def _nobodys() -> str:
    """A password that nobody knows: comparing with it takes as long as with any."""
    return str(ScryptPasswordHasher().encode(secrets.token_urlsafe(32), secrets.token_urlsafe(16)))


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the few turns in which a password is looked at.

    Raises TooOften where there is none soon, whoever asks; nothing may be counted before. Few wait, so
    that a flood leaves threads to the other pages.
    """
    if not _IN_LINE.acquire(blocking=False):
        raise _busy()
    try:
        if not _HASHING.acquire(timeout=_BUSY_S):
            raise _busy()
        try:
            yield
        finally:
            _HASHING.release()
    finally:
        _IN_LINE.release()


def _busy() -> TooOften:
    reason = phrase("Too many passwords are being looked at just now. Try again.")
    return TooOften(_RETRY_S, reason)
