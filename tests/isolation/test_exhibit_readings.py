"""The worker reads exhibits' files in a confined process; what was read is open as the file is."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import ProgrammingError, transaction
from PIL import Image

import accord.evidence
from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.desk.live.asking import TOPICS
from accord.evidence import jobs, scratch
from accord.evidence.actions import readings as actions
from accord.evidence.actions import stored
from accord.evidence.actions.tries import MOST_LOST
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Order
from accord.evidence.domain import ObjectRole, ReadingState
from accord.evidence.models import ExhibitReading, StoredObject
from accord.evidence.queries import exhibits, readings
from accord.evidence.reading.kinds import UNKNOWN
from accord.evidence.reading.reader import read_exhibit
from accord.evidence.reading.results import Digest, Reading, Refusal, SetAside
from accord.evidence.store import store
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotAllowed, NotFound
from accord.platform import outbox
from accord.records.sealing import CannotOpen
from isolation.contributing import acting, superuser, told_of
from isolation.custodying import OKAFOR, WHITFIELD, take
from isolation.exhibiting import (
    ABOUT,
    CASE,
    DETECTIVE,
    IN_CASE,
    MAIL,
    PARTNER,
    TRAFFICKING,
    acquired,
    photograph,
)
from isolation.test_exhibits import READS_IT, place

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def nothing_else_waits(world: Path) -> None:
    """What other tests acquired and left is read by nobody here."""
    with superuser(world) as db:
        db.execute("delete from exhibit_reading")


def read(data: bytes) -> UUID:
    record, _ = acquired(data)
    assert jobs.read_exhibits() == 1
    return record


def state(record: UUID) -> readings.ReadingView:
    with acting(*IN_CASE) as scope:
        exhibits.exhibit(scope, record)
        found = readings.reading(record)
    assert found is not None
    return found


def test_a_photograph_is_read_and_its_previews_are_pictures_drawn_anew() -> None:
    record = read(photograph())
    found = state(record)
    assert (found.state, found.kind and found.kind.name) == (ReadingState.READ, "png")
    assert "pillow" in {tool.name for tool in found.tools}
    with acting(*IN_CASE):
        kept = readings.kept(record)
        page = readings.preview(record, ObjectRole.PREVIEW, kept.pages[0].number)
        small = readings.preview(record, ObjectRole.THUMBNAIL, 0)
        shown, thumbnail = page.read(0, page.size_bytes), small.read(0, small.size_bytes)
    for content in (shown, thumbnail):
        assert Image.open(io.BytesIO(content)).format == "WEBP"
    assert not list((Path(settings.ACCORD_DATA_DIR) / scratch.FOLDER).iterdir())


def test_text_and_parts_of_a_message_are_kept_encrypted_and_in_no_table(world: Path) -> None:
    record = read(MAIL)
    with acting(*IN_CASE):
        kept = readings.kept(record)
    assert any("Room nine" in passage.text for passage in kept.passages)
    assert [part.name for part in kept.attachments] == ["rooms.txt"]
    with superuser(world) as db:
        row = str(db.execute("select to_jsonb(r) from exhibit_reading r").fetchall())
        stored = db.execute(
            "select g.address from object_segment g join stored_object o on o.id = g.object_id"
            " where o.record_id = %s and o.role = 'text'",
            [record],
        ).fetchall()
    assert "Room nine" not in row
    assert "rooms.txt" not in row
    assert stored
    assert all(b"Room nine" not in store().get(address) for (address,) in stored)


def test_a_damaged_file_is_set_apart_with_its_reason_and_holds_up_no_other() -> None:
    broken, _ = acquired(b"%PDF-1.7\n" + os.urandom(500))
    whole, _ = acquired(photograph())
    assert jobs.read_exhibits() == 2
    found = state(broken)
    assert found.state is ReadingState.APART
    assert found.refusal is not None
    assert found.refusal.reason is SetAside.MALFORMED
    assert state(whole).state is ReadingState.READ


def passing(source: Path, *, name: str, out: Path) -> Reading:
    return Reading(Digest(1, "0", "0"), UNKNOWN, None, Refusal(SetAside.NO_ROOM))


def test_what_is_no_fault_of_the_file_is_tried_again_later_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, _ = acquired(photograph())
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "read_exhibit", passing)
        assert jobs.read_exhibits() == 0
        found = state(record)
        assert (found.state, found.tries) == (ReadingState.WAITING, 1)
        assert found.next_at > now() + timedelta(seconds=30)
        assert jobs.read_exhibits() == 0  # not before its time
        assert state(record).tries == 1
    due(record)
    assert jobs.read_exhibits() == 1
    assert state(record).state is ReadingState.READ


def test_a_file_that_cannot_even_be_taken_up_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its key is not here, say: it waits its time like any, and is not asked for in each round."""
    record, _ = acquired(photograph())

    def closed(_: UUID) -> None:
        raise CannotOpen("The key is not here.")

    monkeypatch.setattr(exhibits, "reader", closed)
    assert jobs.read_exhibits() == 0
    with acting(*IN_CASE):
        row = ExhibitReading.objects.get(record_id=record)
    assert (row.state, row.tries) == (ReadingState.WAITING, 1)
    assert row.next_at > now() + timedelta(seconds=30)
    for _ in range(actions.MOST_TRIES - 1):
        due(record)
        assert jobs.read_exhibits() == 0
    with acting(*IN_CASE):
        assert ExhibitReading.objects.get(record_id=record).state == ReadingState.APART


