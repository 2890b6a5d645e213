"""An agreement that could be misread is refused, with file, line, clause and rule."""
# ruff: noqa: E501 - a table of cases is read across

from __future__ import annotations

import pytest

from accord.agreements.domain import Agreement, Obligation
from accord.agreements.parse import parse
from accord.kernel.errors import InvalidInput

from .example import MOU, mou

HEAD = MOU[: MOU.index("clauses:")]
CLAUSE = """\
clauses:
  - id: "1"
    prose: Read.
    permit: view
    for: {purpose: prosecution}
    of: {part: core}
"""
SMALL = HEAD + CLAUSE
POLICY = SMALL.replace("kind: mou", "kind: agency-policy").replace(
    "[riverbend-pd, harlan-so, state-bi]", "[riverbend-pd]"
)


def small(old: str = "", new: str = "") -> Agreement:
    return parse(SMALL.replace(old, new) if old else SMALL, file="a.yaml")


def refusal(text: str, **known: set[str]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(text, file="a.yaml", **known)
    return caught.value


REFUSED = [
    # what is changed, into what, the line of the fault, a part of its field, a part of its rule
    ("kind: mou", "kind: mou\ncolour: red", 3, "", "unknown key 'colour'"),
    ("kind: mou", "kind: mou\nkind: treaty", 3, "", "'kind' is written twice"),
    ("kind: mou", "kind: pact", 2, "kind", "unknown kind 'pact'"),
    ("title: Riverbend", "titel: Riverbend", 3, "", "unknown key 'titel'"),
    ("id: mou-2026-007", "id: Mou 7", 1, "id", "lower-case"),
    ("2028-12-31", "2025-12-31", 6, "in_force: until", "is before from"),
    ("2028-12-31", "2028-02-30", 6, "in_force: until", "there is no day"),
    ("2028-12-31", "tomorrow", 6, "in_force: until", "must be a day"),
    ("America/Chicago", "America/Riverbend", 6, "in_force: zone", "unknown time zone"),
    ("America/Chicago", "../../etc/passwd", 6, "in_force: zone", "unknown time zone"),
    ("America/Chicago", "America", 6, "in_force: zone", "unknown time zone"),
    ("vocabulary: 1", "vocabulary: 99", 7, "vocabulary", "no vocabulary version 99"),
    ("vocabulary: 1", "vocabulary: one", 7, "vocabulary", "whole number"),
    ("harlan-so, ", "riverbend-pd, ", 5, "parties", "a party twice"),
    ("harlan-so, state-bi", "", 5, "parties", "at least two parties"),
    ("[riverbend-pd, harlan-so, state-bi]", "[]", 5, "parties", "empty list"),
    ('["22 U.S.C. 7105", "State Code 46.12"]', "[46.12]", 4, "authority", '"46.12" in quotes'),
    ('id: "1"', "id: 4.10", 9, 'clause "4.10": id', 'write "4.10" in quotes'),
    ("prose: Read.", "prose:", 10, 'clause "1": prose', "must be text, not nothing"),
    ("    prose: Read.\n", "", 9, 'clause "1"', "prose must be given"),
    ("permit: view", "permit: peek", 11, 'clause "1": permit', "unknown action 'peek'"),
    ("permit: view", "permit: [view]", 11, 'clause "1": permit', "must be text, not a list"),
    ("permit: view", "permit: view\n    forbid: hit", 9, 'clause "1"', "either permit or forbid"),
    ("    permit: view\n", "", 9, 'clause "1"', "either permit or forbid"),
    ("    for: {purpose: prosecution}\n", "", 9, 'clause "1"', "must say for which purpose"),
    ("purpose: prosecution", "legal-basis: warrant", 9, 'clause "1"', "for which purpose"),
    ("purpose: prosecution", "purpose: []", 12, "for: purpose", "empty list"),
    ("purpose: prosecution", "purpose: fun", 12, "for: purpose", "unknown word 'fun'"),
    ("of: {part: core}", "of: {part: soul}", 13, "of: part", "unknown word 'soul'"),
    ("of: {part: core}", "of: {part: [core, core]}", 13, "of: part", "listed twice"),
    ("of: {part: core}", "of: {part: []}", 13, "of: part", "empty list"),
    ("of: {part: core}", "of: {minor: maybe}", 13, "of: minor", "true or false"),
    ("of: {part: core}", 'of: {minor: "true"}', 13, "of: minor", "without quotes"),
    ("of: {part: core}", "of: {minor: yes}", 13, "of: minor", "true or false"),
    ("of: {part: core}", "of: core", 13, "of", "must be a mapping, not text"),
    ("of: {part: core}", "of: {owner: Riverbend PD}", 13, "of: owner", "not the id of an agency"),
    ("of: {part: core}", "of: {subject: {not: {not: victim}}}", 13, "subject: not", "must be text"),
    ("of: {part: core}", "of: {part: {at-most: core}}", 13, "of: part", "unknown key 'at-most'"),
    ("of: {part: core}", "of: {sensitivity: {at-most: top}}", 13, "sensitivity", "unknown level"),
    ("of: {part: core}", "of: {sensitivity: {at-least: secret, at-most: open}}", 13, "", "no level"),
    ("of: {part: core}", "of: {part: core}\n    to: {agency: fbi}", 14, "to: agency", "not a party"),
    ("of: {part: core}", "of: {part: core}\n    to: {assurance: 4}", 14, "assurance", "unknown level"),
    ("of: {part: core}", "of: {part: core}\n    to: {assurance: [2]}", 14, "assurance", "not a list"),
    ("of: {part: core}", "of: {part: core}\n    to: {country: NO}", 14, "country", "in quotes"),
    ("of: {part: core}", "of: {part: core}\n    to: {country: usa}", 14, "country", "two capital"),
    ("of: {part: core}", "of: {part: core}\n    to: {country: {not: US}}", 14, "country", "no closed list"),
    ("of: {part: core}", "of: {part: core}\n    to: {training: {not: 28cfr23}}", 14, "training", "must be held"),
    ("of: {part: core}", "of: {part: core}\n    when: [luck]", 14, "when", "unknown word 'luck'"),
    ("of: {part: core}", "of: {part: core}\n    own: true", 14, "own", "no meaning in a permit"),
    ("of: {part: core}", "of: {part: core}\n    unless: {when: case}", 14, "unless", "no meaning"),
    ("of: {part: core}", "of: {part: core}\n    recipients: state-bi", 14, "recipients", "onward"),
    ("permit: view", "permit: onward", 9, 'clause "1"', "must name its recipients"),
    ("permit: view", "forbid: view\n    when: case", 12, "when", "no meaning in a forbid"),
    ("permit: view", "forbid: view\n    obligations: no-onward", 12, "obligations", "no meaning"),
    ("permit: view", "forbid: view\n    unless: {}", 12, "unless", "names no exception"),
    ("permit: view", "forbid: view\n    to: {assurance: 2}", 12, "assurance", "at-least or at-most"),
    ("permit: view", "forbid: view\n    to: {training: 28cfr23}", 12, "training", "use unless"),
    ("permit: view", "permit: view\n    obligations: pray", 12, "obligations", "is unknown"),
    ("permit: view", "permit: view\n    obligations: end-access", 12, "obligations", "needs a value"),
    ("permit: view", "permit: view\n    obligations: {end-access: a year}", 12, "end-access", "duration"),
    ("permit: view", "permit: view\n    obligations: {end-access: P}", 12, "end-access", "duration"),
    ("permit: view", "permit: view\n    obligations: {handling-code: H9}", 12, "handling-code", "unknown"),
    ("permit: view", "permit: view\n    obligations: [watermark, watermark]", 12, "obligations", "twice"),
    ("permit: view", "forbid: view\n    to: {role: analyst}\n    unless: {to: {role: [analyst, prosecutor]}}", 13, "unless", "forbids nothing"),
    ("permit: view", "forbid: view\n    unless: {for: {purpose: [prosecution, oversight]}}", 12, "unless", "forbids nothing"),
    ("permit: view", "permit: view\n    obligations: [notify-owner, {notify-after: determination(emergency)}]", 12, "obligations", "not both"),
    ("of: {part: core}", "of: {part: [core, {not: core}]}", 13, "of: part", "must be text"),
    ("of: {part: core}", "of: {part: core}\n    to: {role: king}", 14, "to: role", "unknown word 'king'"),
    ("vocabulary: 1", "vocabulary: &one 1", 7, "", "anchor or alias"),
    ("vocabulary: 1", "vocabulary: !!python/object/apply:os.system [ls]", 7, "", "a tag"),
    ("vocabulary: 1", "vocabulary: 1\namends: abc", 8, "amends", "64 hexadecimal"),
    ("vocabulary: 1", "vocabulary: 1\n<<: {}", 8, "", "unknown key '<<'"),
    ("clauses:\n", "---\nclauses:\n", 8, "", "a second document"),
    ("title: Riverbend", "title: [[[[[[[[[[[[[[[[", 3, "", "nested deeper"),
    ("title: Riverbend", "title: Task: Riverbend", 3, "", "must be in quotes"),
    ("title: Riverbend", "title: Riv\x07erbend", 3, "", "does not admit"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "field", "rule"), REFUSED)
def test_refused_with_line_field_and_rule(
    old: str, new: str, line: int, field: str, rule: str
) -> None:
    assert old in SMALL
    fault = refusal(SMALL.replace(old, new, 1))
    assert (fault.file, fault.line) == ("a.yaml", line), str(fault)
    assert field in fault.field
    assert rule in fault.rule


def test_every_fault_is_named_in_one_reading() -> None:
    text = MOU.replace("kind: mou", "kind: pact").replace("permit: hit", "permit: peek")
    text = text.replace("part: core}", "part: soul}")
    faults = refusal(text.replace("kind: pact", "kind: mou")).faults
    assert [(f.line, f.field.split(":")[0]) for f in faults] == [
        (11, 'clause "4.1"'),
        (28, 'clause "4.3"'),
    ]


def test_a_party_that_does_not_exist_is_refused_where_agencies_are_known() -> None:
    fault = refusal(SMALL, agencies={"riverbend-pd", "harlan-so"})
    assert (fault.line, fault.field) == (5, "parties")
    assert "unknown party 'state-bi'" in fault.rule


@pytest.mark.parametrize("written", ["ghost-pd", "[ghost-pd]"])
@pytest.mark.parametrize("place", ["owner", "recipients", "agency"])
def test_an_agency_that_does_not_exist_is_refused_wherever_it_is_named(
    written: str, place: str
) -> None:
    known = {"riverbend-pd", "harlan-so", "state-bi"}
    text = {
        "owner": small_text("of: {part: core}", f"of: {{owner: {written}}}"),
        "recipients": small_text("permit: view", f"permit: onward\n    recipients: {written}"),
        "agency": small_text("of: {part: core}", f"to: {{agency: {written}}}"),
    }[place]
    fault = refusal(text, agencies=known)
    assert 'clause "1"' in fault.field
    assert "ghost-pd" in fault.rule
    assert fault.line is not None


def small_text(old: str, new: str) -> str:
    return SMALL.replace(old, new)


def test_two_clauses_with_one_id_are_refused() -> None:
    fault = refusal(SMALL + CLAUSE.removeprefix("clauses:\n"))
    assert (fault.line, fault.rule) == (14, "this id was used before")


def test_an_empty_text_is_refused() -> None:
    assert "empty" in refusal("").rule
    assert "must be a mapping" in refusal("- a\n").rule
    assert "longer than" in refusal("#" * 1_100_000).rule


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert "anchor or alias" in refusal(bomb).rule


def test_too_many_combinations_of_keys_are_refused() -> None:
    kinds = ["case", "grant", "consent", "determination(emergency)"]
    pairs = [[a, b] for i, a in enumerate(kinds) for b in kinds[i + 1 :]]
    clauses = "".join(
        CLAUSE.removeprefix("clauses:\n").replace('"1"', f'"{number}"')
        + f"    when: [{', '.join(keys)}]\n"
        for number, keys in enumerate([*[[k] for k in kinds], *pairs])
    )
    fault = refusal(HEAD + "clauses:\n" + clauses)
    assert "too many alternatives" in fault.rule


def test_an_agency_policy_has_one_party_and_serves_it() -> None:
    policy = parse(POLICY, file="a.yaml")
    assert policy.clauses[0].to.agency == {"riverbend-pd"}
    assert "has one party" in refusal(SMALL.replace("kind: mou", "kind: agency-policy")).rule
    text = POLICY.replace("of: {part: core}", "of: {owner: harlan-so}")
    assert "the agency's own records" in refusal(text).rule


def test_not_expands_to_the_signed_vocabulary() -> None:
    clause = small("of: {part: core}", "of: {subject: {not: [victim, witness]}}").clauses[0]
    assert clause.of.subject is not None
    assert len(clause.of.subject) == 8
    assert not clause.of.subject & {"victim", "witness"}


def test_levels_expand_to_sets() -> None:
    clause = small("of: {part: core}", "of: {sensitivity: {at-most: official}}").clauses[0]
    assert clause.of.sensitivity == {"open", "official"}
    clause = small("of: {part: core}", "to: {clearance: confidential, assurance: 2}").clauses[0]
    assert clause.to.clearance == {"confidential", "secret"}
    assert clause.to.assurance == {2, 3}


def test_obligations_are_typed() -> None:
    text = (
        "of: {part: core}\n    obligations: [{end-access: P1Y}, no-onward, {notify-owner: PT24H}]"
    )
    assert small("of: {part: core}", text).clauses[0].obligations == (
        Obligation("end-access", "P1Y"),
        Obligation("no-onward"),
        Obligation("notify-owner", "PT24H"),
    )


def test_invariants_are_read_and_their_words_checked() -> None:
    line = (
        "invariants:\n  - {id: victims, never: view, of: {subject: victim, part: identity}, "
        "to: {agency: harlan-so}, within: 4}\n"
    )
    (invariant,) = parse(SMALL + line, file="a.yaml").invariants
    assert (invariant.never, invariant.within) == ("view", 4)
    fault = refusal(SMALL + line.replace("identity", "soul"))
    assert (fault.line, "unknown word" in fault.rule) == (15, True)
    assert "from 1 to 4" in refusal(SMALL + line.replace("within: 4", "within: 5")).rule


def test_the_signed_bytes_do_not_depend_on_how_the_text_is_laid_out() -> None:
    other = SMALL.replace("of: {part: core}", "of:\n      part:\n        - core")
    other = other.replace(
        "[riverbend-pd, harlan-so, state-bi]", "[state-bi, riverbend-pd, harlan-so]"
    )
    assert parse(other, file="b.yaml").canonical() == small().canonical()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("prose: Read.", "prose: Read it."),
        ("part: core", "part: identity"),
        ("permit: view", "permit: hit"),
        ("2028-12-31", "2028-12-30"),
        ("America/Chicago", "America/Denver"),
        ("permit: view", "permit: view\n    when: case"),
        ("permit: view", "permit: view\n    obligations: watermark"),
    ],
)
def test_whatever_changes_the_meaning_changes_the_hash(old: str, new: str) -> None:
    assert small(old, new).content_hash != small().content_hash


def test_an_amendment_names_its_parent_with_or_without_the_algorithm() -> None:
    parent = "ab" * 32
    for text in (parent, f"sha256:{parent}"):
        assert small("vocabulary: 1", f"vocabulary: 1\namends: {text}").amends == parent


def test_the_bytes_that_parties_signed_stay_as_they_were() -> None:
    # Signatures and amendments hang on this hash: a change of the canonical form breaks them.
    assert mou().content_hash == "5474582c8e7c7b068417df38d8ea65ecb16c0658e075827551f05189b87d4c2f"


def test_the_example_of_the_design_is_read_whole() -> None:
    agreement = mou()
    assert [c.id for c in agreement.clauses] == ["4.1", "4.2", "4.3", "6.1"]
    forbid = agreement.forbids[0]
    assert forbid.unless is not None
    assert (forbid.unless.to.role, forbid.unless.when) == ({"victim-advocate"}, {"consent"})
