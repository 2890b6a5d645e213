"""Lists of exhibits and of custody come in pages, and none ends without saying so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from accord.cases.queries import case as find_case
from accord.evidence import views
from accord.evidence.custody import queries
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.forms import asks
from accord.evidence.custody.views import chains
from accord.evidence.queries.exhibits import exhibits_of_case, exhibits_page
from accord.kernel.errors import Conflict, InvalidInput
from isolation import exhibiting as sending
from isolation.contributing import acting, superuser
from isolation.custodying import ALVAREZ, DESK, PETROV, acquired, handed_over, take
from isolation.exhibiting import CASE, DETECTIVE, IN_CASE, TRAFFICKING, begin
from isolation.test_custody_pages import browser

pytestmark = pytest.mark.usefixtures("world")
HERE = f"/w/{TRAFFICKING}/statute/{CASE}"


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with superuser(world) as db:
        yield db


def numbers(pages: int, limit: int) -> list[UUID]:
    found: list[UUID] = []
    after: str | None = None
    for _ in range(pages):
        with acting(*IN_CASE) as scope:
            shown, after = exhibits_page(scope, find_case(CASE).id, after=after, limit=limit)
        found += [s.exhibit.record_id for s in shown]
        if after is None:
            break
    return found


def test_the_pages_of_a_case_are_its_exhibits_each_once() -> None:
    made = {acquired() for _ in range(5)}
    with acting(*IN_CASE) as scope:
        every = [s.exhibit.record_id for s in exhibits_of_case(scope, find_case(CASE).id)]
    assert made <= set(every)
    assert numbers(1_000, 2) == every
    assert len(set(every)) == len(every)


def test_a_place_that_is_none_is_refused() -> None:
    for after in (str(uuid4()), "nothing"):
        with (
            pytest.raises(InvalidInput, match="is not the `next`"),
            acting(*IN_CASE) as scope,
        ):
            exhibits_page(scope, find_case(CASE).id, after=after, limit=2)
    for after in ("nothing", "2026-01-01_x", "_"):
        with pytest.raises(InvalidInput, match="is not the `next`"), acting(ALVAREZ, DESK):
            queries.lines("riverbend-pd", "held", after=after, limit=2)


def test_the_page_of_a_case_leads_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SHOWN", 2)
    for _ in range(3):
        acquired()
    client = browser(DETECTIVE)
    first = client.get(f"{HERE}/exhibits").content.decode()
    (more,) = [part.split('"')[0] for part in first.split('rel="next" href="')[1:]]
    assert "First page" not in first
    second = client.get(more.replace("&amp;", "&"))
    assert second.status_code == 200
    assert "exhibits/" in second.content.decode()
    assert f'href="{HERE}/exhibits"' in second.content.decode().split('class="paging"')[1]
    assert client.get(f"{HERE}/exhibits?after=nothing").status_code == 400


def test_custody_comes_in_pages_each_exhibit_once() -> None:
    made = {acquired() for _ in range(5)}
    found: list[UUID] = []
    after: str | None = None
    while True:
        with acting(ALVAREZ, DESK):
            shown, after = queries.lines("riverbend-pd", "held", after=after, limit=2)
        found += [line.exhibit for line in shown]
        if after is None:
            break
    assert made <= set(found)
    assert len(set(found)) == len(found)


def test_what_moves_to_the_top_meanwhile_loses_nobody_their_place() -> None:
    acquired(), acquired(), acquired()
    with acting(ALVAREZ, DESK):
        shown, after = queries.lines("riverbend-pd", "held", limit=2)
        behind, _ = queries.lines("riverbend-pd", "held", after=after, limit=1)
    take(ALVAREZ, shown[-1].exhibit, Act.SEAL, seal="S-9")
    with acting(ALVAREZ, DESK):
        again, _ = queries.lines("riverbend-pd", "held", after=after, limit=1)
    assert [line.exhibit for line in again] == [line.exhibit for line in behind]


def test_the_page_of_custody_leads_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "SHOWN", 2)
    acquired(), acquired(), acquired()
    client = browser(ALVAREZ)
    first = client.get("/custody/?view=held").content.decode()
    (more,) = [part.split('"')[0] for part in first.split('rel="next" href="')[1:]]
    second = client.get(more.replace("&amp;", "&")).content.decode()
    assert 'href="/custody/?view=held"' in second.split('class="paging"')[1]
    assert client.get("/custody/?view=held&after=nothing").status_code == 400


def test_nobody_is_shown_how_many_items_they_should_count() -> None:
    exhibit = acquired()
    page = browser(ALVAREZ).get(f"/custody/{exhibit}/take/seal").content.decode()
    (field,) = [part.split(">")[0] for part in page.split('id="f-items"')[1:]]
    assert 'value="1"' not in field
    assert "items" not in asks(Act.SEAL)


def test_a_chain_that_does_not_open_says_which_event(admin: Any) -> None:
    exhibit = handed_over()
    admin.execute(
        "update custody_event set sealed = 'x' where record_id = %s and number = 1", [exhibit]
    )
    admin.execute(
        "update custody_event set opening = 'x' where record_id = %s and number = 2", [exhibit]
    )
    with pytest.raises(Conflict, match="cannot be opened: 1, 2"), acting(PETROV, DESK):
        queries.custody_file(exhibit)
    assert browser(PETROV).get(f"/custody/{exhibit}/file").status_code == 409


def test_a_piece_that_is_too_short_is_refused_in_words() -> None:
    upload = begin(100_000)
    client = browser(DETECTIVE)

    def send(data: bytes) -> Any:
        return client.generic(
            "PATCH",
            f"{HERE}/exhibits/uploads/{upload}",
            data,
            content_type="application/offset+octet-stream",
            headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
        )

    refused = send(b"x" * 1000)
    assert refused.status_code == 400
    assert b"at least 65536 bytes" in refused.content
    assert sending.send(upload, 0, b"").received_bytes == 0
    assert send(b"x" * 100_000).headers["Upload-Offset"] == "100000"
