"""Reads what somebody types into the one search box, and says whether it asks for enough.

`dob:`, `name:`, `plate:`, `phone:`, `id:`, `vin:`, `email:` and "quoted words" say what is meant;
everything else is told by its form. A form that could be two things is searched as both.

The minimum is against fishing: a question to other agencies must already know something that
points at one person or thing. A birth date, a first name or a single word does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from accord.kernel.errors import AccordError, NotAllowed
from accord.kernel.phrases import phrase
from accord.records.dates import parse_date
from accord.records.faults import FieldError
from accord.records.names import tokens
from accord.records.values import Cleaning, clean, match_key

MAX_CHARS = 300
MIN_EXACT_CHARS = 4
MIN_NAME_LETTERS = 5
EXACT_KINDS = ("plate", "phone", "identifier", "vin", "email")
PREFIXES = {
    "name": "name",
    "dob": "birthDate",
    "born": "birthDate",
    "plate": "plate",
    "phone": "phone",
    "tel": "phone",
    "id": "identifier",
    "vin": "vin",
    "email": "email",
    "text": "text",
}
TYPE_OF_KIND = {"birthDate": "date"}
DATE_FORMS = ("%m/%d/%Y", "%m-%d-%Y")
"""How a day is written beside ISO 8601, by region; month first where nothing else is known."""
DAY_FIRST_FORMS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")

_WORD = re.compile(
    r'(?P<prefix>[A-Za-z]+):(?:"(?P<prefixed>[^"]*)"|(?P<bare>\S+))|"(?P<quoted>[^"]*)"|(?P<word>\S+)'
)
_ISO_DATE = re.compile(r"(18|19|20|21)\d\d-\d\d(-\d\d)?")
_WRITTEN_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_PHONE_RUN = re.compile(
    r"(?<!\S)(?:(?:phone|tel):\s*)?(\+?[\d(][\d\s().-]{5,}\d)(?!\S)", re.IGNORECASE
)
_MIXED = re.compile(r"(?=.*\d)[A-Za-z0-9-]{2,40}")
_WILDCARDS = re.compile(r"[*%?]")


class QueryError(AccordError):
    """The question cannot be read; the sentence says what to write instead."""


@dataclass(frozen=True)
class Criterion:
    """One thing asked for, in its cleaned form."""

    kind: str
    """name birthDate plate phone identifier vin email text phrase"""
    value: str

    @property
    def exact(self) -> bool:
        """Whether it is compared exactly, so also with the tokens of sealed parts."""
        return self.kind in EXACT_KINDS or self.kind == "birthDate"


@dataclass(frozen=True)
class SearchQuery:
    """What is asked for: all of `criteria`, and of each group in `either` at least one."""

    text: str
    criteria: tuple[Criterion, ...]
    either: tuple[tuple[Criterion, ...], ...] = ()

    @property
    def all(self) -> tuple[Criterion, ...]:
        """Every criterion, the alternatives too."""
        return self.criteria + tuple(c for group in self.either for c in group)

    def of(self, kind: str) -> tuple[str, ...]:
        """The values asked for of one kind."""
        return tuple(c.value for c in self.all if c.kind == kind)


def parse_query(text: str, *, region: str = "US") -> SearchQuery:
    """The typed criteria in one line of text; QueryError where a part cannot be read."""
    text = _checked(text)
    reader = _Reader(region)
    rest = reader.take_phones(text)
    for match in _WORD.finditer(rest):
        reader.take(match)
    query = reader.query(text)
    if not query.all:
        raise QueryError(
            phrase("Write a name, a plate, a telephone number, an ID number or words.")
        )
    return query


def form_query(fields: dict[str, str], *, region: str = "US") -> SearchQuery:
    """The same from a form with a field for each kind (the values of PREFIXES, and `phrase`)."""
    reader = _Reader(region)
    for kind, value in fields.items():
        if value.strip():
            if kind not in PREFIXES.values() and kind != "phrase":
                raise QueryError(phrase("There is no search field %(kind)s.", kind=f"{kind!r}"))
            reader.add(kind, _checked(value))
    query = reader.query(" ".join(v.strip() for v in fields.values() if v.strip()))
    if not query.all:
        raise QueryError(phrase("Fill in at least one field."))
    return query


def _checked(text: str) -> str:
    try:
        text = clean("string", text[: MAX_CHARS + 1]) if text.strip() else ""
    except FieldError as error:
        raise QueryError(
            phrase("The question cannot be read: %(reason)s.", reason=error.reason)
        ) from None
    if len(text) > MAX_CHARS:
        raise QueryError(
            phrase("A question has at most %(max_chars)s characters.", max_chars=MAX_CHARS)
        )
    if _WILDCARDS.search(text):
        raise QueryError(
            phrase(
                "There are no wildcards (*, %, ?): spelling is forgiven for names, "
                "and numbers are compared exactly."
            )
        )
    return text


class _Reader:
    def __init__(self, region: str) -> None:
        self._region = region
        self._criteria: list[Criterion] = []
        self._either: list[tuple[Criterion, ...]] = []
        self._names: list[str] = []

    def take_phones(self, text: str) -> str:
        """Telephone numbers have spaces inside, so they are taken before the text is split."""

        def replace(match: re.Match[str]) -> str:
            whole, run = match.group(), match.group(1)
            if _ISO_DATE.fullmatch(run) or _WRITTEN_DATE.fullmatch(run):
                return whole
            if run.isdigit():
                return whole
            found = self._tried("phone", run)
            if found is None:
                return whole
            self._criteria.append(found)
            return " "

        return _PHONE_RUN.sub(replace, text)

    def take(self, match: re.Match[str]) -> None:
        prefix = match["prefix"]
        if prefix and prefix.lower() in PREFIXES:
            value = match["prefixed"] if match["prefixed"] is not None else match["bare"]
            self.add(PREFIXES[prefix.lower()], value)
        elif match["quoted"] is not None:
            self.add("phrase", match["quoted"])
        else:
            self._guess(match.group().strip(",;"))

    def add(self, kind: str, value: str) -> None:
        """A criterion whose kind was stated: it must be readable as that."""
        if kind == "name":
            self._add_name(value)
            return
        try:
            self._criteria.append(self._made(kind, value))
        except FieldError as error:
            raise QueryError(
                phrase(
                    "The %(plain)s cannot be read: %(reason)s.",
                    plain=_plain(kind),
                    reason=error.reason,
                )
            ) from None

    def _add_name(self, value: str) -> None:
        try:
            name = clean("name", value)
        except FieldError as error:
            raise QueryError(
                phrase("The name cannot be read: %(reason)s.", reason=error.reason)
            ) from None
        if not tokens(name):
            raise QueryError(
                phrase("The name cannot be read: it is a title, or has no word in it.")
            )
        self._criteria.append(Criterion("name", name))

    def _guess(self, word: str) -> None:
        if not word:
            return
        if "@" in word:
            self.add("email", word)
        elif _ISO_DATE.fullmatch(word) or _WRITTEN_DATE.fullmatch(word):
            self.add("birthDate", word)
        elif (vin := self._tried("vin", word)) is not None:
            self._criteria.append(vin)
        elif _MIXED.fullmatch(word):
            self._add_mixed(word)
        else:
            self._names.append(word)

    def _add_mixed(self, word: str) -> None:
        """Letters with digits may be a plate or an identifier; digits alone also a telephone."""
        kinds = ["identifier"]
        if len(match_key("plate", word)) <= 8:
            kinds.append("plate")
        if word.isdigit() and len(word) >= 10:
            kinds.append("phone")
        found = [c for kind in kinds if (c := self._tried(kind, word)) is not None]
        if len(found) == 1:
            self._criteria.append(found[0])
        elif found:
            self._either.append(tuple(found))

    def _tried(self, kind: str, value: str) -> Criterion | None:
        try:
            return self._made(kind, value)
        except FieldError:
            return None

    def _made(self, kind: str, value: str) -> Criterion:
        if kind == "birthDate" and _WRITTEN_DATE.fullmatch(value):
            return Criterion(kind, _written_date(value, self._region))
        if kind in ("text", "phrase"):
            return Criterion(kind, clean("string", value))
        cleaned = clean(TYPE_OF_KIND.get(kind, kind), value, Cleaning(self._region))
        if kind == "birthDate" and "T" in cleaned:
            raise FieldError("date", phrase("a birth date has no time"))
        return Criterion(kind, cleaned)

    def query(self, text: str) -> SearchQuery:
        if self._names:
            self._criteria.append(Criterion("name" if self._is_name() else "text", self._joined()))
        return SearchQuery(text, tuple(dict.fromkeys(self._criteria)), tuple(self._either))

    def _joined(self) -> str:
        return " ".join(self._names)

    def _is_name(self) -> bool:
        """One to five words of letters are searched as a name; more is full text."""
        return len(self._names) <= 5 and bool(tokens(self._joined()))


def _written_date(value: str, region: str) -> str:
    forms = DATE_FORMS if region == "US" else DAY_FIRST_FORMS
    errors: list[FieldError] = []
    for form in forms:
        try:
            return parse_date(value, form, None)
        except FieldError as error:
            errors.append(error)
    order = "month first" if region == "US" else "day first"
    raise FieldError("date", phrase("write it %(order)s, or as YYYY-MM-DD", order=order))


def _plain(kind: str) -> str:
    return {"birthDate": "birth date", "vin": "VIN", "phone": "telephone number"}.get(kind, kind)


def check_minimum(query: SearchQuery) -> None:
    """A question to other agencies points at one person or thing already; NotAllowed says how."""
    if any(_telling(query)):
        return
    raise NotAllowed(
        phrase(
            "This asks other agencies for too much. Give a full name (two words), a name with a "
            "birth date, a plate, a telephone number, a VIN, an e-mail address or an ID number."
        )
    )


def meets_minimum(query: SearchQuery) -> bool:
    """Whether `check_minimum` would pass."""
    return any(_telling(query))


def _telling(query: SearchQuery) -> Iterator[bool]:
    kinds = {c.kind for c in query.all}
    for criterion in query.all:
        if criterion.kind in EXACT_KINDS:
            yield len(match_key(criterion.kind, criterion.value)) >= MIN_EXACT_CHARS
        if criterion.kind == "name":
            words = tokens(criterion.value)
            letters = sum(map(len, words))
            full = len([w for w in words if len(w) >= 2]) >= 2 and letters >= MIN_NAME_LETTERS
            yield full
            yield "birthDate" in kinds and letters >= 2
