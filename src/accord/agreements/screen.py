"""What pages about agreements show: states, steps and history as read models, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import yaml

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.document import compose
from accord.agreements.life import ATTESTED, Act, Life, State, Step, why_not
from accord.agreements.versions import VersionEntry
from accord.kernel.clock import now
from accord.kernel.phrases import headed, phrase
from accord.web.components import Chip, Event, Tone

STATES: Mapping[State, tuple[str, Tone]] = {
    State.DRAFT: (phrase("Draft"), "neutral"),
    State.PROPOSED: (phrase("Waits for signatures"), "warn"),
    State.SIGNED: (phrase("Signed, not in force"), "info"),
    State.IN_FORCE: (phrase("In force"), "good"),
    State.SUSPENDED: (phrase("Suspended"), "bad"),
    State.SUPERSEDED: (phrase("Replaced by an amendment"), "neutral"),
    State.EXPIRED: (phrase("Ended"), "neutral"),
    State.TERMINATED: (phrase("Terminated"), "bad"),
    State.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
}
OVER = frozenset({State.SUPERSEDED, State.EXPIRED, State.TERMINATED, State.WITHDRAWN})
LABELS: Mapping[Step, str] = {
    Step.SIGN: phrase("Sign"),
    Step.ACTIVATE: phrase("Put in force"),
    Step.WITHDRAW: phrase("Withdraw"),
    Step.SUSPEND: phrase("Suspend"),
    Step.RESUME: phrase("Resume"),
    Step.TERMINATE: phrase("Terminate"),
}
_SAID: Mapping[Step, tuple[str, Tone]] = {
    Step.PROPOSE: (phrase("Proposed"), "info"),
    Step.WITHDRAW: (phrase("Withdrawn"), "neutral"),
    Step.ACTIVATE: (phrase("Put in force"), "good"),
    Step.SUSPEND: (phrase("Suspended"), "warn"),
    Step.RESUME: (phrase("Resumed"), "good"),
    Step.TERMINATE: (phrase("Terminated"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step of an agreement's life, open to this member or held with the reason."""

    step: str
    label: str
    href: str
    held: str | None


def state_chip(version: VersionEntry) -> Chip:
    """What the version is now, in a word."""
    if version.state is State.IN_FORCE and version.effective_from > now():
        return Chip(phrase("Not yet begun"), "info")
    return Chip(*STATES[version.state])


def step_buttons(version: VersionEntry, actor: Actor) -> tuple[StepButton, ...]:
    """Every step that is taken with a version, with the reason where this member may not."""
    names = agencies.agency_names()
    return tuple(
        StepButton(
            str(step),
            label,
            f"/agreements/{version.content_hash}/{step}",
            held(version.life, step, actor, names),
        )
        for step, label in LABELS.items()
    )


def held(life: Life, step: Step, actor: Actor, names: Mapping[str, str]) -> str | None:
    """Why this member may not take the step, with agencies by their names; None where they may."""
    because = why_not(life, step, actor.agency, actor.roles)
    return None if because is None else with_names(because, names)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The sentence with agencies called by their names; it begins with a capital letter."""
    for agency in sorted(names, key=len, reverse=True):
        text = text.replace(agency, names[agency])
    return headed(text)


def history(version: VersionEntry, beside: tuple[VersionEntry, ...]) -> tuple[Event, ...]:
    """What happened to a version, the latest first: who, when, why, and whether it is proven."""
    names = agencies.agency_names()
    life = version.life
    people = agencies.names(
        {a.member for a in (*life.acts, *life.ignored)} | {s.officer for s in version.signatures}
    )
    events = [_act(a, a in life.acts, people, names) for a in (*life.acts, *life.ignored)]
    for signed in version.signatures:
        good = signed.agency in life.signed_by
        who = people.get(signed.officer, signed.officer)
        tag = phrase("Signature verified") if good else phrase("Signature false")
        title = phrase("Signed by %(names)s", names=names.get(signed.agency, signed.agency))
        tone: Tone = "good" if good else "bad"
        events.append(Event(signed.signed_at, title, who=who, tone=tone, tag=tag))
    events += _replaced(version, beside)
    until = version.effective_until
    if version.state is State.EXPIRED and until is not None:
        events.append(Event(until, phrase("Ended by time"), tone="neutral"))
    return tuple(sorted(events, key=lambda e: e.at, reverse=True))


def _act(act: Act, counts: bool, people: Mapping[str, str], names: Mapping[str, str]) -> Event:
    title, tone = _SAID[act.step]
    who = people.get(act.member, f"{act.member}, {names.get(act.agency, act.agency)}")
    if not counts:
        return Event(
            act.at, title, who, act.reason or None, tone="bad", tag=phrase("Decides nothing")
        )
    return Event(act.at, title, who, act.reason or None, tone=tone, tag=_proof(act))


def _proof(act: Act) -> str | None:
    """By what an act that counts is its agency's."""
    if act.step not in ATTESTED:
        return None
    if act.signature is None:
        return phrase("Without a key in force")
    return phrase("Signature verified")


def _replaced(version: VersionEntry, beside: tuple[VersionEntry, ...]) -> list[Event]:
    for other in beside:
        if other.parent_hash == version.content_hash:
            for act in other.life.acts:
                if act.step is Step.ACTIVATE:
                    href = f"/agreements/{other.content_hash}"
                    return [
                        Event(act.at, phrase("Replaced by an amendment"), href=href, tone="neutral")
                    ]
    return []


@lru_cache(maxsize=64)
def clause_sources(text: str) -> Mapping[str, str]:
    """The YAML of each clause as its parties wrote it, by the clause's id."""
    root = compose(text, "agreement.yaml")
    found: dict[str, str] = {}
    for key, value in root.value:
        if key.value != "clauses":
            continue
        for item in value.value:
            written = " " * item.start_mark.column + _between(text, item)
            found[_id_of(item)] = textwrap.dedent(written).rstrip()
    return found


def _between(text: str, node: yaml.Node) -> str:
    return text[node.start_mark.index : node.end_mark.index]


def _id_of(node: yaml.Node) -> str:
    return next(str(v.value) for k, v in node.value if k.value == "id")


def moment_of(text: str) -> datetime | None:
    """A time that a form carries; None when it carries none or no time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
