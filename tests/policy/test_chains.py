"""What an agency may see of another's because a third, or a fourth, may pass it on."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from accord.agreements import reference, routes
from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.domain import (
    MAX_CHAIN,
    Agreement,
    Asker,
    Clause,
    Context,
    Decision,
    Obligation,
    Reach,
    Reason,
    Requester,
    Term,
    Unless,
)
from accord.agreements.routes import TooManyRoutes
from accord.kernel.labels import Label

from .strategies import AGENCIES, chain, key_subsets, kinds_of, near_question

LABEL = Label(
    "alpha", "Person", "core", frozenset({"suspect"}), "official", "none", "statute",
    "human-trafficking", False, False, False,
)  # fmt: skip
CONTEXT = Context("prosecution", None, None, datetime(2026, 6, 1, tzinfo=UTC))
FOR = Reason(frozenset({"prosecution"}))


def mou(name: str, parties: tuple[str, ...], *clauses: Clause) -> Agreement:
    term = Term(date(2026, 1, 1), None, "UTC")
    return Agreement(name, "mou", "A link", ("Code 1",), parties, term, 2, clauses)


def line(agencies: int) -> list[Agreement]:
    """Alpha's records, passed on by so many agencies, alpha the first, to the next one."""
    names = AGENCIES[: agencies + 1]
    found = []
    for number, (giver, taker) in enumerate(pairwise(names)):
        onward = number < agencies - 1
        clause = Clause(
            "1", "Pass on.", "permit", "onward" if onward else "view", Asker(), FOR,
            Reach(owner=frozenset({"alpha"})), obligations=(Obligation("watermark"),),
            recipients=frozenset({names[number + 2]}) if onward else None,
        )  # fmt: skip
        found.append(mou(f"link-{number + 1}", (giver, taker), clause))
    return found


def asks(
    agreements: list[Agreement], agency: str, action: str = "view", **facts: object
) -> Decision:
    """The decision, which both interpreters give."""
    label, keys = facts.pop("label", LABEL), facts.pop("keys", frozenset())
    who = Requester(agency, "police", "US", frozenset({"analyst"}), **facts)  # type: ignore[arg-type]
    question = (who, CONTEXT, action, label, keys)
    decision = reference.decide(agreements, *question)  # type: ignore[arg-type]
    assert compile_policy(agreements).decide(*question) == decision  # type: ignore[arg-type]
    return decision


def changed(agreements: list[Agreement], number: int, **change: object) -> list[Agreement]:
    """The agreements with the first clause of one of them changed."""
    clause = replace(agreements[number].clauses[0], **change)  # type: ignore[arg-type]
    found = list(agreements)
    found[number] = replace(found[number], clauses=(clause, *found[number].clauses[1:]))
    return found


@pytest.mark.parametrize("agencies", range(1, MAX_CHAIN + 1))
def test_up_to_four_agencies_pass_it_on_and_every_link_is_cited(agencies: int) -> None:
    decision = asks(line(agencies), AGENCIES[agencies])
    assert decision.allowed
    assert [c.agreement_id for c in decision.citations] == [
        f"link-{n}" for n in range(agencies, 0, -1)
    ]


def test_a_fifth_agency_passes_nothing_on() -> None:
    assert not asks(line(5), "foxtrot").allowed
    assert asks(line(5), "echo", "onward").allowed  # what it holds, it cannot give to a sixth


def test_a_link_that_is_missing_or_names_another_recipient_breaks_the_chain() -> None:
    for number in range(4):
        assert not asks([a for n, a in enumerate(line(4)) if n != number], "echo").allowed
    for number in range(3):
        elsewhere = changed(line(4), number, recipients=frozenset({"foxtrot"}))
        assert not asks(elsewhere, "echo").allowed


def test_each_link_asks_the_same_person() -> None:
    asked = changed(line(3), 0, to=Asker(role=frozenset({"prosecutor"})))
    assert not asks(asked, "delta").allowed
    assert asks(changed(line(3), 0, to=Asker(role=frozenset({"analyst"}))), "delta").allowed
    trained = changed(line(3), 1, to=Asker(training=frozenset({"cjis-security"})))
    assert not asks(trained, "delta").allowed
    assert asks(trained, "delta", training=frozenset({"cjis-security"})).allowed


def test_a_holder_whose_kind_a_link_asks_for_is_not_known_to_be_of_it() -> None:
    police = Asker(kind=frozenset({"police"}))
    assert not asks(changed(line(3), 0, to=police), "delta").allowed
    assert asks(changed(line(3), 2, to=police), "delta").allowed


def test_keys_and_obligations_of_all_links_add_up() -> None:
    agreements = changed(line(3), 0, when=frozenset({"grant"}))
    agreements = changed(agreements, 1, when=frozenset({"case"}))
    agreements = changed(agreements, 2, obligations=(Obligation("end-access", "P1Y"),))
    for keys in key_subsets(("case", "grant")):
        assert asks(agreements, "delta", keys=keys).allowed == (len(keys) == 2)
    decision = asks(agreements, "delta", keys=frozenset({"case", "grant"}))
    assert [str(o) for o in decision.obligations] == ["end-access: P1Y", "watermark"]


