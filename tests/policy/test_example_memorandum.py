"""The design's memorandum as decision tables: who may do what, and the clause that says so."""
# ruff: noqa: E501 - a table of decisions is read across

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accord.agreements import reference
from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement, Decision, Obligation
from accord.kernel.labels import Label

from .example import MOU, asking, label, mou, person

NOTHING: frozenset[str] = frozenset()
CASE = frozenset({"case"})
VICTIM = {"subjects": frozenset({"victim"})}
NAMED = {**VICTIM, "part": "identity"}
ADVOCATE = {"roles": frozenset({"victim-advocate"})}


def decide(
    who: dict[str, Any],
    what: dict[str, Any],
    action: str,
    keys: frozenset[str],
    *agreements: Agreement,
    purpose: str = "human-trafficking-investigation",
    basis: str | None = None,
) -> Decision:
    """The decision, the same from every interpreter."""
    held = agreements or (mou(),)
    question = (person(**who), asking(purpose, basis), action, label(**what), keys)
    decision = reference.decide(held, *question)
    policy = compile_policy(held)
    assert policy.decide(*question) == decision
    table = policy.alternatives(*question[:3], [question[3]])
    assert table.open(0, keys) == decision.allowed
    return decision


TABLE = [
    # requester, label, action, keys, purpose, allowed, clause
    ({}, {}, "match", (), "human-trafficking-investigation", True, "4.1"),
    ({}, {}, "hit", (), "human-trafficking-investigation", True, "4.1"),
    ({}, {}, "view", (), "human-trafficking-investigation", False, None),
    ({}, {}, "view", ("case",), "human-trafficking-investigation", True, "4.2"),
    ({}, {}, "view", ("grant",), "human-trafficking-investigation", False, None),
    ({}, {}, "export", ("case",), "human-trafficking-investigation", False, None),
    ({}, {}, "hit", (), "drug-investigation", False, None),
    ({}, {"part": "contact"}, "hit", (), "human-trafficking-investigation", False, None),
    ({}, {"part": "contact"}, "hit", ("case",), "human-trafficking-investigation", True, "4.2"),
    ({}, {"part": "health"}, "view", ("case",), "human-trafficking-investigation", False, None),
    ({}, {"schema": "Incident"}, "hit", (), "human-trafficking-investigation", False, None),
    ({}, {"schema": "Vehicle", "subjects": frozenset({"none"})}, "hit", (), "human-trafficking-investigation", True, "4.1"),
    ({"assurance": 1}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({"assurance": 3}, {}, "hit", (), "human-trafficking-investigation", True, "4.1"),
    ({"training": frozenset()}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({"roles": frozenset({"supervisor"})}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({"roles": frozenset({"prosecutor"})}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({"agency": "riverbend-pd"}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({"agency": "tri-county-da"}, {}, "hit", (), "human-trafficking-investigation", False, None),
    ({}, {"owner": "tri-county-da"}, "hit", (), "human-trafficking-investigation", False, None),
    ({}, VICTIM, "view", ("case",), "human-trafficking-investigation", True, "4.3"),
    ({"training": frozenset({"cjis-security"})}, VICTIM, "view", ("case",), "human-trafficking-investigation", False, None),
    ({"roles": frozenset({"analyst"})}, VICTIM, "view", ("case",), "human-trafficking-investigation", False, None),
    ({}, NAMED, "view", ("case",), "human-trafficking-investigation", False, "6.1"),
    ({}, NAMED, "export", ("case",), "human-trafficking-investigation", False, "6.1"),
    ({}, NAMED, "hit", (), "human-trafficking-investigation", False, None),
    (ADVOCATE, NAMED, "view", (), "victim-protection", False, "6.1"),
    (ADVOCATE, NAMED, "view", ("consent",), "victim-protection", False, None),
]  # fmt: skip


@pytest.mark.parametrize(("who", "what", "action", "keys", "purpose", "allowed", "clause"), TABLE)
def test_the_memorandum_decides(
    who: dict[str, Any],
    what: dict[str, Any],
    action: str,
    keys: tuple[str, ...],
    purpose: str,
    allowed: bool,
    clause: str | None,
) -> None:
    decision = decide(who, what, action, frozenset(keys), purpose=purpose)
    assert (decision.allowed, decision.clause_id) == (allowed, clause)


def test_a_suspect_who_is_also_a_victim_is_shown_as_neither() -> None:
    both = {"subjects": frozenset({"suspect", "victim"})}
    assert not decide({}, both, "view", CASE).allowed
    assert not decide({}, {**both, "part": "identity"}, "view", CASE).allowed


def test_an_allowed_view_names_clause_and_obligations() -> None:
    decision = decide({}, {}, "view", CASE)
    assert decision.agreement_id == "mou-2026-007"
    assert decision.agreement_hash == mou().content_hash
    assert decision.obligations == (Obligation("end-access", "P1Y"), Obligation("no-onward"))


@pytest.mark.parametrize(
    ("handling", "obligation"),
    [("H0", "crime-prevention-only"), ("H1", "no-proceedings-use"), ("H2", "no-onward"),
     ("H3", "conditions"), ("C", "conditions")],
)  # fmt: skip
def test_what_the_handling_code_asks_is_always_added(handling: str, obligation: str) -> None:
    plain = decide({}, {}, "hit", NOTHING).obligations
    coded = decide({}, {"handling": handling}, "hit", NOTHING).obligations
    assert plain == ()
    assert coded == (Obligation(obligation),)


def _mou(*clauses: str, parties: str = "", name: str = "mou-2") -> Agreement:
    text = MOU[: MOU.index("clauses:")].replace("mou-2026-007", name) + "clauses:\n"
    text = text.replace("[riverbend-pd, harlan-so, state-bi]", parties) if parties else text
    return mou(text + "".join(f"  - {clause}\n" for clause in clauses))


def _clause(name: str, rest: str) -> str:
    return f'{{id: "{name}", prose: Text., {rest}}}'


ANY = "for: {purpose: human-trafficking-investigation}"


def test_a_forbid_of_one_agreement_beats_the_permit_of_another() -> None:
    wide = _mou(_clause("1", f"permit: view, {ANY}, of: {{subject: victim}}"))
    assert decide({}, NAMED, "view", NOTHING, wide).allowed
    refused = decide({}, NAMED, "view", NOTHING, wide, mou())
    assert (refused.allowed, refused.clause_id) == (False, "6.1")


def test_a_forbid_between_others_does_not_bind_who_is_no_party() -> None:
    wide = _mou(_clause("1", f"permit: view, {ANY}"), parties="[riverbend-pd, tri-county-da]")
    assert decide({"agency": "tri-county-da"}, NAMED, "view", NOTHING, wide, mou()).allowed


def test_a_forbid_binds_the_owners_own_people_only_with_own() -> None:
    policy = mou(
        MOU[: MOU.index("clauses:")]
        .replace("kind: mou", "kind: agency-policy")
        .replace("[riverbend-pd, harlan-so, state-bi]", "[riverbend-pd]")
        + f"clauses:\n  - {_clause('1', f'permit: view, {ANY}')}\n"
    )
    own = {"agency": "riverbend-pd"}
    assert decide(own, NAMED, "view", NOTHING, policy, mou()).allowed
    strict = mou(MOU.replace("forbid: view\n", "forbid: view\n    own: true\n"))
    assert not decide(own, NAMED, "view", NOTHING, policy, strict).allowed


def test_an_agency_policy_serves_nobody_else() -> None:
    policy = mou(
        MOU[: MOU.index("clauses:")]
        .replace("kind: mou", "kind: agency-policy")
        .replace("[riverbend-pd, harlan-so, state-bi]", "[riverbend-pd]")
        + f"clauses:\n  - {_clause('1', f'permit: view, {ANY}')}\n"
    )
    assert decide({"agency": "riverbend-pd"}, {}, "view", NOTHING, policy).allowed
    assert not decide({}, {}, "view", NOTHING, policy).allowed


def test_the_permit_with_the_fewest_obligations_is_chosen() -> None:
    two = _clause("1", f"permit: view, {ANY}, obligations: [watermark, no-onward]")
    one = _clause("2", f"permit: view, {ANY}, obligations: [no-onward]")
    light = _clause("3", f"permit: view, {ANY}, obligations: [watermark]")
    assert decide({}, {}, "view", NOTHING, _mou(two, one)).clause_id == "2"
    assert decide({}, {}, "view", NOTHING, _mou(two, one, light)).clause_id == "3"


def test_a_fact_that_is_not_known_helps_nobody() -> None:
    permit = _clause("1", f"permit: view, {ANY}")
    forbid = _clause("2", "forbid: view, to: {nationality: MX}")
    asks = _clause("1", f"permit: view, {ANY}, to: {{nationality: US}}")
    assert decide({"nationality": "US"}, {}, "view", NOTHING, _mou(permit, forbid)).allowed
    assert not decide({"nationality": None}, {}, "view", NOTHING, _mou(permit, forbid)).allowed
    assert not decide({"nationality": None}, {}, "view", NOTHING, _mou(asks)).allowed


def test_a_legal_basis_is_asked_where_a_clause_names_one() -> None:
    asks = "for: {purpose: human-trafficking-investigation, legal-basis: [warrant, court-order]}"
    agreement = _mou(_clause("1", f"permit: view, {asks}"))
    assert decide({}, {}, "view", NOTHING, agreement, basis="warrant").allowed
    assert not decide({}, {}, "view", NOTHING, agreement, basis="consent").allowed
    assert not decide({}, {}, "view", NOTHING, agreement).allowed


# ---- onward


FIRST = "riverbend-pd, harlan-so"
ONWARD = _mou(
    _clause(
        "7", f"permit: onward, {ANY}, recipients: [tri-county-da], obligations: [notify-owner]"
    ),
    parties=f"[{FIRST}]",
    name="first",
)
TAKING = _mou(
    _clause("8", f"permit: export, {ANY}, of: {{owner: [riverbend-pd]}}, when: [case]"),
    parties="[harlan-so, tri-county-da]",
    name="second",
)
DA = {"agency": "tri-county-da"}


def test_a_party_opens_what_its_owner_lets_it_pass_on_and_both_clauses_are_cited() -> None:
    decision = decide(DA, {}, "export", CASE, ONWARD, TAKING)
    assert [str(c) for c in decision.citations] == ["second, clause 8", "first, clause 7"]
    assert decision.obligations == (Obligation("notify-owner"),)
    assert not decide(DA, {}, "export", NOTHING, ONWARD, TAKING).allowed
    assert not decide(DA, {}, "onward", CASE, ONWARD, TAKING).allowed


def test_nobody_gives_away_what_is_not_theirs() -> None:
    assert not decide(DA, {}, "view", CASE, TAKING).allowed
    elsewhere = mou_with(ONWARD, "recipients", frozenset({"safe-harbor"}))
    assert not decide(DA, {}, "view", CASE, elsewhere, TAKING).allowed
    viewing = _mou(_clause("7", f"permit: export, {ANY}"), parties=f"[{FIRST}]", name="first")
    assert not decide(DA, {}, "view", CASE, viewing, TAKING).allowed


def mou_with(agreement: Agreement, name: str, value: object) -> Agreement:
    clause = replace(agreement.clauses[0], **{name: value})  # type: ignore[arg-type]
    return replace(agreement, clauses=(clause,))


@pytest.mark.parametrize(
    "forbid",
    [
        _mou(_clause("9", "forbid: view, of: {subject: victim}"), parties=f"[{FIRST}]", name="f"),
        _mou(_clause("9", "forbid: onward, of: {subject: victim}"), parties=f"[{FIRST}]", name="f"),
        _mou(_clause("9", "forbid: view, to: {country: MX}"), parties=f"[{FIRST}]", name="f"),
        _mou(_clause("9", "forbid: view, of: {subject: victim}"),
             parties="[harlan-so, tri-county-da]", name="f"),
        _mou(_clause("9", "forbid: view, of: {subject: victim}"),
             parties="[riverbend-pd, tri-county-da]", name="f"),
    ],
)  # fmt: skip
def test_a_forbid_on_either_leg_stops_what_is_passed_on(forbid: Agreement) -> None:
    assert decide(DA, VICTIM, "view", CASE, ONWARD, TAKING).allowed
    assert not decide(DA, VICTIM, "view", CASE, ONWARD, TAKING, forbid).allowed


def test_h2_goes_onward_only_with_its_providers_grant() -> None:
    both = frozenset({"case", "grant"})
    h2 = {"handling": "H2"}
    assert not decide(DA, h2, "view", CASE, ONWARD, TAKING).allowed
    assert decide(DA, h2, "view", both, ONWARD, TAKING).allowed
    assert not decide({}, h2, "onward", NOTHING, ONWARD).allowed
    assert decide({}, h2, "onward", frozenset({"grant"}), ONWARD).allowed
    assert decide({}, {}, "onward", NOTHING, ONWARD).recipients == {"tri-county-da"}


# ---- why


def why(who: dict[str, Any], what: Label, action: str, keys: frozenset[str]) -> Decision:
    return compile_policy([mou()]).why(person(**who), asking(), action, what, keys)


def test_a_refusal_says_what_is_still_missing() -> None:
    assert why({}, label(), "view", NOTHING).missing == ("key: case",)
    untrained = why({"training": frozenset({"cjis-security"})}, label(**VICTIM), "view", CASE)
    assert untrained.missing == ("training: victim-centred-practice",)
    assert why({}, label(**NAMED), "view", CASE).missing == (
        "role: victim-advocate",
        "key: consent",
    )
    assert why({}, label(), "export", CASE).missing == (
        "no clause permits export of this to harlan-so",
    )
    assert why({}, label(), "view", CASE).missing == ()