def due(record: UUID, **values: object) -> None:
    with superuser(Path(settings.ACCORD_DATA_DIR)) as db:
        db.execute("update exhibit_reading set next_at = now() where record_id = %s", [record])
        for name, value in values.items():
            db.execute(
                f"update exhibit_reading set {name} = %s where record_id = %s",
                [value, record],
            )


def test_a_file_that_takes_the_worker_down_each_time_is_set_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, _ = acquired(photograph())

    class Killed(BaseException):
        """No memory is left, and the process with it."""

    def kills(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "read_exhibit", kills)
        for gone in range(MOST_LOST):
            with pytest.raises(Killed):
                jobs.read_exhibits()
            assert (state(record).state, state(record).lost) == (ReadingState.READING, gone)
            due(record)
        assert jobs.read_exhibits() == 0
    found = state(record)
    assert found.state is ReadingState.APART
    assert found.refusal is not None
    assert found.refusal.reason is SetAside.GIVEN_UP
    with acting(*IN_CASE) as scope:
        actions.ask(scope, record)
    assert jobs.read_exhibits() == 1
    assert state(record).state is ReadingState.READ


def test_an_error_of_ours_in_one_reading_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, _ = acquired(photograph())
    good, _ = acquired(photograph())
    really = exhibits.worked_on

    def broken(scope: Scope, record_id: UUID, *, unseal: bool = False) -> exhibits.Seen:
        if record_id == bad:
            raise ZeroDivisionError
        return really(scope, record_id, unseal=unseal)

    with monkeypatch.context() as patch:
        patch.setattr(exhibits, "worked_on", broken)
        assert jobs.read_exhibits() == 1
    assert state(good).state is ReadingState.READ
    found = state(bad)
    assert (found.state, found.tries) == (ReadingState.WAITING, 1)
    assert found.refusal is not None
    assert found.refusal.reason is SetAside.NODE
    (line,) = [r for r in caplog.records if "exhibit" in getattr(r, "facts", {})]
    assert line.facts["exhibit"] == bad  # type: ignore[attr-defined]  # of accord.platform.logs
    assert line.exc_info


def test_a_standing_that_cannot_be_worked_out_holds_up_no_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, _ = acquired(photograph())

    def broken(_: str) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(agencies, "actor_or_none", broken)
        assert jobs.read_exhibits() == 0
    assert state(bad).next_at > now() + timedelta(minutes=30)


