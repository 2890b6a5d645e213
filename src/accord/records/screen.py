"""How records and parts read on screen: captions, panels, and why each part can be seen.

Everything here starts from parts that the sealed standing returned. A caption takes a name only
from a visible part; without one a record goes by a pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accord.agreements.domain import Agreement, Clause
from accord.agreements.plain import obligation_text
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.phrases import headed, joined, phrase
from accord.records import captions
from accord.records.dates import earliest
from accord.records.ontology import Property as Field
from accord.records.ontology import Schema, common_ontology
from accord.records.queries.records import PartView, RecordView
from accord.web.components import (
    Cell,
    Chip,
    Code,
    Grading,
    Link,
    Moment,
    Obligation,
    PartLabel,
    PartPanel,
    Property,
    Result,
    Why,
)
from accord.web.filters import as_date, listing, phone, words
from accord.web.handling import Handling, highest

Names = Mapping[str, str]
CODES = frozenset({"identifier", "plate", "vin", "hash", "reference"})
DIGESTS = frozenset({"contentHash512", "sourceHash", "derivationParameters"})
"""Set as codes are, though their type is text: letters and digits that are compared, not read."""
PROSE = ("text", "summary")
CLOSED_NOTE = phrase(
    "Sealed. It opens once you have proven again who you are, within the last ten minutes."
)
CLOSED_TEXT = phrase("Sealed; it opens once you have proven again who you are")
"""The same where a text stands in a line among others."""
SEALED_NOTE = phrase(
    "Sealed. What could find or name a victim or a minor is kept encrypted under its own key and "
    "is open to you for this purpose alone."
)
KEYS_SAY = {
    "case": phrase("Its owner placed it in case %(case)s"),
    "grant": phrase("Its owner granted it to %(agency)s"),
    "consent": phrase("The person it is about consented to it, as %(owner)s recorded"),
    "determination(emergency)": phrase(
        "Two people of %(agency)s determined an emergency in case %(case)s; it will be reviewed"
    ),
    "determination(necessity)": phrase("Necessity was determined by a supervisor of %(owner)s"),
    "determination(no-tip-off)": phrase("%(owner)s determined that telling would tip somebody off"),
}
DETERMINED = phrase("A supervisor of %(owner)s determined it")
_GRADES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "3x5x2": (
        {"1": phrase("Reliable"), "2": phrase("Untested"), "3": phrase("Not reliable")},
        {
            "A": phrase("Known directly to the source"),
            "B": phrase("Known indirectly, but corroborated"),
            "C": phrase("Known indirectly"),
            "D": phrase("Not known"),
            "E": phrase("Suspected to be false"),
        },
    ),
    "4x4": (
        {
            "A": phrase("No doubt about the source"),
            "B": phrase("Mostly reliable"),
            "C": phrase("Mostly unreliable"),
            "X": phrase("Cannot be assessed"),
        },
        {
            "1": phrase("No doubt about its accuracy"),
            "2": phrase("Known to the source, not to the officer"),
            "3": phrase("Not known to the source, but corroborated"),
            "4": phrase("Cannot be corroborated"),
        },
    ),
    "admiralty": (
        {
            "A": phrase("Completely reliable"),
            "B": phrase("Usually reliable"),
            "C": phrase("Fairly reliable"),
            "D": phrase("Not usually reliable"),
            "E": phrase("Unreliable"),
            "F": phrase("Cannot be judged"),
        },
        {
            "1": phrase("Confirmed"),
            "2": phrase("Probably true"),
            "3": phrase("Possibly true"),
            "4": phrase("Doubtful"),
            "5": phrase("Improbable"),
            "6": phrase("Cannot be judged"),
        },
    ),
}
"""College of Policing; Europol Reg. art. 29; JWP 2-00."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What a record is called by this viewer."""

    title: str
    pseudonym: bool


def caption(record: RecordView, viewer_agency: str) -> Caption:
    """The first caption property that a visible part holds, else a pseudonym of this agency's."""
    schema = common_ontology().schema(record.schema)
    said = captions.caption(schema, record.captioned)
    if said is not None:
        return Caption(said, False)
    return Caption(captions.pseudonym(schema, record.record_id, viewer_agency), True)


def handling(records: Iterable[RecordView], *, texts: bool = False) -> Handling:
    """The mark of a page that shows these records; the texts of members are at least official."""
    marks = [(p.label.sensitivity, p.label.handling) for r in records for p in r.parts]
    marks += [("official", "none")] if texts else []
    return highest(marks) or Handling("open")


