"""Places by a published code: of ISO 3166, and states, counties and cities of the United States.

A place lies in those that contain it: a county in its state, a state in its country. That is read from
the codes; in which county a city lies is said beside it. State 99 (ZZ) is assigned to nobody: it is for
exercises, as are the numbers 555-0100 to 0199.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale

EXERCISE = "99"
_NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Regions for which CLDR has a name and ISO 3166-1 no country."""
_FIPS = (
    "01:AL 02:AK 04:AZ 05:AR 06:CA 08:CO 09:CT 10:DE 11:DC 12:FL 13:GA 15:HI 16:ID 17:IL 18:IN "
    "19:IA 20:KS 21:KY 22:LA 23:ME 24:MD 25:MA 26:MI 27:MN 28:MS 29:MO 30:MT 31:NE 32:NV 33:NH "
    "34:NJ 35:NM 36:NY 37:NC 38:ND 39:OH 40:OK 41:OR 42:PA 44:RI 45:SC 46:SD 47:TN 48:TX 49:UT "
    "50:VT 51:VA 53:WA 54:WV 55:WI 56:WY 60:AS 66:GU 69:MP 72:PR 78:VI 99:ZZ"
)
_STATES: Mapping[str, str] = {pair[:2]: pair[3:] for pair in _FIPS.split()}
"""States and territories of the United States: FIPS (now INCITS 38) to the postal code in ISO 3166-2."""


class Scheme(StrEnum):
    """Who publishes a code."""

    COUNTRY = "iso-3166-1"
    SUBDIVISION = "iso-3166-2"
    FIPS = "us-fips"
    CITY = "us-place"


FORMS: Mapping[Scheme, re.Pattern[str]] = {
    Scheme.COUNTRY: re.compile(r"[A-Z]{2}"),
    Scheme.SUBDIVISION: re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"),
    Scheme.FIPS: re.compile(r"[0-9]{2}([0-9]{3})?"),
    Scheme.CITY: re.compile(r"[0-9]{7}"),
}
EXAMPLES: Mapping[Scheme, str] = {
    Scheme.COUNTRY: "MX",
    Scheme.SUBDIVISION: "US-IL",
    Scheme.FIPS: "17 or 17031",
    Scheme.CITY: "1714000",
}
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its plain name; `within` is the county of a city, where one is said."""

    scheme: str
    code: str
    name: str
    within: str | None = None

    @property
    def path(self) -> Path:
        """What it lies in, from the country down to itself."""
        return path_of(self.scheme, self.code, self.within)


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 that are assigned."""
    names = [str(code) for code in Locale("en").territories]
    return frozenset(c for c in names if re.fullmatch(r"[A-Z]{2}", c)) - _NOT_COUNTRIES


def is_known(scheme: str, code: str) -> bool:
    """Whether a code has the form of its scheme, and its country or state is one that there is.

    Which counties and cities a state has is not checked: that list is longer than the directory.
    """
    if scheme not in set(Scheme) or not FORMS[Scheme(scheme)].fullmatch(code):
        return False
    match Scheme(scheme):
        case Scheme.COUNTRY:
            return code in countries()
        case Scheme.SUBDIVISION:
            country, _, part = code.partition("-")
            return part in _STATES.values() if country == "US" else country in countries()
        case Scheme.FIPS | Scheme.CITY:
            return code[:2] in _STATES


def path_of(scheme: str, code: str, within: str | None = None) -> Path:
    """What a place lies in, from the country down to itself; of a code that is known."""
    match Scheme(scheme):
        case Scheme.COUNTRY:
            return (code,)
        case Scheme.SUBDIVISION:
            return (code[:2], code)
        case Scheme.FIPS:
            state = ("US", f"US-{_STATES[code[:2]]}")
            return state if len(code) == 2 else (*state, code)
        case Scheme.CITY:
            above = path_of(Scheme.FIPS, within or code[:2])
            return (*above, f"city {code}")


def scheme_of(code: str) -> Scheme | None:
    """The scheme of a code that somebody typed without saying which; no two have the same form."""
    return next((s for s in Scheme if FORMS[s].fullmatch(code) and is_known(s, code)), None)


def touch(one: Path, other: Path) -> bool:
    """Whether one of two places contains the other, or they are the same."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def contains(one: Path, other: Path) -> bool:
    """Whether the first place is the second or contains it."""
    return other[: len(one)] == one


def touching(paths: Iterable[Path]) -> Callable[[Path], bool]:
    """Return a test whether a place touches any of these; each answer takes the depth of the place.

    However many they are: a search by a part of a name meets thousands of places at once.
    """
    wanted = set(paths)
    around = {one[:depth] for one in wanted for depth in range(len(one))}

    def touches(place: Path) -> bool:
        within = (place[:depth] in wanted for depth in range(len(place) + 1))
        return place in around or any(within)

    return touches


def path_typed(code: str, known: Iterable[Place]) -> Path | None:
    """The path of a code that somebody typed; a city's county is taken from where it is known."""
    scheme = scheme_of(code)
    if scheme is None:
        return None
    beside = (p.within for p in known if p.scheme == scheme and p.code == code and p.within)
    return path_of(scheme, code, next(beside, None))
