"""Live pages tell nobody of what they may not fetch: not that it is, not that it changed, not when.

The same two worlds as in the walk. All that was ever told in each is put before the viewers, and then
something hidden happens between two ticks in one world alone: the frames must be the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import glance
from accord.cases import actions as cases
from accord.cases import queries as case_queries
from accord.desk.live.asking import TOPICS, Asked, Signed, admit
from accord.desk.live.frames import encode
from accord.desk.live.hub import LOOK_TICKS, Hub, Page
from accord.identity import queries as identity
from accord.identity.actions import signins
from accord.identity.domain import Proof, Why
from accord.kernel.errors import InvalidInput, NotFound
from accord.platform import outbox
from accord.platform.outbox import Change
from accord.platform.sessions import SessionStore, stored_key
from isolation.contributing import acting, draft, write
from isolation.direct import administrator
from isolation.worlds import FULL, HT, PLAIN, TRAFFICKING, Pair, Viewer, pair_of_worlds, point_at

pytestmark = pytest.mark.xdist_group("walk")
EVER = "3:3:"
"""The database's state before anything happened."""
NAMES = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def pair(world: Path) -> Iterator[Pair]:
    with pair_of_worlds(world) as made:
        yield made


def _contexts(viewer: Viewer) -> Iterator[tuple[str, str]]:
    yield viewer.purpose, viewer.case
    for purpose in ("case-administration", "records-administration", "oversight"):
        yield purpose, "-"


def _ever_told(database: str, viewer: Viewer, purpose: str, case: str) -> tuple[Change, ...]:
    point_at(database)
    actor = agencies.actor(viewer.membership)
    with glance(actor, resolve(actor, purpose, "statute", case)):
        return outbox.between(EVER, outbox.state(), limit=100_000)


@pytest.mark.parametrize("number", NAMES)
def test_all_that_was_ever_told_is_the_same_in_both_worlds(pair: Pair, number: int) -> None:
    viewer = pair.viewers[number]
    told = 0
    for purpose, case in _contexts(viewer):
        plain = _ever_told(PLAIN, viewer, purpose, case)
        assert plain == _ever_told(FULL, viewer, purpose, case), (purpose, case)
        told += len(plain)
    assert told > 10


def test_more_was_told_in_the_second_world(pair: Pair) -> None:
    """The instrument itself: the hidden acts are in the outbox of the one world, not of the other."""

    counts = []
    for database in (PLAIN, FULL):
        with administrator(pair.data_dir, database) as admin:
            row = admin.execute("select count(*) as n from outbox").fetchone()
            assert row is not None
            counts.append(row["n"])
    assert counts[1] > counts[0] + 20


def _asked(viewer: Viewer, purpose: str, case: str, *shown: UUID) -> Asked:
    actor = agencies.actor(viewer.membership)
    context = resolve(actor, purpose, "statute", case)
    stored = stored_key(viewer.session)
    proof = identity.proof_of(stored, dict(SessionStore(viewer.session).items()), None)
    assert isinstance(proof, Proof)
    session = Signed(stored, proof)
    return Asked(session, actor, context, TOPICS, frozenset(shown), None, None)


def _frames(database: str, pair: Pair, secret: bool) -> list[bytes]:
    """Frames of every viewer's pages over some ticks, while something visible and hidden happens."""
    point_at(database)
    hub = Hub()
    hub.run = "0badf00d"
    hub.tick()
    pages = [
        hub.join(_asked(v, purpose, case, UUID(v.samples["record"]), UUID(int=7)))
        for v in pair.viewers
        for purpose, case in _contexts(v)
    ]
    frames: list[bytes] = []

    def tick() -> None:
        hub.tick()
        frames.extend(encode(hub.mark, hub.take(page)) for page in pages)

    tick()
    if secret:
        _something_hidden(pair)
    for _ in range(LOOK_TICKS + 1):
        tick()
    return frames


def _something_hidden(pair: Pair) -> None:
    """A hidden record is revised, a hidden case gets a note, and a file is read that nobody sees."""
    for ref in (f"L-{uuid4()}", "HIDDEN-0-victim"):
        made = draft(name="Zyxw", agency="riverbend-pd", ref=ref, subjects=("victim",))
        write(made, by="riverbend-pd.j.whitfield")
    with acting("riverbend-pd.d.okafor", TRAFFICKING, pair.hidden.case_number) as scope:
        case = case_queries.case_of(scope)
        cases.write_note(scope, case, "Nobody else knows of this.")


def test_frames_are_the_same_bytes_whatever_happens_out_of_sight(pair: Pair) -> None:
    plain, full = _frames(PLAIN, pair, secret=False), _frames(FULL, pair, secret=True)
    assert len(plain) == len(full) > 100
    assert plain == full


