"""The usual agreements can be filled in, read, said, and protect victims as they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.agreements import reference
from accord.agreements.cautions import cautions
from accord.agreements.domain import READ_ACTIONS, Agreement, Obligation
from accord.agreements.library import Template, fill, template, templates
from accord.agreements.parse import parse
from accord.agreements.plain import explain, obligation_text
from accord.cli.agreement import command
from accord.kernel.errors import InvalidInput

from . import example
from .strategies import V, key_subsets

NAMES = (
    "bilateral-mou",
    "court-order",
    "laboratory-service",
    "mutual-legal-assistance",
    "task-force-charter",
    "victim-service-referral",
)
MEANT = {"victim-service-referral": {"2.1", "3.3"}}
"""The clauses that reach a victim on purpose, with that person's consent; the text says so."""

every_template = pytest.mark.parametrize("chosen", templates(), ids=lambda t: t.name)


def filled(chosen: Template, **changed: object) -> str:
    facts = {
        "id": "trial-1",
        "title": 'A title with "quotes": and a colon',
        "parties": {role: f"agency-{role}" for role in chosen.role_names},
        "starts": date(2027, 1, 1),
        "until": date(2028, 12, 31),
        "zone": "America/Chicago",
    }
    return fill(chosen, **(facts | changed))  # type: ignore[arg-type]


def agreement(chosen: Template) -> Agreement:
    return parse(filled(chosen), file=chosen.name)


def test_the_usual_agreements_are_there() -> None:
    assert tuple(t.name for t in templates()) == NAMES
    with pytest.raises(InvalidInput, match="no template 'treaty'; there are bilateral-mou"):
        template("treaty")


@every_template
def test_a_template_fills_in_whole(chosen: Template) -> None:
    read = agreement(chosen)
    assert read.title == 'A title with "quotes": and a colon'
    assert set(read.parties) == {f"agency-{role}" for role in chosen.role_names}
    assert (read.in_force.starts, read.in_force.ends) == (date(2027, 1, 1), date(2028, 12, 31))
    assert all(len(clause.prose) > 40 for clause in read.clauses)
    assert all(any(sign.isdigit() for sign in source) for source in read.authority[-3:])
    assert any(clause.obligations for clause in read.permits)
    assert read.forbids
    assert read.invariants
    assert parse(filled(chosen, until=None), file="open.yaml").in_force.ends is None


@every_template
def test_nothing_in_a_template_is_pointed_at_but_what_is_meant(chosen: Template) -> None:
    assert {c.clause_id for c in cautions(agreement(chosen))} == MEANT.get(chosen.name, set())


@every_template
def test_a_template_is_said_in_plain_language(chosen: Template) -> None:
    read = agreement(chosen)
    text = explain(read)
    assert all(f"### Clause {clause.id}\n" in text for clause in read.clauses)
    assert "What must never follow" in text


@every_template
def test_whoever_is_no_advocate_never_reads_who_a_victim_is(chosen: Template) -> None:
    """Whatever training, clearance and keys; the parties' invariants say the same."""
    read = agreement(chosen)
    subjects = ({"victim"}, {"witness"}, {"victim", "suspect"})
    naming = tuple(part for part in V.words("part") if part != "core")
    for permit in read.permits:
        for role in ("investigator", "analyst", "prosecutor", "supervisor", "forensic-examiner"):
            for owner in read.parties:
                for asker in set(read.parties) - {owner}:
                    who = example.person(
                        agency=asker, roles=frozenset({role}), training=frozenset(V.words("training")),
                        clearance="secret", assurance=3,
                    )  # fmt: skip
                    context = example.asking(min(permit.reason.purpose or ()), "court-order")
                    for subject in subjects:
                        for part in naming:
                            asked = example.label(
                                owner=owner, part=part, subjects=frozenset(subject)
                            )
                            decision = reference.decide(
                                [read], who, context, "view", asked, frozenset(V.words("key"))
                            )
                            assert not decision.allowed, (role, owner, asker, asked)


@every_template
def test_every_permit_of_a_template_opens_something(chosen: Template) -> None:
    """A forbid beside it does not make a clause a dead letter."""
    read = agreement(chosen)
    for permit in read.permits:
        one = replace(read, clauses=(permit, *read.forbids))
        assert _opens(one), f"{chosen.name} {permit.id}"


