"""A bundle is a disclosure: what may be taken and nothing else, listed, logged, and checkable."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accord.agencies.actions import create_signin_link
from accord.agreements.models import Duty
from accord.agreements.scope import Scope
from accord.cases.actions import place_records
from accord.cases.queries import case as find_case
from accord.evidence.actions import exhibits
from accord.evidence.bundling import actions, queries
from accord.evidence.bundling.domain import WhyLeftOut
from accord.evidence.domain import About
from accord.evidence.files import FileReader
from accord.kernel import clock, ids
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.ledger import proving
from accord.ledger.actions import sequence_all
from accord.records.queries.exports import copies
from accord.records.sealing import CannotOpen
from accord.records.views.exports import as_html
from accord_verify import bundle as elsewhere
from accord_verify.notes import Trust
from accord_verify.signature import Expected
from isolation.bundling import manifest, names, opened, sha256, taken
from isolation.contributing import LIEUTENANT, acting, superuser
from isolation.custodying import ALVAREZ, PETROV, Act, take
from isolation.exhibiting import (
    ABOUT,
    CASE,
    COLLECTED,
    IN_CASE,
    PARTNER,
    PROSECUTOR,
    TRAFFICKING,
    acquired,
    uploaded,
)

pytestmark = pytest.mark.usefixtures("world")
PARTNER_IN = (PARTNER, TRAFFICKING, CASE)
PROSECUTOR_IN = (PROSECUTOR, "prosecution", CASE)


def place(record: UUID) -> None:
    with acting(LIEUTENANT, TRAFFICKING, CASE) as scope:
        assert place_records(scope, find_case(CASE), [record]).placed


def partners_own(data: bytes) -> UUID:
    """An exhibit of the partner's agency in the same case."""
    upload = uploaded(data, by=PARTNER)
    with acting(*PARTNER_IN) as scope:
        return exhibits.acquire(scope, upload, ABOUT, COLLECTED)[0]


def failing(whole: bytes, tmp_path: Path) -> set[str]:
    """What accord-verify finds wrong, but that a demonstration has no signatures of members."""
    file = tmp_path / "bundle.zip"
    file.write_bytes(whole)
    checked = elsewhere.check_bundle(file, elsewhere.Trusted(Trust(), Expected()))
    assert len(checked.reports[0].steps) == 9
    return {str(f.code) for report in checked.reports for f in report.failures} - {"not-signed"}


