"""Pictures of an exhibit's page are covered by its one entry; by themselves each has its own."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from accord.cases.actions import place_record
from accord.cases.queries import case as find_case
from accord.evidence import readingscreen, shown
from accord.evidence.custody.domain import CustodyAct
from accord.evidence.queries import exhibits
from accord.kernel.clock import now
from isolation.contributing import LIEUTENANT, acting, superuser
from isolation.custodying import take
from isolation.exhibiting import (
    CASE,
    DETECTIVE,
    IN_CASE,
    PARTNER,
    PROSECUTOR,
    TRAFFICKING,
    acquired,
    photograph,
    read,
)
from isolation.test_custody_pages import browser, text

pytestmark = pytest.mark.usefixtures("world")
PATH = f"/w/{TRAFFICKING}/statute/{CASE}"


@pytest.fixture
def exhibit() -> UUID:
    made, _ = acquired(photograph())
    read(made)
    return made


def entries(world: Path) -> int:
    with superuser(world) as db:
        row = db.execute("select count(*) from ledger_entry").fetchone()
    assert row is not None
    return int(row[0])


def picture_of(page: str) -> str:
    found = re.search(r'src="([^"]+/previews/0\?shown=[^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_page_with_pictures_is_one_entry(world: Path, exhibit: UUID) -> None:
    me = browser(DETECTIVE)
    before = entries(world)
    page = text(me.get(f"{PATH}/exhibits/{exhibit}"))
    assert entries(world) == before + 1
    answer = me.get(picture_of(page))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert entries(world) == before + 1


def test_a_picture_asked_for_by_itself_has_its_own_entry(world: Path, exhibit: UUID) -> None:
    me = browser(DETECTIVE)
    before = entries(world)
    assert me.get(f"{PATH}/exhibits/{exhibit}/previews/0").status_code == 200
    assert me.get(f"{PATH}/exhibits/{exhibit}/thumbnail?shown=made-up").status_code == 200
    assert entries(world) == before + 2


def test_a_mark_opens_nothing_to_who_has_no_standing(world: Path, exhibit: UUID) -> None:
    marked = picture_of(text(browser(DETECTIVE).get(f"{PATH}/exhibits/{exhibit}")))
    before = entries(world)
    assert browser(PARTNER).get(marked).status_code == 404
    assert entries(world) == before + 1  # a miss, like any


def test_a_mark_is_for_one_member_context_and_exhibit_and_for_minutes(
    exhibit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = picture_of(text(browser(DETECTIVE).get(f"{PATH}/exhibits/{exhibit}"))).split("=")[1]
    assert shown.is_marked(marked, DETECTIVE, PATH, exhibit)
    assert not shown.is_marked(marked, PARTNER, PATH, exhibit)
    assert not shown.is_marked(marked, DETECTIVE, "/w/prosecution/statute/HT-2026-014", exhibit)
    assert not shown.is_marked(marked, DETECTIVE, PATH, UUID(int=7))
    monkeypatch.setattr(shown, "now", lambda: now() + timedelta(hours=1))
    assert not shown.is_marked(marked, DETECTIVE, PATH, exhibit)


def test_a_covered_picture_still_asks_the_standing_now(
    exhibit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark that somebody made up for themselves would find no row."""
    monkeypatch.setattr(shown, "is_marked", lambda *_: True)
    assert browser(PARTNER).get(f"{PATH}/exhibits/{exhibit}/previews/0").status_code == 404


def test_no_picture_of_a_child_or_a_victim_is_fetched_unasked(
    exhibit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = browser(DETECTIVE)
    monkeypatch.setattr(readingscreen, "is_veiled", lambda part: True)
    for place in ("", "/pages/0", "/derive/redaction"):
        page = text(me.get(f"{PATH}/exhibits/{exhibit}{place}"))
        for image in re.finditer(r"<img class=\"stage__image\"[^>]*>", page):
            before = page[: image.start()]
            assert before.rfind("<details") > before.rfind("</details>"), place
            assert 'loading="lazy"' in image[0], place
    with acting(*IN_CASE) as scope:
        case_id = exhibits.exhibit(scope, exhibit).exhibit.case_id
        listed_so_far, _ = exhibits.exhibits_page(scope, case_id, after=None, limit=100_000)
    before = [s.exhibit.record_id for s in listed_so_far if s.exhibit.record_id != exhibit]
    listed = text(me.get(f"{PATH}/exhibits?after={before[-1]}"))
    assert "Not shown here" in listed
    assert 'class="thumb"' not in listed


def test_a_form_says_why_nothing_is_derived_now(exhibit: UUID) -> None:
    take(DETECTIVE, exhibit, CustodyAct.SEAL, seal="S-1")
    me, said = browser(DETECTIVE), {"description": "A copy.", "kind": "image", "subject": "suspect"}
    address = f"{PATH}/exhibits/{exhibit}/derive/copy"
    assert "does not admit this step" in text(me.get(address))
    answer = me.post(address, said | {"do": "derive"})
    assert answer.status_code == 409
    assert "does not admit this step" in text(answer)


def test_who_may_take_a_copy_and_has_no_custody_is_told_whose_it_is(exhibit: UUID) -> None:
    with acting(LIEUTENANT, TRAFFICKING, CASE) as scope:
        place_record(scope, find_case(CASE), exhibit)
    prosecutor = browser(PROSECUTOR)
    address = f"/w/prosecution/statute/{CASE}/exhibits/{exhibit}"
    assert prosecutor.get(f"{address}/previews/0").status_code == 200
    answer = prosecutor.post(
        f"{address}/derive/copy",
        {"do": "derive", "description": "A copy.", "kind": "image", "subject": "suspect"},
    )
    assert answer.status_code == 409
    assert "This step is another agency" in text(answer)


def test_what_is_not_there_is_not_found(exhibit: UUID) -> None:
    me = browser(DETECTIVE)
    for place in ("previews/7", "pages/7", "derive/nonsense", f"derivations/{exhibit}"):
        assert me.get(f"{PATH}/exhibits/{exhibit}/{place}").status_code == 404, place


def test_an_exhibit_is_shown_whose_previews_and_text_the_store_lost(
    world: Path, exhibit: UUID
) -> None:
    """The exhibit, its file and its chain are whole: it is read again, and then it is as it was."""
    with superuser(world) as db:
        lost = db.execute(
            "select g.address from object_segment g join stored_object o on o.id = g.object_id"
            " where o.record_id = %s and o.role <> 'original'",
            [exhibit],
        ).fetchall()
    for (address,) in lost:
        (world / "objects" / address[:2] / address).unlink()
    me = browser(DETECTIVE)
    answer = me.get(f"{PATH}/exhibits/{exhibit}")
    assert answer.status_code == 200
    assert "/previews/0" not in text(answer)
    assert me.post(f"{PATH}/exhibits/{exhibit}/reading").status_code == 303
    read(exhibit)
    assert "/previews/0" in text(me.get(f"{PATH}/exhibits/{exhibit}"))


@pytest.mark.parametrize("said", ["[]", "7", '"redaction"', "null", "{", '{"way": "flight"}'])
def test_parameters_that_are_of_no_known_form_are_not_shown(said: str) -> None:
    """Records come in from elsewhere, and are corrected by their owner: any text may stand there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readingscreen, "_first", lambda part, name: said)
        assert readingscreen._way(None) is None
