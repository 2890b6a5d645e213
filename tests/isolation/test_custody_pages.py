"""The pages of custody: the lists, a chain, the form of every step, an alarm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accord.agencies.actions import create_signin_link
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Order
from accord.evidence.custody.rereading import reread
from accord.evidence.store import DiskFault
from isolation.contributing import superuser
from isolation.custodying import ADVOCATE, ALVAREZ, BOONE, OKAFOR, PETROV, WHITFIELD, acquired, take
from isolation.exhibiting import CASE, TRAFFICKING

pytestmark = pytest.mark.usefixtures("world")
SAYS = {"place": "Evidence counter", "reason": "As the case asks", "items": "1"}


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with superuser(world) as db:
        yield db
        db.execute("update custody_alarm set closed_at = now() where closed_at is null")


def browser(member: str) -> Client:
    made = Client()
    assert made.post(create_signin_link(member)).status_code == 303
    return made


def text(answer: Any) -> str:
    return str(answer.getvalue().decode())


def prepares(member: str, exhibit: UUID, act: str, **said: str) -> Any:
    path = f"/custody/{exhibit}/take/{act}"
    return browser(member).post(path, SAYS | said | {"do": "prepare"})


def takes(member: str, exhibit: UUID, act: str, **said: str) -> Any:
    return browser(member).post(f"/custody/{exhibit}/take/{act}", SAYS | said | {"do": "take"})


def test_an_offer_is_read_as_it_is_written_then_taken_then_accepted() -> None:
    exhibit = acquired()
    shown = prepares(ALVAREZ, exhibit, "offer", to="state-bi")
    assert shown.status_code == 200
    assert "&#34;act&#34;:&#34;offer&#34;" in text(shown)
    assert "&#34;to&#34;:&#34;state-bi&#34;" in text(shown)
    chain = text(browser(ALVAREZ).get(f"/custody/{exhibit}"))
    assert "Offered" not in chain.split('id="chain"')[1].split("</ol>")[0]
    assert takes(ALVAREZ, exhibit, "offer", to="state-bi").status_code == 303
    petrov = browser(PETROV)
    assert "Exhibits offered to us" in text(petrov.get("/"))
    assert str(exhibit) in text(petrov.get("/custody/"))
    assert takes(PETROV, exhibit, "accept").status_code == 303
    chain = text(petrov.get(f"/custody/{exhibit}"))
    assert "Accepted" in chain
    assert 'class="strip__held"' in chain
    assert str(exhibit) in text(browser(ALVAREZ).get("/custody/?view=had"))


@pytest.mark.parametrize("act", [a for a in Act if a is not Act.ACQUIRE])
def test_every_step_has_a_form_or_says_why_not(act: Act) -> None:
    exhibit = acquired()
    answer = browser(OKAFOR).get(f"/custody/{exhibit}/take/{act}")
    assert answer.status_code == 200
    assert ("You cannot take this step" in text(answer)) != ("Items counted" in text(answer))


def test_a_step_that_is_wrong_says_where_and_keeps_what_was_typed() -> None:
    exhibit = acquired()
    answer = prepares(ALVAREZ, exhibit, "seal", items="0", reason="Kept as I wrote it")
    assert answer.status_code == 400
    assert "Kept as I wrote it" in text(answer)
    assert 'href="#f-items"' in text(answer)
    assert 'href="#f-seal"' in text(answer)
    answer = prepares(ALVAREZ, exhibit, "seal", items="2", seal="S-1")
    assert answer.status_code == 400
    assert "Another number of items" in text(answer)


def test_disposal_goes_from_the_order_to_the_second_person() -> None:
    exhibit = acquired()
    order = {"authority": "District Court", "order_number": "CR-1", "order_sha256": "0f" * 32}
    assert prepares(WHITFIELD, exhibit, "order-disposal", **order).status_code == 200
    assert takes(WHITFIELD, exhibit, "order-disposal", **order).status_code == 303
    answer = prepares(WHITFIELD, exhibit, "dispose")
    assert answer.status_code == 403
    assert "does not carry it out" in text(answer)
    assert takes(OKAFOR, exhibit, "dispose").status_code == 303
    assert "Disposed of" in text(browser(OKAFOR).get(f"/custody/{exhibit}"))
    shown = text(browser(ALVAREZ).get(f"/w/{TRAFFICKING}/statute/{CASE}/exhibits/{exhibit}"))
    assert "There is no file to take" in shown
    assert "Take it with its sheet" not in shown
    assert "In custody of" not in shown.split('id="custody"')[1]


def test_the_file_is_what_the_verifier_reads() -> None:
    exhibit = acquired()
    answer = browser(ALVAREZ).get(f"/custody/{exhibit}/file")
    assert answer.headers["Content-Disposition"].endswith('.custody.json"')
    assert json.loads(text(answer))["format"] == "accord-custody/1"


def test_an_alarm_is_told_and_resolved_by_two(admin: Any) -> None:
    admin.execute("delete from stored_object")
    exhibit = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    assert reread(lambda _: None) == 1
    assert "Files altered, missing or unreadable" in text(browser(OKAFOR).get("/"))
    assert "found missing" in text(browser(ALVAREZ).get(f"/custody/{exhibit}"))
    (alarm,) = admin.execute(
        "select id from custody_alarm where record_id = %s", [exhibit]
    ).fetchone()
    path = f"/custody/alarms/{alarm}"
    assert "Explain" in text(browser(OKAFOR).get(path))
    for member, do in ((OKAFOR, "explain"), (WHITFIELD, "confirm")):
        sent = {"do": do, "reason": "Restored from the backup."}
        assert browser(member).post(path, sent).status_code == 303
    assert "It is resolved." in text(browser(OKAFOR).get(path))


def unreadable(_: str) -> bytes:
    raise DiskFault("the disk does not give it")


def test_what_was_found_stands_on_every_page_of_the_exhibit_and_holds_its_steps(admin: Any) -> None:
    admin.execute("delete from stored_object")
    exhibit = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    in_case = f"/w/{TRAFFICKING}/statute/{CASE}/exhibits/{exhibit}"
    assert "cannot be read any more" not in text(browser(ALVAREZ).get(in_case))
    assert reread(unreadable) == 1
    for page in (in_case, f"{in_case}/custody", f"/custody/{exhibit}"):
        shown = text(browser(ALVAREZ).get(page))
        assert "Its stored file cannot be read any more" in shown, page
        assert "/custody/alarms/" in shown
    assert "bundle?exhibit=" not in text(browser(ALVAREZ).get(in_case))
    chain = text(browser(ALVAREZ).get(f"/custody/{exhibit}"))
    assert re.search(r'aria-disabled="true"[^>]*id="take-offer"', chain)
    assert f'href="/custody/{exhibit}/take/seal"' in chain
    assert "You cannot take this step" in text(
        browser(ALVAREZ).get(f"/custody/{exhibit}/take/offer")
    )


def test_the_page_of_an_exhibit_says_who_has_it_and_its_chain_leads_back() -> None:
    exhibit = acquired()
    in_case = f"/w/{TRAFFICKING}/statute/{CASE}/exhibits"
    shown = text(browser(ALVAREZ).get(f"{in_case}/{exhibit}")).split('id="custody"')[1]
    assert "Held" in shown
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    shown = text(browser(ALVAREZ).get(f"{in_case}/{exhibit}")).split('id="custody"')[1]
    assert "State Bureau of Investigation" in shown.split("</section>")[0]
    crumbs = text(browser(ALVAREZ).get(f"{in_case}/{exhibit}/custody")).split('class="crumbs"')[1]
    assert f'href="{in_case}/{exhibit}"' in crumbs.split("</nav>")[0]


def test_what_is_signed_is_told_in_words_before_it_is_signed() -> None:
    exhibit = acquired()
    shown = text(prepares(ALVAREZ, exhibit, "offer", to="state-bi")).split('id="sign"')[1]
    told = shown.split("<dl")[1].split("</dl>")[0]
    for said in ("Evidence counter", "As the case asks", "State Bureau of Investigation"):
        assert said in told


def test_alarms_that_are_resolved_stand_in_the_list_of_all(admin: Any) -> None:
    admin.execute("delete from stored_object")
    exhibit = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    assert reread(lambda _: None) == 1
    (alarm,) = admin.execute(
        "select id from custody_alarm where record_id = %s", [exhibit]
    ).fetchone()
    standing, every = "/custody/?view=alarms", "/custody/?view=alarms&all=yes"
    assert str(alarm) in text(browser(OKAFOR).get(standing))
    admin.execute("update custody_alarm set closed_at = now() where id = %s", [alarm])
    assert str(alarm) not in text(browser(OKAFOR).get(standing))
    assert str(alarm) in text(browser(OKAFOR).get(every))


def alarms_at_home(member: str) -> int:
    """How many alarms the first page of a member counts; none where it has no such line."""
    told = text(browser(member).get("/")).partition("/custody/?view=alarms")[2]
    return int(re.findall(r"<span[^>]*>\s*(\d+)\s*<", told)[0]) if told else 0


def test_home_counts_the_alarms_that_stand(admin: Any) -> None:
    admin.execute("update custody_alarm set closed_at = now() where closed_at is null")
    assert alarms_at_home(OKAFOR) == 0
    for so_far in (1, 2, 3):
        admin.execute("delete from stored_object")
        acquired()
        admin.execute("update stored_object set made_at = now() - interval '90 days'")
        assert reread(lambda _: None) == 1
        assert alarms_at_home(OKAFOR) == so_far


@pytest.mark.parametrize("path", ["", "/file", "/take/accept"])
def test_absent_and_not_concerned_look_alike(path: str) -> None:
    exhibit = acquired()
    take(ALVAREZ, exhibit, Act.SEAL, seal="S-1")
    for member in (BOONE, ADVOCATE):
        hers = browser(member)
        answers = [hers.get(f"/custody/{e}{path}") for e in (exhibit, uuid4())]
        assert [a.status_code for a in answers] == [404, 404]


def test_a_copy_made_outside_is_named_in_the_chain_of_its_source() -> None:
    exhibit, copy = acquired(), acquired()
    form = text(browser(ALVAREZ).get(f"/custody/{exhibit}/take/derive"))
    assert f'value="{copy}"' in form
    assert f'value="{exhibit}"' not in form
    said = {"derived": str(copy), "tool": "Imager", "tool_version": "4.2"}
    refused = takes(ALVAREZ, exhibit, "derive", **said | {"derived": ""})
    assert refused.status_code == 400
    assert takes(ALVAREZ, exhibit, "derive", **said).status_code == 303
    assert str(copy) in text(browser(ALVAREZ).get(f"/custody/{exhibit}/file"))


def test_whoever_ordered_a_disposal_is_told_before_writing_that_another_carries_it_out() -> None:
    exhibit = acquired()
    take(WHITFIELD, exhibit, Act.ORDER, order=Order("Court", "D-1", "a" * 64))
    shown = text(browser(WHITFIELD).get(f"/custody/{exhibit}/take/dispose"))
    assert "Whoever ordered the disposal does not carry it out." in shown
    assert "Go on: show what is written" not in shown
    assert "Go on: show what is written" in text(
        browser(OKAFOR).get(f"/custody/{exhibit}/take/dispose")
    )


def test_roles_are_named_in_words_where_a_step_takes_another() -> None:
    shown = text(browser(ALVAREZ).get(f"/custody/{acquired()}/take/release"))
    assert "forensic examiner, records custodian or supervisor" in shown


def test_a_step_that_came_too_late_is_refused_once() -> None:
    exhibit = acquired()
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    take(PETROV, exhibit, Act.ACCEPT)
    late = text(takes(PETROV, exhibit, "accept"))
    assert late.count("does not admit this step.") == 1
