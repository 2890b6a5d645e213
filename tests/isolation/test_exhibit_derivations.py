"""A derivation is an exhibit of its own, and its file goes no further than what it was made from."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.cases.actions import open_case, place_records, withdraw_record
from accord.cases.queries import case as find_case
from accord.evidence import jobs, scratch, screen
from accord.evidence.actions import derivations as actions
from accord.evidence.actions import deriving, grounds, stored
from accord.evidence.actions.tries import MOST_LOST
from accord.evidence.custody import queries as chains
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.sealing import seal
from accord.evidence.domain import Basis, DerivationState, Followed, Refused
from accord.evidence.models import ExhibitSource, StoredObject
from accord.evidence.queries import derivations as queries
from accord.evidence.queries import exhibits
from accord.evidence.reading.results import Area, Copy, Extraction, Redaction, SetAside, Way
from accord.evidence.store import StoreRefused
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.platform import outbox
from isolation.contributing import LIEUTENANT, acting, superuser, told_of
from isolation.custodying import ALVAREZ, PETROV, take
from isolation.exhibiting import (
    CASE,
    IN_CASE,
    MAIL,
    PARTNER,
    PROSECUTOR,
    TRAFFICKING,
    acquired,
    make,
    photograph,
    read,
)
from isolation.test_custody_pages import browser

pytestmark = pytest.mark.usefixtures("world")
BLACK = Redaction((Area(1000, 1500, 5000, 4000),))
EXAMINED = "HT-2026-770"
LABORATORY = (PETROV, "forensic-examination", EXAMINED)
DESAI = "state-bi.a.desai"
Who = tuple[str, str, str]


@pytest.fixture(scope="module", autouse=True)
def examined(world: Path) -> None:
    """A case in which the state laboratory examines and the district attorney prosecutes."""
    with acting(LIEUTENANT, "case-administration") as scope:
        open_case(
            scope,
            number=EXAMINED,
            title="What the laboratory examines",
            purposes=[TRAFFICKING, "forensic-examination", "prosecution"],
            members=[ALVAREZ, LIEUTENANT, PETROV, PROSECUTOR, DESAI],
        )


def place(record: UUID, by: Who = (LIEUTENANT, TRAFFICKING, EXAMINED)) -> None:
    with acting(*by) as scope:
        assert place_records(scope, find_case(by[2]), [record]).placed


def ask(record: UUID, way: Way, who: Who = IN_CASE, **labels: Any) -> UUID:
    with acting(*who) as scope:
        seen = exhibits.exhibit(scope, record)
        about = replace(actions.about_of(seen, "Made for the defence."), **labels)
        return actions.ask(scope, record, way, about)


def made(record: UUID, way: Way, who: Who = IN_CASE, **labels: Any) -> UUID:
    asked = ask(record, way, who, **labels)
    make(asked, who)
    with acting(*who):
        found = queries.derivation(asked)
    assert found.state is DerivationState.DONE, found.sentence
    assert found.result is not None
    return found.result


def content(record: UUID, who: Who = IN_CASE) -> bytes:
    with acting(*who) as scope:
        seen = exhibits.exhibit(scope, record)
        assert seen.original is not None
        return exhibits.reader(seen.original.id).read(0, seen.original.size_bytes)


def test_a_redacted_picture_is_a_new_exhibit_and_the_original_is_what_it_was() -> None:
    data = photograph()
    source, number = acquired(data)
    result = made(source, BLACK)
    assert content(source) == data
    picture = Image.open(io.BytesIO(content(result))).convert("RGB")
    assert picture.getpixel((200, 150)) == (0, 0, 0)
    assert picture.getpixel((600, 10)) == (255, 255, 255)
    with acting(*IN_CASE) as scope:
        seen = exhibits.exhibit(scope, result)
        said = {n: v[0] for part in seen.record.parts for n, v in part.values.items()}
        before = exhibits.exhibit(scope, source).exhibit
        assert queries.source_of(result) == source
        assert [s.exhibit.record_id for s in queries.made_of(scope, source)] == [result]
    assert seen.exhibit.number != number
    assert seen.exhibit.file_name == f"{number.replace('/', '-')}-redacted.png"
    assert said["derivedFrom"] == number
    assert (said["derivationWay"], said["sourceHash"]) == (
        "redaction",
        before.hashes.sha256 if before.hashes else "",
    )
    assert said["derivationParameters"].startswith('{"areas":[{"height":4000,')
    assert "pillow" in said["derivationTools"]
    assert (seen.exhibit.basis, said["basisReference"]) == (before.basis, "2026-SW-0311")


def test_both_chains_name_each_other() -> None:
    source, _ = acquired(photograph())
    result = made(source, BLACK)
    with acting(*IN_CASE):
        first = chains.chain(result).chain.events[0]
        last = chains.chain(source).chain.events[-1]
        assert chains.check_whole(chains.chain(source))
    assert first.source is not None
    assert first.source.exhibit == str(source)
    assert last.act is Act.DERIVE
    assert last.derived is not None
    assert (last.derived.exhibit, last.derived.sha256) == (str(result), first.after)


def test_a_file_inside_a_message_is_taken_out_under_its_own_name() -> None:
    source, _ = acquired(MAIL)
    read(source)
    result = made(source, Extraction(1))
    with acting(*IN_CASE) as scope:
        assert exhibits.exhibit(scope, result).exhibit.file_name == "rooms.txt"
    assert content(result).strip() == b"nine, eleven"


@pytest.mark.parametrize(
    ("way", "name"), [(Copy(), "copy"), (Extraction(1), "part-1.txt"), (Extraction(0), "text.txt")]
)
def test_what_is_labelled_less_strictly_is_named_by_its_sources_number(way: Way, name: str) -> None:
    source, number = acquired(MAIL)
    read(source)
    result = made(source, way, sensitivity="open", subjects=frozenset({"none"}))
    with acting(*IN_CASE) as scope:
        called = exhibits.exhibit(scope, result).exhibit.file_name
    assert called is not None
    assert called.startswith(f"{number.replace('/', '-')}-{name}")


def test_a_redaction_of_ones_own_may_be_labelled_otherwise() -> None:
    source, _ = acquired(photograph())
    result = made(source, BLACK, sensitivity="open", subjects=frozenset({"none"}))
    with acting(*IN_CASE) as scope:
        part = exhibits.exhibit(scope, result).record.part("attachment")
    assert part is not None
    assert (part.label.sensitivity, part.label.subjects) == ("open", frozenset({"none"}))


def refused(record: UUID, way: Way, between: Any = None) -> str | None:
    asked = ask(record, way)
    if between:
        between()
    make(asked)
    with acting(*IN_CASE):
        found = queries.derivation(asked)
    assert found.state is DerivationState.REFUSED
    assert found.sentence
    return found.reason


def test_what_cannot_be_made_says_why_and_leaves_nothing() -> None:
    source, _ = acquired(photograph())
    assert refused(source, Extraction(3)) == SetAside.UNFIT
    with acting(*IN_CASE):
        assert not ExhibitSource.objects.filter(source_record_id=source).exists()
        assert len(chains.chain(source).chain.events) == 1


def test_a_sealed_exhibit_is_derived_from_by_nobody_also_if_it_was_sealed_since() -> None:
    source, _ = acquired(photograph())
    assert (
        refused(source, BLACK, lambda: take(ALVAREZ, source, Act.SEAL, seal="S-1"))
        == Refused.CUSTODY
    )
    with pytest.raises(actions.Stopped), acting(*IN_CASE) as scope:
        actions.check_can(scope, exhibits.exhibit(scope, source))


def test_who_may_not_take_a_copy_derives_none() -> None:
    source, _ = acquired(photograph())
    place(source, (LIEUTENANT, TRAFFICKING, CASE))
    with pytest.raises(NotAllowed, match="derivation is one"):
        ask(source, BLACK, (PARTNER, TRAFFICKING, CASE))


def test_whose_standing_ended_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)
    with monkeypatch.context() as patch:
        patch.setattr(agencies, "actor_or_none", lambda membership: None)
        make(asked)
    with acting(*IN_CASE):
        assert queries.derivation(asked).reason == Refused.STANDING


def test_a_cancelled_derivation_is_not_made() -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)
    with acting(*IN_CASE) as scope:
        actions.cancel(scope, asked)
    make(asked)
    with acting(*IN_CASE):
        assert queries.derivation(asked).state is DerivationState.CANCELLED


def test_others_do_not_find_what_somebody_asked_for() -> None:
    source, _ = acquired(photograph())
    place(source, (LIEUTENANT, TRAFFICKING, CASE))
    with acting(*IN_CASE):
        before = outbox.state()
    asked = ask(source, BLACK)
    assert asked in told_of("derivation", before, *IN_CASE)
    assert asked not in told_of("derivation", before, PARTNER, TRAFFICKING, CASE)
    with pytest.raises(NotFound), acting(PARTNER, TRAFFICKING, CASE):
        queries.derivation(asked)
    with acting(*IN_CASE) as scope:
        actions.cancel(scope, asked)


@pytest.fixture
def entrusted() -> UUID:
    """An exhibit of Riverbend's, placed in the case and in the custody of the state laboratory."""
    source, _ = acquired(photograph())
    place(source)
    take(ALVAREZ, source, Act.OFFER, to="state-bi")
    take(PETROV, source, Act.ACCEPT)
    return source