def watermark(scope: Scope, *records: RecordView) -> str | None:
    """Whose reading a page is, where a clause obliges: who, for which agency, when, in which case."""
    asked = (o.kind for r in records for p in r.parts for o in p.decision.obligations)
    if "watermark" not in asked:
        return None
    actor = scope.actor
    day = now().astimezone(ZoneInfo(actor.zone)).date().isoformat()
    return joined(
        (actor.name, actor.agency_name, scope.context.case_number or phrase("no case"), day), " · "
    )


def subjects(record: RecordView) -> tuple[str, ...]:
    """The data-subject categories of a record, as far as its visible parts tell them."""
    found = {s for p in record.parts for s in p.label.subjects} - {"none"}
    return tuple(sorted(found))


def result(
    scope: Scope,
    record: RecordView,
    names: Names,
    *,
    matched: tuple[str, ...] = (),
    snippet: str | None = None,
    new: bool = False,
    handle: str | None = None,
) -> Result:
    """One record as a line of a list."""
    called = caption(record, scope.actor.agency)
    return Result(
        href=f"{scope.context.path}/records/{record.record_id}",
        title=called.title,
        schema=common_ontology().schema(record.schema).label,
        owner=names.get(record.owner, record.owner),
        reference=record.source_ref,
        facts=_facts(record) + ((f"“{snippet}”",) if snippet else ()),
        matched=matched,
        chips=((Chip(phrase("New"), "info"),) if new else ()) + tuple(_chips(record)),
        at=record.occurred_at,
        pseudonym=called.pseudonym,
        id=str(record.record_id),
        ask_href=f"{scope.context.path}/hits/{handle}/ask" if handle else None,
    )


def _facts(record: RecordView) -> tuple[str, ...]:
    found: list[str] = [words(s).lower() for s in subjects(record)]
    identity, core = record.part("identity"), record.part("core")
    if identity is not None:
        born = identity.values.get("birthDate", ())
        found += [phrase("born %(day)s", day=day) for day in born[:1]]
        found += [phrase("plate %(p)s", p=p) for p in identity.values.get("plateRegion", ())[:1]]
    if core is not None:
        found += [words(v).lower() for v in core.values.get("category", ())[:1]]
        found += [v for name in ("make", "model") for v in core.values.get(name, ())[:1]]
    found += [words(o).lower() for o in sorted({p.label.offence for p in record.parts} - {"none"})]
    return tuple(dict.fromkeys(found))


def _chips(record: RecordView) -> Iterable[Chip]:
    if any(p.label.sensitivity in ("sensitive", "secret") for p in record.parts):
        top = handling([record]).sensitivity
        yield Chip(words(top), "warn")
    if any(p.sealed for p in record.parts):
        yield Chip(phrase("Sealed"), "sealed")
    if any("case" in p.kinds for p in record.parts):
        yield Chip(phrase("In this case"), "info")
    if any("grant" in p.kinds for p in record.parts):
        yield Chip(phrase("Granted"), "good")


def is_closed(scope: Scope, parts: Iterable[PartView]) -> bool:
    """Whether there are sealed parts that open after a new proof alone."""
    return not scope.unseals and any(part.sealed for part in parts)


def panel(scope: Scope, record: RecordView, part: PartView, names: Names) -> PartPanel:
    """One visible part with its label, grading, provenance and the reason it is open."""
    schema = common_ontology().schema(record.schema)
    owner = names.get(part.label.owner, part.label.owner)
    closed = is_closed(scope, [part])
    prose = [] if closed else [v for name in PROSE for v in part.values.get(name, ())]
    return PartPanel(
        id=f"part-{part.kind}" if part.superseded_at is None else f"part-{part.part_id}",
        title=words(part.kind),
        label=part_label(part, owner),
        properties=() if closed else _properties(schema, part, scope.actor.zone),
        text="\n\n".join(prose) or None,
        grading=_grading(part.grading),
        assertion="assessment" if part.assertion == "assessment" else "fact",
        why=why(scope, part, names),
        sealed_note=(CLOSED_NOTE if closed else SEALED_NOTE) if part.sealed else None,
        source=phrase(
            "%(owner)s, %(source_system)s %(source_ref)s, revision %(revision)s",
            owner=owner,
            source_system=record.source_system,
            source_ref=record.source_ref,
            revision=part.revision,
        ),
        recorded_at=part.created_at,
    )


def part_label(part: PartView, owner: str) -> PartLabel:
    """The label of a part for the screen."""
    label = part.label
    return PartLabel(
        owner=owner,
        subjects=tuple(sorted(label.subjects)),
        sensitivity=label.sensitivity,
        handling=label.handling,
        basis=label.basis,
        offence=label.offence,
        minor=label.minor,
        sealed=label.sealed,
        intelligence=label.intelligence,
    )


