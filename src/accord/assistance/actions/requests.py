"""Write requests for assistance: ask, and every step of either side. Nothing here opens a record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.assistance import policy, sealing
from accord.assistance.disciplines import check_discipline, check_languages
from accord.assistance.domain import (
    LONGEST_REMARK,
    MOST_ASKED,
    MOST_COMING,
    AssistanceState,
    AssistanceStep,
    Request,
    Urgency,
)
from accord.assistance.models import (
    AssistanceAct,
    AssistanceHand,
    AssistanceOrigin,
    AssistanceRequest,
)
from accord.assistance.queries import expertise
from accord.assistance.queries import requests as queries
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.records.requests import ANSWER_WITHIN

WITHIN: Mapping[Urgency, timedelta] = MappingProxyType(
    {
        Urgency.ROUTINE: ANSWER_WITHIN,
        Urgency.SOON: timedelta(days=1),
        Urgency.URGENT: timedelta(hours=2),
    }
)


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for. Without an agency: every one that offers it now, each by itself."""

    discipline: str
    text: str
    agency: str = ""
    languages: Sequence[str] = ()
    urgency: str = Urgency.ROUTINE
    place: str = ""
    until: datetime | None = None
    no_victim: bool = False
    """That the asker says that nobody who may be a victim is named in it."""


def ask(scope: Scope, need: Need) -> tuple[UUID, ...]:
    """Ask an agency, or each that offers it, in the scope's context; returns the requests' ids.

    The case of the context stays with the asking agency. Raises InvalidInput with the field.
    """
    at = now()
    policy.check_all(
        lambda: check_discipline(need.discipline, policy.REQUEST),
        lambda: check_languages(need.languages, policy.REQUEST),
        lambda: policy.check_urgency(need.urgency),
        lambda: policy.check_need(need.text),
        lambda: policy.check_place(need.place),
        lambda: policy.check_needed_until(need.until, at),
        lambda: policy.check_no_victim(need.no_victim),
    )
    asked = _asked(scope, need.agency, need.discipline)
    round_id = ids.uuid7()
    made = tuple(ids.uuid7() for _ in asked)
    AssistanceRequest.objects.bulk_create(
        AssistanceRequest(
            id=number,
            requester_agency=scope.actor.agency,
            asked_agency=agency,
            discipline=need.discipline,
            languages=list(check_languages(need.languages, policy.REQUEST)),
            urgency=need.urgency,
            purpose=scope.context.purpose,
            legal_basis=scope.context.legal_basis,
            needed_until=need.until,
            sealed=sealing.seal(
                sealing.REQUEST,
                number,
                policy.check_need(need.text),
                policy.check_place(need.place),
            ),
            sent_at=at,
            due_at=at + WITHIN[policy.check_urgency(need.urgency)],
        )
        for number, agency in zip(made, asked, strict=True)
    )
    AssistanceOrigin.objects.bulk_create(
        AssistanceOrigin(
            request_id=number,
            agency_id=scope.actor.agency,
            membership_id=scope.actor.membership,
            case_id=scope.context.case_id,
            case_number=scope.context.case_number,
            round_id=round_id,
        )
        for number in made
    )
    scope.did(
        "disclosure",
        step="asked for assistance",
        requests=[str(number) for number in made],
        of=list(asked),
        discipline=need.discipline,
    )
    return made


def _asked(scope: Scope, agency: str, discipline: str) -> tuple[str, ...]:
    known = {a.id for a in agencies.agencies() if not a.suspended} - {scope.actor.agency}
    if agency:
        asked: tuple[str, ...] = (agency,)
    else:
        asked = expertise.offering(scope, expertise.Asked(discipline=discipline))
    policy.check_asked(scope.actor, asked, known, MOST_ASKED)
    return asked


def acknowledge(scope: Scope, request_id: UUID) -> None:
    """Say, as the asked agency, that the request was read; the deadline goes on."""
    _step(scope, request_id, AssistanceStep.ACKNOWLEDGE)


def accept(scope: Scope, request_id: UUID, text: str, comes: Collection[UUID] = ()) -> None:
    """Accept: what happens next, and which of the own entries come.

    A name shows to the asker where that member agreed to be named, and only while they do.
    """
    if len(comes) > MOST_COMING:
        rule = phrase("at most %(most)s", most=MOST_COMING)
        raise InvalidInput(policy.REQUEST, None, "comes", rule)
    found = expertise.entries(scope, comes)
    if {e.id for e in found.values() if e.agency == scope.actor.agency and e.listed} != set(comes):
        rule = phrase("is no entry that your agency lists now")
        raise InvalidInput(policy.REQUEST, None, "comes", rule)
    _step(scope, request_id, AssistanceStep.ACCEPT, text, comes=sorted(set(comes)))


