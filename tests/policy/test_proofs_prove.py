"""What never follows is proven, and what does follow is shown as a chain that the reference takes."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from accord.agreements import reference
from accord.agreements.domain import ACTIONS, Agreement, Asker, Invariant, Reach
from accord.agreements.parse import parse, parse_invariants
from accord.agreements.proofs.listing import chains
from accord.agreements.proofs.proving import Result, prove
from accord.kernel.errors import InvalidInput

from .example import MOU, mou
from .strategies import AGENCIES, near_question, small_agreements

HEAD = """\
id: {id}
kind: mou
title: {id}
authority: ["Code 1"]
parties: [{parties}]
in_force: {{from: 2026-01-01, until: 2026-12-31, zone: UTC}}
vocabulary: 1
clauses:
"""


def agreement(name: str, parties: str, *clauses: str, more: str = "") -> Agreement:
    """An agreement of clauses written as the rest of one YAML line each."""
    listed = "".join(
        f'  - {{id: "{n}", prose: Yes., {clause}}}\n' for n, clause in enumerate(clauses, 1)
    )
    return parse(HEAD.format(id=name, parties=parties) + listed + more, file=f"{name}.yaml")


FOR = "for: {purpose: prosecution}"


def view(of: str = "", to: str = "", action: str = "view", more: str = "") -> str:
    return f"permit: {action}, to: {{{to}}}, {FOR}, of: {{{of}}}{more}".replace("to: {}, ", "")


def onward(recipients: str, of: str, to: str = "", more: str = "") -> str:
    return view(of, to, "onward", f", recipients: [{recipients}]{more}")


def line(length: int) -> list[Agreement]:
    """Alpha's records reach the last of the line through so many agencies, alpha among them."""
    names = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"][: length + 1]
    found = []
    for n, (giver, taker) in enumerate(pairwise(names)):
        last = n == length - 1
        of = "owner: alpha, part: identity"
        clause = view(of) if last else onward(names[n + 2], of)
        found.append(agreement(f"leg-{n}", f"{giver}, {taker}", clause))
    return found


def never(text: str = "to: {agency: echo}", within: int = 4, action: str = "view") -> Invariant:
    written = f"- {{id: it, never: {action}, of: {{owner: alpha}}, {text}, within: {within}}}\n"
    (found,) = parse_invariants(written, file="i.yaml")
    return found


def proved(invariant: Invariant, *agreements: Agreement) -> Result:
    (result,) = prove([invariant], agreements)
    return result


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_chain_is_found_when_and_only_when_it_is_within_reach(length: int) -> None:
    last = ["bravo", "charlie", "delta", "echo"][length - 1]
    for within in (1, 2, 3, 4):
        result = proved(never(f"to: {{agency: {last}}}", within), *line(length))
        assert result.proven == (within < length), (length, within)
        if not result.proven:
            assert result.chain is not None
            assert [(k.giver, k.receiver) for k in result.chain] == [
                (a, b)
                for a, b in zip(
                    ["alpha", "bravo", "charlie", "delta"][:length],
                    ["bravo", "charlie", "delta", "echo"][:length],
                    strict=True,
                )
            ]
            actions = [k.action for k in result.chain]
            assert actions == ["onward"] * (length - 1) + ["view"]
            assert [k.agreement for k in result.chain] == [f"leg-{n}" for n in range(length)]


def test_five_agencies_never_pass_a_thing_on() -> None:
    assert proved(never("to: {agency: foxtrot}", 4), *line(5)).proven


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_forbid_on_any_leg_cuts_the_chain(cut: int) -> None:
    legs = line(4)
    forbid = "forbid: match, of: {owner: alpha}"
    where = legs[cut]
    cutting = agreement("cut", ", ".join(where.parties), forbid)
    assert not proved(never(), *legs).proven
    assert proved(never(), *legs, cutting).proven


def test_a_forbid_of_viewing_cuts_the_passing_on_too_as_forbids_reach_up() -> None:
    legs = line(3)
    cut = agreement("cut", "alpha, bravo", "forbid: view, of: {part: identity}")
    assert proved(never("to: {agency: delta}"), *legs, cut).proven
    other = agreement("cut", "alpha, bravo", "forbid: view, of: {part: health}")
    assert not proved(never("to: {agency: delta}"), *legs, other).proven


def test_a_forbid_between_owner_and_last_cuts_though_neither_deals_with_the_other() -> None:
    legs = line(3)
    cut = agreement("cut", "alpha, delta", "forbid: view, of: {owner: alpha}")
    assert proved(never("to: {agency: delta}"), *legs, cut).proven


