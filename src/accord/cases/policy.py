"""Who may do what to a case. Each check raises with the sentence that the screen shows."""

from __future__ import annotations

from collections.abc import Collection

from accord.agencies.domain import Actor
from accord.cases.domain import TRANSITIONS, CaseFacts, CaseState
from accord.kernel.errors import NotAllowed, refusal_of
from accord.kernel.phrases import phrase

SUPERVISOR = "supervisor"


def check_open_case(actor: Actor, purposes: Collection[str]) -> None:
    """Raise NotAllowed unless the actor may open a case with these purposes."""
    if SUPERVISOR not in actor.roles:
        raise NotAllowed(
            phrase("Only a supervisor opens a case, because opening fixes its purposes."),
            who_can_change=phrase("a supervisor of %(agency_name)s", agency_name=actor.agency_name),
        )
    if not purposes:
        raise NotAllowed(phrase("A case needs at least one purpose."), who_can_change="you")


def check_change_members(actor: Actor, case: CaseFacts) -> None:
    """Raise NotAllowed unless the actor may decide who works on the case."""
    if SUPERVISOR not in actor.roles or actor.agency != case.lead_agency:
        raise NotAllowed(
            phrase("Only a supervisor of the lead agency decides who works on a case."),
            who_can_change=phrase("a supervisor of %(lead_agency)s", lead_agency=case.lead_agency),
        )
    check_is_open(case)


def check_change_state(actor: Actor, case: CaseFacts, to: CaseState) -> None:
    """Raise NotAllowed unless the actor may bring the case into this state."""
    if SUPERVISOR not in actor.roles or actor.agency != case.lead_agency:
        raise NotAllowed(
            phrase("Only a supervisor of the lead agency closes or reopens a case."),
            who_can_change=phrase("a supervisor of %(lead_agency)s", lead_agency=case.lead_agency),
        )
    if to not in TRANSITIONS[case.state]:
        raise NotAllowed(
            phrase("A case that is %(state)s cannot become %(to)s.", state=case.state, to=to)
        )


def check_is_open(case: CaseFacts) -> None:
    """Raise NotAllowed when the case is closed."""
    if case.state is CaseState.CLOSED:
        raise NotAllowed(
            phrase("Case %(number)s is closed.", number=case.number),
            who_can_change=phrase(
                "a supervisor of %(lead_agency)s, who can reopen it", lead_agency=case.lead_agency
            ),
        )


def can_open_case(actor: Actor) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    return refusal_of(check_open_case, actor, ("any",))


def can_write(case: CaseFacts) -> str | None:
    """Return None while the case takes notes and records, else the reason."""
    return refusal_of(check_is_open, case)


def can_change_members(actor: Actor, case: CaseFacts) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    return refusal_of(check_change_members, actor, case)


def can_change_state(actor: Actor, case: CaseFacts, to: CaseState) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    return refusal_of(check_change_state, actor, case, to)
