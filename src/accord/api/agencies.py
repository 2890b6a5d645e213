"""The directory of agencies: who answers for a place and an offence, and what an own agency says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Status

from accord.agencies import queries as agencies
from accord.agencies.about import policy, queries
from accord.agencies.about.domain import AboutKind, AgencyChange
from accord.agencies.about.queries import Wanted
from accord.agencies.about.said import clock_of_shift
from accord.agencies.directory.domain import ChangeState, Via
from accord.agencies.domain import AgencyEntry
from accord.agencies.hours import Hours
from accord.agencies.keys import SigningKey
from accord.agreements.entry import api_context, api_desk, freshly_proven
from accord.agreements.tokenscope import needs
from accord.api.agency_shapes import (
    Agency,
    AgencyChangeIn,
    AgencyChangeOut,
    AgencyKeyOut,
    Desk,
    DifferentDay,
    PlaceOut,
    RungOut,
    ShiftOut,
)
from accord.desk import describing
from accord.desk.signing_in import OFFICE
from accord.kernel.clock import now
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["agencies"])


@router.get("/agencies", response=Page[Agency], summary="The directory of agencies")
@api_context
@needs(None)
def directory(
    request: Any,
    q: str = "",
    offence: str = "",
    kind: str = "",
    open_now: bool = False,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """Agencies by name, or those that answer for what is asked.

    `q` is a name, or the code of a place (17031, US-IL, MX): then those that answer for the whole of it
    come first. `offence` is an offence group, `kind` a kind of agency.
    """
    del request  # every member reads the directory
    at = now()
    found = queries.find(Wanted(q[:200], offence, kind, open_now), at)
    shown, following = page_of(found.agencies, after, limit, lambda a: a.id)
    return {"items": [_agency(a, at) for a in shown], "next": following}


@router.get("/agencies/{agency_id}", response=Agency, summary="One agency")
@api_context
@needs(None)
def one_agency(request: Any, agency_id: str) -> Any:
    """One agency with its territory, competence and duty desk."""
    del request  # every member reads the directory
    return _agency(agencies.agency(agency_id), now())


def _agency(entry: AgencyEntry, at: datetime) -> Agency:
    desk, when = entry.duty_desk, entry.duty_desk.when
    rows = _hours(when) if when is not None else {}
    return Agency(
        **{
            n: getattr(entry, n)
            for n in (
                "id",
                "name",
                "kind",
                "country",
                "ori",
                "zone",
                "suspended",
                "light",
                "territory_words",
            )
        },
        territory=[
            PlaceOut(**{n: getattr(p, n) for n in PlaceOut.model_fields}) for p in entry.territory
        ],
        offences=list(entry.offences),
        courts=list(entry.courts),
        duty_desk=Desk(
            **{n: getattr(desk, n) for n in ("name", "phone", "hours", "escalation")},
            ladder=[
                RungOut(**{n: getattr(r, n) for n in RungOut.model_fields}) for r in desk.ladder
            ],
            open_now=desk.is_open(at),
            closes_at=None if when is None else when.closes_at(at),
            opens_at=None if when is None or when.is_open(at) else when.opens_at(at),
            **rows,
        ),
    )


def _hours(when: Hours) -> dict[str, Any]:
    return {
        "weekly": [ShiftOut(days=list(w.days), **clock_of_shift(w.shift)) for w in when.weekly],
        "exceptions": [
            DifferentDay(day=d.day, why=d.why, **(clock_of_shift(d.shift) if d.shift else {}))
            for d in when.different
        ],
    }


@router.get(
    "/agencies/{agency_id}/keys", response=Page[AgencyKeyOut], summary="Signing keys of an agency"
)
@api_context
@needs(None)
def agency_keys(
    request: Any, agency_id: str, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Every key that it signed with, the newest first: a signature is judged by its moment."""
    del request  # every member reads the directory
    agencies.agency(agency_id)
    found = agencies.key_ring().of(agency_id)
    shown, following = page_of(found, after, limit, lambda k: k.public.hex())
    return {"items": [_key(k) for k in shown], "next": following}


def _key(found: SigningKey) -> AgencyKeyOut:
    facts = ("since", "retired_at", "revoked_at", "revoked_from", "reason")
    return AgencyKeyOut(
        key=found.public.hex(),
        predecessor=found.predecessor.hex() if found.predecessor else None,
        signature=found.signature.hex() if found.signature else None,
        **{name: getattr(found, name) for name in facts},
    )


@router.post(
    "/agencies/{agency_id}/changes",
    response={200: AgencyChangeOut, 202: AgencyChangeOut},
    summary="Propose what your agency says of itself",
)
@freshly_proven
@api_desk(OFFICE)
def propose_agency_change(request: Any, agency_id: str, payload: AgencyChangeIn) -> Any:
    """Proposes another territory, competence, duty desk or key; another administrator approves it.

    A key that is revoked from now on is revoked at once (200).
    """
    policy.check_own(request.scope.actor, agency_id)
    said = payload.dict(exclude={"duty_desk", "kind"})
    if payload.duty_desk is not None:
        said |= payload.duty_desk.dict()
        said["exceptions"] = [d | {"day": d["day"].isoformat()} for d in said["exceptions"]]
    said["since"] = payload.since.isoformat() if payload.since else ""
    made = describing.propose(request.scope, AboutKind(payload.kind), said, Via.API)
    found = queries.change(made)
    return Status(200 if found.state is ChangeState.APPLIED else 202, _change(found))


@router.get(
    "/agencies/{agency_id}/changes",
    response=Page[AgencyChangeOut],
    summary="Changes of your agency's entry",
)
@api_desk(OFFICE)
def list_agency_changes(
    request: Any,
    agency_id: str,
    waiting: bool = True,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """What waits for a second administrator; with `waiting=false` everything, the newest first."""
    policy.check_own(request.scope.actor, agency_id)
    request.scope.did("consultation", of="changes of the agency's entry")
    found = queries.changes(waiting=waiting, most=1000)
    shown, following = page_of(found, after, limit, lambda c: str(c.id))
    return {"items": [_change(c) for c in shown], "next": following}


@router.post(
    "/agency-changes/{uuid:change_id}/approval",
    response=AgencyChangeOut,
    summary="Approve a change of your agency's entry",
)
@freshly_proven
@api_desk(OFFICE)
def approve_agency_change(request: Any, change_id: UUID) -> Any:
    """Puts in force what another administrator proposed."""
    found = queries.change(change_id)
    policy.check_own(request.scope.actor, found.agency)
    describing.approve(request.scope, found)
    return _change(queries.change(change_id))


@router.post(
    "/agency-changes/{uuid:change_id}/withdrawal",
    response=AgencyChangeOut,
    summary="Withdraw a change of your agency's entry",
)
@api_desk(OFFICE)
def withdraw_agency_change(request: Any, change_id: UUID) -> Any:
    """Takes a proposal back; any administrator of your agency may."""
    found = queries.change(change_id)
    policy.check_own(request.scope.actor, found.agency)
    describing.withdraw(request.scope, found)
    return _change(queries.change(change_id))


def _change(found: AgencyChange) -> dict[str, Any]:
    return {
        "id": found.id,
        "agency": found.agency,
        "kind": found.kind,
        "facts": dict(found.facts),
        "state": found.state,
        "proposed_by": found.by,
        "proposed_at": found.at,
        "expires_at": found.expires_at,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "via": found.via,
    }
