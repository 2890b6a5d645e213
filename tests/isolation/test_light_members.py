"""What a light member of the node may do, and what a service partner sees: PostgreSQL says so itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from accord.agencies import queries as agencies
from accord.agreements import actions as agreements
from accord.agreements import queries
from accord.agreements import standing as standings
from accord.agreements.actions.life import check_proposal
from accord.agreements.domain import WRITE_ACTIONS
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed
from accord.kernel.labels import LABEL_SPACE, Label
from accord.records.actions.contribute import contribute
from accord.records.actions.statements import (
    Draft,
    confirm,
    declare,
    extend,
    give,
    review,
    revoke,
    sign,
)
from isolation.administering import signed_in
from isolation.contributing import acting, draft, write
from isolation.direct import Asker, administrator, sealed
from isolation.naive import HT, TRAFFICKING, Everything

LIGHT = "harlan-so"
BOONE, FERRIS, RASMUSSEN = f"{LIGHT}.c.boone", f"{LIGHT}.s.ferris", f"{LIGHT}.e.rasmussen"
RECORDS, DESK = "records-administration", "case-administration"
MOU = "mou-2026-007"
REFUSED = psycopg.errors.InsufficientPrivilege
MOREAU = Asker("safe-harbor.i.moreau", "victim-protection", HT)


BEGINS = (
    "insert into agreement_state (version_id, step, at, by_member, agency, reason) values"
    " (%(hash)s, 'activate', now(), %(me)s, %(agency)s, '')",
    "insert into agreement_version (content_hash, agreement, kind, title, parties, text, parent_hash,"
    " effective_from, created_at) select repeat('0', 64), agreement, kind, title, parties, text,"
    " parent_hash, effective_from, created_at from agreement_version where content_hash = %(hash)s",
    "insert into statement (id, agency, maker, kind, ends, facts) values"
    " ('00000000-0000-7000-8000-000000000011', %(agency)s, %(me)s, 'consent', now(),"
    " jsonb_build_object('id', '00000000-0000-7000-8000-000000000011', 'agency', %(agency)s::text,"
    " 'by', %(me)s::text))",
)
"""What SQL in a supervisor's session would begin."""


@pytest.fixture
def light(world: Path) -> Iterator[str]:
    with administrator(world) as db:
        db.execute("update agency set light = true where id = %s", [LIGHT])
        standings.forget_cached()
        yield LIGHT
        db.execute("update agency set light = false where id = %s", [LIGHT])
    standings.forget_cached()


def bits(db: Any, standing: Any) -> dict[str, bytes]:
    columns = ", ".join(f"{action}_bits" for action in standings.ACTIONS)
    row = db.execute(f"select {columns} from accord.standing where id = %s", [standing]).fetchone()
    return {action: bytes(row[f"{action}_bits"]) for action in standings.ACTIONS}


def tables(world: Path, asker: Asker) -> dict[str, bytes]:
    made = asker.standing().id
    with administrator(world) as db:
        return bits(db, made)


def labels(world: Path) -> dict[int, Label]:
    with administrator(world) as db:
        rows = db.execute("select id, facts from label").fetchall()
    return {row["id"]: Label.from_facts(row["facts"]) for row in rows}


def test_the_standing_of_a_light_member_is_closed_where_it_may_not_act(
    world: Path, light: str
) -> None:
    write(draft(agency="riverbend-pd", name="Somebody Else"))
    known = labels(world)
    for asker in (Asker(BOONE, TRAFFICKING, HT), Asker(FERRIS, RECORDS), Asker(RASMUSSEN, DESK)):
        found = tables(world, asker)
        assert not any(found["export"][:LABEL_SPACE])
        assert not any(found["onward"][:LABEL_SPACE])
        for action in WRITE_ACTIONS:
            opened = {known[n].schema for n, byte in enumerate(found[action][:LABEL_SPACE]) if byte}
            assert opened <= {"Tip", "Request", "Note"}, action


def test_it_reads_what_it_read_before(world: Path) -> None:
    asker = Asker(RASMUSSEN, TRAFFICKING, HT)
    full = tables(world, asker)
    with administrator(world) as db:
        db.execute("update agency set light = true where id = %s", [LIGHT])
        standings.forget_cached()
        try:
            narrow = tables(world, asker)
        finally:
            db.execute("update agency set light = false where id = %s", [LIGHT])
            standings.forget_cached()
    assert any(full["export"][:LABEL_SPACE])
    assert all(narrow[action] == full[action] for action in ("match", "hit", "view"))


