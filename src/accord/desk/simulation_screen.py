"""How answers of the simulator read: a ladder for each part, and each stretch of it with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.domain import READ_ACTIONS
from accord.agreements.plain import obligation_text
from accord.agreements.simulation import Cited, Trial, Trials
from accord.desk.simulating import Answered
from accord.kernel.phrases import headed, joined, phrase
from accord.kernel.vocabulary import Vocabulary
from accord.web.components import Link
from accord.web.filters import listing, words

Names = Mapping[str, str]
RUNGS = {
    "match": phrase("Match"),
    "hit": phrase("Hit"),
    "view": phrase("View"),
    "export": phrase("Export"),
    "onward": phrase("Onward"),
}
MEANS = {
    "match": phrase("a machine may compare it"),
    "hit": phrase("learn that it exists and whom to ask"),
    "view": phrase("read it"),
    "export": phrase("take a copy"),
    "onward": phrase("pass it on"),
}
_VOCABULARY = Vocabulary.load(VOCABULARY_VERSION)
KEYS = {kind: _VOCABULARY.meaning("key", kind) for kind in _VOCABULARY.words("key")}
"""What a key says, by its kind."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One action of the ladder: open or closed."""

    action: str
    text: str
    open: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause that an answer rests on, with the parties' words."""

    link: Link
    prose: str
    onward: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring actions with one answer, one reason and one price."""

    actions: str
    open: bool
    clauses: tuple[Reading, ...]
    obligations: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """One part with its ladder and why."""

    title: str
    marks: str
    keys: tuple[str, ...]
    rungs: tuple[Rung, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer: one sentence, then part by part."""

    sentence: str
    tone: str
    parts: tuple[PartAnswer, ...]


def result(found: Answered, names: Names) -> Result:
    """The answer as it is drawn."""
    readable = [t.thing.name for t in found.things if _allows(t, "view")]
    known = [t.thing.name for t in found.things if _allows(t, "hit")]
    total = len(found.things)
    if readable:
        which = (
            phrase("it")
            if total == 1
            else phrase(
                "%(readable)s (%(number)s of %(total)s parts)",
                readable=listing(readable),
                number=len(readable),
                total=total,
            )
        )
        said, tone = phrase("could read %(which)s", which=which), "good"
    elif known:
        said, tone = (
            phrase("could learn that it exists and whom to ask, and read nothing of it"),
            "info",
        )
    else:
        said, tone = phrase("would learn nothing of it, not even that it exists"), "neutral"
    parts = tuple(part_answer(t, names) for t in found.things)
    return Result(f"{found.person} {said}.", tone, parts)


def _allows(trials: Trials, action: str) -> bool:
    return next(t for t in trials.trials if t.action == action).decision.allowed


def part_answer(trials: Trials, names: Names) -> PartAnswer:
    """One part as it is drawn."""
    thing = trials.thing
    return PartAnswer(
        title=thing.name,
        marks=label_line(thing.label.facts(), names),
        keys=tuple(KEYS.get(kind, kind) for kind in sorted(thing.keys)),
        rungs=rungs({t.action for t in trials.trials if t.decision.allowed}),
        stretches=tuple(_stretches(trials.trials)),
    )


def rungs(allowed: set[str]) -> tuple[Rung, ...]:
    """The ladder with what is open on it."""
    return tuple(Rung(action, RUNGS[action], action in allowed) for action in READ_ACTIONS)


def label_line(label: Mapping[str, object], names: Names) -> str:
    """A label in one line, without what says nothing."""
    subjects = [words(str(s)).lower() for s in label["subjects"] if s != "none"]  # type: ignore[attr-defined]  # a list of words
    said = [
        names.get(str(label["owner"]), str(label["owner"])),
        words(str(label["schema"])).lower(),
        phrase("about %(subjects)s", subjects=listing(subjects)) if subjects else "",
        words(str(label["sensitivity"])).lower(),
        phrase("handling %(label)s", label=label["handling"])
        if label["handling"] != "none"
        else "",
        phrase("a minor") if label["minor"] else "",
        phrase("sealed by a court") if label["sealed"] else "",
        "intelligence" if label["intelligence"] else "",
    ]
    return joined((part for part in said if part), " · ")


def _stretches(trials: tuple[Trial, ...]) -> list[Stretch]:
    def answer_of(trial: Trial) -> tuple[object, ...]:
        d = trial.decision
        return (d.allowed, d.citations, d.obligations, _asks(trial))

    return [_stretch(list(run)) for _, run in groupby(trials, key=answer_of)]


def _asks(trial: Trial) -> tuple[str, ...]:
    """What is missing, where anything would help; else the page says that nothing permits it."""
    return tuple(m for m in trial.decision.missing if not m.startswith("no clause permits"))


def _stretch(run: list[Trial]) -> Stretch:
    decision = run[0].decision
    return Stretch(
        actions=listing(
            [
                phrase(
                    "%(rungs)s (%(means)s)", rungs=RUNGS[t.action].lower(), means=MEANS[t.action]
                )
                for t in run
            ]
        ),
        open=decision.allowed,
        clauses=tuple(reading(c, onward=place > 0) for place, c in enumerate(run[0].cited)),
        obligations=tuple(obligation_text(o) for o in decision.obligations),
        missing=tuple(lacking(m) for m in _asks(run[0])) if not decision.allowed else (),
    )


def reading(cited: Cited, *, onward: bool = False) -> Reading:
    """A clause with its words and the address at which it can be read in its agreement."""
    agreement, clause = cited.agreement, cited.clause
    href = f"/agreements/{agreement.content_hash}#clause-{clause.id}"
    return Reading(
        Link(phrase("%(title)s, clause %(id)s", title=agreement.title, id=clause.id), href),
        clause.prose,
        onward,
    )


def lacking(text: str) -> str:
    """What a refused question lacks, as a person reads it."""
    name, colon, asked = text.partition(": ")
    if not colon:
        return headed(text)
    if name == "key":
        return phrase("That %(keys)s", keys=KEYS.get(asked, asked))
    said = joined((words(word).lower() for word in asked.split(" or ")), " or ")
    if name == "training":
        return phrase("Valid training: %(asked)s", asked=words(asked))
    if name == "assurance":
        return phrase("A sign-in of level %(asked)s", asked=asked)
    return f"{headed(name)}: {said}"
