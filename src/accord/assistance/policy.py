"""Who may attest, ask and answer: every rule over facts, each with its sentence.

The policies of the tables say the same to PostgreSQL (migrations/0001).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from accord.agencies.domain import Actor
from accord.assistance.domain import (
    ANSWERS,
    BY_THE_ASKED,
    BY_THE_ASKER,
    LONGEST_ATTESTED,
    LONGEST_NOTE,
    LONGEST_PLACE,
    LONGEST_TEXT,
    LONGEST_UNIT,
    MANAGES,
    STEPS,
    AssistanceState,
    AssistanceStep,
    Entry,
    EntryState,
    Level,
    Line,
    Request,
    Urgency,
)
from accord.kernel.deadlines import check_overdue
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, raise_all, refusal_of
from accord.kernel.phrases import phrase

EXPERTISE, REQUEST = "expertise", "assistance"
SHORTEST_TEXT = 20


def check_manages(actor: Actor) -> None:
    """Raise NotAllowed unless the actor attests for the agency."""
    if not actor.roles & MANAGES:
        raise NotAllowed(
            phrase("A supervisor or a system administrator attests what the agency offers."),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )


def can_manage(actor: Actor) -> str | None:
    """Return None when allowed, else the reason."""
    return refusal_of(check_manages, actor)


def check_attest(actor: Actor, entry: Entry) -> None:
    """An agency attests its own entries; nobody their own."""
    check_manages(actor)
    if entry.mine:
        raise NotAllowed(
            phrase("Nobody attests what they can do themselves."),
            who_can_change=phrase("another supervisor or administrator of your agency"),
        )
    if entry.state is EntryState.WITHDRAWN:
        raise Conflict(phrase("This entry is withdrawn. It is proposed anew."))


def check_withdraw_entry(actor: Actor, entry: Entry) -> None:
    """The member withdraws at any moment, and so does the agency."""
    if not entry.mine:
        check_manages(actor)
    if entry.state is EntryState.WITHDRAWN:
        raise Conflict(phrase("This entry is withdrawn already."))


def check_naming(entry: Entry) -> None:
    """Raise NotAllowed unless the entry is the actor's own: nobody agrees for somebody else."""
    if not entry.mine:
        raise NotAllowed(
            phrase("Only the member says whether their name is shown."),
            who_can_change=phrase("the member"),
        )


def check_attested_until(until: datetime, at: datetime) -> datetime:
    """Return the end of what is attested; raises InvalidInput when it is past or too far."""
    return _within(EXPERTISE, until, at)


def check_all(*checks: Callable[[], object]) -> None:
    """Run every check, and raise one InvalidInput with all their faults: a form says them at once."""
    faults: list[InvalidInput] = []
    for check in checks:
        try:
            check()
        except InvalidInput as fault:
            faults += fault.faults
    raise_all(faults)


def check_level(word: str) -> Level:
    """Return a level; raises InvalidInput."""
    try:
        return Level(word)
    except ValueError:
        rule = phrase("is one of %(words)s", words=", ".join(Level))
        raise InvalidInput(EXPERTISE, None, "level", rule) from None


def check_urgency(word: str) -> Urgency:
    """Return how soon an answer is needed; raises InvalidInput."""
    try:
        return Urgency(word)
    except ValueError:
        rule = phrase("is one of %(words)s", words=", ".join(Urgency))
        raise InvalidInput(REQUEST, None, "urgency", rule) from None


def check_note(text: str) -> str:
    """Return the note of an entry; raises InvalidInput when it is too long."""
    return _at_most(EXPERTISE, "note", text, LONGEST_NOTE)


def check_unit(text: str, is_unit: bool) -> str:
    """Return the name of a unit; raises InvalidInput where a unit has none, or a member has one."""
    name = _at_most(EXPERTISE, "unit", " ".join(text.split()), LONGEST_UNIT)
    if is_unit and not name:
        raise InvalidInput(EXPERTISE, None, "unit", phrase("say what the unit is called"))
    return name if is_unit else ""


def check_need(text: str) -> str:
    """Return what is needed; raises InvalidInput when it says too little or too much."""
    return check_said(text, "need", LONGEST_TEXT)


