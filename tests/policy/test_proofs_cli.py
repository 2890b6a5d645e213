"""`accord agreement diff` and `prove`: files in, an answer and an exit code out, no server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accord.cli import main
from accord.cli.agreement import command

from .example import MOU

INVARIANT = """\
- {id: victims, never: view, of: {subject: victim, part: identity}, to: {agency: harlan-so}, within: 4}
- {id: far, never: hit, of: {owner: state-bi}, to: {agency: harlan-so}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return file


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_diff_says_the_verdict_with_a_witness_each_way(write: Any) -> None:
    old = write("old.yaml", MOU)
    new = write(
        "new.yaml", MOU.replace("assurance: 2, training: [cjis-security]}", "assurance: 3}")
    )
    code, said = run("diff", old, new, "--json")
    found = json.loads(said)
    assert (code, found["verdict"]) == (0, "incomparable")
    assert found["wider"]["requester"]["training"] == []
    assert found["narrower"]["requester"]["assurance"] == 2
    assert found["wider"]["allowed_by"][0]["clause"] in ("4.1", "4.2")
    code, said = run("diff", old, new)
    assert code == 0
    assert "incomparable" in said
    assert "Only the new version allows, for example:" in said
    assert "Only the old version allowed, for example:" in said


def test_diff_of_a_version_with_itself_is_equal(write: Any) -> None:
    old = write("old.yaml", MOU)
    code, said = run("diff", old, old, "--json")
    found = json.loads(said)
    assert (code, found["verdict"], found["wider"], found["narrower"]) == (0, "equal", None, None)


def test_prove_names_what_is_proven_and_the_chain_of_what_is_not(write: Any) -> None:
    mou, invariants = write("mou.yaml", MOU), write("inv.yaml", INVARIANT)
    code, said = run("prove", "--invariant", invariants, mou, "--json")
    proven, broken = json.loads(said)
    assert code == 1
    assert (proven["id"], proven["proven"], proven["chain"]) == ("victims", True, None)
    assert (broken["id"], broken["proven"]) == ("far", False)
    (link,) = broken["chain"]
    assert (link["from"], link["to"], link["action"]) == ("state-bi", "harlan-so", "hit")
    assert (link["agreement"], link["clause"]) == ("mou-2026-007", "4.1")
    code, said = run("prove", "--invariant", invariants, mou)
    assert code == 1
    assert "victims: proven\nfar: broken\n  1. from state-bi, harlan-so gets hit" in said


def test_prove_ends_with_0_when_all_is_proven(write: Any) -> None:
    mou = write("mou.yaml", MOU)
    one = write("inv.yaml", "invariants:\n" + "  " + INVARIANT.splitlines()[0] + "\n")
    assert run("prove", "--invariant", one, mou)[0] == 0
    code, said = run("prove", mou)
    assert code == 0
    assert "nothing to prove" in said
    inside = write("in.yaml", MOU + "invariants:\n  " + INVARIANT.splitlines()[1] + "\n")
    assert run("prove", inside)[0] == 1


def test_bad_input_is_named_with_file_line_and_rule(write: Any) -> None:
    mou, bad = write("mou.yaml", MOU), write("bad.yaml", MOU.replace("permit: hit", "permit: peek"))
    wrong = write("inv.yaml", INVARIANT.replace("state-bi", "'State BI'"))
    code, said = run("prove", "--invariant", wrong, mou)
    assert code == 1
    assert f"{wrong}:2: invariant \"far\": of: owner: 'State BI' is not the id of an agency" in said
    code, said = run("prove", bad, "--json")
    assert code == 1
    fault = json.loads(said)["faults"][0]
    assert (fault["file"], fault["line"]) == (str(bad), 11)
    assert run("diff", mou, bad)[0] == 1
    assert run("diff", mou)[0] == 2
    assert run("prove")[0] == 2
    assert run("prove", "--at", "soon", mou)[0] == 2


def test_agencies_are_known_as_ids_or_with_their_facts(write: Any) -> None:
    mou, invariants = write("mou.yaml", MOU), write("inv.yaml", INVARIANT)
    for text in (
        "[riverbend-pd, harlan-so, state-bi]\n",
        "agencies: [riverbend-pd, harlan-so, state-bi]\n",
        "agencies:\n- {id: riverbend-pd, country: US}\n- {id: harlan-so}\n- {id: state-bi}\n",
    ):
        known = write("agencies.yaml", text)
        assert run("prove", "--invariant", invariants, "--agencies", known, mou)[0] == 1
        assert run("check", "--agencies", known, mou)[0] == 0
    known = write("agencies.yaml", "[riverbend-pd, harlan-so]\n")
    code, said = run("prove", "--agencies", known, mou)
    assert code == 1
    assert "unknown party 'state-bi'" in said
    known = write("agencies.yaml", "agencies: riverbend-pd\n")
    assert "unknown party 'harlan-so'" in run("check", "--agencies", known, mou)[1]
    twice = write("agencies.yaml", "[a, a]\n")
    assert "listed twice" in run("check", "--agencies", twice, mou)[1]


def test_a_day_leaves_out_what_is_not_in_force(write: Any) -> None:
    mou, invariants = write("mou.yaml", MOU), write("inv.yaml", INVARIANT)
    assert run("prove", "--invariant", invariants, "--at", "2026-06-01", mou)[0] == 1
    code, said = run("prove", "--invariant", invariants, "--at", "2030-01-01", mou)
    assert code == 0
    assert "is not in force on 2030-01-01" in said


def test_check_tells_clauses_that_decide_nothing(write: Any) -> None:
    text = MOU + '  - {id: "9", prose: No., forbid: export, of: {subject: victim, part: health}}\n'
    text = text.replace("    unless: {to: {role: victim-advocate}, when: [consent]}\n", "")
    code, said = run("check", write("mou.yaml", text))
    assert code == 0
    assert "clause 9: decides nothing (shadowed): clause 6.1 closes all that it closes" in said


def test_explain_as_json(write: Any) -> None:
    code, said = run("explain", write("mou.yaml", MOU), "--json")
    found = json.loads(said)
    assert code == 0
    assert [c["id"] for c in found["clauses"]] == ["4.1", "4.2", "4.3", "6.1"]
    assert "Who" in found["clauses"][0]["says"]
    assert found["markdown"].startswith("# Riverbend")


def test_without_a_solver_proofs_fail_and_reading_goes_on(
    write: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from accord.agreements.proofs import engine

    monkeypatch.setitem(sys.modules, "z3", None)
    engine.z3.cache_clear()
    try:
        mou = write("mou.yaml", MOU)
        invariants = write("inv.yaml", INVARIANT)
        assert main.run(["agreement", "diff", str(mou), str(mou)]) == 3
        assert main.run(["agreement", "prove", "--invariant", str(invariants), str(mou)]) == 3
        assert "pip install accord[proofs]" in capsys.readouterr().err
        assert main.run(["agreement", "check", str(mou)]) == 0
        assert main.run(["agreement", "explain", str(mou)]) == 0
    finally:
        engine.z3.cache_clear()


def test_reading_imports_neither_a_solver_nor_a_server(write: Any) -> None:
    program = (
        "import sys; from accord.cli import main; code = main.run(sys.argv[1:]); "
        "assert not {'z3', 'django'} & set(sys.modules), 'imported'; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "agreement", "explain", str(write("m.yaml", MOU))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_agency_that_no_agreement_names_is_told_beside_the_proof(write: Any) -> None:
    mou = write("mou.yaml", MOU)
    never = "- {id: no_sheriff, never: view, of: {part: core}, to: {agency: harlan-sheriff}}"
    wrong = write("inv.yaml", never)
    code, said = run("prove", "--invariant", wrong, mou)
    assert code == 0
    assert "no_sheriff: proven\n  Of chains of 1; longer ones are not asked about." in said
    assert "harlan-sheriff is named in none of the agreements given." in said
    (found,) = json.loads(run("prove", "--invariant", wrong, mou, "--json")[1])
    assert found["notes"] == ["harlan-sheriff is named in none of the agreements given."]


def test_an_agreement_of_two_thousand_clauses_is_read(write: Any) -> None:
    head = MOU[: MOU.index("clauses:")]
    clause = "  - {{id: '{}', prose: Yes., permit: view, for: {{purpose: prosecution}}}}\n"
    many = head + "clauses:\n" + "".join(clause.format(n) for n in range(2_000))
    fewer = many.replace("permit: view", "permit: hit")
    code, said = run("diff", write("old.yaml", fewer), write("new.yaml", many), "--json")
    assert (code, json.loads(said)["verdict"]) == (0, "wider")