def test_h2_is_passed_on_with_a_grant_alone() -> None:
    h2 = replace(LABEL, handling="H2")
    assert not asks(line(3), "delta", label=h2).allowed
    assert asks(line(3), "delta", label=h2, keys=frozenset({"grant"})).allowed


@pytest.mark.parametrize(
    ("parties", "to", "open_"),
    [
        (("alpha", "delta"), None, False),  # the owner towards whoever asks: binds
        (("alpha", "charlie"), None, False),  # the owner towards a holder
        (("alpha", "bravo"), None, False),
        (("bravo", "charlie"), None, False),  # a giver towards the next
        (("charlie", "delta"), None, False),
        (("bravo", "delta"), None, True),  # no link joins them
        (("alpha", "echo"), None, True),
        (("alpha", "charlie"), frozenset({"alpha"}), True),
    ],
)
def test_what_forbids_one_link_closes_the_chain(
    parties: tuple[str, ...], to: frozenset[str] | None, open_: bool
) -> None:
    forbid = Clause("no", "No.", "forbid", "hit", Asker(agency=to))
    agreements = [*line(3), mou("forbids", parties, forbid)]
    assert asks(agreements, "delta").allowed is open_
    unless = replace(forbid, unless=Unless(when=frozenset({"consent"})))
    excused = [*line(3), mou("forbids", parties, unless)]
    assert asks(excused, "delta").allowed is open_
    assert asks(excused, "delta", keys=frozenset({"consent"})).allowed


def test_an_agency_occurs_once_in_a_chain() -> None:
    owner = frozenset({"alpha"})

    def passing(*recipients: str) -> Clause:
        return Clause("1", "On.", "permit", "onward", Asker(), FOR, Reach(owner=owner),
                      recipients=frozenset(recipients))  # fmt: skip

    agreements = [
        mou("a", ("alpha", "bravo"), passing("charlie")),
        mou("b", ("bravo", "charlie"), passing("bravo", "delta")),
        mou("c", ("charlie", "bravo"), passing("charlie", "delta")),
        mou("d", ("bravo", "delta"), replace(passing(), action="view", recipients=None)),
    ]
    assert not asks(agreements, "delta").allowed  # bravo would hold by what it gave to charlie


def test_a_straight_permit_with_as_many_obligations_comes_before_a_chain() -> None:
    straight = Clause("s", "Straight.", "permit", "view", Asker(), FOR)
    light = mou("z-straight", ("alpha", "delta"), straight)
    assert asks([*line(3), light], "delta").agreement_id == "z-straight"
    heavy = (Obligation("watermark"), Obligation("no-onward"))
    assert asks([*line(3), mou("a", ("alpha", "delta"), replace(straight, obligations=heavy))],
                "delta").via  # fmt: skip


def test_what_a_chain_still_asks_is_said() -> None:
    agreements = changed(line(3), 0, when=frozenset({"grant"}))
    policy = compile_policy(agreements)
    who = Requester("delta", "police", "US", frozenset({"analyst"}))
    why = policy.why(who, CONTEXT, "view", LABEL, frozenset())
    assert why.missing == ("key: grant",)
    other = policy.why(who, replace(CONTEXT, purpose="oversight"), "view", LABEL, frozenset())
    assert other.missing == ("key: grant", "purpose: prosecution")
    nobody = policy.why(replace(who, agency="echo"), CONTEXT, "view", LABEL, frozenset())
    assert nobody.missing == ("no clause permits view of this to echo",)


def test_more_chains_than_a_policy_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MAX_ROUTES", 2)
    compile_policy(line(3))
    with pytest.raises(TooManyRoutes, match="more than 2 chains"):
        compile_policy([*line(4), *[replace(a, id=f"{a.id}-b") for a in line(4)]])


def _answers(policy: Policy, agreements: list[Agreement], rng: random.Random) -> list[object]:
    asked = [near_question(rng, agreements) for _ in range(40)]
    return [
        policy.decide(q.requester, q.context, q.action, q.label, keys).citations
        for q in asked
        for keys in key_subsets(kinds_of(agreements)[:2])
    ]


def test_a_form_that_loses_what_bars_a_link_is_told_apart() -> None:
    rng = random.Random(4)
    told = tried = 0
    while tried < 25:
        agreements = chain(rng)
        policy, lax = compile_policy(agreements), compile_policy(agreements)
        guards = [r for r in policy.form.rows if r.effect == "guard" and r.route]
        if not guards:
            continue
        for row in guards:  # the forbids themselves stay; only their hold on chains goes
            lax.form.columns["action"].update(
                (a, b & ~(1 << row.number)) for a, b in list(lax.form.columns["action"].items())
            )
        seed = rng.random()
        tried += 1
        told += any(
            _answers(policy, agreements, random.Random(seed + n))
            != _answers(lax, agreements, random.Random(seed + n))
            for n in range(8)
        )
    assert told >= 5, f"only {told} of {tried} were told apart"
