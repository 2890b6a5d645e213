"""Narrower, wider, equal, incomparable: with a witness each way that the reference confirms."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from accord.agreements import reference
from accord.agreements.domain import Agreement
from accord.agreements.proofs.comparing import Verdict, compare
from accord.agreements.proofs.idle import idle
from accord.agreements.proofs.witness import Witness

from .example import MOU, mou
from .strategies import near_question, small_agreements
from .test_proofs_prove import agreement, onward, view

CONSENT = "    unless: {to: {role: victim-advocate}, when: [consent]}\n"


def changed(old: str, new: str, count: int = -1) -> Verdict:
    assert old in MOU
    return compare(mou(), mou(MOU.replace(old, new, count)))


def check(witness: Witness | None, allows: Agreement, refuses: Agreement) -> None:
    assert witness is not None
    q = witness.question
    asked = (q.requester, q.context, q.action, q.label, q.keys)
    assert reference.decide([allows], *asked).allowed
    assert not reference.decide([refuses], *asked).allowed


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("prose: A party may", "prose: A signatory may", "equal"),
        ("permit: hit", "permit: view", "wider"),
        ("permit: hit", "permit: match", "narrower"),
        ("assurance: 2, training: [cjis-security]}", "assurance: 3}", "incomparable"),
        ("subject: [victim, witness], part: core", "subject: victim, part: core", "narrower"),
        ("subject: [victim, witness], part: core", "subject: victim, part: identity",
         "incomparable"),  # who is an advocate too, with consent
        ("subject: [victim, witness], part: core", "subject: witness, part: identity",
         "incomparable"),
        ("    when: [case]\n    obligations", "    obligations", "wider"),
        ("    when: [case]\n    obligations", "    when: [case, grant]\n    obligations", "narrower"),
        ("    when: [case]\n    obligations", "    when: [grant]\n    obligations", "incomparable"),
        ("harlan-so, state-bi]", "harlan-so, state-bi, tri-county-da]", "wider"),
        ("role: [investigator, analyst], ", "", "wider"),
        ("until: 2028-12-31", "until: 2029-12-31", "equal"),
        ("end-access: P1Y", "end-access: P2Y", "equal"),
        (CONSENT, "", "equal"),
        ("schema: [Person, Vehicle, Phone], ", "schema: {not: [Case]}, ", "wider"),
        ("part: [core, identity]}", "part: {not: [contact, location, narrative, health, "
         "biometric, attachment]}}", "equal"),
        ("assurance: 2, training: [cjis-security, victim", "assurance: {at-most: 2}, "
         "training: [cjis-security, victim", "incomparable"),
    ],
)  # fmt: skip
def test_the_verdict_on_a_change(old: str, new: str, verdict: str) -> None:
    found = changed(old, new, 1)
    assert found.verdict == verdict
    before, after = mou(), mou(MOU.replace(old, new, 1))
    assert (found.wider is None) == (verdict in ("equal", "narrower"))
    assert (found.narrower is None) == (verdict in ("equal", "wider"))
    if found.wider is not None:
        check(found.wider, after, before)
    if found.narrower is not None:
        check(found.narrower, before, after)


def test_a_witness_is_plain_and_says_what_closes_it() -> None:
    witness = changed("permit: hit", "permit: view").wider
    assert witness is not None
    who = witness.question.requester
    assert (len(who.roles), who.training, who.assurance) == (1, {"cjis-security"}, 2)
    assert witness.question.keys == frozenset()
    assert witness.question.label.handling == "none"
    assert [str(c) for c in witness.allowed_by] == ["mou-2026-007, clause 4.1"]
    assert "key: case" in witness.because
    assert witness.text.startswith("An investigator of riverbend-pd")
    assert "may read" in witness.text


def test_a_new_forbid_is_named_as_what_closes() -> None:
    forbid = '  - {id: "7", prose: No., forbid: view, of: {part: narrative}}\n'
    found = compare(mou(), mou(MOU + forbid))
    assert found.verdict == "narrower"
    assert found.narrower is not None
    assert found.narrower.closed_by is not None
    assert found.narrower.closed_by.clause_id == "7"
    assert found.beside.forbids == "more"


def test_recipients_count_though_one_may_pass_on_either_way() -> None:
    one = agreement("a", "alpha, bravo", onward("charlie", "part: core"))
    two = agreement("a", "alpha, bravo", onward("charlie, delta", "part: core"))
    found = compare(one, two)
    assert found.verdict == "wider"
    assert found.wider is not None
    assert found.wider.question.recipient == "delta"


def test_forbids_are_weighed_beside_other_agreements() -> None:
    less = changed("role: victim-advocate}", "role: [victim-advocate, investigator]}")
    assert (less.verdict, less.beside.forbids) == ("equal", "less")
    more = changed(CONSENT, "")
    assert (more.verdict, more.beside.forbids) == ("equal", "more")
    assert more.beside.binds_more is not None
    assert more.beside.binds_more.question.requester.roles == {"victim-advocate"}
    both = changed("role: victim-advocate}", "role: investigator}")
    assert both.beside.forbids == "both"
    assert changed("permit: hit", "permit: view").beside.forbids == "same"


def test_what_is_taken_from_others_counts_beside_them_only() -> None:
    one = agreement("a", "alpha, bravo", view("part: core"))
    two = agreement("a", "alpha, bravo", view("part: core"), view("owner: charlie, part: core"))
    found = compare(one, two)
    assert (found.verdict, found.beside.takes) == ("equal", "more")
    assert found.beside.takes_more is not None
    assert found.beside.takes_more.question.label.owner == "charlie"


def test_what_handling_lets_nobody_pass_on_is_taken_with_a_grant_only() -> None:
    one = agreement("a", "alpha, bravo", view("part: core"))
    h2 = view("owner: charlie, part: core, handling: H2")
    found = compare(one, agreement("a", "alpha, bravo", view("part: core"), h2))
    assert found.beside.takes_more is not None
    assert "grant" in found.beside.takes_more.question.keys


def test_obligations_that_get_lighter_or_heavier_are_told() -> None:
    longer = changed("P1Y", "P2Y").obligations
    assert longer.lighter is not None
    assert longer.lighter.before == ("end-access: P1Y", "no-onward")
    assert longer.lighter.after == ("end-access: P2Y", "no-onward")
    assert (longer.heavier, longer.other) == (None, None)
    shorter = changed("P1Y", "PT240H").obligations
    assert (shorter.lighter, shorter.heavier is not None) == (None, True)
    dropped = changed(", no-onward]", "]").obligations
    assert dropped.lighter is not None
    assert "no-onward" not in dropped.lighter.after
    other = changed("[{end-access: P1Y}, no-onward]", "[{end-access: P1Y}, watermark]").obligations
    assert other.other is not None
    assert changed("prose: A party", "prose: Every party").obligations.facts() == {
        "lighter": None,
        "heavier": None,
        "other": None,
    }


def test_term_and_parties_are_told_apart() -> None:
    found = changed("until: 2028-12-31", "until: 2029-06-30")
    assert found.term == ("ends on 2029-06-30 instead of 2028-12-31",)
    found = changed("harlan-so, state-bi]", "harlan-so, tri-county-da]")
    assert (found.joined, found.left) == (("tri-county-da",), ("state-bi",))


def test_a_verdict_holds_at_the_borders_of_clauses() -> None:
    rng = random.Random(41)
    verdicts = set()
    for _ in range(25):
        old = small_agreements(rng)[0]
        clauses = list(old.clauses)
        if len(clauses) > 1 and rng.random() < 0.5:
            del clauses[rng.randrange(len(clauses))]
        else:
            extra = small_agreements(rng)[0].clauses[0]
            clauses.append(replace(extra, id="extra"))
        new = replace(old, clauses=tuple(clauses))
        found = compare(old, new)
        verdicts.add(found.verdict)
        for _ in range(30):
            q = near_question(rng, [rng.choice([old, new])])
            asked = (q.requester, q.context, q.action, q.label, q.keys)
            if not q.requester.roles or ("none" in q.label.subjects and len(q.label.subjects) > 1):
                continue  # what no sign-in and no intake makes
            before, after = (reference.decide([a], *asked).allowed for a in (old, new))
            if q.requester.assurance in (1, 2, 3):
                assert found.wider is not None or not (after and not before), q
                assert found.narrower is not None or not (before and not after), q
    assert {"equal", "wider", "narrower"} <= verdicts


def idle_of(*clauses: str, parties: str = "alpha, bravo", **others: Agreement) -> dict[str, str]:
    found = idle(agreement("a", parties, *clauses), list(others.values()))
    return {i.clause.id: f"{i.way}: {i.because}" for i in found}


def test_a_permit_that_a_forbid_covers_is_dead() -> None:
    found = idle_of(view("part: [core, identity]"), "forbid: match, of: {part: [core, identity]}")
    assert found == {"1": "dead: whatever it opens, a forbid closes"}
    assert idle_of(view("part: [core, identity]"), "forbid: match, of: {part: core}") == {}
    hit = "forbid: hit, of: {part: core}"
    assert idle_of(view("part: core"), hit) == {}, "a machine may still compare"
    assert idle_of(view("part: core"), "forbid: export, of: {part: core}") == {}


def test_a_permit_over_what_nobody_may_pass_on_is_dead_until_somebody_may() -> None:
    taking = view("owner: charlie, part: core")
    assert idle_of(taking) == {"1": "dead: it gives what no signing party owns or may pass on"}
    feed = agreement("feed", "charlie, alpha", onward("bravo", "owner: charlie, part: core"))
    assert idle_of(taking, feed=feed) == {}
    other = agreement("feed", "charlie, alpha", onward("delta", "owner: charlie, part: core"))
    assert set(idle_of(taking, feed=other)) == {"1"}


def test_a_permit_behind_another_is_shadowed() -> None:
    found = idle_of(view("part: core"), view("part: [core, identity]", "role: analyst"), view(""))
    because = "shadowed: clause 3 opens all of it and obliges to no more"
    assert found == {"1": because, "2": because}
    assert list(idle_of(view("part: core"), view("part: core"))) == ["2"]
    found = idle_of(
        view("part: core", more=", obligations: [watermark]"), view("part: [core, identity]")
    )
    assert found == {"1": "shadowed: clause 2 opens all of it and obliges to no more"}
    found = idle_of(
        view("part: core"), view("part: [core, identity]", more=", obligations: [watermark]")
    )
    assert found == {}


def test_two_permits_may_shadow_a_third_together() -> None:
    found = idle_of(
        view("minor: true"), view("minor: false"), view("", more=", obligations: [watermark]")
    )
    assert found == {"3": "shadowed: others together open all of it and oblige to no more"}


def test_a_forbid_that_binds_nobody_is_dead_and_one_behind_another_is_shadowed() -> None:
    nobody = "forbid: view, to: {agency: alpha}, of: {owner: alpha}"
    assert idle_of(view(""), nobody) == {"2": "dead: it binds nobody"}
    assert idle_of(view(""), nobody + ", own: true") == {}
    found = idle_of(view(""), "forbid: view, of: {part: health}", "forbid: hit, of: {part: health}")
    assert found == {"2": "shadowed: clause 3 closes all that it closes"}
    twice = "forbid: view, of: {part: health}"
    assert list(idle_of(view(""), twice, twice)) == ["3"]


def test_a_forbid_about_what_others_own_binds_along_a_chain() -> None:
    about = "forbid: view, of: {owner: charlie}"
    assert idle_of(view(""), about) == {}, "it binds when alpha passes charlie's on to bravo"


def test_onward_to_another_recipient_is_no_shadow() -> None:
    clauses = (onward("charlie", "part: core"), onward("delta", "part: core"))
    assert idle_of(*clauses) == {}
    assert len(idle_of(*clauses, onward("delta, charlie", "part: [core, identity]"))) == 1 + 1
