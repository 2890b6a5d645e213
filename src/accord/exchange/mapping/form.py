"""The mapping as a form: fields to YAML and back. What the form cannot say is carried along as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from accord.exchange.mapping.guess import Guesses
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.yamlfile import parse_yaml

CARRIED = (
    "description", "name", "part_labels", "missing", "grading", "assertion", "cases", "delimiter",
    "encoding", "sheet",
)  # fmt: skip
LABELS = ("basis", "sensitivity", "handling", "offence")
DEFAULTS = {"sensitivity": "official", "handling": "none", "offence": "none", "basis": ""}
MOST_COLUMNS = 1_000


@dataclass
class ColumnForm:
    """One column of the table, as the form has it."""

    name: str
    to: str = ""
    date: str = ""
    zone: str = ""
    region: str = ""
    split: str = ""
    codes: str = ""
    """One `code = meaning` a line."""
    reference: bool = False
    joined: bool = False


@dataclass
class MappingForm:
    """The whole form."""

    schema: str
    source_system: str
    columns: list[ColumnForm]
    subjects: tuple[str, ...] = ()
    subjects_column: str = ""
    subjects_codes: str = ""
    label: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    offence_column: str = ""
    offence_codes: str = ""
    occurred_column: str = ""
    occurred_date: str = ""
    occurred_zone: str = ""
    intelligence: bool = False
    suspicion_column: str = ""
    retain_column: str = ""
    carried: dict[str, Any] = field(default_factory=dict)


def guessed(guesses: Guesses, columns: Sequence[str], system: str, zone: str) -> MappingForm:
    """The form as the guesses fill it."""
    made = []
    for name in columns:
        found = guesses.columns[name]
        made.append(
            ColumnForm(
                name,
                to=found.to or "",
                date=found.date or "",
                zone=zone if found.date and "%H" in found.date else "",
                split=found.split or "",
                reference=name in guesses.source_ref,
                joined=name in guesses.joined,
            )
        )
    form = MappingForm(guesses.schema, system, made)
    if guesses.occurred is not None:
        form.occurred_column = guesses.occurred
        form.occurred_date = guesses.columns[guesses.occurred].date or ""
        form.occurred_zone = zone
    return form


def posted(given: Any, columns: Sequence[str], carried: dict[str, Any]) -> MappingForm:
    """The form as it was sent; `given` is a QueryDict."""

    def text(name: str) -> str:
        return str(given.get(name, "")).strip()

    made = [
        ColumnForm(
            name,
            to=text(f"c{i}-to"),
            date=text(f"c{i}-date"),
            zone=text(f"c{i}-zone"),
            region=text(f"c{i}-region"),
            split=text(f"c{i}-split"),
            codes=text(f"c{i}-codes"),
            reference=bool(given.get(f"c{i}-reference")),
            joined=bool(given.get(f"c{i}-joined")),
        )
        for i, name in enumerate(columns)
    ]
    return MappingForm(
        schema=text("schema"),
        source_system=text("source_system"),
        columns=made,
        subjects=tuple(given.getlist("subjects")),
        subjects_column=text("subjects_column"),
        subjects_codes=text("subjects_codes"),
        label={name: text(name) for name in LABELS},
        offence_column=text("offence_column"),
        offence_codes=text("offence_codes"),
        occurred_column=text("occurred_column"),
        occurred_date=text("occurred_date"),
        occurred_zone=text("occurred_zone"),
        intelligence=bool(given.get("intelligence")),
        suspicion_column=text("suspicion_column"),
        retain_column=text("retain_column"),
        carried=carried,
    )


def as_yaml(form: MappingForm) -> str:
    """The mapping file that says what the form says; raises InvalidInput for what is no mapping."""
    facts: dict[str, Any] = {
        "schema": form.schema,
        "source_system": form.source_system,
        "source_ref": [c.name for c in form.columns if c.reference],
        "label": _label(form),
    }
    if not facts["source_ref"]:
        rule = phrase("mark at least one column that makes a row the same row next time")
        raise InvalidInput("mapping", None, "source_ref", rule)
    if not form.label.get("basis"):
        raise InvalidInput(
            "mapping", None, "basis", phrase("choose how the information was collected")
        )
    facts.update({key: form.carried[key] for key in CARRIED if key in form.carried})
    if form.occurred_column:
        occurred = {"column": form.occurred_column, "date": form.occurred_date}
        occurred["zone"] = form.occurred_zone
        facts["occurred_at"] = {k: v for k, v in occurred.items() if v}
    if form.suspicion_column:
        facts["basis_of_suspicion"] = {"column": form.suspicion_column}
    if form.retain_column:
        facts["retain_until"] = {"column": form.retain_column}
    facts["columns"] = {c.name: _column(c) for c in form.columns if c.to and not c.joined}
    if joins := _joins(form):
        facts["join"] = joins
    if ignored := _ignored(form):
        facts["ignore"] = ignored
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100)


def _label(form: MappingForm) -> dict[str, Any]:
    label: dict[str, Any] = {}
    if form.subjects_column:
        coded = _pairs(form.subjects_codes, "subjects_codes")
        codes = {code: [w.strip() for w in said.split(",")] for code, said in coded.items()}
        label["subjects"] = {"column": form.subjects_column, "codes": codes}
    elif form.subjects:
        label["subjects"] = list(form.subjects)
    for name in LABELS:
        if form.label.get(name):
            label[name] = form.label[name]
    if form.offence_column:
        codes_of = _pairs(form.offence_codes, "offence_codes")
        label["offence"] = {"column": form.offence_column, "codes": codes_of}
    if form.intelligence:
        label["intelligence"] = "true"
    return label


def _column(column: ColumnForm) -> Any:
    facts: dict[str, Any] = {"to": column.to}
    for key in ("date", "zone", "region", "split"):
        if value := getattr(column, key):
            facts[key] = value
    if column.codes:
        facts["codes"] = _pairs(column.codes, column.name)
    return column.to if len(facts) == 1 else facts


def _joins(form: MappingForm) -> list[dict[str, Any]]:
    """Columns that are marked to be joined, by the property they go to, in the order of the file."""
    together: dict[str, list[str]] = {}
    for column in form.columns:
        if column.to and column.joined:
            together.setdefault(column.to, []).append(column.name)
    return [{"to": to, "columns": names} for to, names in together.items()]


def _ignored(form: MappingForm) -> list[str]:
    used = {form.subjects_column, form.offence_column, form.occurred_column}
    used |= {form.suspicion_column, form.retain_column}
    grading = form.carried.get("grading", {})
    carried = [*grading.values()] if isinstance(grading, dict) else []
    carried += [form.carried.get("assertion"), form.carried.get("cases")]
    used |= {s["column"] for s in carried if isinstance(s, dict) and "column" in s}
    return [c.name for c in form.columns if not c.to and not c.reference and c.name not in used]


def _pairs(text: str, field_name: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        code, sign, meaning = line.partition("=")
        if not sign or not code.strip() or not meaning.strip():
            raise InvalidInput(
                "mapping", None, field_name, phrase("one `code = meaning` on each line")
            )
        pairs[code.strip()] = meaning.strip()
    if not pairs:
        raise InvalidInput(
            "mapping", None, field_name, phrase("say what each code means, one on each line")
        )
    return pairs


def loaded(text: str, columns: Sequence[str]) -> MappingForm:
    """A mapping file as the form shows it, for a table with these columns."""
    data: Any = parse_yaml(text, "mapping").data
    references = _listed(data.get("source_ref"))
    joined = {n: j["to"] for j in data.get("join", []) for n in _listed(j["columns"])}
    made = [_loaded_column(name, data["columns"].get(name), joined) for name in columns]
    for column in made:
        column.reference = column.name in references
    form = MappingForm(data["schema"], data["source_system"], made)
    _load_label(form, data["label"])
    occurred = data.get("occurred_at")
    if isinstance(occurred, dict):
        form.occurred_column = occurred.get("column", "")
        form.occurred_date, form.occurred_zone = occurred.get("date", ""), occurred.get("zone", "")
    form.suspicion_column = _source(data.get("basis_of_suspicion"))
    form.retain_column = _source(data.get("retain_until"))
    form.carried = {key: data[key] for key in CARRIED if key in data}
    return form


def _loaded_column(name: str, facts: Any, joined: Mapping[str, str]) -> ColumnForm:
    if name in joined:
        return ColumnForm(name, to=joined[name], joined=True)
    if not isinstance(facts, dict):
        return ColumnForm(name, to=facts or "")
    given = {key: facts.get(key, "") for key in ("to", "date", "zone", "region", "split")}
    return ColumnForm(name, **given, codes=_lines(facts.get("codes", {})))


def _load_label(form: MappingForm, label: Mapping[str, Any]) -> None:
    subjects = label.get("subjects")
    if isinstance(subjects, dict):
        form.subjects_column = subjects["column"]
        codes = {code: ", ".join(_listed(said)) for code, said in subjects["codes"].items()}
        form.subjects_codes = _lines(codes)
    else:
        form.subjects = tuple(_listed(subjects))
    for name in LABELS:
        if isinstance(label.get(name), str):
            form.label[name] = label[name]
    offence = label.get("offence")
    if isinstance(offence, dict):
        form.offence_column, form.offence_codes = offence["column"], _lines(offence["codes"])
    form.intelligence = label.get("intelligence") == "true"


def _lines(codes: Mapping[str, str]) -> str:
    return "\n".join(f"{code} = {meaning}" for code, meaning in codes.items())


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _source(value: Any) -> str:
    return str(value.get("column", "")) if isinstance(value, dict) else ""