def _opens(read: Agreement) -> bool:
    (permit,) = read.permits
    for owner in permit.of.owner or read.parties:
        for asker in (permit.to.agency or frozenset(read.parties)) - {owner}:
            who = example.person(
                agency=asker, roles=permit.to.role or frozenset({"investigator"}),
                training=permit.to.training, clearance="secret",
            )  # fmt: skip
            context = example.asking(
                min(permit.reason.purpose or ()), min(permit.reason.legal_basis or {"statute"})
            )
            asked = example.label(
                owner=owner,
                schema=min(permit.of.schema or {"Person"}),
                part=min(permit.of.part or {"core"}),
                subjects=frozenset({min(permit.of.subject or {"suspect"})}),
                sealed=bool(permit.of.sealed),
                intelligence=bool(permit.of.intelligence),
            )
            question = (who, context, permit.action, asked)
            if reference.decide([read], *question, permit.when).allowed:
                lacking = [k for k in key_subsets(tuple(sorted(permit.when))) if k < permit.when]
                return not any(reference.decide([read], *question, k).allowed for k in lacking)
    return False


def test_the_providers_records_do_not_show_that_they_exist() -> None:
    read = agreement(template("victim-service-referral"))
    for asker in ("agency-police", "agency-prosecutor"):
        who = example.person(
            agency=asker, roles=frozenset(V.words("role")), training=frozenset(V.words("training"))
        )
        for part in V.words("part"):
            asked = example.label(
                owner="agency-provider", part=part, subjects=frozenset({"victim"})
            )
            for purpose in V.words("purpose"):
                for action in READ_ACTIONS:
                    question = (who, example.asking(purpose), action, asked)
                    keys = frozenset({"case", "grant"})
                    assert not reference.decide([read], *question, keys).allowed


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"parties": {"first": "a"}}, "second: is missing: the agency it is made with"),
        ({"parties": {"first": "a", "second": "a"}}, "'a' stands for more than one party"),
        ({"parties": {"first": "a", "second": "b", "police": "c"}}, "police: is no party here"),
        ({"parties": {"first": "a, x", "second": "b"}}, "first: 'a, x' is not the id of an agency"),
        ({"id": "x\nkind: statute"}, "is not lower-case letters"),
        ({"zone": "Mars/Olympus"}, "unknown time zone"),
        ({"zone": "UTC}"}, "is not the name of a time zone"),
        ({"until": date(2026, 1, 1)}, "is before from"),
        ({"title": ""}, "title"),
    ],
)
def test_a_template_filled_wrongly_is_refused(changed: dict[str, object], rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        filled(template("bilateral-mou"), **changed)
    assert rule in refused.value.message


def test_a_title_cannot_add_a_clause() -> None:
    title = 'x"\nclauses: []\nkind: "statute <first>'
    read = parse(filled(template("bilateral-mou"), title=title), file="a.yaml")
    assert read.kind == "mou"
    assert "<first>" in read.title


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_templates_are_listed_and_written(tmp_path: Path) -> None:
    code, said = run("template")
    assert code == 0
    assert all(f"{name}: " in said for name in NAMES)
    assert "--party police=AGENCY  (the police agency that submits items)" in said

    file = tmp_path / "charter.yaml"
    arguments = ("--party", "lead=riverbend-pd", "--party", "member=harlan-so")
    code, said = run(
        "template", "task-force-charter", *arguments, "--party", "prosecutor=tri-county-da",
        "--from", "2027-01-01", "--until", "2027-12-31", "--zone", "America/Chicago", "-o", file,
    )  # fmt: skip
    assert code == 0, said
    assert run("check", file)[0] == 0
    assert parse(file.read_text("utf-8"), file="x").id == "task-force-charter-2027"

    code, said = run("template", "task-force-charter", *arguments)
    assert (code, "prosecutor: is missing" in said) == (1, True)
    assert run("template", "task-force-charter", "--party", "lead")[0] == 2


def test_every_obligation_can_be_said() -> None:
    said = {
        Obligation("handling-code", "H1"): "the handling code H1 is put on it",
        Obligation("notify-owner", "PT24H"): "the owner is told within 24 hours",
        Obligation("notify-owner"): "the owner is told at once",
        Obligation("end-access", "P30D"): "access ends after 30 days",
    }
    assert {o: obligation_text(o) for o in said} == said
    after = obligation_text(Obligation("notify-after", "determination(no-tip-off)"))
    assert after.startswith("the owner is told once this is over")