def test_a_light_member_contributes_no_record(world: Path, light: str) -> None:
    person = draft(agency=LIGHT, name="Not Taken")
    with pytest.raises(NotAllowed), acting(FERRIS, RECORDS) as scope:
        contribute(scope, [person], collected_at=scope.standing.context.at)
    with sealed(world, Asker(FERRIS, RECORDS)) as db:
        row = db.execute(
            "select accord.opens(accord.bits('contribute'), id, id, 0) as opens from label"
            " where facts ->> 'schema' = 'Person' and facts ->> 'owner' = %s limit 1",
            [LIGHT],
        ).fetchone()
    assert row is not None
    assert row["opens"] is False


def test_why_it_may_not_is_said_in_words(light: str) -> None:
    with acting(FERRIS, RECORDS) as scope:
        label = draft(agency=LIGHT).parts[0].label
        decision = scope.standing.why("contribute", label, frozenset())
    assert not decision.allowed
    assert "full membership" in " ".join(decision.missing)


def test_it_begins_nothing_that_binds_others(world: Path, light: str) -> None:
    found = queries.version_in_force(MOU)
    with pytest.raises(NotAllowed, match="light member"), acting(RASMUSSEN, DESK) as scope:
        check_proposal(scope, found.parsed, "x.yaml")
    with pytest.raises(NotAllowed, match="light member"), acting(RASMUSSEN, DESK) as scope:
        agreements.activate(scope, found.content_hash)
    with (
        pytest.raises(NotAllowed, match="light member"),
        acting(RASMUSSEN, TRAFFICKING, HT) as scope,
    ):
        declare(scope, until=scope.standing.valid_until, reason="Somebody is in danger.")
    for statement in BEGINS:
        with sealed(world, Asker(RASMUSSEN, DESK)) as db, pytest.raises(REFUSED):
            db.execute(statement, {"hash": found.content_hash, "me": RASMUSSEN, "agency": LIGHT})


def test_a_full_member_begins_all_of_that(world: Path) -> None:
    found = queries.version_in_force(MOU)
    for statement in BEGINS:
        with sealed(world, Asker(RASMUSSEN, DESK)) as db:
            db.execute(statement, {"hash": found.content_hash, "me": RASMUSSEN, "agency": LIGHT})


def test_it_can_leave_what_binds_it(light: str) -> None:
    made = queries.version_in_force(MOU).content_hash
    with acting(RASMUSSEN, DESK) as scope:
        agreements.suspend(scope, made, reason="The sheriff asked for it.")
    try:
        assert queries.version(made).state == "suspended"
    finally:
        with acting(RASMUSSEN, DESK) as scope:
            agreements.resume(scope, made, reason="It was answered.")


# -- statements that it made before it was light -----------------------------------------------------

STATING = "riverbend-pd"
HART, ALVAREZ, OKAFOR, WHITFIELD, SANDOVAL = (
    f"{STATING}.{who}" for who in ("l.hart", "m.alvarez", "d.okafor", "j.whitfield", "p.sandoval")
)
PROTECTION = "victim-protection"


def consented() -> tuple[UUID, UUID]:
    """A record of a victim, and a consent over it that holds."""
    victim = write(
        draft(agency=STATING, subjects=("victim",), name="Before It Was Light"), by=WHITFIELD
    ).record_ids[0]
    until = now() + timedelta(days=30)
    said = Draft(
        "consent",
        "safe-harbor",
        PROTECTION,
        victim,
        ("core",),
        until,
        "She signed the form with her advocate.",
    )
    with acting(HART, PROTECTION) as scope:
        return victim, give(scope, said)


def declared() -> UUID:
    """An emergency that waits for a second person."""
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        return declare(
            scope, until=now() + timedelta(hours=4), reason="A message read today names the house."
        )


@contextmanager
def being_light(world: Path) -> Iterator[None]:
    with administrator(world) as db:
        db.execute("update agency set light = true where id = %s", [STATING])
        standings.forget_cached()
        try:
            yield
        finally:
            db.execute("update agency set light = false where id = %s", [STATING])
            standings.forget_cached()


def taken(take: Callable[..., object], by: str, *about: object, **said: object) -> None:
    with acting(by, TRAFFICKING if by != HART else PROTECTION, HT if by != HART else None) as scope:
        take(scope, *about, **said)


