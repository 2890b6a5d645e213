"""Reads a world folder into typed values and refuses what breaks a rule: file, line, field, rule.

Pure: no database and no framework. What it checks: (1) each file against its JSON Schema; (2) that
ids named exist; (3) each agreement with the parser of agreements; (4) each hand-written record
against ontology, vocabulary and 28 CFR 23.20. Values are cleaned at intake, not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from accord.agreements.domain import Agreement
from accord.agreements.parse import parse
from accord.cli.world import schema
from accord.cli.world.calibration import read_calibration
from accord.cli.world.crosscheck import about_agency, cross_faults, entries
from accord.cli.world.generate import Generation, generate
from accord.cli.world.lines import RecordLine, read_record_lines
from accord.kernel.errors import InvalidInput, raise_all
from accord.records.yamlfile import YamlFile, parse_yaml


@dataclass(frozen=True)
class Agency:
    id: str
    name: str
    kind: str
    country: str
    ori: str
    zone: str
    duty_desk: dict[str, Any]
    territory: dict[str, Any] = field(default_factory=dict)
    competence: dict[str, Any] = field(default_factory=dict)
    """These three as the directory keeps them (accord.agencies.about.facts)."""
    membership: str = "full"


@dataclass(frozen=True)
class Certificate:
    course: str
    issued: date
    until: date


@dataclass(frozen=True)
class Membership:
    """One person acting for one agency; `person` is shared by the hats of the same person."""

    id: str
    person: str
    name: str
    agency: str
    roles: tuple[str, ...]
    clearance: str
    nationality: str
    assurance: int
    training: tuple[Certificate, ...]
    title: str = ""
    persona: str | None = None


@dataclass(frozen=True)
class Case:
    number: str
    title: str
    lead: str
    opened_by: str
    opened: date
    state: str
    purposes: tuple[str, ...]
    members: tuple[str, ...]
    closed: date | None = None


@dataclass(frozen=True)
class Stated:
    """A consent or a determination that holds when the world begins."""

    kind: str
    by: str
    asking_for: str
    hours: int
    reason: str
    confirmed_by: str | None = None
    case: str | None = None
    record: str | None = None
    parts: tuple[str, ...] = ()
    recipient: str | None = None
    purpose: str | None = None


@dataclass(frozen=True)
class Offered:
    """What a member or a unit offers to others when the world begins."""

    by: str
    discipline: str
    level: str
    attested_by: str
    until: str
    languages: tuple[str, ...] = ()
    note: str = ""
    unit: str | None = None
    named: bool = False

    @property
    def agency(self) -> str:
        return self.by.partition(".")[0]

    @property
    def reference(self) -> str:
        """What its id is made from."""
        return f"expertise/{self.unit or self.by}/{self.discipline}"


@dataclass(frozen=True)
class AgreementFile:
    path: Path
    text: str
    agreement: Agreement


@dataclass(frozen=True)
class Generated:
    """How many records are made at load, and from which seed."""

    size: int
    seed: str


@dataclass(frozen=True)
class World:
    """A world folder, read and checked."""

    folder: Path
    name: str
    title: str
    as_of: datetime
    zone: str
    vocabulary: int
    generated: Generated | None
    sources: tuple[dict[str, Any], ...]
    agencies: tuple[Agency, ...]
    members: tuple[Membership, ...]
    cases: tuple[Case, ...]
    agreements: tuple[AgreementFile, ...]
    amendments: tuple[AgreementFile, ...] = field(default=())
    statements: tuple[Stated, ...] = field(default=())
    expertise: tuple[Offered, ...] = field(default=())
    exhibits: tuple[dict[str, Any], ...] = field(default=())

    @property
    def seed(self) -> str:
        """What `world_uuid` makes record ids from."""
        return self.generated.seed if self.generated else self.name

    def written_records(self) -> Iterator[RecordLine]:
        """The records in records/*.jsonl, each checked; files in the order of their names."""
        for path in sorted((self.folder / "records").glob("*.jsonl")):
            yield from read_record_lines(
                path,
                vocabulary=self.vocabulary,
                agencies=frozenset(a.id for a in self.agencies),
                cases=frozenset(c.number for c in self.cases),
            )

    def generation(self, *, size: int | None = None, seed: str | None = None) -> Generation:
        """The generator's records; `size` and `seed` stand in for those of world.yaml."""
        asked = self.generated or Generated(0, self.name)
        return generate(
            read_calibration(self.folder),
            [{"id": a.id, "kind": a.kind} for a in self.agencies],
            [
                {"number": c.number, "state": c.state, "purposes": list(c.purposes)}
                for c in self.cases
            ],
            self.as_of.date(),
            size=asked.size if size is None else size,
            seed=asked.seed if seed is None else seed,
        )

    def records(self, *, size: int | None = None) -> Iterator[dict[str, Any]]:
        """Every record line: the hand-written ones, then the generated ones of a world that has any."""
        for line in self.written_records():
            yield line.data
        if self.generated is not None or size:
            yield from self.generation(size=size).lines

    @cached_property
    def membership(self) -> dict[str, Membership]:
        return {member.id: member for member in self.members}


def read_world(folder: Path | str) -> World:
    """The world in a folder; every fault found is in the error's `faults`."""
    root = Path(folder)
    if not (root / "world.yaml").is_file():
        raise InvalidInput(str(root / "world.yaml"), None, "", "a world folder has this file")
    about = _load(root, "world", 1)
    vocabulary = int(about.data["vocabulary"])  # type: ignore[index]  # the schema was checked
    raw = {name: _load(root, name, vocabulary) for name in ("agencies", "members", "cases")}
    for name in ("statements", "expertise", "exhibits"):
        if (root / f"{name}.yaml").is_file():
            raw[name] = _load(root, name, vocabulary)
    faults = cross_faults(raw)
    agreements, agreement_faults = _agreements(root / "agreements", raw["agencies"])
    amendments, more_faults = _agreements(root / "agreements" / "amendments", raw["agencies"])
    unsigned = _unsigned(raw["members"], agreements, amendments)
    raise_all([*faults, *agreement_faults, *more_faults, *unsigned])
    return _build(root, about, raw, agreements, amendments)


def _load(root: Path, name: str, vocabulary: int) -> YamlFile:
    path = root / f"{name}.yaml"
    file = parse_yaml(_text(path), str(path))
    raise_all(
        [file.fault(where, rule) for where, rule in schema.faults(name, vocabulary, file.data)]
    )
    return file


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise InvalidInput(str(path), None, "", "a world folder has this file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidInput(str(path), line, "", "the file is not UTF-8") from None


def _agreements(folder: Path, agencies: YamlFile) -> tuple[list[AgreementFile], list[InvalidInput]]:
    known = {a["id"] for a in agencies.data["agencies"]}  # type: ignore[index]  # the schema was checked
    read: list[AgreementFile] = []
    faults: list[InvalidInput] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            text = _text(path)
            read.append(AgreementFile(path, text, parse(text, file=str(path), agencies=known)))
        except InvalidInput as error:
            faults += error.faults
    return read, faults


def _unsigned(
    members: YamlFile, agreements: list[AgreementFile], amendments: list[AgreementFile]
) -> Iterator[InvalidInput]:
    """Parties for whom nobody can sign: an agreement needs all of its own, an amendment its first."""
    people: Any = members.data
    led = {m["agency"] for m in people["members"] if "supervisor" in m["roles"]}
    for file, parties in (
        *((f, sorted(f.agreement.parties)) for f in agreements),
        *((f, [min(f.agreement.parties)]) for f in amendments),
    ):
        for party in parties:
            if party not in led:
                rule = f"{party} has no supervisor in members.yaml, so nobody can sign for it"
                yield InvalidInput(str(file.path), None, "parties", rule)


def _build(
    root: Path,
    about: YamlFile,
    raw: dict[str, YamlFile],
    agreements: list[AgreementFile],
    amendments: list[AgreementFile],
) -> World:
    top: dict[str, Any] = about.data  # type: ignore[assignment]  # the schema was checked
    asked = top.get("generate")
    return World(
        folder=root,
        name=top["name"],
        title=top["title"],
        as_of=datetime.fromisoformat(top["as_of"].replace("Z", "+00:00")),
        zone=top["zone"],
        vocabulary=int(top["vocabulary"]),
        generated=Generated(int(asked["size"]), asked["seed"]) if asked else None,
        sources=tuple(top["sources"]),
        agencies=tuple(Agency(**{**a, **about_agency(a)}) for a in entries(raw, "agencies")),
        members=tuple(_membership(m) for m in entries(raw, "members")),
        cases=tuple(_case(c) for c in entries(raw, "cases")),
        agreements=tuple(agreements),
        amendments=tuple(amendments),
        statements=tuple(_stated(s) for s in entries(raw, "statements"))
        if "statements" in raw
        else (),
        expertise=tuple(_offered(e) for e in entries(raw, "expertise"))
        if "expertise" in raw
        else (),
        exhibits=tuple(entries(raw, "exhibits")) if "exhibits" in raw else (),
    )


def _membership(entry: dict[str, Any]) -> Membership:
    values = dict(entry)
    person = values.pop("same_person_as", values["id"])
    training = tuple(
        Certificate(c["course"], date.fromisoformat(c["issued"]), date.fromisoformat(c["until"]))
        for c in values.pop("training")
    )
    return Membership(
        **{**values, "roles": tuple(values["roles"]), "assurance": int(values["assurance"])},
        person=person,
        training=training,
    )


def _stated(entry: dict[str, Any]) -> Stated:
    values = {**entry, "hours": int(entry["hours"])}
    parts = tuple(values.pop("part_kinds", ()))
    return Stated(**values, parts=parts)


def _offered(entry: dict[str, Any]) -> Offered:
    named = entry.get("named") == "yes"
    languages = tuple(entry.get("languages", ()))
    return Offered(**{**entry, "languages": languages, "named": named})


def _case(entry: dict[str, Any]) -> Case:
    closed = entry.get("closed")
    return Case(
        number=entry["number"],
        title=entry["title"],
        lead=entry["lead"],
        opened_by=entry["opened_by"],
        opened=date.fromisoformat(entry["opened"]),
        state=entry["state"],
        purposes=tuple(entry["purposes"]),
        members=tuple(entry["members"]),
        closed=date.fromisoformat(closed) if closed else None,
    )