def check_said(text: str, field: str, longest: int) -> str:
    """Return a text that its reader needs; raises InvalidInput when it says too little or too much."""
    said = _at_most(REQUEST, field, text, longest)
    shortest = SHORTEST_TEXT if field == "need" else 1
    if len(said) < shortest:
        rule = (
            phrase("say in at least %(shortest)s characters what is needed", shortest=shortest)
            if field == "need"
            else phrase("write something")
        )
        raise InvalidInput(REQUEST, None, field, rule)
    return said


def check_place(text: str) -> str:
    """Return where help is needed; raises InvalidInput when it is too long."""
    return _at_most(REQUEST, "place", " ".join(text.split()), LONGEST_PLACE)


def check_needed_until(until: datetime | None, at: datetime) -> datetime | None:
    """Return until when help is needed; raises InvalidInput when that is past or too far."""
    return None if until is None else _within(REQUEST, until, at)


def _within(what: str, until: datetime, at: datetime) -> datetime:
    if until.tzinfo is None:
        raise InvalidInput(what, None, "until", phrase("a moment needs its zone"))
    if until <= at:
        raise InvalidInput(what, None, "until", phrase("must lie in the future"))
    if until > at + LONGEST_ATTESTED:
        raise InvalidInput(what, None, "until", phrase("at most three years from today"))
    return until


def check_no_victim(ticked: bool) -> None:
    """Raise InvalidInput unless the asker says that the text names no victim."""
    if not ticked:
        rule = phrase(
            "read your text again, and say that nobody who may be a victim is named in it"
        )
        raise InvalidInput(REQUEST, None, "no_victim", rule)


def _at_most(what: str, field: str, text: str, longest: int) -> str:
    said = text.strip()
    if len(said) > longest:
        rule = phrase("at most %(longest)s characters", longest=longest)
        raise InvalidInput(what, None, field, rule)
    return said


def step(state: AssistanceState, act: AssistanceStep) -> AssistanceState:
    """The state that an act leads to; raises Conflict."""
    to = STEPS.get((state, act))
    if to is None:
        raise Conflict(phrase("A request that is %(state)s does not admit this step.", state=state))
    return to


def check_act(actor: Actor, found: Request, act: AssistanceStep, at: datetime) -> AssistanceState:
    """Return the state that the actor's act leads to; raises NotAllowed or Conflict with the rule."""
    line = found.line
    asked = actor.agency == line.asked
    if (act in BY_THE_ASKED and not asked) or (act in BY_THE_ASKER and asked):
        raise NotAllowed(
            phrase("This step is the other agency’s."),
            who_can_change=line.asker if asked else line.asked,
        )
    to = step(line.state, act)
    if act is AssistanceStep.REMARK:
        return to
    if asked:
        _check_answers(actor, line)
    else:
        _check_asked_it(actor, found)
    if act is AssistanceStep.ESCALATE:
        check_overdue(line.due_at, at)
    return to


def _check_answers(actor: Actor, line: Line) -> None:
    """The duty desk answers; what was escalated, a supervisor."""
    if line.state is AssistanceState.ESCALATED and "supervisor" not in actor.roles:
        raise NotAllowed(
            phrase("It was escalated: a supervisor of your agency answers."),
            who_can_change=phrase("a supervisor of your agency"),
        )
    if not actor.roles & ANSWERS:
        raise NotAllowed(
            phrase("A supervisor, dispatcher, case manager or records custodian answers."),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )


def _check_asked_it(actor: Actor, found: Request) -> None:
    """Whoever asked goes on with it, or a supervisor of the same agency."""
    if actor.membership != found.asked_by and "supervisor" not in actor.roles:
        raise NotAllowed(
            phrase("Whoever asked does this, or a supervisor of your agency."),
            who_can_change=phrase("a supervisor of your agency"),
        )


def can_act(actor: Actor, found: Request, act: AssistanceStep, at: datetime) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    return refusal_of(check_act, actor, found, act, at)


def check_asked(actor: Actor, asked: Collection[str], known: Collection[str], most: int) -> None:
    """Raise InvalidInput unless these are agencies that can be asked."""
    if not asked:
        rule = phrase("choose an agency; none that you may know of offers this")
        raise InvalidInput(REQUEST, None, "agency", rule)
    if actor.agency in asked:
        raise InvalidInput(REQUEST, None, "agency", phrase("is your own agency"))
    if set(asked) - set(known):
        raise InvalidInput(REQUEST, None, "agency", phrase("no such agency can be asked here"))
    if len(asked) > most:
        rule = phrase("at most %(most)s agencies at once; choose one", most=most)
        raise InvalidInput(REQUEST, None, "agency", rule)