def test_a_note_is_told_to_those_who_read_it_and_to_nobody_else(pair: Pair) -> None:
    point_at(PLAIN)
    hub = Hub()
    hub.tick()
    inside, desk = pair.viewers[0], pair.viewers[3]
    reads, works_elsewhere = (
        hub.join(_asked(inside, inside.purpose, inside.case)),
        hub.join(_asked(desk, desk.purpose, desk.case)),
    )
    hub.tick()
    with acting(inside.membership, inside.purpose, inside.case) as scope:
        case = case_queries.case_of(scope)
        cases.write_note(scope, case, "Seen by those who work here.")
    hub.tick()
    told = hub.take(reads).changes
    assert {(c.topic, c.subject) for c in told} == {("case", case.id)}
    assert not hub.take(works_elsewhere)


def _page(pair: Pair, *shown: UUID) -> tuple[Hub, Page]:
    point_at(PLAIN)
    hub, viewer = Hub(), pair.viewers[0]
    hub.tick()
    return hub, hub.join(_asked(viewer, viewer.purpose, viewer.case, *shown))


def test_whoever_was_away_is_told_what_came_meanwhile(pair: Pair) -> None:
    hub, page = _page(pair)
    left, viewer = hub.mark, pair.viewers[0]
    hub.leave(page)
    with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
        cases.write_note(scope, case_queries.case_of(scope), "Written while the page was away.")
    hub.tick()
    asked = _asked(viewer, viewer.purpose, viewer.case)
    back = Asked(asked.session, asked.actor, asked.context, TOPICS, frozenset(), left, None)
    assert {c.topic for c in hub.take(hub.join(back)).changes} == {"case"}
    unknown = Asked(asked.session, asked.actor, asked.context, TOPICS, frozenset(),
                    type(left)("ffffffff", 3), None)  # fmt: skip
    assert hub.take(hub.join(unknown)).anew


def test_what_goes_out_of_sight_is_said_and_what_never_was_in_sight_is_not(pair: Pair) -> None:

    record = UUID(pair.viewers[0].samples["record"])
    hub, page = _page(pair, record, UUID(int=9))
    assert page.shown == {record}
    with administrator(pair.data_dir, PLAIN) as admin:
        changed = admin.execute(
            "update part set newest_label_id = ("
            " select l.id from label l where not exists (select 1 from accord.standing s"
            " where s.member_id = %s and get_byte(s.view_bits, l.id) <> 0) limit 1)"
            " where record_id = %s",
            [pair.viewers[0].membership, record],
        ).rowcount
    assert changed
    told = set()
    for _ in range(LOOK_TICKS):
        hub.tick()
        told |= hub.take(page).gone
    assert told == {record}


def test_a_membership_that_ended_ends_its_pages_on_the_next_tick(pair: Pair) -> None:

    hub, page = _page(pair)
    viewer = pair.viewers[0]
    with administrator(pair.data_dir, PLAIN) as admin:
        admin.execute("update membership set valid_until = now() where id = %s",
                      [viewer.membership])  # fmt: skip
        try:
            hub.tick()
            assert page.over == "signed out"
        finally:
            admin.execute(
                "update membership set valid_until = null where id = %s", [viewer.membership]
            )


def test_a_session_that_is_signed_out_ends_its_pages_on_the_next_tick(pair: Pair) -> None:
    hub, page = _page(pair)
    point_at(PLAIN)
    signin = page.asked.session.proof.signin
    signins.end(signin, Why.LEFT)
    hub.tick()
    assert page.over == "signed out"
    with administrator(pair.data_dir, PLAIN) as admin:
        admin.execute("set session_replication_role = replica")  # what is over stays over
        admin.execute("update signin set ended_at = null, ended_why = '' where id = %s", [signin])
        admin.execute("set session_replication_role = origin")


def test_a_member_released_from_the_case_is_no_longer_told(pair: Pair) -> None:
    hub, page = _page(pair)
    membership = page.actor.membership
    with acting("riverbend-pd.d.okafor", TRAFFICKING, HT) as scope:
        case = case_queries.case_of(scope)
        cases.release_member(scope, case, membership)
    try:
        hub.tick()
        assert not hub.take(page).changes
        for _ in range(LOOK_TICKS):
            hub.tick()
        assert page.over == "no longer open to you"
    finally:
        with acting("riverbend-pd.d.okafor", TRAFFICKING, HT) as scope:
            cases.admit_member(scope, case, membership)


def test_a_context_that_is_absent_and_one_that_is_not_open_are_refused_alike(pair: Pair) -> None:
    point_at(FULL)
    headers = {"cookie": f"accord_session={pair.viewers[0].session}"}
    said = []
    for case in (pair.hidden.case_number, "HX-2026-901"):
        with pytest.raises(NotFound) as refused:
            admit(headers, f"context=/w/{TRAFFICKING}/statute/{case}&topics=case")
        said.append(str(refused.value))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "query",
    ["", "context=/w/a/b", f"context=/w/{TRAFFICKING}/statute/{HT}&topics=all",
     f"context=/w/{TRAFFICKING}/statute/{HT}&records=1", "context=" + "x" * 5000],
)  # fmt: skip
def test_a_question_in_another_form_is_refused(pair: Pair, query: str) -> None:
    point_at(PLAIN)
    headers = {"cookie": f"accord_session={pair.viewers[0].session}"}
    with pytest.raises(InvalidInput):
        admit(headers, query)