def test_a_laboratory_labels_no_less_strictly_what_it_was_entrusted_with(entrusted: UUID) -> None:
    with pytest.raises(InvalidInput) as fault:
        ask(entrusted, BLACK, LABORATORY, sensitivity="open", subjects=frozenset({"none"}))
    assert {one.field for one in fault.value.faults} == {"sensitivity", "subjects"}


def test_a_laboratory_cannot_hand_on_what_it_was_entrusted_with(entrusted: UUID) -> None:
    """Nor what it makes of what it made, while whoever may read the source reads both."""
    first = made(entrusted, Copy(), LABORATORY)
    second = made(first, BLACK, LABORATORY)
    with acting(*LABORATORY) as scope:
        seen = exhibits.exhibit(scope, second)
        core = seen.record.part("core")
    assert core is not None
    assert core.values["legalBasis"] == ("partner",)
    for result in (first, second):
        place(result, (DESAI, TRAFFICKING, EXAMINED))
        readers = (PROSECUTOR, "prosecution", EXAMINED), (ALVAREZ, TRAFFICKING, EXAMINED)
        for who in readers:
            assert opens(result, who), who
    withdraw(entrusted)
    for result in (first, second):
        with acting(PROSECUTOR, "prosecution", EXAMINED) as scope:
            seen = exhibits.exhibit(scope, result)  # that there is one, and what it is
            assert seen.exhibit.hashes is not None
            assert seen.original is None
        assert opens(result, LABORATORY)
        assert opens(result, (ALVAREZ, TRAFFICKING, EXAMINED))


