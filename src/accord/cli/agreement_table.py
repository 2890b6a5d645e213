"""`accord agreement table`: who may do what with one kind of part, as CSV or JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from accord.agreements.decisiontable import Cell, cells
from accord.agreements.domain import READ_ACTIONS, Requester
from accord.cli.agreement_files import FILE, read_agencies, read_agreements
from accord.cli.agreement_proofs import refusing
from accord.cli.options import json_option
from accord.kernel.cells import csv_text
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.labels import Label
from accord.kernel.vocabulary import NEWEST, Vocabulary, VocabularyError

USUAL = Label(
    owner="", schema="Person", part="identity", subjects=frozenset({"suspect"}),
    sensitivity="official", handling="none", basis="statute", offence="none", minor=False,
    sealed=False, intelligence=False,
)  # fmt: skip
COLUMNS = ("role", "assurance", "training", "purpose", *READ_ACTIONS, "clauses")


@click.command(name="table")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--agencies", type=FILE, required=True, help="agencies.yaml of a world.")
@click.option("--owner", required=True, help="The agency whose part it is.")
@click.option("--to", "asking", required=True, help="The agency whose people ask.")
@click.option("--schema", default="Person", show_default=True)
@click.option("--part", default="identity", show_default=True)
@click.option("--subject", multiple=True, default=("suspect",), show_default=True)
@click.option("--key", multiple=True, help="A kind of key that the part carries, as `case`.")
@json_option
@click.pass_context
@refusing
def command(
    context: click.Context, files: tuple[Path, ...], agencies: Path, owner: str, asking: str,
    schema: str, part: str, subject: tuple[str, ...], key: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Print a line for each role, assurance, training and purpose that the agreements name.

    The files are taken to be signed and in force together. A word that no clause names stands once,
    for all others. Columns: one for each read action (yes or nothing), and the clauses.
    """
    del context  # the decorator's
    known = read_agencies(agencies)
    for named in (owner, asking):
        if named not in known:
            raise InvalidInput(str(agencies), None, "agencies", f"no agency {named} is there")
    label = replace(USUAL, owner=owner, schema=schema, part=part, subjects=frozenset(subject))
    vocabulary = Vocabulary.load(NEWEST)
    try:
        for dimension, word in (
            ("schema", schema),
            ("part", part),
            *(("subject", s) for s in subject),
        ):
            vocabulary.check(dimension, word, dimension)
    except VocabularyError as fault:
        raise InvalidInput("accord agreement table", None, "", str(fault)) from fault
    facts = known[asking]
    who = Requester(asking, facts.get("kind"), facts.get("country"), frozenset())
    found = cells(read_agreements(files, known), who, label, frozenset(key), now(), vocabulary)
    if as_json:
        click.echo(json.dumps([dict(zip(COLUMNS, _row(c), strict=True)) for c in found], indent=2))
    else:
        click.echo(csv_text(COLUMNS, map(_row, found)), nl=False)


def _row(cell: Cell) -> tuple[object, ...]:
    return (
        cell.role, cell.assurance, " ".join(cell.training), cell.purpose,
        *("yes" if action in cell.actions else "" for action in READ_ACTIONS), cell.clause,
    )  # fmt: skip