def test_who_is_not_among_the_recipients_receives_nothing() -> None:
    first, last = line(2)
    clause = replace(first.permits[0], recipients=frozenset({"delta"}))
    other = replace(first, clauses=(clause,))
    assert not proved(never("to: {agency: charlie}"), first, last).proven
    assert proved(never("to: {agency: charlie}"), other, last).proven


def test_h2_is_passed_on_with_a_grant_only() -> None:
    first, last = line(2)
    only = [
        replace(
            a,
            clauses=tuple(
                replace(c, of=replace(c.of, handling=frozenset({"H2"}))) for c in a.clauses
            ),
        )
        for a in (first, last)
    ]
    result = proved(never("to: {agency: charlie}"), *only)
    assert result.question is not None
    assert result.question.keys == {"grant"}


def test_the_owner_left_out_means_any_other_than_ones_own() -> None:
    own = agreement("own", "alpha, bravo", view("owner: alpha", "agency: alpha"))
    invariant = replace(never("to: {agency: alpha}"), of=Reach())
    assert proved(invariant, own).proven
    assert not proved(never("to: {agency: alpha}"), own).proven


def test_a_ladder_goes_down_for_permits() -> None:
    first = agreement("one", "alpha, bravo", view("", action="export"))
    for action in ACTIONS:
        result = proved(never("to: {agency: bravo}", action=action), first)
        assert result.proven == (action not in ("match", "hit", "view", "export"))


def test_a_consent_that_lifts_a_forbid_is_found_and_named() -> None:
    parts = (
        view("subject: victim, part: identity", "role: victim-advocate"),
        "forbid: view, of: {subject: victim, part: identity}, "
        "unless: {to: {role: victim-advocate}, when: [consent]}",
    )
    result = proved(never("to: {agency: bravo}"), agreement("one", "alpha, bravo", *parts))
    assert result.question is not None
    assert result.question.keys == {"consent"}
    assert result.question.requester.roles == {"victim-advocate"}
    assert "consented" in result.text
    narrower = never("to: {agency: bravo}")
    lawyers = replace(narrower, to=Asker(agency=frozenset({"bravo"}), role=frozenset({"analyst"})))
    both = proved(lawyers, agreement("one", "alpha, bravo", *parts))
    assert not both.proven, "one person may have both roles"


def test_every_category_must_be_listed_and_any_one_binds() -> None:
    permit = view("subject: [suspect, contact]")
    invariant = replace(
        never("to: {agency: bravo}"), of=Reach(subject=frozenset({"victim"})), within=1
    )
    assert proved(invariant, agreement("one", "alpha, bravo", permit)).proven
    open_ = view("subject: [suspect, victim]")
    assert not proved(invariant, agreement("one", "alpha, bravo", open_)).proven
    forbid = "forbid: view, of: {subject: victim}"
    assert proved(invariant, agreement("one", "alpha, bravo", open_, forbid)).proven
    not_victim = view("subject: {not: [victim]}")
    assert proved(invariant, agreement("one", "alpha, bravo", not_victim)).proven


def test_an_unknown_country_is_held_back_by_a_forbid_and_served_by_no_permit() -> None:
    abroad = agreement(
        "one", "alpha, bravo", view(), "forbid: view, to: {country: MX}, of: {owner: alpha}"
    )
    to = never("to: {agency: bravo}")
    ((free,), (known,)) = (
        prove([to], [abroad]),
        prove([to], [abroad], agencies={"bravo": {"country": "MX"}}),
    )
    assert not free.proven
    assert free.question is not None
    assert free.question.requester.country not in (None, "MX")
    assert free.hints
    assert known.proven
    home = agreement("one", "alpha, bravo", view(to="country: US"))
    assert prove([to], [home], agencies={"bravo": {"country": "MX"}})[0].proven
    assert not prove([to], [home], agencies={"bravo": {"country": "US"}})[0].proven


def test_invariants_in_the_agreements_are_proven_without_being_asked() -> None:
    text = "invariants:\n  - {id: in, never: view, of: {part: identity}, to: {agency: bravo}}\n"
    open_ = agreement("one", "alpha, bravo", view("part: identity"), more=text)
    shut = agreement("one", "alpha, bravo", view("part: core"), more=text)
    assert [(r.id, r.proven) for r in prove([], [open_])] == [("in", False)]
    assert [(r.id, r.proven) for r in prove([], [shut])] == [("in", True)]
    assert prove([], [mou()]) == ()


def test_an_amendment_decides_instead_of_what_it_amends() -> None:
    old = agreement("one", "alpha, bravo", view("part: identity"))
    new = replace(agreement("one", "alpha, bravo", view("part: core")), amends=old.content_hash)
    invariant = never("to: {agency: bravo}")
    invariant = replace(invariant, of=Reach(part=frozenset({"identity"})))
    result = proved(invariant, old, new)
    assert result.proven
    assert "takes the place of" in result.notes[0]
    stranger = replace(new, parties=("bravo", "charlie"))
    result = proved(invariant, old, stranger)
    assert not result.proven
    assert "decides nothing" in result.notes[0]


