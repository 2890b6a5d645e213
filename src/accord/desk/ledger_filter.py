"""What a reader of the ledger narrows its list by, as it stands in the address.

Every filter is a name in the query: `kind`, `person`, `agency`, `case`, `record`, `clause`, `from`
and `to`. Times without a zone are in the reader's; `to` is included, with its whole day or minute.
What cannot be read is said beside its field, and nothing is listed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.kernel.errors import NotFound
from accord.kernel.phrases import joined, phrase
from accord.ledger.domain import ACTING, OWNING, Kind
from accord.ledger.finding import Choices, choices
from accord.ledger.queries import Filter
from accord.web.components import FieldError, Link, Option
from accord.web.faults import Faults
from accord.web.filters import words

MINE, RECORDS, AGENCY = "mine", "records", "agency"
LABELS = {
    "kind": phrase("Kind of entry"),
    "person": phrase("Person"),
    "agency": phrase("Agency"),
    "case": phrase("Case"),
    "record": phrase("Record"),
    "clause": phrase("Clause"),
    "from": phrase("From"),
    "to": phrase("To"),
}
OFFERED = {
    MINE: ("kind", "case", "record", "clause", "from", "to"),
    RECORDS: ("kind", "person", "agency", "record", "clause", "from", "to"),
    AGENCY: ("kind", "person", "case", "record", "clause", "from", "to"),
}
"""Which filters each list takes; a list of one's own has one person, and an owner is told no case."""
LONGEST = 200
EARLIEST, LATEST = 1970, 9000
NOT_A_TIME = phrase("write a day, or a day and a time, as 2026-03-01 or 2026-03-01T14:30")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; `wanted` is None where something of it cannot be read."""

    view: str
    typed: Mapping[str, str]
    wanted: Filter | None
    faults: Faults

    @property
    def reads(self) -> str:
        """Which bodies the list is made of."""
        return OWNING if self.view == RECORDS else ACTING

    @property
    def narrowed(self) -> bool:
        return bool(self.typed)

    def address(self, **other: str | None) -> str:
        """The address of this list, with these names changed or left out."""
        names = {"view": self.view, **self.typed, **other}
        return "/ledger/?" + urlencode({n: v for n, v in names.items() if v})

    def moment(self, name: str) -> tuple[str, str]:
        """How a time's field is drawn and what it holds: a browser's own field takes minutes alone."""
        text = self.typed.get(name, "")
        if self.faults.of(name):
            return "text", text
        if len(text) == len("2026-03-01"):
            text += "T23:59" if name == "to" else "T00:00"
        return "datetime-local" if len(text) in (0, len("2026-03-01T14:30")) else "text", text

    def of(self, view: str) -> str:
        """The address of another list, narrowed by what it takes as well."""
        kept = {n: v for n, v in self.typed.items() if n in OFFERED[view] and n != "record"}
        return "/ledger/?" + urlencode({"view": view, **kept})


def asked(request: Any, scope: Scope) -> Asked:
    """Read the query of an address; raises NotFound for a list or a kind that there is not."""
    view = request.GET.get("view", MINE)
    if view not in OFFERED:
        raise NotFound()
    sent = {name: str(request.GET.get(name, "")).strip()[:LONGEST] for name in LABELS}
    typed = {name: value for name, value in sent.items() if value}
    if typed.get("kind", Kind.MISS) not in list(Kind):
        raise NotFound()
    faults: dict[str, str] = {
        name: phrase("this list is not narrowed by it")
        for name in typed
        if name not in OFFERED[view]
    }
    since, until = _times(typed, ZoneInfo(scope.actor.zone), faults)
    if faults:
        return Asked(view, typed, None, _faults(faults))
    wanted = Filter(
        kind=typed.get("kind"),
        actor=scope.actor.membership if view == MINE else typed.get("person"),
        agency=typed.get("agency"),
        case=typed.get("case"),
        record=typed.get("record"),
        clause=typed.get("clause"),
        since=since,
        until=until,
    )
    return Asked(view, typed, wanted, Faults())


def _times(
    typed: Mapping[str, str], zone: ZoneInfo, faults: dict[str, str]
) -> tuple[datetime | None, datetime | None]:
    since, until = None, None
    try:
        since = _moment(typed.get("from"), zone, whole=False)
    except ValueError:
        faults["from"] = NOT_A_TIME
    try:
        until = _moment(typed.get("to"), zone, whole=True)
    except ValueError:
        faults["to"] = NOT_A_TIME
    if since and until and until <= since:
        faults["to"] = phrase("is before the beginning")
    return since, until


def _moment(text: str | None, zone: ZoneInfo, *, whole: bool) -> datetime | None:
    """A moment from what was typed; `whole` takes the end of the day, minute or second that it is."""
    if not text:
        return None
    day = len(text) == len("2026-03-01")
    at = datetime.combine(date.fromisoformat(text), time()) if day else datetime.fromisoformat(text)
    if not EARLIEST <= at.year <= LATEST:
        raise ValueError(text)
    if whole:
        at += timedelta(days=1) if day else timedelta(seconds=1 if at.second else 60)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _faults(found: Mapping[str, str]) -> Faults:
    said = {
        name: phrase("%(label)s: %(rule)s", label=LABELS[name], rule=rule)
        for name, rule in found.items()
    }
    return Faults(tuple(FieldError(f"f-{name}", text) for name, text in said.items()), said)


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices of the filter's fields; what was chosen is always among them."""

    kinds: list[Option]
    people: list[Option]
    agencies: list[Option]
    cases: list[Option]
    clauses: list[Option]


