"""A later word was never signed: no agreement of an earlier vocabulary takes it in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.agreements import reference
from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement, Context, Decision, Requester
from accord.agreements.parse import parse
from accord.agreements.plain import explain
from accord.cli.main import run
from accord.kernel.errors import InvalidInput
from accord.kernel.labels import Label
from accord.kernel.vocabulary import NEWEST, Vocabulary

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW = Vocabulary.load(1), Vocabulary.load(2)
LABEL = Label(
    "alpha", "Person", "core", frozenset({"suspect"}), "official", "none",
    "statute", "drugs", False, False, False,
)  # fmt: skip
ASKER = Requester("bravo", "police", "US", frozenset({"investigator"}), "secret", "US", assurance=2)
LATER_LABELS = {
    "schema": replace(LABEL, schema="Tip"),
    "subject": replace(LABEL, subjects=frozenset({"reporter"})),
    "basis": replace(LABEL, basis="tip"),
    "offence": replace(LABEL, offence="child-abuse"),
}


def agreement(vocabulary: int, effect: str = "permit: view", *conditions: str) -> Agreement:
    stated = any(condition.startswith("for:") for condition in conditions)
    purpose = [] if stated or effect.startswith("forbid") else ["for: {purpose: {not: [training]}}"]
    lines = [
        "id: mou-1",
        "kind: mou",
        "title: Two agencies",
        "authority: [a statute]",
        "parties: [alpha, bravo]",
        "in_force: {from: 2026-01-01, zone: UTC}",
        f"vocabulary: {vocabulary}",
        "clauses:",
        '  - id: "1"',
        "    prose: What is shared.",
        f"    {effect}",
        *(f"    {condition}" for condition in [*purpose, *conditions]),
    ]
    return parse("\n".join(lines) + "\n", file="mou.yaml")


def decide(held: Agreement, label: Label, purpose: str = "drug-investigation") -> Decision:
    asked = (ASKER, Context(purpose, None, "statute", AT), "view", label, frozenset[str]())
    given = reference.decide([held], *asked)
    policy = compile_policy([held])
    assert policy.decide(*asked) == given
    table = policy.alternatives(*asked[:3], [label])
    assert table.open(0, frozenset()) == given.allowed
    return given


def test_the_versions_differ_where_this_file_looks() -> None:
    assert NEWEST >= 2
    for dimension, label in LATER_LABELS.items():
        words = {"subject": label.subjects}.get(dimension) or {getattr(label, dimension, "")}
        assert not words & set(OLD.words(dimension))
        assert words <= set(NEW.words(dimension))


@pytest.mark.parametrize("dimension", LATER_LABELS)
def test_a_permit_that_leaves_a_dimension_open_takes_in_no_later_word(dimension: str) -> None:
    later = LATER_LABELS[dimension]
    assert decide(agreement(1), LABEL).allowed
    assert not decide(agreement(1), later).allowed
    assert decide(agreement(2), later).allowed


@pytest.mark.parametrize("dimension", LATER_LABELS)
def test_not_is_expanded_within_the_signed_vocabulary(dimension: str) -> None:
    other = {"schema": "Case", "subject": "victim", "basis": "partner", "offence": "cyber"}
    condition = f"of: {{{dimension}: {{not: [{other[dimension]}]}}}}"
    later = LATER_LABELS[dimension]
    assert decide(agreement(1, "permit: view", condition), LABEL).allowed
    assert not decide(agreement(1, "permit: view", condition), later).allowed
    assert decide(agreement(2, "permit: view", condition), later).allowed


def test_no_later_purpose_opens_an_earlier_agreement() -> None:
    for purpose in set(NEW.words("purpose")) - set(OLD.words("purpose")):
        assert not decide(agreement(1), LABEL, purpose).allowed
        assert decide(agreement(2), LABEL, purpose).allowed


def test_a_forbid_that_leaves_a_dimension_open_binds_later_words_too() -> None:
    """What is not yet known stays closed: beside a permit of version 2, the old forbid holds."""
    forbids = replace(agreement(1, "forbid: view", "of: {offence: [drugs]}"), id="mou-2")
    permits = agreement(2)
    for label in (LABEL, replace(LABEL, schema="Tip")):
        asked = (ASKER, Context("statistics", None, "statute", AT), "view", label)
        given = reference.decide([permits, forbids], *asked, frozenset())
        assert not given.allowed
        assert given.agreement_id == "mou-2"
        assert compile_policy([permits, forbids]).decide(*asked, frozenset()) == given
        assert reference.decide([permits], *asked, frozenset()).allowed


@pytest.mark.parametrize(
    "condition",
    [
        "of: {schema: [Tip]}",
        "to: {role: [task-force-commander]}",
        "to: {training: [federal-deputation]}",
        "for: {purpose: [immigration-enforcement]}",
        "when: [determination(discovery)]",
        "obligations: [{notify-after: determination(child-at-risk)}]",
    ],
)
def test_an_agreement_names_only_words_of_its_own_version(condition: str) -> None:
    with pytest.raises(InvalidInput, match=r"unknown word|must be one of"):
        agreement(1, "permit: view", condition)
    assert agreement(2, "permit: view", condition).vocabulary == 2


def test_what_is_signed_and_what_is_said_stay_as_written() -> None:
    """Holding a permit to its vocabulary changes the decision, not the signed bytes or the page."""
    held = agreement(1)
    assert held.facts()["clauses"][0]["of"] == {}
    assert held.stated_permits == held.clauses
    assert "Tip" not in explain(held)
    assert "tips" not in explain(held)


def test_the_same_clause_under_a_later_version_is_another_agreement() -> None:
    assert agreement(1).content_hash != agreement(2).content_hash


def test_signing_the_same_clause_under_a_later_version_is_proven_wider(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever signs anew sees that the later words come in, with an example."""
    for version in (1, 2):
        (tmp_path / f"{version}.yaml").write_text(
            "id: mou-1\nkind: mou\ntitle: Two agencies\nauthority: [a statute]\n"
            "parties: [alpha, bravo]\nin_force: {from: 2026-01-01, zone: UTC}\n"
            f"vocabulary: {version}\nclauses:\n"
            '  - id: "1"\n    prose: What is shared.\n    permit: view\n'
            "    for: {purpose: [drug-investigation]}\n    of: {subject: [none, suspect]}\n",
            "utf-8",
        )
    old, new = str(tmp_path / "1.yaml"), str(tmp_path / "2.yaml")
    run(["agreement", "diff", old, new, "--json"])
    assert json.loads(capsys.readouterr().out)["verdict"] == "wider"
    run(["agreement", "diff", new, old, "--json"])
    assert json.loads(capsys.readouterr().out)["verdict"] == "narrower"