def opens(record: UUID, who: Who) -> bool:
    with acting(*who) as scope:
        exhibits.exhibit(scope, record)
        return StoredObject.objects.filter(record_id=record, role="original").exists()


def withdraw(record: UUID) -> None:
    with acting(LIEUTENANT, TRAFFICKING, EXAMINED) as scope:
        withdraw_record(scope, find_case(EXAMINED), record)


def test_what_binds_a_copy_is_written_by_the_database_alone(world: Path, entrusted: UUID) -> None:
    first = made(entrusted, Copy(), LABORATORY)
    second = made(first, BLACK, LABORATORY)
    with superuser(world) as db:
        rows = db.execute(
            "select source_record_id, source_owner, direct from exhibit_source where record_id = %s",
            [second],
        ).fetchall()
    assert sorted(rows, key=lambda r: r[2]) == [
        (entrusted, "riverbend-pd", False),
        (first, "state-bi", True),
    ]


def test_nothing_is_derived_from_what_was_found_altered(world: Path) -> None:
    source, _ = acquired(photograph())

    def alarm() -> None:
        with superuser(world) as db:
            db.execute(
                "insert into custody_alarm (id, record_id, object_id, owner_id, custodian_id,"
                " outcome, at) select gen_random_uuid(), o.record_id, o.id, o.owner_id, o.owner_id,"
                " 'altered', now() from stored_object o where o.record_id = %s",
                [source],
            )

    assert refused(source, BLACK, alarm) == Refused.CUSTODY