def test_a_light_member_signs_confirms_and_extends_no_statement(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, consent = consented()
    emergency = declared()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(
            "accord.agreements.statements.actions.sign_here", lambda agency, payload: None
        )
        _, unsigned = consented()
    longer = {"until": now() + timedelta(days=60), "reason": "She asked for more time."}
    with being_light(world):
        for take, by, about, said in (
            (extend, HART, (consent,), longer),
            (confirm, OKAFOR, (emergency,), {}),
            (sign, HART, (unsigned, None), {}),
        ):
            with pytest.raises(NotAllowed, match="light member") as refusal:
                taken(take, by, *about, **said)
            assert refusal.value.who_can_change == "the operator of the node"
        for statement, by, act in (
            (emergency, OKAFOR, "confirmed"),
            (unsigned, HART, "signed"),
        ):
            with sealed(world, Asker(by, TRAFFICKING, HT)) as db, pytest.raises(REFUSED):
                db.execute(
                    "insert into statement_act (id, statement_id, act, member, person, agency, at)"
                    " values (gen_random_uuid(), %s, %s, %s, %s, %s, now())",
                    [statement, act, by, by, STATING],
                )
    taken(confirm, OKAFOR, emergency)
    taken(sign, HART, unsigned, None)
    taken(extend, HART, consent, **longer)
    taken(revoke, OKAFOR, emergency, "given-in-error")


def test_its_page_of_a_statement_says_why_not(world: Path) -> None:
    _, consent = consented()
    with being_light(world):
        page = signed_in(HART)
        shown = page.get(f"/statements/{consent}").content.decode()
        assert "is a light member of this node" in shown
        said = {"until": "2031-01-01", "reason": "She asked for more time."}
        answer = page.post(f"/statements/{consent}/extend", said)
        assert answer.status_code == 403
        assert "is a light member of this node" in answer.content.decode()


def test_a_light_member_takes_back_and_reviews_what_it_stated(world: Path) -> None:
    victim, consent = consented()
    waiting, holding = declared(), declared()
    taken(confirm, OKAFOR, holding)
    helper = Asker(MOREAU.membership, PROTECTION)
    asked = "select 1 from part where record_id = %s"
    with sealed(world, helper) as db:
        assert db.execute(asked, [victim]).rowcount == 1
    with being_light(world):
        taken(revoke, HART, consent, "withdrawn-by-the-person")
        for emergency in (waiting, holding):
            taken(revoke, OKAFOR, emergency, "no-longer-needed")
        with acting(SANDOVAL, RECORDS) as scope:
            review(scope, holding, "justified")
        with sealed(world, helper) as db:
            assert db.execute(asked, [victim]).rowcount == 0
        with acting(OKAFOR, TRAFFICKING, HT) as scope:
            assert not scope.standing.assumed


def test_the_directory_says_so(light: str) -> None:
    assert agencies.agency(LIGHT).light
    assert agencies.actor(BOONE).light
    assert not agencies.agency("riverbend-pd").light


# -- a service partner -----------------------------------------------------------------------------


def partners_view(part: dict[str, Any], label: Label, kinds: set[str]) -> bool:
    """What protocol 2025-012 and Safe Harbor's own policy give an advocate in a joint case, by hand."""
    others = ("riverbend-pd", "harlan-so", "tri-county-da")
    open_, kind = not label.sealed and not label.intelligence, part["kind"]
    about = label.subjects <= {"victim", "witness"}
    if label.owner in others:
        referred = about and open_ and kind in {"core", "identity", "contact", "health"}
        counted = about and open_ and kind == "core" and label.schema == "Person"
        return (referred and "consent" in kinds) or (counted and "case" in kinds)
    return False


def running(key: dict[str, Any]) -> bool:
    """Whether a key on a part counts now."""
    return key["valid_from"] <= now() and (key["valid_until"] is None or key["valid_until"] > now())


def test_a_service_partner_sees_exactly_the_parts_that_its_agreement_gives(world: Path) -> None:
    with administrator(world) as admin:
        everything = Everything(admin)
    standing = MOREAU.standing()
    held = {key.key: key.kind for key in standing.held}
    with sealed(world, MOREAU) as db:
        shown = {row["id"] for row in db.execute("select id from part").fetchall()}
    seen, hidden = set(), set()
    for part in everything.parts:
        label = everything.labels[part["newest_label_id"]]
        if label.owner == "safe-harbor" or label.schema in {"Case", "Note", "Request"}:
            continue
        keys = everything.keys.get(part["id"], ())
        kinds = {held[key["key"]] for key in keys if key["key"] in held and running(key)}
        (seen if partners_view(part, label, kinds) else hidden).add(part["id"])
    of_others = {part["id"] for part in everything.parts if part["id"] in seen | hidden}
    assert shown & of_others == seen
    assert seen, "the world has survivors in the case, whom the partner counts"
    kinds = {p["kind"] for p in everything.parts if p["id"] in seen}
    assert "core" in kinds
    assert not kinds & {"narrative", "location", "biometric", "attachment"}