def offered(query: Asked, scope: Scope) -> Offered:
    """What the newest entries of this list can be narrowed by."""
    whole = Filter(actor=scope.actor.membership) if query.view == MINE else Filter()
    found = choices(query.reads, whole)
    names = agencies.names(set(found.actors) | {query.typed.get("person", "")})
    known = {entry.id: entry.name for entry in agencies.agencies()}
    return Offered(
        kinds=[Option("", phrase("Every kind")), *(Option(k, words(k)) for k in Kind)],
        people=_options(phrase("Everybody"), found.actors, query.typed.get("person"), names),
        agencies=_options(phrase("Every agency"), found.agencies, query.typed.get("agency"), known),
        cases=_options(phrase("Every case"), found.cases, query.typed.get("case"), {}),
        clauses=_clauses(found, query.typed.get("clause")),
    )


def _options(
    every: str, values: tuple[str, ...], chosen: str | None, names: Mapping[str, str]
) -> list[Option]:
    shown = sorted({*values, *([chosen] if chosen else [])}, key=lambda v: (names.get(v, v), v))
    return [Option("", every), *(Option(value, names.get(value, value)) for value in shown)]


def _clauses(found: Choices, chosen: str | None) -> list[Option]:
    values = sorted({*found.clauses, *([chosen] if chosen else [])})
    return [Option("", phrase("Every clause")), *(Option(v, clause_said(v)) for v in values)]


def clause_said(cited: str) -> str:
    """A cited clause for people: the agreement alone, or with its clause."""
    agreement, _, clause = cited.partition("/")
    if not clause:
        return phrase("%(agreement)s, any clause", agreement=agreement)
    return phrase("%(agreement)s, %(clause)s", agreement=agreement, clause=clause)


def clauses_said(cited: tuple[str, ...]) -> str | None:
    """The clauses of one entry for people, at most two of them."""
    named = [each for each in cited if "/" in each]
    if not named:
        return None
    said = joined((clause_said(each) for each in named[:2]), "; ")
    more = len(named) - 2
    return phrase("%(said)s and %(more)s more", said=said, more=more) if more > 0 else said


def chosen(query: Asked, choices_: Offered, zone: str) -> list[Link]:
    """What the list is narrowed by, each a link to the list without it."""
    named = {
        "kind": choices_.kinds,
        "person": choices_.people,
        "agency": choices_.agencies,
        "clause": choices_.clauses,
    }
    links = []
    for name, value in query.typed.items():
        label = next((o.label for o in named.get(name, []) if o.value == value), value)
        if name in ("from", "to"):
            label = phrase("%(moment)s (%(zone)s)", moment=value.replace("T", " "), zone=zone)
        said = phrase("%(name)s: %(value)s", name=LABELS[name], value=label)
        links.append(Link(said, query.address(**{name: None})))
    return links