def test_what_is_cancelled_while_it_is_made_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)
    really = jobs.derive

    def cancelled_meanwhile(*given: Any, **named: Any) -> Any:
        with acting(*IN_CASE) as scope:
            actions.cancel(scope, asked)
        return really(*given, **named)

    monkeypatch.setattr(jobs, "derive", cancelled_meanwhile)
    make(asked)
    with acting(*IN_CASE):
        assert queries.derivation(asked).state is DerivationState.CANCELLED
        assert not ExhibitSource.objects.filter(source_record_id=source).exists()


def test_what_was_asked_for_is_forgotten_once_it_is_over(world: Path) -> None:
    source, _ = acquired(photograph())
    ids = [ask(source, BLACK), ask(source, Extraction(9)), ask(source, Copy())]
    make(ids[0])
    make(ids[1])
    with acting(*IN_CASE) as scope:
        actions.cancel(scope, ids[2])
    with superuser(world) as db:
        kept = db.execute("select sealed from derivation where id = any (%s)", [ids]).fetchall()
    assert kept == [("",)] * 3


def test_a_worker_that_died_leaves_a_derivation_that_another_one_makes(world: Path) -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)
    left(asked, world)
    assert asked in {one[0] for one in queries.to_make(now())}
    make(asked)
    with acting(*IN_CASE):
        assert queries.derivation(asked).state is DerivationState.DONE


def left(derivation: UUID, world: Path) -> None:
    """A worker took it up three hours ago and is gone."""
    with superuser(world) as db:
        db.execute(
            "update derivation set state = 'running', began_at = now() - interval '3 hours'"
            " where id = %s",
            [derivation],
        )


def test_what_ends_the_worker_each_time_is_given_up_and_can_be_asked_for_anew(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)

    class Killed(BaseException):
        """No memory is left, and the process with it."""

    def kills(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "derive", kills)
        for gone in range(MOST_LOST):
            with pytest.raises(Killed):
                make(asked)
            with acting(*IN_CASE):
                found = queries.derivation(asked)
            assert (found.state, found.lost) == (DerivationState.RUNNING, gone)
            left(asked, world)
        make(asked)
    with acting(*IN_CASE):
        found = queries.derivation(asked)
    assert (found.state, found.reason) == (DerivationState.REFUSED, SetAside.GIVEN_UP)
    assert "three times" in (found.sentence or "")
    assert asked not in {one[0] for one in queries.to_make(now())}
    assert made(source, BLACK)


def test_what_another_worker_has_taken_up_lately_stays_that_workers() -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)
    with acting(*IN_CASE) as scope:
        assert deriving.claim(scope, asked)
    with acting(*IN_CASE) as scope:
        assert deriving.claim(scope, asked) is None
    with acting(*IN_CASE) as scope:
        assert queries.derivation(asked).lost == 0
        actions.cancel(scope, asked)