def _properties(schema: Schema, part: PartView, zone: str) -> tuple[Property, ...]:
    known = [f for f in schema.in_part(part.kind) if part.values.get(f.name)]
    return tuple(
        Property(f.label, tuple(cell(f, v, zone) for v in part.values[f.name]))
        for f in known
        if f.name not in PROSE
    )


def cell(field: Field, value: str, zone: str = "UTC") -> Cell:
    """One value by the type of its property; an instant by the clock of the reader's zone."""
    if field.type in CODES or field.name in DIGESTS:
        return Code(value)
    if field.type == "date" and "T" in value:
        return Moment(earliest(value), zone)
    if field.type == "phone":
        return phone(value)
    if field.type == "country":
        return value.upper()
    if field.type in ("code", "gender"):
        return words(value) if value in field.values else str(words(value))
    return value


def _grading(grading: Mapping[str, str] | None) -> Grading | None:
    if grading is None:
        return None
    source, information = grading["source"], grading["information"]
    meanings = _GRADES.get(grading["scheme"], ({}, {}))
    return Grading(
        words(grading["scheme"]),
        source,
        information,
        meanings[0].get(source),
        meanings[1].get(information),
    )


def why(scope: Scope, part: PartView, names: Names) -> Why:
    """The clause that opens a part, why it applies to this viewer, and what it asks in return."""
    decision = part.decision
    agreement, clause = _cited(scope, decision.agreement_hash, decision.clause_id)
    own = [phrase("Passed on under %(citation)s", citation=citation) for citation in decision.via]
    return Why(
        agreement=Link(agreement.title, f"/agreements/{agreement.content_hash}#clause-{clause.id}"),
        clause=clause.id,
        prose=clause.prose,
        action=decision.action,
        because=(*_because(scope, part, clause, names), *own),
        obligations=tuple(Obligation(headed(obligation_text(o))) for o in decision.obligations),
        until=_until(part, agreement),
        version=agreement.content_hash,
    )


def _cited(
    scope: Scope, agreement_hash: str | None, clause_id: str | None
) -> tuple[Agreement, Clause]:
    for agreement in scope.standing.policy.agreements:
        if agreement.content_hash == agreement_hash:
            return agreement, next(c for c in agreement.clauses if c.id == clause_id)
    raise LookupError(f"the standing does not hold agreement {agreement_hash}")


def _because(scope: Scope, part: PartView, clause: Clause, names: Names) -> tuple[str, ...]:
    actor = scope.actor
    facts = {
        "case": scope.context.case_number,
        "agency": actor.agency_name,
        "owner": names.get(part.label.owner, part.label.owner),
    }
    said = [
        phrase(KEYS_SAY.get(kind, DETERMINED), **facts)
        for kind in sorted(clause.when & (part.kinds | scope.standing.assumed))
    ]
    if clause.to.role is not None:
        held = [words(r).lower() for r in sorted(clause.to.role & actor.roles)]
        said.append(
            phrase(
                "You act as %(held)s of %(agency_name)s",
                held=listing(held),
                agency_name=actor.agency_name,
            )
        )
    if clause.reason.purpose is not None:
        said.append(
            phrase("Your purpose is %(purpose)s", purpose=words(scope.context.purpose).lower())
        )
    if clause.to.training:
        held = [words(t) for t in sorted(clause.to.training)]
        said.append(phrase("Your training is valid: %(held)s", held=listing(held)))
    if part.label.owner != actor.agency:
        said.append(
            phrase(
                "%(names)s is a party to the agreement",
                names=names.get(part.label.owner, part.label.owner),
            )
        )
    return tuple(said)


def _until(part: PartView, agreement: Agreement) -> datetime | None:
    """The earliest of what the part's keys and the agreement allow."""
    ends = [part.open_until] if part.open_until else []
    term = agreement.in_force
    if term.ends is not None:
        next_day = datetime.combine(term.ends + timedelta(days=1), time.min, ZoneInfo(term.zone))
        ends.append(next_day.astimezone(UTC) - timedelta(minutes=1))
    return min(ends, default=None)


def keys_of(record: RecordView, scope: Scope) -> tuple[str, ...]:
    """What opens the record for this request, in words: the case it is in, and until when."""
    found = []
    if any("case" in p.kinds for p in record.parts):
        found.append(
            phrase("Placed in case %(case_number)s", case_number=scope.context.case_number)
        )
    granted = [p for p in record.parts if "grant" in p.kinds]
    for part in granted:
        end = (
            phrase(" until %(day)s", day=as_date(part.open_until, scope.actor.zone))
            if part.open_until
            else ""
        )
        found.append(
            phrase(
                "%(kind)s granted to %(agency_name)s%(end)s",
                kind=words(part.kind),
                agency_name=scope.actor.agency_name,
                end=end,
            )
        )
    return tuple(found)