def test_a_bundle_holds_the_files_their_chains_and_what_checks_them(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    record, number = acquired(data)
    take(ALVAREZ, record, Act.OFFER, to="state-bi")
    take(PETROV, record, Act.ACCEPT)
    bundle, whole = taken([record])
    files = opened(whole)
    said = manifest(files)
    (exhibit,) = said["exhibits"]
    assert exhibit["number"] == number
    assert files[exhibit["file"]] == data
    listed = {each["path"]: each for each in said["files"]}
    outside = {"manifest.json", "SHA256SUMS", "receipts/disclosure.json"}
    assert set(files) - outside == set(listed)
    assert all(sha256(files[path]) == each["sha256"] for path, each in listed.items())
    assert sha256(files["manifest.json"]) == bundle.manifest_sha256
    assert said["whole_case"] is False
    assert len(json.loads(files[exhibit["custody"]])["chain"]) == 3
    assert failing(whole, tmp_path) == set()


def test_the_ledger_names_the_manifest_and_the_copy_is_listed_for_the_owner() -> None:
    record, _ = acquired(b"listed" * 100)
    place(record)
    bundle, whole = taken([record], *PROSECUTOR_IN)
    detail = json.loads(opened(whole)["receipts/disclosure.json"])["pieces"]["texts"][-1]
    said = json.loads(detail)["detail"]
    assert said["digest"] == bundle.manifest_sha256
    (exhibit,) = manifest(opened(whole))["exhibits"]
    assert said["custody"] == {str(record): exhibit["custody_head"]}  # it is disclosed too
    with acting(LIEUTENANT, TRAFFICKING, CASE):
        (line,) = [c for c in copies(owner="riverbend-pd") if c.entry_id == bundle.taken.entry]
    assert (line.record_id, line.digest) == (record, sha256(b"listed" * 100))
    assert line.agency == "tri-county-da"
    with acting(*PROSECUTOR_IN):
        owed = Duty.objects.filter(record_id=record, entry_id=bundle.taken.entry)
        assert [duty.kind for duty in owed].count("return-copy") == 1


def test_a_member_of_another_agency_gets_what_they_may_take_and_is_told_what_they_may_not(
    tmp_path: Path,
) -> None:
    own = partners_own(b"partner's own")
    placed, number = acquired(b"may be seen")
    hidden, hidden_number = acquired(b"nobody else's")
    place(placed)
    _, whole = taken(None, *PARTNER_IN)
    files = opened(whole)
    said = manifest(files)
    assert {each["owner"] for each in said["exhibits"]} == {"harlan-so"}
    assert str(own) in {each["record"] for each in said["exhibits"]}
    left = {each["number"]: each["why"] for each in said["left_out"]}
    assert left[number] == WhyLeftOut.NO_CLAUSE
    assert said["whole_case"] is True
    assert b"may be seen" not in whole
    for mark in (str(hidden), hidden_number, "nobody else's"):
        assert mark.encode() not in b"".join(files.values())
    assert failing(whole, tmp_path) == set()


class _Back(Exception):
    """Takes everything back."""


def as_if(at: Any) -> bytes:
    """The bundle of the partner's case at one moment, and nothing of it stays."""
    kept = list[bytes]()

    def taking(scope: Scope) -> None:
        made = actions.take_bundle(scope, None, names(), as_html)
        kept.append(b"".join(made.chunks(0)))
        raise _Back

    with (
        clock.taken_from(clock.FixedClock(at)),
        ids.repeatable(7, int(at.timestamp() * 10**9)),
        pytest.raises(_Back),
        acting(*PARTNER_IN) as scope,
    ):
        taking(scope)
    return kept[0]


def test_what_is_hidden_does_not_change_a_byte_of_a_bundle() -> None:
    partners_own(b"seen by its own")
    sequence_all()
    at = clock.now()
    before = as_if(at)
    acquired(b"hidden from the partner")
    assert opened(as_if(at)) == opened(before)
    assert as_if(at) == before
    seen, number = acquired(b"seen by the partner")
    place(seen)
    now_seen = manifest(opened(as_if(clock.now())))  # the instrument itself
    assert number in {each["number"] for each in now_seen["left_out"]}


def test_an_exhibit_that_is_not_seen_cannot_be_asked_for_and_an_empty_choice_says_so() -> None:
    hidden, _ = acquired(b"hidden")
    for unknown in (hidden, UUID(int=1)):
        with pytest.raises(NotFound), acting(*PARTNER_IN) as scope:
            actions.take_bundle(scope, [unknown], names(), as_html)
    with pytest.raises(InvalidInput, match="at least one"), acting(*IN_CASE) as scope:
        actions.take_bundle(scope, [], names(), as_html)


def test_where_nothing_may_be_taken_nothing_is_and_the_owner_is_named() -> None:
    placed, _ = acquired(b"only to be seen")
    place(placed)
    with (
        pytest.raises(NotAllowed, match="nothing may be taken") as refused,
        acting(*PARTNER_IN) as scope,
    ):
        actions.take_bundle(scope, [placed], names(), as_html)
    assert "Riverbend" in str(refused.value.who_can_change)


def test_more_than_a_bundle_holds_is_refused_before_anything_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [acquired(b"one")[0], acquired(b"two")[0]]
    monkeypatch.setattr(actions, "MOST_EXHIBITS", 1)
    with pytest.raises(InvalidInput, match="at most 1"), acting(*IN_CASE) as scope:
        actions.take_bundle(scope, both, names(), as_html)


def test_what_is_left_out_takes_no_room_of_what_a_bundle_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = partners_own(b"has room")
    placed, _ = acquired(b"takes none")
    place(placed)
    monkeypatch.setattr(actions, "MOST_EXHIBITS", 1)
    said = manifest(opened(taken([own, placed], *PARTNER_IN)[1]))
    assert (len(said["exhibits"]), len(said["left_out"])) == (1, 1)


def test_outside_of_a_case_there_is_no_bundle() -> None:
    with (
        pytest.raises(NotAllowed, match="choose the case"),
        acting(IN_CASE[0], TRAFFICKING) as scope,
    ):
        queries.plan(scope)


def test_the_page_promises_what_the_export_gives() -> None:
    partners_own(b"promised")
    placed, _ = acquired(b"not promised")
    place(placed)
    with acting(*PARTNER_IN) as scope:
        promised = queries.plan(scope)
    said = manifest(opened(taken(None, *PARTNER_IN)[1]))
    assert [each.number for each in promised.offered] == [e["number"] for e in said["exhibits"]]
    assert [(e.number, e.why) for e in promised.left_out] == [
        (e["number"], e["why"]) for e in said["left_out"]
    ]


def test_what_was_only_named_is_logged_as_seen_and_not_as_taken() -> None:
    own = partners_own(b"taken")
    placed, _ = acquired(b"named")
    place(placed)
    sequence_all()
    with acting(*PARTNER_IN) as scope:
        actions.take_bundle(scope, [own, placed], names(), as_html)
        noted = {(item.record, item.clause) for item in scope.items.values()}
        shown = {record for record, _ in noted}
        assert {str(own), str(placed)} <= shown
        taken_under = {clause for record, clause in noted if record == str(own)}
        seen_under = {clause for record, clause in noted if record == str(placed)}
    assert taken_under.isdisjoint(seen_under)


def test_a_stored_file_that_does_not_open_is_left_out_by_name_and_the_others_leave(
    world: Path,
) -> None:
    sound, _ = acquired(b"sound" * 50)
    spoilt, number = acquired(b"spoilt" * 50)
    with superuser(world) as admin:
        admin.execute(
            "update stored_object set list_mac = decode(repeat('00', 32), 'hex')"
            " where record_id = %s",
            [spoilt],
        )
    said = manifest(opened(taken([sound, spoilt])[1]))
    assert [each["record"] for each in said["exhibits"]] == [str(sound)]
    assert [(each["number"], each["why"]) for each in said["left_out"]] == [
        (number, WhyLeftOut.DOES_NOT_OPEN)
    ]


@pytest.mark.parametrize("column", ["sealed", "opening"])
def test_a_chain_that_does_not_open_is_left_out_by_name_and_the_others_leave(
    world: Path, column: str
) -> None:
    sound, _ = acquired(b"sound chain" * 50)
    spoilt, number = acquired(b"spoilt chain" * 50)
    with superuser(world) as admin:
        admin.execute(
            f"update custody_event e set {column} = o.{column} from custody_event o"
            " where e.record_id = %s and o.record_id = %s",
            [spoilt, sound],
        )
    said = manifest(opened(taken([sound, spoilt])[1]))
    assert [each["record"] for each in said["exhibits"]] == [str(sound)]
    assert [(each["number"], each["why"]) for each in said["left_out"]] == [
        (number, WhyLeftOut.CHAIN_UNREADABLE)
    ]


def test_a_file_under_an_alarm_is_left_out_for_others(world: Path) -> None:
    frozen, number = acquired(b"frozen" * 50)
    fine, _ = acquired(b"fine" * 50)
    place(frozen)
    place(fine)
    with superuser(world) as admin:
        admin.execute(
            "insert into custody_alarm (id, record_id, object_id, owner_id, custodian_id, outcome,"
            " at) select gen_random_uuid(), record_id, id, owner_id, owner_id, 'altered', now()"
            " from stored_object where record_id = %s",
            [frozen],
        )
    for by in (PROSECUTOR_IN, IN_CASE):  # its owner's own people too
        said = manifest(opened(taken([frozen, fine], *by)[1]))
        assert [each["record"] for each in said["exhibits"]] == [str(fine)]
        assert [(e["number"], e["why"]) for e in said["left_out"]] == [
            (number, WhyLeftOut.FILE_CLOSED)
        ]


def test_a_file_that_is_another_one_when_it_is_read_breaks_the_bundle_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, _ = acquired(b"as it was" * 50)
    sequence_all()
    with acting(*IN_CASE) as scope:
        bundle = actions.take_bundle(scope, [record], names(), as_html)

    def another(self: FileReader, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        del self, start, end
        yield b"as it is " * 50

    monkeypatch.setattr(FileReader, "chunks", another)
    sent = list[bytes]()
    with pytest.raises(CannotOpen, match="another file"):
        sent.extend(bundle.chunks(0))
    assert b"as it is " not in b"".join(sent)


def test_a_sealed_name_of_a_victim_is_in_no_paper_of_whom_it_is_not_open_to() -> None:
    """What is not open for export is absent from every part of a bundle."""
    upload = uploaded(b"of a victim", name="Jane-Roe-interview.mp4")
    about = About("video", "An interview.", frozenset({"victim"}))
    with acting(*IN_CASE) as scope:
        record, number = exhibits.acquire(scope, upload, about, COLLECTED)
    with acting(*IN_CASE) as scope:
        plan = queries.plan(scope)
    assert record not in {each.record_id for each in plan.offered}
    assert {each.number: each.why for each in plan.left_out}[number] == WhyLeftOut.NO_CLAUSE
    other, _ = acquired(b"of nobody")
    files = opened(taken([record, other])[1])
    assert [each["number"] for each in manifest(files)["left_out"]] == [number]
    assert b"Jane-Roe" not in b"".join(files.values())


CASE_PAGES = f"/w/{TRAFFICKING}/statute/{CASE}/exhibits"


def signed_in(member: str) -> Client:
    client = Client()
    assert client.post(create_signin_link(member)).status_code == 303
    return client


def test_the_page_takes_all_that_can_be_ticked_as_the_whole_case_and_a_choice_as_one() -> None:
    own = partners_own(b"of the page")
    placed, number = acquired(b"seen on the page")
    place(placed)
    client = signed_in(PARTNER)
    page = client.get(f"{CASE_PAGES}/bundle").content.decode()
    assert number in page
    ticked = re.findall(r'name="exhibits" value="([0-9a-f-]{36})" checked', page)
    assert str(own) in ticked
    assert str(placed) not in ticked
    alone = client.get(f"{CASE_PAGES}/bundle?exhibit={own}").content.decode()
    assert re.findall(r'value="([0-9a-f-]{36})" checked', alone) == [str(own)]
    whole = client.post(f"{CASE_PAGES}/bundle", {"exhibits": ticked})
    said = manifest(opened(whole.getvalue()))
    assert said["whole_case"] is True
    assert number in {each["number"] for each in said["left_out"]}
    one = manifest(opened(client.post(f"{CASE_PAGES}/bundle", {"exhibits": [own]}).getvalue()))
    assert (one["whole_case"], one["left_out"]) == (len(ticked) == 1, [])


def test_the_page_says_what_is_wrong_with_a_choice_and_keeps_it() -> None:
    partners_own(b"of a wrong choice")
    client = signed_in(PARTNER)
    empty = client.post(f"{CASE_PAGES}/bundle", {})
    assert empty.status_code == 400
    assert "Exhibits: choose at least one exhibit" in empty.content.decode()
    odd = client.post(f"{CASE_PAGES}/bundle", {"exhibits": ["x"]})
    assert (odd.status_code, "choose from the list" in odd.content.decode()) == (400, True)


def test_a_bundle_waits_for_the_agencies_and_goes_without_them_when_they_do_not_come(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its receipt stays as it is: one without cosignatures fails whoever asks for them."""
    record, _ = acquired(b"cosigned" * 100)
    monkeypatch.setattr(proving, "load_policy", lambda _: SimpleNamespace(quorum="agencies"))
    slept = list[float]()

    def cosigned(step_s: float) -> None:
        slept.append(step_s)
        with superuser(world) as db:
            db.execute("update ledger_checkpoint set quorum_at = now() where quorum_at is null")

    with superuser(world) as db:
        (before,) = db.execute(
            "select coalesce(max(size), 0) from ledger_checkpoint"
        ).fetchone() or [0]
    try:
        bundle, _ = taken([record])
        clocks = SimpleNamespace(sleep=cosigned, monotonic=time.monotonic)
        monkeypatch.setattr(actions, "time", clocks)
        assert "receipts/disclosure.json" in opened(b"".join(bundle.chunks(5)))
        assert len(slept) == 1
        bundle, whole = taken([record])
        assert "receipts/disclosure.json" in opened(whole)
        assert len(slept) == 1  # nothing was left to wait
    finally:
        with superuser(world) as db:
            db.execute("set session_replication_role = replica")
            db.execute("update ledger_checkpoint set quorum_at = null where size > %s", [before])