def test_an_error_of_ours_in_one_derivation_holds_up_no_other(
    world: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where it comes before anything was begun; it is logged with what it was about."""
    source, _ = acquired(photograph())
    bad, good = ask(source, BLACK), ask(source, Copy())
    wish = {"way": {"way": "copy"}, "about": {"subjects": [], "of another version": 1}}
    sealed = seal(queries.WISH, bad, json.dumps(wish))
    with superuser(world) as db:
        db.execute("update derivation set sealed = %s where id = %s", [sealed, bad])
    under = (IN_CASE[0], IN_CASE[1], "statute", IN_CASE[2])
    monkeypatch.setattr(
        "accord.evidence.queries.derivations.to_make", lambda at: [(bad, *under), (good, *under)]
    )
    assert jobs.make_derivations() == 1
    with acting(*IN_CASE):
        found, other = queries.derivation(bad), queries.derivation(good)
    assert (found.state, found.reason) == (DerivationState.REFUSED, SetAside.NODE)
    assert other.state is DerivationState.DONE
    (line,) = [r for r in caplog.records if hasattr(r, "facts") and "derivation" in r.facts]
    assert line.facts["derivation"] == bad
    assert line.exc_info


def test_a_store_that_does_not_let_go_hides_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, _ = acquired(photograph())
    asked = ask(source, BLACK)

    class Stuck:
        def remove(self, address: str) -> None:
            raise StoreRefused("The store does not answer.")

    def fails(*_: Any) -> None:
        monkeypatch.setattr(stored, "store", Stuck)
        raise InvalidInput("exhibit", None, "kind", "is none")

    monkeypatch.setattr(deriving, "finish", fails)
    make(asked)
    with acting(*IN_CASE):
        assert queries.derivation(asked).reason == Refused.LABELS
    assert "a piece stays in the store for the sweep" in caplog.messages


def test_a_clear_copy_that_cannot_be_removed_is_left_to_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, _ = acquired(photograph())
    with acting(*IN_CASE) as scope:
        original = exhibits.exhibit(scope, source).original
        assert original is not None
        reader = exhibits.reader(original.id)
    really = scratch.shutil.rmtree

    def busy(*_: Any, **__: Any) -> None:
        raise OSError("busy")

    with pytest.raises(OSError, match="busy"), scratch.clear_file(reader) as mine:
        monkeypatch.setattr(scratch.shutil, "rmtree", busy)
    monkeypatch.setattr(scratch.shutil, "rmtree", really)
    os.utime(mine.source.parent, (0, 0))
    scratch.sweep()
    assert not mine.source.exists()


def numbers(*records: UUID) -> tuple[str, ...]:
    with acting(*IN_CASE) as scope:
        return tuple(exhibits.exhibit(scope, record).exhibit.number for record in records)


def reads(record: UUID) -> bool:
    """Whether the prosecutor reads its file."""
    try:
        return opens(record, (PROSECUTOR, "prosecution", EXAMINED))
    except NotFound:
        return False


def test_what_was_made_of_an_exhibit_loses_its_ground_with_it() -> None:
    """And what was made of that in turn; what was given a ground of its own since stands on it."""
    source, _ = acquired(photograph())
    first = made(source, Copy())
    second, other = made(first, BLACK), made(source, Copy())
    with acting(*IN_CASE) as scope:
        grounds.record_basis(scope, other, basis=Basis.CONSENT, reference="Form 12, signed")
    for record in (source, first, second, other):
        place(record)
        assert reads(record)
    with acting(*IN_CASE) as scope:
        followed = grounds.record_basis(scope, source, basis=Basis.UNRECORDED, reference=None)
    assert (followed.lost, followed.kept) == (numbers(first, second), ())
    assert [reads(record) for record in (source, first, second, other)] == [False] * 3 + [True]
    with acting(*IN_CASE) as scope:
        again = grounds.record_basis(scope, source, basis=Basis.TIP, reference="Tip 7")
        assert exhibits.exhibit(scope, first).exhibit.basis is Basis.UNRECORDED
    assert again == Followed()


def test_what_cannot_be_revised_is_named_and_keeps_no_source_from_losing_its_ground(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, _ = acquired(photograph())
    result = made(source, Copy())
    whole = exhibits.worked_on

    def partly(scope: Scope, wanted: UUID, *, unseal: bool = False) -> exhibits.Seen:
        seen = whole(scope, wanted, unseal=unseal)
        shown = [p for p in seen.record.parts if wanted != result or p.kind != "identity"]
        return replace(seen, record=replace(seen.record, parts=tuple(shown)))

    with monkeypatch.context() as patch, acting(*IN_CASE) as scope:
        patch.setattr(exhibits, "worked_on", partly)
        followed = grounds.record_basis(scope, source, basis=Basis.UNRECORDED, reference=None)
    assert (followed.lost, followed.kept) == ((), numbers(result))
    said = str(screen.said_of_ground(Basis.UNRECORDED, followed))
    assert (
        f"not yours to revise: {numbers(result)[0]}. They keep their basis until a colleague"
        in said
    )
    with acting(*IN_CASE) as scope:
        assert exhibits.exhibit(scope, source).exhibit.basis is Basis.UNRECORDED
        assert exhibits.exhibit(scope, result).exhibit.basis is Basis.WARRANT


def test_the_page_says_what_lost_its_ground_with_the_exhibit() -> None:
    source, _ = acquired(photograph())
    result = made(source, Copy())
    here = f"/w/{TRAFFICKING}/statute/{CASE}/exhibits/{source}"
    detective = browser(IN_CASE[0])
    assert detective.post(f"{here}/basis", {"basis": "unrecorded"}).status_code == 303
    page = detective.get(here).content.decode()
    assert f"without a basis now too: {numbers(result)[0]}." in page
