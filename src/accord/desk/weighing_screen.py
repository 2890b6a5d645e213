"""How an impact reads: who loses, gains or owes what, over how much, by which clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accord.agreements.domain import Obligation
from accord.agreements.impact import Change
from accord.agreements.plain import obligation_text
from accord.agreements.simulation import Cited
from accord.desk.exposing_screen import REACH
from accord.desk.simulation_screen import KEYS, Reading, lacking, reading
from accord.desk.weighing import Impact
from accord.kernel.labels import Label
from accord.kernel.phrases import counted, joined, phrase, thousands
from accord.web.components import Tone
from accord.web.filters import listing, named, pluralise, words

Names = Mapping[str, str]
DIRECTIONS: dict[str, tuple[str, Tone]] = {
    "loses": (phrase("Loses"), "warn"),
    "gains": (phrase("Gains"), "info"),
    "owes": (phrase("Other obligations"), "neutral"),
}
VERDICTS: dict[str, tuple[str, Tone]] = {
    "narrower": (phrase("Narrower: it allows nothing that the other does not, and less"), "good"),
    "wider": (phrase("Wider: it allows all that the other does, and more"), "warn"),
    "equal": (phrase("Equal: it allows just what the other does"), "info"),
    "incomparable": (
        phrase("Neither narrower nor wider: it allows some things more and others less"),
        "warn",
    ),
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as a person reads it."""

    direction: str
    tone: Tone
    who: str
    lacks: str | None
    what: str
    over: tuple[str, ...]
    when: str | None
    counted: str
    now: str | None
    clauses: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class AgencyChanges:
    """What changes for one agency."""

    id: str
    name: str
    own: bool
    tally: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The whole page."""

    sentence: str
    tone: Tone
    agencies: tuple[AgencyChanges, ...]
    verdict: tuple[str, Tone] | None
    witnesses: tuple[tuple[str, str], ...]


def weighed(found: Impact, own: str, names: Names) -> Weighed:
    """The impact as it is drawn, other agencies first."""
    by_agency: dict[str, list[Change]] = {}
    for change in found.changes:
        by_agency.setdefault(change.agency, []).append(change)
    lines = [
        AgencyChanges(
            id=agency,
            name=names.get(agency, agency),
            own=agency == own,
            tally=_tally(changes),
            lines=tuple(_line(found, change) for change in changes),
        )
        for agency, changes in by_agency.items()
    ]
    sentence, tone = _sentence(found, own, by_agency, names)
    return Weighed(
        sentence,
        tone,
        tuple(sorted(lines, key=lambda x: (x.own, x.name))),
        VERDICTS[found.verdict.verdict] if found.verdict else None,
        _witnesses(found, names),
    )


def _sentence(
    found: Impact, own: str, by_agency: Mapping[str, list[Change]], names: Names
) -> tuple[str, Tone]:
    if not found.records:
        return (
            phrase(
                "You see none of your agency’s records for this purpose, so nothing is counted."
            ),
            "info",
        )
    if not by_agency:
        return phrase("Nothing changes for your agency’s records that you see."), "good"
    touched = frozenset(n for c in found.changes for n in c.labels)
    parts = sum(k.records * sum(n in touched for n, _ in k.parts) for k in found.kept)
    records = sum(k.records for k in found.kept if any(n in touched for n, _ in k.parts))
    who = listing(
        [names.get(a, a) if a != own else phrase("your own people") for a in sorted(by_agency)]
    )
    said = phrase(
        "For %(who)s something changes over %(parts)s of %(records)s of your agency.",
        who=who,
        parts=pluralise(parts, "part"),
        records=pluralise(records, "record"),
    )
    return said, "info"


_TALLIED = {
    "loses": lambda n: counted(n, "%(count)s loss", "%(count)s losses"),
    "gains": lambda n: counted(n, "%(count)s gain", "%(count)s gains"),
    "owes": lambda n: counted(n, "%(count)s other obligation", "%(count)s other obligations"),
}


def _tally(changes: Iterable[Change]) -> str:
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.direction] = counts.get(change.direction, 0) + 1
    return listing([_TALLIED[direction](number) for direction, number in counts.items()])


def _line(found: Impact, change: Change) -> ChangeLine:
    text, tone = DIRECTIONS[change.direction]
    parts, records = change.parts(found.kept), change.records(found.kept)
    now = change.parts_now(found.kept)
    return ChangeLine(
        direction=text,
        tone=tone,
        who=phrase("%(roles)s, for %(purposes)s",
                   roles=_and(change.roles), purposes=_and(change.purposes, "or")),
        lacks=lacking(change.lacks) if change.lacks else None,
        what=_what(change),
        over=tuple(_over(found.labels[n] for n in sorted(change.labels))),
        when=listing([KEYS.get(k, k) for k in sorted(change.keys)]) if change.keys else None,
        counted=phrase("%(parts)s of %(records)s",
                       parts=pluralise(parts, "part"), records=pluralise(records, "record")),
        now=phrase("%(number)s of these parts carry such a key now", number=thousands(now))
        if change.keys else None,
        clauses=tuple(
            reading(Cited(found.agreements[c.agreement_hash],
                          found.clauses[c.agreement_hash, c.clause_id]))
            for c in change.clauses
        ),
    )  # fmt: skip


def _what(change: Change) -> str:
    if change.obliged is None:
        return phrase(
            "%(reach)s becomes %(reach2)s",
            reach=REACH[change.was],
            reach2=REACH[change.becomes].lower(),
        )
    before, after = (frozenset(side) for side in change.obliged)
    gone, come = _duties(before - after), _duties(after - before)
    if gone and come:
        return phrase(
            "%(reach)s stays; instead of “%(gone)s”: %(come)s",
            reach=REACH[change.was],
            gone=gone,
            come=come,
        )
    return phrase("%(reach)s stays; ", reach=REACH[change.was]) + (
        phrase("also asked: %(come)s", come=come)
        if come
        else phrase("not asked: %(gone)s", gone=gone)
    )


def _duties(obligations: Iterable[Obligation]) -> str:
    return joined((obligation_text(o) for o in sorted(obligations)), "; ")


def _and(chosen: Iterable[str], last: str = "and") -> str:
    return listing([words(word).lower() for word in sorted(chosen)], last)


def _over(labels: Iterable[Label]) -> list[str]:
    """Labels in words: parts of kinds of record, about whom."""
    found: dict[tuple[str, str], set[str]] = {}
    for label in labels:
        about = _and(label.subjects - {"none"})
        marks = [
            text
            for text, on in ((phrase("minors"), label.minor),
                             (phrase("sealed by a court"), label.sealed),
                             (phrase("intelligence"), label.intelligence))
            if on
        ]  # fmt: skip
        said = phrase(" about %(about)s", about=about) if about else ""
        said += phrase(" (%(marks)s)", marks=listing(marks)) if marks else ""
        found.setdefault((label.schema, said), set()).add(label.part)
    together: dict[tuple[str, str], list[str]] = {}
    for (schema, said), parts in found.items():
        together.setdefault((_and(parts), said), []).append(words(schema).lower())
    return [
        phrase(
            "%(parts)s of %(kinds)s%(said)s", parts=parts, kinds=listing(sorted(kinds)), said=said
        )
        for (parts, said), kinds in together.items()
    ]


def _witnesses(found: Impact, names: Names) -> tuple[tuple[str, str], ...]:
    if found.verdict is None:
        return ()
    said = (
        (phrase("Allowed by this version only"), found.verdict.wider),
        (phrase("Allowed by the other version only"), found.verdict.narrower),
    )
    return tuple(
        (text, named(witness.text, names)) for text, witness in said if witness is not None
    )
