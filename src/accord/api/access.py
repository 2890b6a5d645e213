"""Who may do what: the simulator, who can see a record, the impact of a version or a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from accord.agreements import queries as agreements
from accord.agreements.context import NO_CASE
from accord.agreements.domain import Citation
from accord.agreements.entry import api_context, api_desk
from accord.agreements.exposed import Exposure, Seen, Way
from accord.agreements.impact import Change
from accord.agreements.simulation import Trial, Trials
from accord.agreements.tokenscope import needs
from accord.desk.exposing import audience
from accord.desk.simulating import CARRIED, DESCRIBED, LABEL_FIELDS, Asked, answer
from accord.desk.weighing import Impact, draft_impact
from accord.desk.weighing import impact as impact_of

router = Router(tags=["agreements"])

HASH = "da9c3b933ac740b6720db778284a6213ab0a5114cd11479ef2aaeaf21a9532ff"
PURPOSE = "human-trafficking-investigation"


class CitationOut(Schema):
    """A clause of one version of an agreement."""

    agreement: str = Field(examples=["mou-2026-007"])
    agreement_hash: str = Field(examples=[HASH])
    clause: str = Field(examples=["4.2"])


class PersonIn(Schema):
    """Somebody described: what clauses can ask of a person."""

    agency: str = Field(examples=["harlan-so"])
    roles: list[str] = Field(examples=[["investigator"]])
    training: list[str] = Field([], examples=[["cjis-security"]])
    assurance: int = Field(2, description="1 to 3: how strongly signed in.", examples=[2])
    clearance: str = Field("none", examples=["none"])
    nationality: str | None = Field(None, examples=["US"])


class PartIn(Schema):
    """A described part: the label that clauses read."""

    owner: str = Field(examples=["riverbend-pd"])
    schema_name: str = Field("Person", examples=["Person"])
    part: str = Field("core", examples=["identity"])
    subjects: list[str] = Field(["suspect"], examples=[["suspect"]])
    sensitivity: str = Field("official", examples=["official"])
    handling: str = Field("none", examples=["none"])
    basis: str = Field("statute", examples=["statute"])
    offence: str = Field("none", examples=["none"])
    minor: bool = Field(False, examples=[False])
    sealed: bool = Field(False, examples=[False])
    intelligence: bool = Field(False, examples=[False])


class SimulationIn(Schema):
    """A question that nobody has asked: a person, a reason, and a part or a record."""

    member: str | None = Field(
        None, description="A membership of your agency; without it and `person`, you.",
        examples=[None],
    )  # fmt: skip
    person: PersonIn | None = None
    purpose: str | None = Field(
        None, description="Without it, that of the header.", examples=[PURPOSE]
    )
    legal_basis: str | None = Field(None, examples=["statute"])
    case: str | None = Field(
        None, description="One of your cases; the person is taken to work on it.", examples=[None]
    )
    part: PartIn | None = None
    record: str | None = Field(
        None, description="Instead of `part`: a record of your agency, by id or reference.",
        examples=[None],
    )  # fmt: skip
    keys: list[str] | None = Field(
        None, description="Kinds of key; without it, those that the record carries.",
        examples=[["case"]],
    )  # fmt: skip
    version: str | None = Field(
        None, description="As if this version were in force.", examples=[None]
    )


class TrialOut(Schema):
    """The answer to one action."""

    action: str = Field(examples=["view"])
    allowed: bool
    clauses: list[CitationOut] = Field(description="The permit and its chain, or the forbid.")
    obligations: list[str] = Field(examples=[["no-onward"]])
    missing: list[str] = Field(
        description="What a refused question lacks.", examples=[["training: cjis-security"]]
    )


class TrialsOut(Schema):
    """Every action of the ladder on one part."""

    part: str = Field(examples=["identity"])
    keys: list[str] = Field(examples=[["case"]])
    highest: str | None = Field(description="The highest action allowed.", examples=["view"])
    actions: list[TrialOut]


class SimulationOut(Schema):
    """The whole answer."""

    person: str = Field(examples=["Somebody of Harlan County Sheriff's Office (investigator)"])
    purpose: str = Field(examples=[PURPOSE])
    version: str | None = Field(description="The version supposed in force.", examples=[None])
    parts: list[TrialsOut]


@router.post("/agreements/simulations", response=SimulationOut, summary="Try the agreements")
@api_context
@needs("view")
def simulate(request: Any, payload: SimulationIn) -> Any:
    """Says what would be allowed, by which clause, and what would be missing; asks nobody.

    Records are of your own agency and open to you in this context; all else is not found.
    """
    found = answer(request.scope, _asked(request.scope.context.purpose, payload))
    request.scope.did("consultation", step="asked the simulator")
    return SimulationOut(
        person=found.person,
        purpose=found.context.purpose,
        version=payload.version,
        parts=[_trials(t) for t in found.things],
    )


def _asked(purpose: str, sent: SimulationIn) -> Asked:
    one = {
        "who": DESCRIBED if sent.person else sent.member,
        "purpose": sent.purpose or purpose,
        "basis": sent.legal_basis,
        "case": sent.case or NO_CASE,
        "record": sent.record,
        "keys": CARRIED if sent.keys is None else "chosen",
        "version": sent.version,
    }
    values: dict[str, tuple[str, ...]] = {n: (value,) for n, value in one.items() if value}
    values["key"] = tuple(sent.keys or ())
    return Asked(values | _person(sent.person) | _part(sent.part))


def _person(person: PersonIn | None) -> dict[str, tuple[str, ...]]:
    if person is None:
        return {}
    return {
        "agency": (person.agency,),
        "role": tuple(person.roles),
        "training": tuple(person.training),
        "assurance": (str(person.assurance),),
        "clearance": (person.clearance,),
        "nationality": (person.nationality or "",),
    }


def _part(part: PartIn | None) -> dict[str, tuple[str, ...]]:
    if part is None:
        return {}
    facts = part.dict() | {"schema": part.schema_name}
    flags = tuple(flag for flag in ("minor", "sealed", "intelligence") if facts[flag])
    label = {field: (str(facts[name]),) for name, field in LABEL_FIELDS.items()}
    return label | {"owner": (part.owner,), "subject": tuple(part.subjects), "flag": flags}


def _trials(trials: Trials) -> TrialsOut:
    return TrialsOut(
        part=trials.thing.label.part,
        keys=sorted(trials.thing.keys),
        highest=trials.highest,
        actions=[_trial(t) for t in trials.trials],
    )


def _trial(trial: Trial) -> TrialOut:
    decision = trial.decision
    return TrialOut(
        action=trial.action,
        allowed=decision.allowed,
        clauses=[_cited(c) for c in decision.citations],
        obligations=[str(o) for o in decision.obligations],
        missing=list(decision.missing),
    )


def _cited(citation: Citation) -> CitationOut:
    return CitationOut(
        agreement=citation.agreement_id,
        agreement_hash=citation.agreement_hash,
        clause=citation.clause_id,
    )


# -- who can see this ------------------------------------------------------------------------------


class WayOut(Schema):
    """A way in: who may, for what, with which keys, by which clauses."""

    action: str = Field(examples=["view"])
    roles: list[str] = Field(examples=[["analyst", "investigator"]])
    purposes: list[str] = Field(examples=[[PURPOSE]])
    training: list[str] = Field(examples=[["cjis-security"]])
    assurance: int | None = Field(examples=[2])
    clearance: str | None = Field(examples=[None])
    keys: list[str] = Field(examples=[["case"]])
    cases: list[str] = Field(examples=[["HT-2026-014"]])
    clauses: list[CitationOut] = Field(description="The permit, then those that pass it on.")
    obligations: list[str] = Field(examples=[["no-onward"]])


class SeenOut(Schema):
    """Somebody who has a way in now, as far as you may know."""

    membership: str = Field(examples=["harlan-so.c.boone"])
    action: str = Field(description="The highest that it reaches.", examples=["view"])
    purposes: list[str] = Field(examples=[[PURPOSE]])


class ExposureOut(Schema):
    """One part towards one agency."""

    part: str = Field(examples=["identity"])
    agency: str = Field(examples=["harlan-so"])
    action: str | None = Field(description="The highest that a clause opens.", examples=["view"])
    ways: list[WayOut]
    people: list[SeenOut]


class AudienceOut(Schema):
    """Who can see a record of your agency, of the parts that you see."""

    record: UUID
    exposures: list[ExposureOut] = Field(description="Where some action is open, and nowhere else.")
    unknown_cases: list[str] = Field(
        description="Cases in which it is placed and whose people you may not know.", examples=[[]]
    )


@router.get(
    "/records/{uuid:record_id}/who-can-see", response=AudienceOut, summary="Who can see this"
)
@api_context
def who_can_see(request: Any, record_id: UUID) -> Any:
    """For a record of your own agency: every agency that can reach one of its parts, and how."""
    found = audience(request.scope, record_id)
    return AudienceOut(
        record=record_id,
        exposures=[_exposure(e) for e in found.exposures if e.action],
        unknown_cases=[c.name for c in found.cases if c.holders is None],
    )


def _exposure(exposure: Exposure) -> ExposureOut:
    return ExposureOut(
        part=exposure.part,
        agency=exposure.agency,
        action=exposure.action,
        ways=[_way(w) for w in exposure.ways],
        people=[_seen(p) for p in exposure.people],
    )


def _way(way: Way) -> WayOut:
    return WayOut(
        action=way.action,
        roles=sorted(way.roles),
        purposes=sorted(way.purposes),
        training=sorted(way.training),
        assurance=way.assurance,
        clearance=way.clearance,
        keys=sorted(way.keys),
        cases=sorted(way.cases),
        clauses=[_cited(c.citation) for c in way.cited],
        obligations=[str(o) for o in way.obligations],
    )


def _seen(person: Seen) -> SeenOut:
    return SeenOut(
        membership=person.membership,
        action=person.action,
        purposes=sorted({o.purpose for o in person.openings}),
    )


# -- impact ----------------------------------------------------------------------------------------


class ChangeOut(Schema):
    """What some roles of an agency gain, lose or owe, and over how much of your own."""

    agency: str = Field(examples=["harlan-so"])
    direction: str = Field(description="gains, loses or owes", examples=["loses"])
    roles: list[str] = Field(examples=[["analyst", "investigator"]])
    purposes: list[str] = Field(examples=[[PURPOSE]])
    lacks: str | None = Field(
        description="Only for people without this.", examples=["training: cjis-security"]
    )
    keys: list[str] = Field(description="When a part carries these.", examples=[["grant"]])
    before: str | None = Field(description="The highest action before.", examples=["view"])
    after: str | None = Field(description="The highest action after.", examples=[None])
    labels: int = Field(description="How many labels.", examples=[12])
    parts: int = Field(description="How many of your parts have one.", examples=[340])
    parts_with_keys: int = Field(description="How many carry such keys now.", examples=[12])
    records: int = Field(description="How many of your records have such a part.", examples=[180])
    clauses: list[CitationOut]


class ImpactOut(Schema):
    """What would be different for your agency's records that you see."""

    content_hash: str = Field(
        description="Of the version, or of the draft as it stands.", examples=[HASH]
    )
    against: str | None = Field(description="The version it replaces.", examples=[HASH])
    in_force: bool = Field(description="It decides already: what it changed.", examples=[False])
    verdict: str | None = Field(
        description="narrower, wider, equal or incomparable; null where nothing is proven.",
        examples=["narrower"],
    )
    records: int = Field(description="Of your agency, as you see them.", examples=[2100])
    parts: int = Field(examples=[6400])
    changes: list[ChangeOut]