def test_asked_again_while_it_is_read_nothing_of_it_is_lost() -> None:
    record, _ = acquired(photograph())
    written = reading_that_is_whole(record)
    with pytest.raises(Conflict, match="being read now"), acting(*IN_CASE) as scope:
        actions.ask(scope, record)
    with acting(*IN_CASE) as scope:
        assert actions.keep(scope, record, written)
    assert state(record).reading == 1


def test_what_its_reader_left_can_be_asked_for_by_a_colleague(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its member has left since: it is being read by nobody, and waits."""
    record, _ = acquired(photograph())
    reading_that_is_whole(record)
    due(record)
    with monkeypatch.context() as patch:
        patch.setattr(agencies, "actor_or_none", lambda membership: None)
        assert jobs.read_exhibits() == 0
    assert (state(record).state, state(record).lost) == (ReadingState.WAITING, 1)
    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        actions.ask(scope, record)
    assert state(record).lost == 0


def test_what_another_worker_has_begun_is_put_off_by_nobody() -> None:
    record, _ = acquired(photograph())
    written = reading_that_is_whole(record)
    actions.put_off(record)
    with acting(*IN_CASE) as scope:
        assert actions.keep(scope, record, written)


def test_a_reading_asked_for_again_replaces_the_one_before() -> None:
    record = read(photograph())
    with acting(*IN_CASE) as scope:
        actions.ask(scope, record)
    with pytest.raises(Conflict), acting(*IN_CASE) as scope:
        actions.ask(scope, record)
    assert jobs.read_exhibits() == 1
    assert state(record).reading == 2
    with acting(*IN_CASE):
        assert StoredObject.objects.filter(record_id=record, role="preview").count() == 1
        assert StoredObject.objects.filter(record_id=record, role="original").count() == 1


def test_what_was_read_is_open_as_the_file_is_and_to_nobody_else() -> None:
    record = read(photograph())
    with acting(*READS_IT) as scope:
        assert readings.reading(record) is None
        assert not ExhibitReading.objects.filter(record_id=record).exists()
        assert not StoredObject.objects.filter(record_id=record).exists()
        with pytest.raises(NotFound):
            readings.preview(record, ObjectRole.PREVIEW, 0)
    place(record)
    with acting(*READS_IT) as scope:
        exhibits.exhibit(scope, record)
        assert readings.reading(record) is not None
        assert readings.preview(record, ObjectRole.PREVIEW, 0).size_bytes
    with pytest.raises(NotAllowed), acting(*READS_IT) as scope:
        actions.ask(scope, record)


def test_a_file_whose_member_left_is_read_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    record, _ = acquired(photograph())
    with monkeypatch.context() as patch:
        patch.setattr(agencies, "actor_or_none", lambda membership: None)
        assert jobs.read_exhibits() == 0
    found = state(record)
    assert found.state is ReadingState.WAITING
    assert found.next_at > now() + timedelta(minutes=30)


def test_what_a_dead_process_left_in_clear_is_removed_when_the_store_is_swept(world: Path) -> None:
    """This process wrote it, so a number of a process would not tell; nobody holds it any more."""
    left = world / scratch.FOLDER / "left"
    left.mkdir(mode=0o700, parents=True)
    (left / "file").write_bytes(b"in clear")
    record, _ = acquired(photograph())
    with acting(*IN_CASE) as scope:
        original = exhibits.exhibit(scope, record).original
        assert original is not None
        reader = exhibits.reader(original.id)
    with scratch.clear_file(reader) as mine:
        for folder in (left, mine.source.parent):
            os.utime(folder, (0, 0))
        jobs.sweep()
        assert mine.source.exists()
    assert not list((world / scratch.FOLDER).iterdir())


def test_what_its_acquirer_may_not_see_waits_for_somebody_who_may(world: Path) -> None:
    about = replace(ABOUT, subjects=frozenset({"suspect"}), minor=True)
    record, _ = acquired(photograph(), about=about)
    assert jobs.read_exhibits() == 0
    with superuser(world) as db:
        found = db.execute(
            "select state, next_at > now() + interval '30 minutes' from exhibit_reading"
            " where record_id = %s",
            [record],
        ).fetchone()
    assert found == ("waiting", True)


def test_nobody_has_a_file_read_in_somebody_elses_name() -> None:
    record, _ = acquired(photograph())

    def in_anothers_name() -> None:
        row = ExhibitReading.objects.get(record_id=record)
        row.membership_id = PARTNER
        row.save(update_fields=["membership_id"])

    with acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        exhibits.exhibit(scope, record)
        with pytest.raises(ProgrammingError, match="name of somebody"), transaction.atomic():
            in_anothers_name()


def test_nor_alters_under_what_a_colleague_asked_for_it() -> None:
    record = read(photograph())

    def again(**said: object) -> None:
        ExhibitReading.objects.filter(record_id=record).update(**said)

    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        exhibits.exhibit(scope, record)
        assert ExhibitReading.objects.filter(record_id=record, membership_id=DETECTIVE).exists()
        for said in ({"state": "waiting", "next_at": now()}, {"purpose": "oversight"}):
            with pytest.raises(ProgrammingError, match="name of somebody"), transaction.atomic():
                again(**said)
        again(membership_id=OKAFOR, state="waiting", next_at=now())  # in the own name


def reading_that_is_whole(record: UUID) -> actions.Written:
    with acting(*IN_CASE) as scope:
        found = actions.claim(scope, record)
    assert found is not None
    with scratch.clear_file(found.reader) as folder:
        return actions.write(read_exhibit(folder.source, name=found.name, out=folder.out))


def dispose(record: UUID) -> None:
    take(WHITFIELD, record, Act.ORDER, order=Order("District Court", "2026-CR-118", "0f" * 32))
    take(OKAFOR, record, Act.DISPOSE)


def test_a_reading_that_ends_after_the_disposal_keeps_nothing(world: Path) -> None:
    record, _ = acquired(photograph())
    written = reading_that_is_whole(record)
    dispose(record)
    with acting(*IN_CASE) as scope:
        assert not actions.keep(scope, record, written)
    with superuser(world) as db:
        left = db.execute("select role from stored_object where record_id = %s", [record])
        assert left.fetchall() == []


def test_the_database_keeps_nothing_beside_a_file_that_is_gone(world: Path) -> None:
    record, _ = acquired(photograph())
    written = reading_that_is_whole(record)
    with acting(*IN_CASE) as scope:
        seen = exhibits.exhibit(scope, record)
    dispose(record)
    refused = pytest.raises(ProgrammingError, match="has no file")
    with acting(*IN_CASE), refused, transaction.atomic():
        stored.beside(
            written.text,
            record_id=record,
            owner=seen.exhibit.owner,
            case_id=seen.exhibit.case_id,
            role=ObjectRole.TEXT,
            number=0,
        )


def test_pages_are_told_of_a_reading_where_the_file_is_open_and_nowhere_else() -> None:
    record, _ = acquired(photograph())
    with acting(*IN_CASE):
        before = outbox.state()
    assert jobs.read_exhibits() == 1
    assert record in told_of("reading", before, *IN_CASE)
    assert record not in told_of("reading", before, *READS_IT)


def test_every_topic_that_a_page_of_exhibits_waits_for_is_one_that_is_told() -> None:
    """The stream refuses a page that asks for any other, and the page would wait for ever."""
    templates = Path(accord.evidence.__file__).parent / "templates"
    asked = {
        topic
        for path in templates.rglob("*.html")
        for topics in re.findall(r'data-live-on="([^"]+)"', path.read_text("utf-8"))
        for topic in topics.split()
    }
    assert {"reading", "derivation"} <= asked <= TOPICS