def decline(scope: Scope, request_id: UUID, text: str) -> None:
    """Decline, with a reason that the asker reads; also what was accepted and cannot be kept."""
    _step(scope, request_id, AssistanceStep.DECLINE, text)


def pass_on(scope: Scope, request_id: UUID, to: str, text: str) -> None:
    """Name another agency. The request goes there when its asker sends it, and not before."""
    line = queries.request(scope, request_id).line
    known = {a.id for a in agencies.agencies() if not a.suspended} - {line.asker, line.asked}
    if to not in known:
        rule = phrase("name another agency that can be asked")
        raise InvalidInput(policy.REQUEST, None, "passed_to", rule)
    _step(scope, request_id, AssistanceStep.PASS_ON, text, passed_to=to)


def escalate(scope: Scope, request_id: UUID) -> None:
    """Escalate what is overdue: from here a supervisor of the asked agency answers."""
    _step(scope, request_id, AssistanceStep.ESCALATE)


def remark(scope: Scope, request_id: UUID, text: str) -> None:
    """Add a short remark, which both sides read."""
    _step(scope, request_id, AssistanceStep.REMARK, text)


def complete(scope: Scope, request_id: UUID) -> None:
    """Say that the help was given."""
    _step(scope, request_id, AssistanceStep.COMPLETE)


def withdraw(scope: Scope, request_id: UUID) -> None:
    """Take a request back, as who asked or a supervisor of the asking agency."""
    _step(scope, request_id, AssistanceStep.WITHDRAW)


def withdraw_beside(scope: Scope, request_id: UUID) -> int:
    """Take back what went out together with a request and still runs; returns how many."""
    others = queries.still_running(queries.request(scope, request_id).beside)
    taken = [_take(scope, other, AssistanceStep.WITHDRAW)[0] for other in others]
    scope.did(
        "alteration",
        step="assistance: withdrew the others",
        beside=str(request_id),
        requests=[str(found.line.id) for found in taken],
        of=[found.line.asked for found in taken],
    )
    return len(taken)


TEXTS: Mapping[AssistanceStep, str] = MappingProxyType(
    {
        AssistanceStep.ACCEPT: "answer",
        AssistanceStep.DECLINE: "answer",
        AssistanceStep.PASS_ON: "answer",
        AssistanceStep.REMARK: "remark",
    }
)
"""Steps that say something, and the field in which."""


def _step(
    scope: Scope,
    request_id: UUID,
    act: AssistanceStep,
    text: str = "",
    *,
    comes: Iterable[UUID] = (),
    passed_to: str | None = None,
) -> AssistanceState:
    """Take one step, and say so in the entry of the scope."""
    found, to = _take(scope, request_id, act, text, comes=comes, passed_to=passed_to)
    scope.did(
        "disclosure" if act in TEXTS else "alteration",
        step=f"assistance: {act}",
        request=str(request_id),
        of=found.line.asker if scope.actor.agency == found.line.asked else found.line.asked,
    )
    return to


def _take(
    scope: Scope,
    request_id: UUID,
    act: AssistanceStep,
    text: str = "",
    *,
    comes: Iterable[UUID] = (),
    passed_to: str | None = None,
) -> tuple[Request, AssistanceState]:
    """Take a step as the table has it, once whoever else acts on the request has finished."""
    alone(f"accord.assistance {request_id}")
    found = queries.request(scope, request_id)
    to = policy.check_act(scope.actor, found, act, now())
    said = policy.check_said(text, TEXTS[act], LONGEST_REMARK) if act in TEXTS else ""
    _add(scope, found, act, said, list(comes), passed_to)
    return found, to


def _add(
    scope: Scope,
    found: Request,
    act: AssistanceStep,
    said: str,
    comes: list[UUID],
    passed_to: str | None,
) -> None:
    made = ids.uuid7()
    AssistanceAct.objects.bulk_create(
        [
            AssistanceAct(
                id=made,
                request_id=found.line.id,
                requester_agency=found.line.asker,
                asked_agency=found.line.asked,
                agency_id=scope.actor.agency,
                act=act,
                at=now(),
                sealed=sealing.seal(sealing.ACT, made, said) if said else None,
                comes=comes,
                passed_to=passed_to,
                entry_id=scope.entry_id,
            )
        ]
    )
    hand = AssistanceHand(
        act_id=made, agency_id=scope.actor.agency, membership_id=scope.actor.membership
    )
    AssistanceHand.objects.bulk_create([hand])
