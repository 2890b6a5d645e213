"""An exhibit ends in one way: by an order of disposal, carried out by two people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from psycopg.errors import InsufficientPrivilege

from accord.evidence.actions import sweeping
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Order
from accord.evidence.models import ObjectLitter
from accord.kernel.errors import NotAllowed
from accord.records import keeps
from accord.records.actions import retention as actions
from accord.records.actions.keeping import set_legal_hold
from accord.records.queries import retention as queries
from isolation.contributing import acting, superuser
from isolation.custodying import ALVAREZ, OKAFOR, PETROV, WHITFIELD, acquired, handed_over, take
from isolation.direct import administrator
from isolation.test_custody_pages import browser

DESK = "records-administration"
WHY = "The case is closed and no appeal is open."
ORDER = Order("District Court", "2026-CR-118", "0f" * 32)


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db


def seen(record: UUID) -> list[UUID]:
    return [part.part_id for part in queries.manifest(record)]


def purge(admin: Any, record: UUID) -> int:
    """Review it on its day, and purge it by two people."""
    admin.execute("update record set review_on = current_date - 1 where id = %s", [record])
    with acting(OKAFOR, DESK) as scope:
        review = actions.propose_purge(scope, record, WHY, seen=seen(record))
    with acting(WHITFIELD, DESK) as scope:
        return actions.approve(scope, review, seen=seen(record))


def disposed(exhibit: UUID) -> None:
    take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    take(OKAFOR, exhibit, Act.DISPOSE)


def test_retention_does_not_end_an_exhibit_that_its_owner_has(admin: Any) -> None:
    exhibit = acquired()
    with pytest.raises(NotAllowed, match="dispose of it by order") as no:
        purge(admin, exhibit)
    assert "who orders its disposal" in str(no.value.who_can_change)


def test_nor_one_that_another_agency_has(admin: Any) -> None:
    exhibit = handed_over()
    with pytest.raises(NotAllowed, match="another agency has in custody"):
        purge(admin, exhibit)


def test_the_database_refuses_it_whatever_the_actions_think(
    admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "check_nothing_keeps", lambda _: None)
    exhibit = acquired()
    with pytest.raises(NotAllowed, match="by an order of disposal"):
        purge(admin, exhibit)


def test_what_was_disposed_of_by_order_is_purged_by_retention(admin: Any) -> None:
    exhibit = acquired()
    disposed(exhibit)
    assert purge(admin, exhibit) > 0
    assert admin.execute("select 1 from record where id = %s", [exhibit]).fetchone() is None
    row = admin.execute("select state from custody_head where id = %s", [exhibit]).fetchone()
    assert row["state"] == "disposed"


def test_what_was_released_is_purged_by_retention(admin: Any) -> None:
    exhibit = acquired()
    take(WHITFIELD, exhibit, Act.RELEASE, receiver="its owner")
    assert purge(admin, exhibit) > 0


def test_a_disposal_takes_the_key_at_once_and_the_bytes_with_the_next_sweep(world: Path) -> None:
    exhibit = acquired()
    with superuser(world) as db:
        pieces = db.execute(
            "select g.address from object_segment g join stored_object o on o.id = g.object_id"
            " where o.record_id = %s",
            [exhibit],
        ).fetchall()
    folder = Path(settings.ACCORD_DATA_DIR) / "objects"
    files = [folder / address[:2] / address for (address,) in pieces]
    assert files
    assert all(file.exists() for file in files)
    disposed(exhibit)
    with superuser(world) as db:
        assert db.execute(
            "select (select count(*) from stored_object where record_id = %s),"
            " (select count(*) from object_segment where address = any(%s))",
            [exhibit, [address for (address,) in pieces]],
        ).fetchone() == (0, 0)
    assert all(file.exists() for file in files)
    sweeping.sweep(most=100_000)
    assert not any(file.exists() for file in files)
    assert not ObjectLitter.objects.filter(address__in=[a for (a,) in pieces]).exists()


def test_a_hold_keeps_an_exhibit_from_disposal_and_its_end_lets_it_go() -> None:
    exhibit = acquired()
    with acting(OKAFOR, "case-administration") as scope:
        set_legal_hold(scope, exhibit, True, "Asked for by the court in State v. Doe.")
    with pytest.raises(Exception, match="legal hold"):
        take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    with acting(OKAFOR, "case-administration") as scope:
        set_legal_hold(scope, exhibit, False, "The proceeding is over; nothing is needed.")
    disposed(exhibit)


def test_the_rows_of_a_purge_are_refused_to_the_superuser_too(world: Path) -> None:
    """A cascade from the record reaches the trigger, whoever deletes."""
    exhibit = acquired()
    with (
        superuser(world) as db,
        pytest.raises(InsufficientPrivilege, match="by an order of disposal"),
    ):
        db.execute("delete from exhibit where record_id = %s", [exhibit])


def test_the_chain_is_read_by_those_who_had_it_after_the_purge(admin: Any) -> None:
    exhibit = handed_over()
    take(PETROV, exhibit, Act.RETURN)
    take(ALVAREZ, exhibit, Act.ACCEPT)
    disposed(exhibit)
    purge(admin, exhibit)
    from accord.evidence.custody import queries as custody

    with acting(PETROV, "case-administration"):
        assert custody.chain(exhibit).line.events == 7


def test_the_review_says_so_and_leads_to_ordering_the_disposal(admin: Any) -> None:
    exhibit = acquired()
    page = browser(OKAFOR).get(f"/retention/records/{exhibit}").content.decode()
    assert "dispose of it by order" in page
    assert f'href="/custody/{exhibit}/take/order-disposal"' in page
    take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    page = browser(OKAFOR).get(f"/retention/records/{exhibit}").content.decode()
    assert f'href="/custody/{exhibit}/take/dispose"' in page
    take(OKAFOR, exhibit, Act.DISPOSE)
    page = browser(OKAFOR).get(f"/retention/records/{exhibit}").content.decode()
    assert "dispose of it by order" not in page


def test_a_hold_that_comes_after_the_disposal_says_that_the_file_is_gone(admin: Any) -> None:
    """Where it is placed, in the answer, and wherever the record is shown under it."""
    exhibit = acquired()
    keeper = browser(OKAFOR)
    path = f"/w/case-administration/statute/-/records/{exhibit}"
    gone = "was disposed of by order on"
    assert gone not in keeper.get(path).content.decode()
    disposed(exhibit)
    page = keeper.get(path).content.decode()
    assert gone in page.split('id="hold"')[1]
    why = {"hold": "on", "reason": "Asked for in State v. Doe."}
    assert keeper.post(f"{path}/hold", why).status_code == 303
    page = keeper.get(path).content.decode()
    assert "The record is under a legal hold. The file of this exhibit was" in page
    assert page.count(gone) == 2, "in the answer, and beside the hold"
    assert gone in keeper.get(f"/retention/records/{exhibit}").content.decode()
    with acting(OKAFOR, DESK):
        assert gone in str(keeps.gone(exhibit))