def test_every_chain_is_listed() -> None:
    legs = [*line(3), agreement("short", "alpha, delta", view("part: identity"))]
    found = chains(legs, Asker(agency=frozenset({"delta"})), Reach(owner=frozenset({"alpha"})))
    assert [[(k.giver, k.receiver) for k in c.links] for c in found] == [
        [("alpha", "delta")],
        [("alpha", "bravo"), ("bravo", "charlie"), ("charlie", "delta")],
    ]
    health = Reach(owner=frozenset({"alpha"}), part=frozenset({"health"}))
    assert chains(legs, Asker(agency=frozenset({"delta"})), health) == ()


def test_a_proven_invariant_has_no_counterexample_at_the_borders_of_clauses() -> None:
    rng = random.Random(29)
    proven = broken = 0
    for _ in range(40):
        agreements = small_agreements(rng)
        if len({a.id for a in agreements}) < len(agreements):
            continue
        invariant = Invariant(
            "it",
            rng.choice(("hit", "view", "onward")),
            Reach(part=frozenset({rng.choice(("core", "identity"))})),
            Asker(agency=frozenset({rng.choice(AGENCIES[:3])})),
            4,
        )
        (result,) = prove([invariant], agreements)
        proven, broken = proven + result.proven, broken + (not result.proven)
        if not result.proven:
            continue
        for _ in range(40):
            q = near_question(rng, agreements)
            label = replace(q.label, part=next(iter(invariant.of.part or ())))
            who = replace(q.requester, agency=next(iter(invariant.to.agency or ())))
            if label.owner == who.agency:
                continue
            decision = reference.decide(agreements, who, q.context, invariant.never, label, q.keys)
            assert not decision.allowed, (invariant, q)
    assert proven > 8
    assert broken > 4


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("- {id: a, never: peek, of: {part: core}}\n", 1, "unknown action"),
        ("- {id: a, never: view, of: {part: soul}}\n", 1, "unknown word 'soul'"),
        ("- {id: a, never: view, of: {part: core}, within: 5}\n", 1, "from 1 to 4"),
        ("- {id: a, never: view}\n", 1, "of must be given"),
        ("x: 1\n", 1, "unknown key 'x'"),
        ("text\n", 1, "must be a list of invariants, not text"),
        ("[]\n", 1, "empty list"),
        (
            "- {id: a, never: view, of: {part: core}}\n- {id: a, never: hit, of: {part: core}}\n",
            2,
            "used before",
        ),
        ("- {id: a, never: view, of: {part: core}, to: {role: king}}\n", 1, "unknown word 'king'"),
    ],
)
def test_an_invariant_that_cannot_be_read_is_refused(text: str, line: int, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_invariants(text, file="i.yaml")
    assert (caught.value.file, caught.value.line) == ("i.yaml", line)
    assert rule in caught.value.rule


def test_invariants_may_stand_under_their_name_and_in_scalars_or_lists() -> None:
    one = "{id: a, never: view, of: {subject: victim, part: identity}, to: {agency: harlan-so}}"
    many = "{id: a, never: view, of: {subject: [victim], part: [identity]}, "
    many += "to: {agency: [harlan-so]}, within: 1}"
    listed = parse_invariants(f"- {one}\n", file="i.yaml")
    assert listed == parse_invariants(f"invariants:\n  - {many}\n", file="i.yaml")
    (result,) = prove(listed, [mou()])
    assert result.proven, (
        "clause 6.1 closes it to all but advocates, and no clause opens it to them"
    )
    opened = MOU.replace(
        "part: core}\n    when: [case]", "part: [core, identity]}\n    when: [case]"
    )
    (result,) = prove(listed, [mou(opened)])
    assert result.proven is False
    assert result.question is not None
    assert {"victim-advocate"} < result.question.requester.roles


def test_what_an_agency_has_of_its_own_is_meant_only_where_both_are_named() -> None:
    own = parse(
        HEAD.format(id="own", parties="alpha").replace("kind: mou", "kind: agency-policy")
        + f'  - {{id: "1", prose: Yes., {view()}}}\n',
        file="own.yaml",
    )
    never = "{{id: own, never: view, of: {{owner: alpha}}{}}}"
    for to, proven in (
        ("", True),
        (", to: {role: analyst}", True),
        (", to: {agency: alpha}", False),
    ):
        wanted = parse_invariants(never.format(to), file="i.yaml", agreements=[own])
        assert [r.proven for r in prove(wanted, [own])] == [proven]
