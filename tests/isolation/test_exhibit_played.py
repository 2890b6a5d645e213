"""What is played of an exhibit is open, veiled and entered in the ledger as its pictures are."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from accord.evidence import readingscreen
from accord.evidence.domain import ObjectRole
from accord.evidence.queries import exhibits, readings
from isolation.contributing import acting
from isolation.exhibiting import DETECTIVE, IN_CASE, PARTNER, acquired, read
from isolation.test_custody_pages import browser, text
from isolation.test_exhibit_previews import PATH, entries
from unit.evidence.reading import filmed, samples

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(params=["film", "sound"])
def exhibit(request: pytest.FixtureRequest) -> UUID:
    made, _ = acquired(filmed.media("mp4") if request.param == "film" else samples.tone(2.0))
    read(made)
    return made


def number(exhibit: UUID) -> int:
    with acting(*IN_CASE) as scope:
        exhibits.exhibit(scope, exhibit)
        (played,) = readings.kept(exhibit).played
        return played.number


def player(page: str) -> str:
    found = re.search(r"<(?:video|audio) [^>]*>", page)
    assert found is not None
    return found[0]


def address(page: str) -> str:
    found = re.search(r'src="([^"]+)"', player(page))
    assert found is not None
    return found[1]


def ask(me: Client, at: str, said: str) -> tuple[int, bytes, dict[str, str]]:
    answer = me.get(at, headers={"Range": said})
    return answer.status_code, answer.content, dict(answer.headers)


def test_a_page_offers_what_is_played_and_plays_nothing_by_itself(exhibit: UUID) -> None:
    page = text(browser(DETECTIVE).get(f"{PATH}/exhibits/{exhibit}"))
    assert "controls" in player(page)
    assert 'preload="none"' in player(page)
    assert "autoplay" not in page
    assert "The exhibit itself is whole." in page
    assert re.search(r"From its beginning to \S?0:0[23]", page)


def test_a_player_asks_for_ranges_that_the_pages_entry_covers(world: Path, exhibit: UUID) -> None:
    me = browser(DETECTIVE)
    before = entries(world)
    at = address(text(me.get(f"{PATH}/exhibits/{exhibit}")))
    whole = me.get(at)
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] in ("audio/ogg", "video/webm")
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in whole.headers["Cache-Control"]
    status, content, headers = ask(me, at, "bytes=100-299")
    assert (status, content) == (206, whole.content[100:300])
    assert headers["Content-Range"] == f"bytes 100-299/{len(whole.content)}"
    assert ask(me, at, "bytes=99999999-")[0] == 416
    assert entries(world) == before + 1


def test_asked_for_by_itself_it_has_its_own_entry(world: Path, exhibit: UUID) -> None:
    me, at = browser(DETECTIVE), f"{PATH}/exhibits/{exhibit}/previews/{number(exhibit)}"
    before = entries(world)
    assert ask(me, at, "bytes=0-9")[0] == 206
    assert me.get(at).status_code == 200
    assert entries(world) == before + 2


def test_who_has_no_standing_finds_neither_it_nor_a_range_of_it(world: Path, exhibit: UUID) -> None:
    marked = address(text(browser(DETECTIVE).get(f"{PATH}/exhibits/{exhibit}")))
    plain = f"{PATH}/exhibits/{exhibit}/previews/{number(exhibit)}"
    partner, before = browser(PARTNER), entries(world)
    for at in (marked, plain):
        for said in ("", "bytes=0-9", "bytes=99999999-"):
            status, _, headers = ask(partner, at, said)
            assert status == 404, said
            assert "Content-Range" not in headers
    assert entries(world) == before + 6  # misses, like any


def test_of_a_child_or_a_victim_the_player_stands_behind_a_click_with_no_picture(
    exhibit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readingscreen, "is_veiled", lambda part: True)
    page = text(browser(DETECTIVE).get(f"{PATH}/exhibits/{exhibit}"))
    before = page[: page.index(player(page))]
    assert before.rfind("<details") > before.rfind("</details>")
    assert "poster" not in player(page)
    assert 'preload="none"' in player(page)


def test_it_is_stored_encrypted(exhibit: UUID, world: Path) -> None:
    at = number(exhibit)
    with acting(*IN_CASE) as scope:
        exhibits.exhibit(scope, exhibit)
        found = readings.preview(exhibit, ObjectRole.PREVIEW, at)
        clear = found.read(0, found.size_bytes)
        places = [segment.address for segment in found.segments]
        stored = b"".join(found.store.get(place) for place in places)
    assert clear[:4] in (b"OggS", b"\x1aE\xdf\xa3")
    assert len(stored) >= len(clear)
    assert clear[200:240] not in stored
