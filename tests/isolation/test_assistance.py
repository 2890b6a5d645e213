"""Requests for assistance: two agencies see one, no third does; names come and go with consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from accord.agencies.actions import create_signin_link
from accord.assistance.actions import expertise as offering
from accord.assistance.actions import requests as actions
from accord.assistance.domain import AssistanceState, Request
from accord.assistance.models import (
    AssistanceAct,
    AssistanceHand,
    AssistanceOrigin,
    AssistanceRequest,
)
from accord.assistance.queries import requests as queries
from accord.kernel import clock
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.platform import outbox
from accord.records.queries.search import latest
from isolation.contributing import acting, tables_with, told_of
from isolation.direct import administrator
from isolation.offering import (
    ALVAREZ,
    DESAI,
    DESK,
    HADDAD,
    HT,
    LONER,
    MERCER,
    NEED,
    OKAFOR,
    PETROV,
    RASMUSSEN,
    TRAFFICKING,
    alone,
    ask,
    offer,
    put_back,
    suspended,
)

TABLES = (AssistanceRequest, AssistanceAct, AssistanceOrigin, AssistanceHand)
WHY = "The laboratory is full until June."


@pytest.fixture(autouse=True)
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db, put_back(db):
        yield db


def read(member: str, number: UUID) -> Request:
    with acting(member, DESK) as scope:
        return queries.request(scope, number)


def state(member: str, number: UUID) -> AssistanceState:
    return read(member, number).line.state


def does(member: str, act: Callable[..., Any], *facts: Any) -> Any:
    with acting(member, DESK) as scope:
        return act(scope, *facts)


def page(member: str, path: str) -> str:
    browser = Client()
    assert browser.post(create_signin_link(member)).status_code == 303
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue().decode()


def test_a_request_s_whole_course() -> None:
    made = ask()
    assert state(MERCER, made) is AssistanceState.SENT
    does(MERCER, actions.acknowledge, made)
    does(ALVAREZ, actions.remark, made, "The hearing is on the ninth.")
    does(MERCER, actions.accept, made, "Bring them on Monday at eight.")
    assert state(ALVAREZ, made) is AssistanceState.ACCEPTED
    does(ALVAREZ, actions.complete, made)
    found = read(ALVAREZ, made)
    assert found.line.state is AssistanceState.DONE
    assert [(a.act.value, a.agency) for a in found.acts] == [
        ("acknowledge", "state-bi"),
        ("remark", "riverbend-pd"),
        ("accept", "state-bi"),
        ("complete", "riverbend-pd"),
    ]
    assert found.acts[2].text == "Bring them on Monday at eight."
    with pytest.raises(Conflict):
        does(ALVAREZ, actions.remark, made, "One more thing.")


def test_the_case_and_who_asked_stay_with_the_asking_agency() -> None:
    made = ask()
    ours, theirs = read(OKAFOR, made), read(MERCER, made)
    assert (ours.case_number, ours.asked_by) == (HT, ALVAREZ)
    assert (theirs.case_number, theirs.asked_by, theirs.beside) == (None, None, ())
    assert (theirs.text, theirs.purpose) == (NEED, TRAFFICKING)
    shown = page(MERCER, f"/assistance/{made}")
    assert NEED in shown
    for hidden in (HT, "Alvarez", ALVAREZ):
        assert hidden not in shown
    assert HT in page(ALVAREZ, f"/assistance/{made}")
    with acting(MERCER, DESK):
        assert not AssistanceOrigin.objects.filter(request_id=made).exists()


def test_each_side_s_steps_name_nobody_to_the_other() -> None:
    made = ask()
    does(MERCER, actions.accept, made, "Come on Monday.")
    assert read(MERCER, made).acts[0].by == MERCER
    assert read(ALVAREZ, made).acts[0].by is None
    shown = page(ALVAREZ, f"/assistance/{made}")
    assert MERCER not in shown
    assert "Helen Mercer" not in shown


def test_a_third_agency_and_a_suspended_one_see_nothing(admin: Any) -> None:
    made = ask()
    does(MERCER, actions.acknowledge, made)
    found = admin.execute("select id from assistance_act where request_id = %s", [made])
    acts = [row["id"] for row in found]
    with acting(RASMUSSEN, DESK) as scope:
        lines = queries.inbox(scope) + queries.outbox(scope)
        assert made not in {line.id for line in lines}
        assert not AssistanceRequest.objects.filter(id=made).exists()
        assert not AssistanceAct.objects.filter(request_id=made).exists()
        assert not AssistanceOrigin.objects.filter(request_id=made).exists()
        assert not AssistanceHand.objects.filter(act_id__in=[made, *acts]).exists()
    with pytest.raises(NotFound):
        read(RASMUSSEN, made)
    with pytest.raises(NotFound):
        does(RASMUSSEN, actions.remark, made, "Let us in.")
    with suspended(admin, "state-bi"), pytest.raises(NotFound):
        read(MERCER, made)
    with transaction.atomic():
        assert all(not table.objects.exists() for table in TABLES)


def test_a_suspended_agency_is_not_asked(admin: Any) -> None:
    with suspended(admin, "state-bi"):
        with pytest.raises(InvalidInput) as fault:
            ask()
        assert fault.value.field == "agency"
        row = AssistanceRequest(
            id=uuid4(), requester_agency="riverbend-pd", asked_agency="state-bi",
            discipline="dna", languages=[], urgency="soon", purpose=TRAFFICKING,
            legal_basis="statute", sealed="x", sent_at=now(), due_at=now(),
        )  # fmt: skip
        with pytest.raises(ProgrammingError, match="row-level security"), acting(ALVAREZ, DESK):
            AssistanceRequest.objects.bulk_create([row])


def test_a_small_agency_without_an_agreement_asks_too(world: Path) -> None:
    alone()
    with acting(LONER, TRAFFICKING) as scope:
        need = actions.Need("digital-forensics", NEED, agency="state-bi", no_victim=True)
        (made,) = actions.ask(scope, need)
    does(MERCER, actions.decline, made, WHY)
    assert state(LONER, made) is AssistanceState.DECLINED
    with acting(LONER, TRAFFICKING) as scope, pytest.raises(InvalidInput) as fault:
        actions.ask(scope, actions.Need("digital-forensics", NEED, no_victim=True))
    assert fault.value.field == "agency"


def test_every_agency_that_offers_it_is_asked_by_itself() -> None:
    offer("harlan-so.n.ibarra", "crime-pattern-analysis", attested=RASMUSSEN)
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        need = actions.Need("crime-pattern-analysis", NEED, no_victim=True)
        made = actions.ask(scope, need)
        entry = scope.entry()
    assert len(made) == 2
    assert (entry.kind.value, entry.detail["of"]) == ("disclosure", ["harlan-so", "state-bi"])
    first, second = made
    assert read(ALVAREZ, first).beside == (second,)
    for member, own, other in ((RASMUSSEN, first, second), (MERCER, second, first)):
        assert read(member, own).beside == ()
        with pytest.raises(NotFound):
            read(member, other)
    does(RASMUSSEN, actions.accept, first, "Nadia takes it on Monday.")
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        assert actions.withdraw_beside(scope, first) == 1
        entry = scope.entry()
    said = entry.detail
    assert (said["beside"], said["requests"], said["of"]) == (
        str(first),
        [str(second)],
        ["state-bi"],
    )
    assert state(MERCER, second) is AssistanceState.WITHDRAWN
    assert state(RASMUSSEN, first) is AssistanceState.ACCEPTED


def test_the_entry_of_withdrawing_the_others_names_each_of_them() -> None:
    offer("harlan-so.n.ibarra", "crime-pattern-analysis", attested=RASMUSSEN)
    offer(HADDAD, "crime-pattern-analysis", attested="safe-harbor.c.adeyemi")
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        first, *others = actions.ask(
            scope, actions.Need("crime-pattern-analysis", NEED, no_victim=True)
        )
    assert len(others) >= 2
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        assert actions.withdraw_beside(scope, first) == len(others)
        entry = scope.entry()
    assert entry.kind.value == "alteration"
    assert set(entry.detail["requests"]) == {str(other) for other in others}
    assert len(entry.detail["of"]) == len(others)
    assert "request" not in entry.detail, "no single one stands for all of them"


def test_who_comes_is_named_while_they_agree_and_in_old_requests_no_longer() -> None:
    comes = offer(PETROV, "video-analysis", attested=MERCER, named=True)
    made = ask(discipline="video-analysis")
    does(MERCER, actions.accept, made, "Monday at eight.", [comes])
    does(ALVAREZ, actions.complete, made)
    path = f"/assistance/{made}"
    assert "Viktor Petrov" in page(ALVAREZ, path)
    does(PETROV, offering.set_named, comes, False)
    assert "Petrov" not in page(ALVAREZ, path)
    assert "Somebody at State Bureau of Investigation" in page(ALVAREZ, path)
    assert "Petrov" not in page(DESAI, path), "a colleague is not told either"
    does(PETROV, offering.set_named, comes, True)
    assert "Viktor Petrov" in page(ALVAREZ, path)
    does(PETROV, offering.withdraw, comes)
    assert "Petrov" not in page(ALVAREZ, path)


def test_only_own_entries_that_are_listed_come() -> None:
    proposed = offer(PETROV, "video-analysis")
    theirs = offer(ALVAREZ, "video-analysis", attested=OKAFOR)
    made = ask(discipline="video-analysis")
    for wrong in (proposed, theirs, uuid4()):
        with pytest.raises(InvalidInput) as fault:
            does(MERCER, actions.accept, made, "Monday at eight.", [wrong])
        assert fault.value.field == "comes"


def test_passing_on_moves_no_text() -> None:
    made = ask()
    does(MERCER, actions.pass_on, made, "harlan-so", WHY)
    found = read(ALVAREZ, made)
    assert (found.line.state, found.acts[0].passed_to) == (AssistanceState.PASSED_ON, "harlan-so")
    with acting(RASMUSSEN, DESK) as scope:
        assert queries.inbox(scope) == ()
    for wrong in ("state-bi", "riverbend-pd", "nobody", ""):
        with pytest.raises(InvalidInput) as fault:
            does(MERCER, actions.pass_on, ask(), wrong, WHY)
        assert fault.value.field == "passed_to"


def test_overdue_stands_first_and_is_escalated_to_a_supervisor() -> None:
    late, soon = ask(urgency="urgent"), ask(urgency="routine")
    with pytest.raises(NotAllowed, match="still has time"):
        does(ALVAREZ, actions.escalate, late)
    at = datetime.now(UTC) + timedelta(hours=3)
    with clock.taken_from(clock.FixedClock(at)):
        with acting(MERCER, DESK) as scope:
            lines = queries.inbox(scope)
            assert [(line.id, line.overdue) for line in lines] == [(late, True), (soon, False)]
            assert queries.waiting(scope) == (2, 1)
        does(ALVAREZ, actions.escalate, late)
        assert state(MERCER, late) is AssistanceState.ESCALATED
        with pytest.raises(Conflict):
            does(ALVAREZ, actions.escalate, late)
        does(MERCER, actions.accept, late, "Tonight.")


def test_who_may_not_answer_is_told_who_may() -> None:
    made = ask()
    with pytest.raises(NotAllowed, match="dispatcher"):
        does(DESAI, actions.accept, made, "I come.")
    with pytest.raises(NotAllowed, match="other agency"):
        does(ALVAREZ, actions.accept, made, "I come.")
    with pytest.raises(NotAllowed, match="Whoever asked"):
        does("riverbend-pd.t.nguyen", actions.withdraw, made)
    does(OKAFOR, actions.withdraw, made)
    assert state(MERCER, made) is AssistanceState.WITHDRAWN


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"discipline": "sorcery"}, "discipline"),
        ({"text": "Help."}, "need"),
        ({"no_victim": False}, "no_victim"),
        ({"languages": ["xx"]}, "languages"),
        ({"urgency": "now"}, "urgency"),
        ({"agency": "riverbend-pd"}, "agency"),
        ({"agency": "nobody"}, "agency"),
        ({"until": datetime(2020, 1, 1, tzinfo=UTC)}, "until"),
        ({"place": "x" * 121}, "place"),
    ],
)
def test_bad_input_names_its_field_and_sends_nothing(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        ask(**{"agency": "state-bi", **wrong})
    assert fault.value.field == field
    with acting(ALVAREZ, DESK) as scope:
        assert queries.outbox(scope) == ()


def test_all_faults_of_a_form_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as fault:
        ask(discipline="sorcery", text="Help.", no_victim=False)
    assert [f.field for f in fault.value.faults] == ["discipline", "need", "no_victim"]


def test_a_request_opens_no_record() -> None:
    with acting(DESAI, TRAFFICKING) as scope:
        before = [r.record_id for r in latest(scope).records]
    made = ask()
    does(MERCER, actions.accept, made, "Monday at eight.")
    with acting(DESAI, TRAFFICKING) as scope:
        assert [r.record_id for r in latest(scope).records] == before
    assert "/requests/" in page(MERCER, f"/assistance/{made}")


def _act(number: UUID, act: str, agency: str, **more: Any) -> AssistanceAct:
    facts = {
        "id": uuid4(), "request_id": number, "requester_agency": "riverbend-pd",
        "asked_agency": "state-bi", "agency_id": agency, "act": act, "at": now(), "sealed": None,
        "comes": [], "passed_to": None, "entry_id": uuid4(),
    }  # fmt: skip
    return AssistanceAct(**facts | more)


@pytest.mark.parametrize(
    ("by", "act", "agency", "more"),
    [
        (ALVAREZ, "accept", "riverbend-pd", {}),
        (ALVAREZ, "accept", "state-bi", {}),
        (DESAI, "accept", "state-bi", {}),
        (MERCER, "withdraw", "state-bi", {}),
        (MERCER, "escalate", "state-bi", {}),
        (RASMUSSEN, "remark", "harlan-so", {}),
        (RASMUSSEN, "remark", "harlan-so", {"asked_agency": "harlan-so"}),
    ],
)
def test_the_database_refuses_steps_that_are_the_other_s(
    by: str, act: str, agency: str, more: dict[str, Any]
) -> None:
    made = ask()
    with pytest.raises(ProgrammingError, match="row-level security"), acting(by, DESK):
        AssistanceAct.objects.bulk_create([_act(made, act, agency, **more)])


def test_no_request_is_sent_in_another_agency_s_name() -> None:
    row = AssistanceRequest(
        id=uuid4(), requester_agency="harlan-so", asked_agency="state-bi", discipline="dna",
        languages=[], urgency="soon", purpose=TRAFFICKING, legal_basis="statute", sealed="x",
        sent_at=now(), due_at=now(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting(ALVAREZ, DESK):
        AssistanceRequest.objects.bulk_create([row])


def test_pages_of_both_sides_are_told_and_no_others() -> None:
    after = _state()
    made = ask()
    for member in (ALVAREZ, MERCER):
        assert made in told_of("assistance", after, member, DESK)
    assert made not in told_of("assistance", after, RASMUSSEN, DESK)
    after = _state()
    does(MERCER, actions.acknowledge, made)
    assert made in told_of("assistance", after, ALVAREZ, DESK)
    assert made not in told_of("assistance", after, RASMUSSEN, DESK)


def _state() -> str:
    with acting(ALVAREZ, DESK):
        return outbox.state()


def test_no_table_holds_a_text_in_clear(world: Path) -> None:
    made = ask(text=f"Argonhidden {NEED}", place="Kryptonhidden")
    does(MERCER, actions.decline, made, "Radonhidden: the laboratory is full.")
    assert tables_with(world, "argonhidden", "kryptonhidden", "radonhidden") == set()
