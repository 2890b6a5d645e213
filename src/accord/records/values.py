"""Cleans and checks one value by the type of its property; what comes out is stored and compared.

Cleaning is idempotent: a cleaned value cleans to itself. A refusal names its rule and never quotes
the value, since the reason travels further than the value may.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

import phonenumbers

from accord.kernel.phrases import phrase, thousands
from accord.records.dates import clean_date
from accord.records.faults import FieldError

DEFAULT_REGION = "US"
MAX_CHARS = MappingProxyType(
    {
        "text": 100_000,
        "address": 300,
        "name": 200,
        "string": 200,
        "url": 2_000,
        "identifier": 64,
    }
)
DEFAULT_MAX_CHARS = 100
REPEATED = frozenset({"code", "gender", "country", "date", "number"})
"""Types whose values come again and again in one file and name nobody by themselves."""
_INVISIBLE = re.compile("[\u200b\ufeff\u00ad]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,12})?")
_GENDERS = MappingProxyType(
    {"m": "male", "f": "female", "x": "other", "u": "unknown"}
    | {word: word for word in ("male", "female", "other", "unknown")}
)
_VIN_VALUES = MappingProxyType(
    dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
    | {str(d): d for d in range(10)}
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Cleaning:
    """What cleaning depends on besides the value."""

    region: str = DEFAULT_REGION
    """The country whose way of writing a telephone number without a country code is meant."""
    values: tuple[str, ...] = ()
    """The only codes allowed, where the property lists them."""


def clean(type_: str, value: str, cleaning: Cleaning | None = None) -> str:
    """The canonical form of a value, or a FieldError that names the broken rule."""
    if type_ in REPEATED:
        return _clean_kept(type_, value, cleaning or Cleaning())
    return _clean(type_, value, cleaning or Cleaning())


def _clean(type_: str, value: str, cleaning: Cleaning) -> str:
    tidy = _tidy(value, multiline=type_ == "text")
    limit = MAX_CHARS.get(type_, DEFAULT_MAX_CHARS)
    if len(tidy) > limit:
        raise FieldError(
            "too-long",
            phrase(
                "a value of type %(type)s has at most %(limit)s characters",
                type=type_,
                limit=thousands(limit),
            ),
        )
    if not tidy:
        raise FieldError("empty", phrase("the value is empty"))
    return _CLEANERS[type_](tidy, cleaning)


_clean_kept = lru_cache(maxsize=16_384)(_clean)


def match_key(type_: str, value: str) -> str:
    """What two cleaned values of a type have in common when they mean exactly the same."""
    if type_ in ("identifier", "plate", "vin", "reference"):
        return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", value)).upper()
    if type_ == "phone":
        return value.partition(";")[0]
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def plate_lookalike(plate: str) -> str:
    """A plate with the characters that people and cameras confuse made equal (0OQD, 1I, 8B ...)."""
    return match_key("plate", plate).translate(str.maketrans("OQDIBSZ", "0001852"))


def _tidy(value: str, *, multiline: bool) -> str:
    if value.isascii() and value.isprintable():  # nothing below has anything to find in it
        return value.strip() if multiline else " ".join(value.split())
    try:
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", value))
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise FieldError("not-unicode", phrase("the value has half of a surrogate pair")) from None
    if _DIRECTION.search(text):
        raise FieldError(
            "direction-control", phrase("the value has an invisible direction override")
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
        raise FieldError("control-character", phrase("the value has a control character"))
    return text.strip() if multiline else " ".join(text.split())


def _as_is(value: str, _: Cleaning) -> str:
    return value


def _name(value: str, _: Cleaning) -> str:
    if not any(c.isalpha() for c in value):
        raise FieldError("name", phrase("a name has at least one letter"))
    return value


def _identifier(value: str, _: Cleaning) -> str:
    if not match_key("identifier", value):
        raise FieldError("identifier", phrase("an identifier has at least one letter or digit"))
    return value


def _date(value: str, _: Cleaning) -> str:
    return clean_date(value)


def _phone(value: str, cleaning: Cleaning) -> str:
    try:
        number = phonenumbers.parse(value, cleaning.region)
    except phonenumbers.NumberParseException:
        raise FieldError("phone", phrase("this is not a telephone number")) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise FieldError(
            "phone", phrase("the telephone number is too short, too long or lacks its area")
        )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _plate(value: str, _: Cleaning) -> str:
    key = match_key("plate", value)
    if not 2 <= len(key) <= 12:
        raise FieldError("plate", phrase("a licence plate has 2 to 12 letters and digits"))
    return key


def _vin(value: str, _: Cleaning) -> str:
    vin = match_key("vin", value)
    if not _VIN.fullmatch(vin):
        rule = phrase("a VIN has 17 letters and digits, none of them I, O or Q (ISO 3779)")
        raise FieldError("vin", rule)
    if vin[0] in "12345" and vin[8] != vin_check_digit(vin):
        raise FieldError(
            "vin-check-digit", phrase("the VIN's check digit is wrong (49 CFR 565.15(c))")
        )
    return vin


def vin_check_digit(vin: str) -> str:
    """The ninth character that a North American VIN must have (49 CFR 565.15(c))."""
    rest = sum(_VIN_VALUES[c] * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def _email(value: str, _: Cleaning) -> str:
    if not _EMAIL.fullmatch(value):
        raise FieldError("email", phrase("an e-mail address has the form name@domain"))
    local, _at, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def _url(value: str, _: Cleaning) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme.lower() not in ("http", "https") or " " in value:
        raise FieldError(
            "url", phrase("a web page begins with http:// or https:// and names a host")
        )
    return value


def _country(value: str, _: Cleaning) -> str:
    code = value.upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise FieldError("country", phrase("a country is its two-letter ISO 3166-1 code"))
    return code


def _code(value: str, cleaning: Cleaning) -> str:
    code = re.sub(r"[\s_/]+", "-", value.lower())
    if not _CODE.fullmatch(code):
        raise FieldError(
            "code", phrase("a code has lower-case letters and digits, joined by hyphens")
        )
    if cleaning.values and code not in cleaning.values:
        raise FieldError(
            "code-list",
            phrase("the codes allowed are %(values)s", values=", ".join(cleaning.values)),
        )
    return code


def _gender(value: str, _: Cleaning) -> str:
    try:
        return _GENDERS[value.lower()]
    except KeyError:
        raise FieldError("gender", phrase("gender is male, female, other or unknown")) from None


def _number(value: str, _: Cleaning) -> str:
    return str(_decimal(value))


def _decimal(value: str) -> Decimal:
    if not value.isascii() or not _NUMBER.fullmatch(value):
        raise FieldError(
            "number", phrase("a number has digits and at most one point, such as 12.5")
        )
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise FieldError("number", phrase("this is not a number")) from None
    tidy = f"{number:f}"
    if "." in tidy:
        tidy = tidy.rstrip("0").rstrip(".")
    return Decimal("0" if tidy in ("-0", "0") else tidy)


def _latitude(value: str, _: Cleaning) -> str:
    return _degrees(value, 90)


def _longitude(value: str, _: Cleaning) -> str:
    return _degrees(value, 180)


def _degrees(value: str, limit: int) -> str:
    number = _decimal(value)
    if abs(number) > limit:
        raise FieldError(
            "coordinate",
            phrase("the coordinate lies between -%(limit)s and %(limit)s degrees", limit=limit),
        )
    return str(_decimal(f"{number:.7f}"))


def _hash(value: str, _: Cleaning) -> str:
    digest = value.lower()
    if not _HASH.fullmatch(digest):
        raise FieldError("hash", phrase("a SHA-256 hash has 64 hexadecimal digits"))
    return digest


_CLEANERS: Mapping[str, Callable[[str, Cleaning], str]] = MappingProxyType(
    {
        "name": _name,
        "date": _date,
        "identifier": _identifier,
        "phone": _phone,
        "email": _email,
        "address": _as_is,
        "country": _country,
        "url": _url,
        "text": _as_is,
        "string": _as_is,
        "code": _code,
        "number": _number,
        "plate": _plate,
        "vin": _vin,
        "gender": _gender,
        "latitude": _latitude,
        "longitude": _longitude,
        "hash": _hash,
        "reference": _identifier,
    }
)
TYPES = tuple(_CLEANERS)
