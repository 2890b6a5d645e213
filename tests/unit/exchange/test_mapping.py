"""The mapping on screen: guesses from names and values, and a form that says what its YAML says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from accord.exchange.mapping import form as forms
from accord.exchange.mapping.guess import date_form, guess
from accord.kernel.errors import InvalidInput
from accord.records.intake.csvfile import open_csv
from accord.records.intake.mappingfile import parse_mapping
from unit.exchange.conftest import INTAKE

IMPORTS = Path(__file__).parents[3] / "worlds" / "riverbend" / "imports"
ONTOLOGY = INTAKE.ontology


def table(name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    with (IMPORTS / f"{name}.csv").open("rb") as source:
        opened = open_csv(source, file=name)
        return opened.header, [row.cells for row in opened.rows()]  # type: ignore[union-attr]  # no bad row


def test_a_jail_roster_is_guessed_as_a_person_would_map_it() -> None:
    found = guess(*table("harlan-so.jail-roster"), ONTOLOGY)
    assert found.schema == "Person"
    assert found.source_ref == ("booking_no",)
    assert found.joined == ("first", "last")
    assert found.occurred == "booked"
    to = {name: column.to for name, column in found.columns.items()}
    assert to["dob"] == "birthDate"
    assert found.columns["dob"].date == "%m/%d/%Y"
    assert (to["phones"], found.columns["phones"].split) == ("phone", ";")
    assert to["cell"] is None, "the name says telephone, the values do not"
    assert (to["street"], to["town"], to["medical"]) == ("address", "city", "medicalCondition")


def test_a_tow_log_is_guessed_as_vehicles() -> None:
    found = guess(*table("riverbend-pd.tow-log"), ONTOLOGY)
    assert found.schema == "Vehicle"
    assert {found.columns[n].to for n in ("plate", "vin", "make")} == {"plate", "vin", "make"}


def test_who_a_record_is_about_is_never_guessed() -> None:
    columns, sample = ("no", "role", "name"), [("1", "suspect", "Ann B")]
    form = forms.guessed(guess(columns, sample, ONTOLOGY), columns, "s", "UTC")
    assert (form.subjects, form.subjects_column) == ((), "")


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["01/02/2020", "12/31/2020"], "%m/%d/%Y"),
        (["13/02/2020"], "%d/%m/%Y"),
        (["2020-01-02 10:00"], "%Y-%m-%d %H:%M"),
        (["1/2/20"], None),
        ([], None),
    ],
)
def test_a_date_form_fits_every_value(values: list[str], form: str | None) -> None:
    assert date_form(values) == form


@pytest.mark.parametrize("name", ["harlan-so.jail-roster", "riverbend-pd.tow-log"])
def test_a_mapping_that_the_form_loads_is_written_back_to_the_same(name: str) -> None:
    text = (IMPORTS / f"{name}.mapping.yaml").read_text()
    columns, _ = table(name)

    def read(source: str) -> Any:
        return parse_mapping(
            source, file="mapping", ontology=ONTOLOGY, vocabulary=INTAKE.vocabulary
        )

    before, after = read(text), read(forms.as_yaml(forms.loaded(text, columns)))
    for part in (
        "schema", "source_system", "source_ref", "part_labels", "joins", "ignore", "missing",
        "occurred_at", "grading", "cases", "delimiter",
    ):  # fmt: skip
        assert getattr(after, part) == getattr(before, part), part
    assert sorted(after.columns, key=str) == sorted(before.columns, key=str)
    assert {**after.label, "sensitivity": None, "handling": None} == {
        **{"offence": "none"}, **before.label, "sensitivity": None, "handling": None
    }  # fmt: skip


def posted(**fields: str) -> forms.MappingForm:
    given = QueryDict(mutable=True)
    given.update({"schema": "Person", "source_system": "s", "basis": "statute", **fields})
    return forms.posted(given, ("no", "role", "secret"), {})


def test_a_column_that_goes_nowhere_is_ignored_by_name_and_one_that_is_read_is_not() -> None:
    codes = {"subjects_column": "role", "subjects_codes": "S = suspect\nV = victim, witness"}
    text = forms.as_yaml(posted(**{"c0-reference": "on"}, **codes))
    mapped = parse_mapping(text, file="m", ontology=ONTOLOGY, vocabulary=INTAKE.vocabulary)
    assert mapped.ignore == {"secret"}
    assert mapped.label["subjects"].codes["V"] == ("victim", "witness")  # type: ignore[attr-defined]  # by column


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "source_ref"),
        ({"c0-reference": "on", "basis": ""}, "basis"),
        ({"c0-reference": "on", "subjects_column": "role"}, "subjects_codes"),
        ({"c0-reference": "on", "c1-to": "gender", "c1-codes": "no sign"}, "role"),
    ],
)
def test_a_form_that_is_no_mapping_says_which_field(fields: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        forms.as_yaml(posted(**fields))
    assert caught.value.field == field
