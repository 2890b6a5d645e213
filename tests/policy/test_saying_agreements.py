"""What an agreement does is said in plain language, and what was hardly meant is pointed at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.agreements.cautions import cautions
from accord.agreements.domain import Agreement
from accord.agreements.parse import parse
from accord.agreements.plain import explain
from accord.cli.agreement import command
from accord.kernel.vocabulary import Vocabulary

from .example import MOU, mou

HEAD = MOU[: MOU.index("clauses:")]


def agreement(*clauses: str, head: str = HEAD) -> Agreement:
    return parse(head + "clauses:\n" + "".join(f"  - {c}\n" for c in clauses), file="a.yaml")


def texts(*clauses: str, head: str = HEAD) -> list[str]:
    return [f"{c.clause_id}: {c.text}" for c in cautions(agreement(*clauses, head=head))]


FOR = "for: {purpose: prosecution}"
LOW = f'{{id: "low", prose: L., permit: hit, to: {{role: analyst, assurance: 2}}, {FOR}, of: {{subject: suspect}}}}'  # noqa: E501
HIGH = f'{{id: "high", prose: H., permit: view, to: {{role: analyst}}, {FOR}, of: {{schema: Person, subject: suspect}}}}'  # noqa: E501
POLICY = HEAD.replace("kind: mou", "kind: agency-policy").replace(
    "[riverbend-pd, harlan-so, state-bi]", "[riverbend-pd]"
)


def test_a_higher_action_that_asks_less_than_a_lower_one_is_pointed_at() -> None:
    (text,) = texts(LOW, HIGH)
    assert text.startswith("high: view asks less of the requester than hit does in clause low")
    assert texts(LOW, HIGH.replace("role: analyst", "role: analyst, assurance: 2")) == []
    assert texts(LOW, HIGH.replace("role: analyst", "role: prosecutor")) == []
    assert texts(LOW, HIGH.replace("subject: suspect", "subject: contact")) == []


VICTIM = f'{{id: "v", prose: V., permit: view, {FOR}, of: {{schema: Person, subject: [victim, suspect]}}}}'  # noqa: E501


def test_a_permit_that_reaches_a_victims_parts_is_pointed_at() -> None:
    (text,) = texts(VICTIM)
    assert text.startswith("v: reaches what could find or name a victim: attachment, biometric")
    forbid = '{id: "f", prose: F., forbid: view, of: {subject: victim}}'
    assert texts(VICTIM, forbid) == []
    assert len(texts(VICTIM, forbid.replace("forbid: view", "forbid: export"))) == 1
    partly = forbid.replace("{subject: victim}", "{subject: victim, part: [identity, contact]}")
    assert "identity" not in texts(VICTIM, partly)[0]
    unless = forbid.replace("}}", "}, unless: {when: consent}}")
    assert len(texts(VICTIM, unless)) == 1


def test_a_forbid_that_binds_nobody_is_pointed_at() -> None:
    forbid = '{id: "f", prose: F., forbid: view}'
    (text,) = texts(forbid, head=POLICY)
    assert text.startswith("f: binds nobody")
    assert texts(forbid.replace("view}", "view, own: true}"), head=POLICY) == []
    assert texts(forbid) == []
    same = forbid.replace("view}", "view, to: {agency: harlan-so}, of: {owner: harlan-so}}")
    assert len(texts(same)) == 1


def test_a_permit_over_what_no_party_owns_is_pointed_at_until_somebody_passes_it_on() -> None:
    taking = f'{{id: "t", prose: T., permit: hit, {FOR}, of: {{owner: safe-harbor, part: core}}}}'
    (text,) = texts(taking)
    assert text.startswith("t: gives what no signing party owns (safe-harbor): opens nothing")
    assert "unless another agreement" in text
    onward = f'{{id: "o", prose: O., permit: onward, {FOR}, of: {{part: core}}, recipients: [%s]}}'
    feeds = {
        name: parse(
            HEAD.replace("mou-2026-007", "feed").replace("state-bi]", "safe-harbor]")
            + f"clauses:\n  - {onward % name}\n",
            file="feed.yaml",
        )
        for name in ("state-bi", "tri-county-da")
    }
    found = cautions(agreement(taking), [agreement(taking), feeds["state-bi"]])
    assert found == ()
    (caution,) = cautions(agreement(taking), [feeds["tri-county-da"]])
    assert "or may pass on under the agreements given" in caution.text
    write = taking.replace("permit: hit", "permit: alter")
    assert "opens none" in texts(write)[0]


def test_who_was_given_nothing_passes_nothing_on() -> None:
    def between(name: str, parties: str, clause: str) -> Agreement:
        head = HEAD.replace("mou-2026-007", name).replace(
            "[riverbend-pd, harlan-so, state-bi]", f"[{parties}]"
        )
        return agreement(f'{{id: "1", prose: P., {FOR}, {clause}}}', head=head)

    alphas = "of: {owner: alpha, part: core}"
    ab = between("ab", "alpha, bravo", f"permit: onward, {alphas}, recipients: charlie")
    bc = between("bc", "bravo, charlie", f"permit: onward, {alphas}, recipients: delta")
    cd = between("cd", "charlie, delta", f"permit: hit, {alphas}")
    itself = between("itself", "bravo, charlie", f"permit: onward, {alphas}, recipients: charlie")
    for alone, others in ((cd, [bc]), (bc, [cd]), (itself, []), (cd, [itself, ab])):
        (caution,) = cautions(alone, [alone, *others])
        assert "gives what no signing party owns (alpha)" in caution.text
    assert cautions(cd, [ab, bc, cd]) == cautions(bc, [ab, bc]) == ()


def test_a_permit_to_read_without_a_schema_is_pointed_at() -> None:
    wide = f'{{id: "w", prose: W., permit: view, {FOR}, of: {{subject: suspect}}}}'
    (text,) = texts(wide)
    assert text.startswith("w: names no schema")
    assert texts(wide.replace("permit: view", "permit: hit")) == []
    assert texts(wide.replace("subject: suspect", "subject: suspect, part: core")) == []
    assert texts(wide.replace("}}", "}, when: [case]}")) == []


def test_a_not_is_pointed_at_where_it_stands() -> None:
    written = f'{{id: "n", prose: N., permit: hit, {FOR}, of: {{subject: suspect, part: {{not: [health]}}}}}}'  # noqa: E501
    text = HEAD + f"clauses:\n  - {written}\n"
    (caution,) = cautions(parse(text, file="a.yaml"), (), text)
    assert caution.clause_id == "n"
    assert caution.text.startswith("of: part is written with `not`")
    assert cautions(parse(text, file="a.yaml")) == ()


def test_a_permit_for_every_purpose_is_pointed_at() -> None:
    words = ", ".join(Vocabulary.load(1).words("purpose"))
    clause = f'{{id: "p", prose: P., permit: hit, for: {{purpose: [{words}]}}, of: {{part: core}}}}'
    assert texts(clause) == ["p: is for every purpose there is, and so asks for none"]


def test_passing_on_what_needs_a_grant_without_asking_for_it_is_pointed_at() -> None:
    of = "of: {handling: H2, part: core}, recipients: [x]"
    clause = f'{{id: "h", prose: H., permit: onward, {FOR}, {of}}}'
    assert any("needs a grant" in text for text in texts(clause))
    granted = clause.replace("recipients", "when: [grant], recipients")
    assert not any("needs a grant" in text for text in texts(granted))


def test_the_design_example_in_plain_language() -> None:
    text = explain(mou())
    for sentence in (
        "in force from 2026-01-01 to the end of 2028-12-31 (America/Chicago)",
        "investigators or analysts of every party but the owner",
        "with valid training in CJIS security",
        "**When:** the owner placed it in this case",
        "access ends after 1 year; it is not passed on",
        "about any victims",
        "**Unless:** to victim advocates of anybody, and when the person it is about consented",
        "What no clause permits is refused",
    ):
        assert sentence in text


def test_every_clause_and_every_agreement_of_the_world_can_be_said() -> None:
    folder = Path(__file__).parents[2] / "worlds" / "riverbend" / "agreements"
    files = sorted(folder.rglob("*.yaml"))
    assert files
    for file in files:
        read = parse(file.read_text("utf-8"), file=file.name)
        text = explain(read)
        assert all(f"### Clause {clause.id}\n" in text for clause in read.clauses)


def test_the_parties_text_cannot_act_on_the_page() -> None:
    evil = MOU.replace("title: Riverbend", "title: <script>x</script> [a](b) Riverbend")
    text = explain(mou(evil))
    assert "<script>" not in text.replace("\\<", "")
    assert "\\[a\\]" in text


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.yaml"
    file.write_text(MOU, "utf-8")
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(MOU.replace("permit: hit", "permit: peek"), "utf-8")
    return file


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_check_accepts_and_refuses_by_exit_code(good: Path, bad: Path) -> None:
    assert run("check", good)[0] == 0
    code, said = run("check", good, bad)
    assert code == 1
    assert f"{good}: accepted: mou-2026-007 (mou), 4 clauses" in said
    assert f'{bad}:11: refused: clause "4.1": permit: unknown action' in said


def test_check_is_used_wrongly_without_a_file(tmp_path: Path) -> None:
    assert run("check")[0] == 2
    assert run("check", tmp_path / "absent.yaml")[0] == 2


def test_check_knows_the_agencies_it_is_given(good: Path, tmp_path: Path) -> None:
    agencies = tmp_path / "agencies.yaml"
    agencies.write_text("agencies:\n- {id: riverbend-pd}\n- {id: harlan-so}\n", "utf-8")
    code, said = run("check", good, "--agencies", agencies)
    assert code == 1
    assert "unknown party 'state-bi'" in said


def test_check_reports_as_json(good: Path, bad: Path) -> None:
    code, said = run("check", "--json", good, bad)
    reports = json.loads(said)
    assert code == 1
    assert [r["accepted"] for r in reports] == [True, False]
    assert reports[0]["hash"] == mou().content_hash
    assert reports[1]["faults"][0]["line"] == 11


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"id: a\ntitle: Fiscal\xeda\n")
    code, said = run("check", file)
    assert code == 1
    assert f"{file}:2: refused: not UTF-8 text" in said


def test_explain_prints_the_page_or_says_what_is_wrong(good: Path, bad: Path) -> None:
    assert run("explain", good) == (0, explain(mou()))
    code, said = run("explain", bad)
    assert code == 1
    assert "unknown action" in said