@router.get(
    "/agreements/{content_hash}/impact", response=ImpactOut, summary="What a version changes"
)
@api_desk("records-administration")
def impact(request: Any, content_hash: str) -> Any:
    """Compares the set in force with the set in which this version stands; counts your own only."""
    return _impact(impact_of(request.scope, content_hash))


@router.get(
    "/agreement-drafts/{uuid:draft_id}/impact",
    response=ImpactOut,
    summary="What a draft would change",
)
@api_desk("records-administration")
def impact_of_draft(request: Any, draft_id: UUID) -> Any:
    """The draft as it stands beside the set in force; only the agency that writes it reads this."""
    return _impact(draft_impact(request.scope, agreements.draft(draft_id)))


def _impact(found: Impact) -> ImpactOut:
    return ImpactOut(
        content_hash=found.chosen.content_hash,
        against=found.against.content_hash if found.against else None,
        in_force=found.decides,
        verdict=found.verdict.verdict if found.verdict else None,
        records=found.records,
        parts=found.parts,
        changes=[_change(found, c) for c in found.changes],
    )


def _change(found: Impact, change: Change) -> ChangeOut:
    return ChangeOut(
        agency=change.agency,
        direction=change.direction,
        roles=sorted(change.roles),
        purposes=sorted(change.purposes),
        lacks=change.lacks,
        keys=sorted(change.keys),
        before=change.was,
        after=change.becomes,
        labels=len(change.labels),
        parts=change.parts(found.kept),
        parts_with_keys=change.parts_now(found.kept),
        records=change.records(found.kept),
        clauses=[_cited(c) for c in change.clauses],
    )
