"""Works out what a version is from the steps that were stored, each time it is asked.

A stored step that the table refuses, that an agency took which may not, or whose signature does not
verify decides nothing: so a row that was written past the actions changes no state.

A key that is revoked since an earlier moment unmakes steps that counted until then, and with them the
states in which later steps were taken. What only takes away goes on deciding all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.agreements.life import (
    ATTESTED,
    IS,
    OVER,
    STANDING,
    SUPERVISOR,
    TABLE,
    TAKES_AWAY,
    Act,
    Life,
    State,
    Step,
    refused,
    why_not,
)
from accord.kernel.phrases import phrase


@dataclass(frozen=True, slots=True)
class Version:
    """What the life of a version turns on."""

    content_hash: str
    parties: frozenset[str]
    signed_by: frozenset[str]
    """Parties whose signature over this very text verifies."""
    amends: str | None = None
    may_amend: bool = True
    """Whether it may replace what it amends (accord.agreements.terms.check_amendment)."""
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass
class Course:
    """A version on its way through its acts; once all are taken, it is altered no more."""

    version: Version
    state: State = State.PROPOSED
    proposer: str | None = None
    suspended_by: tuple[str, ...] = ()
    acts: list[Act] = field(default_factory=list)
    ignored: list[Act] = field(default_factory=list)

    def life(self, at: datetime) -> Life:
        """What the version is at `at`, as far as its acts went."""
        v = self.version
        return Life(
            state=self.at(at),
            parties=v.parties,
            signed_by=v.signed_by,
            proposer=self.proposer,
            suspended_by=self.suspended_by,
            acts=tuple(self.acts),
            ignored=tuple(self.ignored),
        )

    def at(self, at: datetime) -> State:
        """The stored state with what nobody sets: signatures and time."""
        v = self.version
        if self.state is State.PROPOSED and v.parties <= v.signed_by:
            return State.SIGNED
        if self.state in STANDING and v.ends is not None and v.ends <= at:
            return State.EXPIRED
        return self.state


def settle(
    acts: Sequence[Act], known: Iterable[tuple[Sequence[Version], Callable[[Act], bool]]]
) -> Mapping[str, Course]:
    """The courses of the versions of one agreement, by hash, by the last of what is `known`.

    `known` are the versions and what `run` asks, as they were until each revocation that undoes
    something, the oldest first, and as they are now: so that an act which only takes away, and counted
    when it was taken, goes on deciding.
    """
    courses: Mapping[str, Course] = {}
    taken: frozenset[int] = frozenset()
    for versions, attested in known:
        courses = run(versions, acts, attested, taken)
        counted = (act for course in courses.values() for act in course.acts)
        taken |= {act.number for act in counted if act.step in TAKES_AWAY}
    return courses


def run(
    versions: Sequence[Version],
    acts: Iterable[Act],
    attested: Callable[[Act], bool],
    taken: Collection[int] = (),
) -> Mapping[str, Course]:
    """The course of every version of one agreement, by hash: what holds of it at whatever time.

    `attested` says whether the agency stands behind an act: its signature verifies, or it had no key
    to suspend with. It is asked for the acts that need one. `taken` are the numbers of acts that only
    take away and counted until a key was revoked.
    """
    courses = {v.content_hash: Course(v) for v in versions}
    seen: set[bytes | None] = set()
    for act in sorted(acts, key=lambda a: a.number):
        course = courses[act.version]
        if _counts(act, courses, attested, seen):
            _take(act, course, courses)
            course.acts.append(act)
        elif act.number in taken:
            seen.add(act.signature)
            _take_away(act, course, courses)
        else:
            course.ignored.append(act)
    return courses


def _counts(
    act: Act,
    courses: Mapping[str, Course],
    attested: Callable[[Act], bool],
    seen: set[bytes | None],
) -> bool:
    """Whether a stored act decides anything; the application checked the roles when it was taken."""
    course = courses[act.version]
    if act.step is Step.PROPOSE:
        return course.proposer is None and act.agency in course.version.parties
    if why_not(course.life(act.at), act.step, act.agency, (SUPERVISOR,)) is not None:
        return False
    if act.step is Step.ACTIVATE and _stands_in_the_way(act, courses):
        return False
    if act.step not in ATTESTED:
        return True
    if act.signature is None:
        return act.step is Step.SUSPEND and attested(act)
    if act.signature in seen or not attested(act):
        return False  # the same signature twice is a step that somebody plays again
    seen.add(act.signature)
    return True


def _stands_in_the_way(act: Act, courses: Mapping[str, Course]) -> bool:
    states = {content_hash: course.at(act.at) for content_hash, course in courses.items()}
    return not_to_be_activated(courses[act.version].version, states, act.at) is not None


def _take(act: Act, course: Course, courses: Mapping[str, Course]) -> None:
    match act.step:
        case Step.PROPOSE:
            course.proposer = act.agency
            return
        case Step.SUSPEND:
            course.suspended_by += (act.agency,)
        case Step.RESUME:
            course.suspended_by = tuple(a for a in course.suspended_by if a != act.agency)
            if course.suspended_by:
                return
        case Step.ACTIVATE:
            if course.version.amends is not None:
                courses[course.version.amends].state = State.SUPERSEDED
            if course.suspended_by:  # since before it was put in force anew
                course.state = State.SUSPENDED
                return
        case _:
            pass
    course.state = TABLE[course.at(act.at), act.step]


def _take_away(act: Act, course: Course, courses: Mapping[str, Course]) -> None:
    """Hold back or end a version that a revoked key had put in force, and what it had replaced then.

    INVARIANT: what such an act closed stays closed: the version itself, should it be put in force anew,
    and the version that stands again because the amendment that was suspended or ended counts no more,
    also where the agency is no party to it. Its parties end that one and agree anew.
    """
    while course.state not in OVER:
        standing = course.state in STANDING
        course.acts.append(act)
        _close(act, course)
        parent = courses.get(course.version.amends or "")
        if standing or parent is None:
            return
        course = parent


def _close(act: Act, course: Course) -> None:
    if act.step is Step.TERMINATE:
        course.state = State.TERMINATED
        return
    if act.agency not in course.suspended_by:
        course.suspended_by += (act.agency,)
    if course.state is State.IN_FORCE:
        course.state = State.SUSPENDED


def not_to_be_activated(version: Version, states: Mapping[str, State], at: datetime) -> str | None:
    """Why a version may not take its place among the versions of its agreement at `at`; else None."""
    if version.ends is not None and version.ends <= at:
        return phrase("Its last day is over.")
    if version.amends is not None:
        because = _stale(version, states, at)
        if because is not None:
            return because
    for content_hash, state in states.items():
        if state in STANDING and content_hash not in (version.amends, version.content_hash):
            return phrase(
                "Version %(content_hash)s is %(is_)s; an amendment has to name it as its parent.",
                content_hash=content_hash[:12],
                is_=IS[state],
            )
    return None


def _stale(version: Version, states: Mapping[str, State], at: datetime) -> str | None:
    """Why an amendment may not replace the version that it names; else None."""
    parent = states.get(version.amends or "")
    if parent is None:
        return phrase("It amends no version of this agreement that this node holds.")
    because = refused(parent, Step.AMEND)
    if because is not None:
        return because.replace("this one", "the version that it amends")
    if not version.may_amend:
        return phrase("It may not replace the version that it amends.")
    if parent is State.IN_FORCE and version.begins is not None and version.begins > at:
        return phrase(
            "It begins on %(begins)s UTC; put in force before then, it would leave "
            "nobody an agreement in between.",
            begins=f"{version.begins:%Y-%m-%d %H:%M}",
        )
    return None


def stale_amendment(parent: State) -> str | None:
    """Why nothing can come of amending a version in this state; else None."""
    if parent is State.SUSPENDED:
        return None  # it may be resumed before the amendment is put in force
    because = refused(parent, Step.AMEND)
    return None if because is None else because.replace("this one", "the version named")
