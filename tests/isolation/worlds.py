"""A pair of worlds, equal in all that some viewers may see and different in what they may not.

The riverbend world is copied inside PostgreSQL, so that the shared part has the same bytes, ids
and times. The second copy then gets records, cases, requests, notes, files and ledger entries of
others, written by their own people through the application; for every one of them the policy itself
says beforehand that no viewer may see or be told of it.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection, connections
from django.test import Client, override_settings
from psycopg import sql
from psycopg.types.json import Jsonb

from accord.agencies import actions as agency_actions
from accord.agencies import queries as agencies
from accord.agencies.about import actions as about
from accord.agencies.about.domain import AboutKind
from accord.agencies.demokeys import sign_here
from accord.agencies.directory import actions as directory
from accord.agencies.directory.domain import ChangeKind, Via
from accord.agreements import actions as agreement_actions
from accord.agreements import standing as standings
from accord.agreements.duties import queries as duties
from accord.agreements.obligations import plan
from accord.agreements.queries import policy_epoch, version
from accord.agreements.scope import Scope
from accord.assistance.actions import expertise as offering
from accord.assistance.actions import requests as assistance
from accord.assistance.domain import EntryState
from accord.assistance.queries import expertise
from accord.cases import actions as cases
from accord.cases.queries import case as find_case
from accord.desk import erasing
from accord.desk.signing_in import OFFICE
from accord.desk.simulating import Asked
from accord.desk.views.simulator import answer_address
from accord.evidence.actions import exhibits
from accord.evidence.custody.domain import CustodyAct
from accord.exchange import jobs
from accord.exchange.actions.mappings import save_mapping
from accord.exchange.actions.taking import take_file
from accord.exchange.domain import Stated
from accord.exchange.webhooks import actions as webhooks
from accord.exchange.webhooks import queries as webhook_queries
from accord.exchange.webhooks.domain import Endpoint, EndpointState, Outcome
from accord.identity.actions import providers, setup
from accord.identity.federation.domain import Protocol
from accord.identity.federation.file import Described
from accord.identity.models import AccessToken, Passkey
from accord.identity.queries import signins
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed
from accord.kernel.ids import uuid7
from accord.ledger import actions as ledger
from accord.ledger import comparing
from accord.ledger.domain import Item
from accord.ledger.queries import own_entries
from accord.ledger.store import FOLDER
from accord.platform.db.nodeword import saying
from accord.platform.secrets import secret_bytes
from accord.records.actions import recalling
from accord.records.actions import requests as asking
from accord.records.actions import retention as ending
from accord.records.actions import saved_searches as saved
from accord.records.actions import statements as stating
from accord.records.actions import subscriptions as subscribing
from accord.records.actions.contribute import contribute
from accord.records.actions.quick_checks import begin_check
from accord.records.actions.statements import Draft
from accord.records.checking import Reason
from accord.records.domain import RecordDraft
from accord.records.handles import KEY_BYTES, make_handle
from accord.records.queries.recalls import recalls
from accord.records.queries.records import record_view
from accord.records.queries.retention import manifest
from accord.records.queries.saved_searches import seal_shown
from accord.records.queries.search import latest, search
from accord.records.question import Question, seal_question
from accord.records.search_query import parse_query
from isolation import exhibiting
from isolation.contributing import MAPPING, acting, all_latest, draft, write
from isolation.custodying import acquired, take
from isolation.direct import Asker, admin_dsn

ROLES_CONNECTIONS = ("default", "migrate")
"""As the application, and as the node's operator, who makes links and tokens."""
SHARED, PLAIN, FULL = "walk_shared", "walk_plain", "walk_full"
HT, HT_OTHER = "HT-2026-014", "HT-2026-021"
TRAFFICKING = "human-trafficking-investigation"
OFFICES = ("case-administration", "records-administration", "oversight", "general-policing")


@dataclass
class Viewer:
    """Who walks, for which purpose in which case, and what they may name."""

    membership: str
    purpose: str
    case: str
    session: str = ""
    token: str = ""
    samples: dict[str, str] = field(default_factory=dict)

    @property
    def agency(self) -> str:
        return self.membership.partition(".")[0]

    @property
    def path(self) -> str:
        return f"/w/{self.purpose}/statute/{self.case}"

    def askers(self) -> Iterator[Asker]:
        """Every context in which the walk asks."""
        yield Asker(self.membership, self.purpose, self.case)
        for purpose in {*OFFICES, self.purpose}:
            yield Asker(self.membership, purpose)


def viewers() -> tuple[Viewer, ...]:
    return (
        Viewer("harlan-so.c.boone", TRAFFICKING, HT),
        Viewer("tri-county-da.s.whitaker", "prosecution", HT),
        Viewer("safe-harbor.i.moreau", "victim-protection", HT),
        Viewer("harlan-so.e.rasmussen", TRAFFICKING, HT_OTHER),
    )


@dataclass
class Hidden:
    """What the second world has beyond the first."""

    records: list[UUID] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    case_number: str = "HX-2026-900"
    taken_number: str = "HX-2026-910"
    """Of a hidden case as well; the viewers who open cases take it for theirs."""
    ids: dict[str, str] = field(default_factory=dict)


@dataclass
class Pair:
    """Both worlds and those who look at them."""

    data_dir: Path
    viewers: tuple[Viewer, ...]
    hidden: Hidden
    at: datetime


# -- databases -------------------------------------------------------------------------------------


def point_at(database: str) -> None:
    """Let the application speak to this database, and forget what it learned from the last one."""
    _let_go()
    for alias in ROLES_CONNECTIONS:
        connections[alias].settings_dict["NAME"] = database
    standings.forget_cached()


@contextmanager
def database_clock(database: str, at: datetime) -> Iterator[Callable[[], None]]:
    """What sets the clock of a database to a moment, as often as it is called."""
    with _administrator(_data_dir(), database) as admin:

        def stand() -> None:
            admin.execute("delete from accord.clock_shift")
            admin.execute("insert into accord.clock_shift values (1, %s - clock_timestamp())", [at])

        yield stand


def _let_go() -> None:
    for alias in ROLES_CONNECTIONS:
        connections[alias].close()


def _data_dir() -> Path:
    return Path(settings.ACCORD_DATA_DIR)


@contextmanager
def _administrator(data_dir: Path, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(admin_dsn(data_dir), dbname=database, autocommit=True) as admin:
        yield admin


def copy_database(data_dir: Path, source: str, target: str) -> None:
    """A copy with the same bytes, for the roles of the application alone."""
    _let_go()
    with _administrator(data_dir) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [source]
        )
        admin.execute(
            sql.SQL("create database {} template {}").format(*map(sql.Identifier, (target, source)))
        )
        name = sql.Identifier(target)
        admin.execute(sql.SQL("revoke all on database {} from public").format(name))
        admin.execute(
            sql.SQL(
                "grant connect on database {} to accord_app, accord_migrate, accord_backup"
            ).format(name)
        )


def take_back(data_dir: Path, copied: str, database: str) -> None:
    """The database is again what it was when it was copied; the copy is gone."""
    _let_go()
    with _administrator(data_dir) as admin:
        names = {"was": sql.Identifier(database), "copy": sql.Identifier(copied)}
        admin.execute(sql.SQL("drop database {was} with (force)").format(**names))
        admin.execute(sql.SQL("alter database {copy} rename to {was}").format(**names))
    standings.forget_cached()
    forget_published(data_dir)


def forget_published(data_dir: Path) -> None:
    """What was published of the ledger is gone too, as it may be ahead of a database of before."""
    shutil.rmtree(data_dir / FOLDER, ignore_errors=True)
    (data_dir / comparing.STATE).unlink(missing_ok=True)
    comparing._compared.discard(data_dir)


@contextmanager
def world_with_samples(data_dir: Path) -> Iterator[tuple[Viewer, ...]]:
    """A copy of the world in which every viewer has what addresses name; removed at the end."""
    before = connections["default"].settings_dict["NAME"]
    try:
        copy_database(data_dir, before, SHARED)
        point_at(SHARED)
        found = viewers()
        _prepare(found)
        yield found
    finally:
        point_at(before)
        with _administrator(data_dir) as admin:
            admin.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(SHARED))
            )


@contextmanager
def pair_of_worlds(data_dir: Path) -> Iterator[Pair]:
    """The two worlds, in databases `walk_plain` and `walk_full`, removed at the end."""
    before = connections["default"].settings_dict["NAME"]
    try:
        copy_database(data_dir, before, SHARED)
        point_at(SHARED)
        found = viewers()
        _prepare(found)
        copy_database(data_dir, SHARED, PLAIN)
        copy_database(data_dir, SHARED, FULL)
        point_at(FULL)
        hidden = _hide(data_dir, found)
        point_at(PLAIN)
        yield Pair(data_dir, found, hidden, datetime.now(UTC))
    finally:
        point_at(before)
        with _administrator(data_dir) as admin:
            for name in (SHARED, PLAIN, FULL):
                admin.execute(
                    sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
                )


# -- what all may see ------------------------------------------------------------------------------


OIDC, SAML = "harlan-openid", "harlan-saml"


def _providers() -> None:
    """An agency's own providers, one of each protocol; nobody comes from them in a walk."""
    for name, kind in ((OIDC, Protocol.OIDC), (SAML, Protocol.SAML)):
        providers.put(
            "walk",
            Described(
                name=name,
                agency="harlan-so",
                kind=kind,
                issuer="https://id.harlan.example",
                client_id="accord",
                secret="walked",
                settings={"sso_url": "https://id.harlan.example/sso", "certificates": []},
                names_member="sub",
                assurance={"2": 2},
                members={"4711": agencies.actor("harlan-so.w.tate").member},
            ),
        )


def _prepare(found: tuple[Viewer, ...]) -> None:
    """Sign everybody in, and give each what its addresses name: records, hits, notes, requests."""
    assert setup.is_open()  # a process asks this once, whoever is the first to ask it for a page
    _administrators()
    for viewer in found:
        link = agency_actions.create_signin_link(viewer.membership)
        client = Client()
        client.get(link)
        assert client.post(link).status_code == 303
        viewer.session = client.cookies["accord_session"].value
        viewer.token = agency_actions.create_api_token(viewer.membership)
        viewer.samples["passkey"] = _passkey_of(viewer.membership)
        viewer.samples["passkey to name"] = _passkey_of(viewer.membership)
        viewer.samples["signin"] = _session_of(viewer.membership)
        viewer.samples["token"] = _token_of(viewer.membership)
        viewer.samples["token page"] = _token_of(viewer.membership)
        _sample(viewer)
    _providers()
    boone, _, _, rasmussen = found
    _requests_of(boone)
    _requests_to(rasmussen)
    _files_of(rasmussen)
    _webhooks_of(rasmussen)
    life = _agreement_to_walk()
    for viewer in found:
        viewer.samples["life"] = life
        viewer.samples["draft"] = _draft_of(viewer.membership)
        viewer.samples["whole draft"] = _draft_of(viewer.membership, _WHOLE)
    _statements_of(boone, rasmussen)
    _endings_of(boone, rasmussen)
    _changes_of(rasmussen)
    _agency_changes_of(rasmussen)
    _offers_and_questions_of(found)
    _exhibits_of(found)
    _custody_of(found)
    boone.samples["check"] = rasmussen.samples["check"] = _check_of(boone.membership, 100)
    ledger.sequence_all()
    for viewer in found:
        with acting(viewer.membership, "oversight"):
            viewer.samples["ledger_entry"] = str(own_entries()[-1].id)
    ledger.sequence_all()  # the looking was logged too


def _exhibits_of(found: tuple[Viewer, ...]) -> None:
    """An exhibit that is placed, and files of Harlan's investigator that are on their way in."""
    boone = found[0]
    for name in ("upload", "upload by api"):
        boone.samples[name] = str(exhibiting.uploaded(b"walked" * 50, by=boone.membership))
    for name in ("upload to send", "upload to discard"):
        boone.samples[name] = str(exhibiting.begin(10, by=boone.membership))
    upload = exhibiting.uploaded(exhibiting.photograph(), by=boone.membership)
    with acting(boone.membership, TRAFFICKING, HT) as scope:
        made, _ = exhibits.acquire(scope, upload, exhibiting.ABOUT, exhibiting.COLLECTED)
    with acting(boone.membership, TRAFFICKING, HT) as scope:
        cases.place_record(scope, find_case(HT), made)
    for viewer in found:
        viewer.samples["exhibit"] = str(made)
    exhibiting.read(made, boone.membership)
    for name in ("derivation", "derivation to cancel", "derivation to cancel by api"):
        boone.samples[name] = str(exhibiting.asked(made, boone.membership))


def _offers_and_questions_of(found: tuple[Viewer, ...]) -> None:
    """What each viewer offers; requests for assistance by each, and to their agencies."""
    for viewer in found:
        offered = offering.Offer("negotiation", "aware", note="Seen by the own agency.")
        with acting(viewer.membership, "case-administration") as scope:
            for left in expertise.own(scope):  # by tests that offer whatever is taken
                if left.state is not EntryState.WITHDRAWN:
                    offering.withdraw(scope, left.id)
            viewer.samples["entry"] = str(offering.propose(scope, offered))
        viewer.samples["asked of others"] = _asked_for_help(viewer.membership, "riverbend-pd")
        asker = "state-bi.a.desai"
        viewer.samples["asked of us"] = _asked_for_help(asker, viewer.agency)
    with acting("harlan-so.s.ferris", "case-administration") as scope:
        offered = offering.Offer("statistics-and-data-science", "practitioner")
        found[-1].samples["entry to attest"] = str(offering.propose(scope, offered))


def _custody_of(found: tuple[Viewer, ...]) -> None:
    """Exhibits that each viewer's agency is offered, and one of its custody that raised an alarm."""
    for viewer in found:
        for name in ("custody", "custody to see", "custody to decline"):
            viewer.samples[name] = str(_handed_to(viewer.agency))
    kept = _handed_to(found[-1].agency)
    take(found[-1].membership, kept, CustodyAct.ACCEPT)
    found[-1].samples["alarm"] = str(_alarm_of(kept))


def _handed_to(agency: str) -> UUID:
    """An exhibit of the detective's that is offered to another agency."""
    exhibit = acquired()
    take("riverbend-pd.m.alvarez", exhibit, CustodyAct.OFFER, to=agency)
    return exhibit


def _alarm_of(exhibit: UUID) -> UUID:
    made = uuid7()
    with _administrator(_data_dir(), connection.settings_dict["NAME"]) as admin:
        (stored,) = admin.execute(
            "select id from stored_object where record_id = %s and role = 'original'", [exhibit]
        ).fetchone()  # type: ignore[misc]  # it has a file
    with saying("rereading"), connection.cursor() as cursor:
        cursor.execute("select accord.note_reread(%s, 'missing', %s)", [stored, made])
    return made


def _asked_for_help(by: str, agency: str, text: str = "Somebody who speaks Mam, on Monday.") -> str:
    need = assistance.Need("interpreting", text, agency=agency, no_victim=True)
    with acting(by, "general-policing") as scope:
        return str(assistance.ask(scope, need)[0])


ADMINISTERED = "harlan-so.w.fourth"
_SECOND, _AFAR, _AFAR_TOO = "harlan-so.w.second", "riverbend-pd.w.first", "riverbend-pd.w.second"


def _administrators() -> None:
    """A viewer administers an agency with somebody else, and another agency has its own."""
    for member, role in (
        (_SECOND, "system-administrator"),
        (ADMINISTERED, "investigator"),
        (_AFAR, "system-administrator"),
        (_AFAR_TOO, "investigator"),
    ):
        held = {
            "id": member, "agency": member.split(".")[0], "roles": [role], "clearance": "none",
            "assurance": 2, "valid_from": now() - timedelta(days=5),
        }  # fmt: skip
        agency_actions.put_member(
            {"id": member, "name": member, "nationality": "US", "memberships": [held]}
        )
    with _administrator(_data_dir(), connections["default"].settings_dict["NAME"]) as admin:
        admin.execute(
            "update membership set roles = roles || '{system-administrator}'"
            " where id = 'harlan-so.e.rasmussen'"
        )


def _changes_of(viewer: Viewer) -> None:
    """Changes of a member: one to read, and those that the viewer decides or did decide."""
    viewer.samples["administered"] = ADMINISTERED
    for name, by, role in (
        ("change", _SECOND, "analyst"),
        ("change to approve", _SECOND, "supervisor"),
        ("change to withdraw", _SECOND, "dispatcher"),
        ("withdrawn change", _SECOND, "prosecutor"),
        ("own change", viewer.membership, "case-manager"),
    ):
        viewer.samples[name] = _change_of(by, ADMINISTERED, role)
    with acting(viewer.membership, OFFICE):
        withdrawn = UUID(viewer.samples["withdrawn change"])
        directory.withdraw(agencies.actor(viewer.membership), withdrawn)
        enrolment = directory.ask(
            agencies.actor(viewer.membership), ChangeKind.ENROLMENT, ADMINISTERED, {}, Via.PAGE
        ).change
    viewer.samples["change with a link"] = str(enrolment)
    with acting(_SECOND, OFFICE) as scope:
        directory.approve(scope.actor, enrolment)


def _agency_changes_of(viewer: Viewer) -> None:
    """Changes of the own agency's entry: one to read, and those that the viewer decides or did."""
    viewer.samples["own agency"] = viewer.agency
    for number, (name, by) in enumerate(
        (
            ("agency change", _SECOND),
            ("agency change to approve", _SECOND),
            ("agency change to withdraw", _SECOND),
            ("withdrawn agency change", _SECOND),
            ("own agency change", viewer.membership),
        )
    ):
        viewer.samples[name] = _agency_change_of(by, f"9901{number}")
    with acting(viewer.membership, OFFICE):
        about.withdraw(
            agencies.actor(viewer.membership), UUID(viewer.samples["withdrawn agency change"])
        )


def _agency_change_of(by: str, county: str) -> str:
    with acting(by, OFFICE) as scope:
        facts = {"places": [{"scheme": "us-fips", "code": county, "name": f"County {county}"}]}
        return str(about.propose(scope.actor, AboutKind.TERRITORY, facts, Via.PAGE))


def _change_of(by: str, about: str, role: str) -> str:
    with acting(by, OFFICE) as scope:
        facts = {"add": [role], "remove": []}
        return str(directory.ask(scope.actor, ChangeKind.ROLE, about, facts, Via.PAGE).change)


def _passkey_of(membership: str) -> str:
    """A passkey that lies with somebody's others; nobody holds its other half."""
    made = Passkey.objects.create(
        id=uuid7(), member_id=agencies.actor(membership).member, credential_id=uuid7().bytes,
        public_key=b"x", sign_count=0, aaguid=UUID(int=0), device_bound=False,
        attested=False, mac=b"x" * 32, name="Telephone", created_at=now(),
    )  # fmt: skip
    return str(made.id)


def _token_of(membership: str) -> str:
    """A token of somebody's own; nobody holds what it is the digest of."""
    made = AccessToken.objects.create(
        id=uuid7(), token_hash=uuid7().bytes * 2, membership_id=membership, name="Reader",
        purposes=[TRAFFICKING], actions=["view"], assurance=2, mac=b"x" * 32, proven_at=now(),
        made_at=now(), expires_at=now() + timedelta(hours=11),
    )  # fmt: skip
    return str(made.id)


def _session_of(membership: str) -> str:
    """Another session of somebody's."""
    client = Client()
    assert client.post(agency_actions.create_signin_link(membership)).status_code == 303
    return str(signins(agencies.actor(membership).member)[0].id)


def _check_of(membership: str, percent: int) -> str:
    """A quick check that is surely drawn for review, or surely not."""
    with (
        override_settings(ACCORD_QUICK_CHECK_REVIEW_PERCENT=percent),
        acting(membership, "general-policing") as scope,
    ):
        return str(begin_check(scope, "Zyxwhiddenword", Reason("stop")))


def _webhooks_of(viewer: Viewer) -> None:
    """Two that are told under the viewer's standing, each with a message that was given up."""
    for end in ("", " page"):  # the API's is removed in the walk, so the pages have their own
        made = _webhook_of(viewer.membership)
        viewer.samples[f"webhook{end}"] = str(made.id)
        with acting(viewer.membership, "records-administration") as scope:
            message = webhooks.send_test(scope, made)
            viewer.samples[f"message{end}"] = str(message)
            outcome = (webhook_queries.delivery(made.id, message), Outcome(410))
            webhooks.record(scope, made, [outcome])
            webhooks.set_state(scope, made, EndpointState.ACTIVE)


def _webhook_of(membership: str) -> Endpoint:
    with acting(membership, "records-administration") as scope:
        url = "https://93.184.215.14/accord"
        return webhooks.create(scope, url=url, topics=["request"], membership=membership)


def _draft_of(membership: str, text: str = "id: ours") -> str:
    with acting(membership, "case-administration") as scope:
        return str(agreement_actions.begin_draft(scope, name="Ours", text=text))


_WHOLE = """\
id: mou-2026-draft
kind: mou
title: A draft whose impact the walk asks for
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {from: 2026-01-01, zone: America/Chicago}
vocabulary: 1
clauses:
  - {id: "1", prose: All may be read., permit: view, for: {purpose: {not: training}}}
"""


_TO_WALK = """\
id: mou-2026-walk
kind: mou
title: An agreement on which the walk tries every step
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {from: 2026-01-01, zone: America/Chicago}
vocabulary: 1
clauses:
  - {id: "1", prose: What a court sealed stays closed., forbid: match, of: {sealed: true}}
"""


def _agreement_to_walk() -> str:
    """A signed agreement that opens nothing, for the steps of its life."""
    with acting("riverbend-pd.d.okafor", "case-administration") as scope:
        made = agreement_actions.propose(scope, _TO_WALK, "walk.yaml")
    payload = version(made).parsed.canonical()
    for member in ("riverbend-pd.d.okafor", "harlan-so.e.rasmussen"):
        with acting(member, "case-administration") as scope:
            signature = sign_here(scope.actor.agency, payload)
            assert signature is not None
            agreement_actions.sign(scope, made, signature)
    return made


def _sample(viewer: Viewer) -> None:
    with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
        seen = latest(scope).records
        viewer.samples["record"] = str(seen[0].record_id)
        own = _own_record(scope)
        viewer.samples["own_record"] = own or viewer.samples["record"]
    with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
        try:
            note = cases.write_note(scope, find_case(viewer.case), "Seen by all who work here.")
            viewer.samples["note"] = str(note)
        except NotAllowed:
            viewer.samples["note"] = ""
    viewer.samples["duty"] = _duty(viewer)
    with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
        word = (*_names(viewer.agency, "name", 1), "Quetzal Hiddenname")[0]
        viewer.samples["question"] = seal_question(scope, Question(word))
        viewer.samples["shown"] = seal_shown(scope, [viewer.samples["record"]])
        found = saved.save(scope, "Mine", Question(word), [viewer.samples["record"]])
        viewer.samples["search"] = str(found)
        asked = {"record": (viewer.samples["own_record"],), "purpose": (viewer.purpose,)}
        address = answer_address(scope, Asked(asked | {"case": (viewer.case,)}), inside=True)
        viewer.samples["simulation"] = address.rpartition("/")[2]
    with acting(viewer.membership, "case-administration") as scope:
        described = {"owner": ("harlan-so",), "purpose": (viewer.purpose,), "key": ("case",)}
        address = answer_address(scope, Asked(described), inside=False)
        viewer.samples["desk simulation"] = address.rpartition("/")[2]
    with acting(viewer.membership, "oversight") as scope:
        scope.did("consultation", step="an entry to look at")


def _own_record(scope: Scope) -> str:
    """With a core: what other tests left in the world need have none."""
    for record in all_latest(scope):
        if record.owner == scope.actor.agency and record.part("core"):
            return str(record.record_id)
    return ""


def _duty(viewer: Viewer) -> str:
    """What the viewer's agency owes for a record of another agency that the viewer read; or none."""
    with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
        for record in all_latest(scope):
            asked = (o for part in record.parts for o in part.decision.obligations)
            if record.owner != viewer.agency and plan(asked).due:
                break
    with acting(viewer.membership, "records-administration"):
        owed = [d for d in duties.duties() if d.agency == viewer.agency]
    return str(owed[0].id) if owed else ""


REASON = "She signed the form with the interpreter and her advocate present."


def _statements_of(boone: Viewer, rasmussen: Viewer) -> None:
    """Emergencies and a consent of Harlan: to look at, and one for each step that may be taken."""
    until = now() + timedelta(hours=30)
    for end in ("statement", "statement confirm", "statement confirmation"):
        with acting(boone.membership, boone.purpose, boone.case) as scope:
            made = stating.declare(scope, until=until, reason=REASON)
            boone.samples[end] = rasmussen.samples[end] = str(made)
    own = UUID(rasmussen.samples["own_record"])
    for end in ("revoke", "extend", "extension"):
        with acting(rasmussen.membership, rasmussen.purpose, rasmussen.case) as scope:
            draft = Draft(
                kind="determination(necessity)",
                recipient="riverbend-pd",
                purpose=None,
                record=own,
                parts=("core",),
                until=until,
                reason=REASON,
            )
            rasmussen.samples[f"statement {end}"] = str(stating.give(scope, draft))


def _endings_of(boone: Viewer, rasmussen: Viewer) -> None:
    """Subscriptions; a recall towards Riverbend; what Harlan keeps, and is asked to purge."""
    for viewer in (boone, rasmussen):
        with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
            made = subscribing.subscribe(
                scope,
                kind="name",
                value="Ann Visible",
                until=now() + timedelta(days=9),
                reason=REASON,
            )
            viewer.samples["subscription"] = str(made)
        kept = write(draft(agency="harlan-so", name="Kept Visible"), by=rasmussen.membership)
        viewer.samples["kept"] = str(kept.record_ids[0])
        with acting(rasmussen.membership, "records-administration") as scope:
            seen = record_view(scope, kept.record_ids[0])
            viewer.samples["part"] = str(seen.parts[0].part_id)
    with acting(boone.membership, boone.purpose, boone.case) as scope:
        cases.place_record(scope, find_case(boone.case), kept.record_ids[0])
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        assert record_view(scope, kept.record_ids[0])
    with acting(rasmussen.membership, "records-administration") as scope:
        assert recalling.recall_record(scope, kept.record_ids[0], "inaccurate") == ("riverbend-pd",)
        rasmussen.samples["recall"] = str(recalls()[0].notice.id)
    for name in ("review", "review_to_approve"):
        rasmussen.samples[name] = str(_proposal("harlan-so", rasmussen.membership))
    for name in ("erasure", "erasure to withdraw", "erasure to withdraw by api"):
        # of a record that is gone: one that is kept keeps its entries
        entry = _shown_to_riverbend(uuid7())
        rasmussen.samples[name] = _to_erase(entry, rasmussen.membership)


def _shown_to_riverbend(record: UUID) -> UUID:
    """The entry of a disclosure of one record of Harlan's."""
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        item = Item(str(record), "core", "harlan-so", "mou-2026-007", "4.2")
        scope.items[str(record), "core"] = item
        scope.did("disclosure")
        return scope.entry_id


def _to_erase(entry: UUID, by: str, reason: str = REASON) -> str:
    """A proposal to erase what the agency of this member holds of an entry."""
    with acting(by, "records-administration") as scope:
        return str(erasing.propose(scope, entry, "court-order", "2026-CV-118", reason))


def _proposal(agency: str, by: str) -> UUID:
    """A record whose last day has passed, which its custodian proposes to purge."""
    today = now().date().isoformat()
    made = write(draft(agency=agency, name="Purge Proposed", retain_until=today), by=by)
    with _administrator(_data_dir(), connections["default"].settings_dict["NAME"]) as admin:
        admin.execute(
            "update record set retain_until = %s where id = %s",
            [now().date() - timedelta(days=2), made.record_ids[0]],
        )
    with acting(by, "records-administration") as scope:
        seen = [g.part_id for g in manifest(made.record_ids[0])]
        return ending.propose_purge(scope, made.record_ids[0], REASON, seen=seen)


def _handles(viewer: Viewer, owner: str) -> list[str]:
    """Hits of this agency that the viewer finds by searching for its suspects' names."""
    found: dict[str, None] = {}
    for text in _names(owner, "name", 30):
        with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
            answer = search(scope, parse_query(text, region=scope.actor.country), None)
            found |= dict.fromkeys(h.handle for h in answer.hits if h.owner == owner)
        if len(found) >= 3:
            break
    return list(found)


def _names(owner: str, kind: str, limit: int) -> list[str]:
    """Terms of an agency's suspects, to be searched for; read by the administrator."""
    table, column = ("search_name", "name") if kind == "name" else ("search_exact", "term")
    condition = "" if kind == "name" else "and s.kind = %s"
    database = connections["default"].settings_dict["NAME"]
    with _administrator(_data_dir(), database) as admin:
        return [
            term
            for (term,) in admin.execute(
                f"select distinct s.{column} from {table} s join part p on p.id = s.part_id"
                " join label l on l.id = p.label_id where s.owner_id = %s"
                f" and p.superseded_at is null and p.kind = 'identity' {condition}"
                ' and l.facts -> \'subjects\' <@ \'["suspect", "convicted", "none"]\''
                f" order by s.{column} limit %s",
                [owner, *([] if kind == "name" else [kind]), limit],
            )
        ]


def _requests_of(viewer: Viewer) -> None:
    handles = _handles(viewer, "riverbend-pd")
    assert len(handles) >= 3, "the world gives the investigator hits"
    viewer.samples["handle"], *others = handles
    for name, handle in zip(("request", "request_to_withdraw"), others, strict=False):
        with acting(viewer.membership, viewer.purpose, viewer.case) as scope:
            made = asking.ask(scope, handle, "He was stopped with six passengers that night.")
            viewer.samples[name] = str(made)


def _requests_to(viewer: Viewer) -> None:
    """What Riverbend asks of the viewer's agency: to read, to answer, and one granted to revoke."""
    alvarez = Viewer("riverbend-pd.m.alvarez", TRAFFICKING, HT)
    handles = _handles(alvarez, "harlan-so")
    assert len(handles) >= 3, "the world gives Riverbend hits of Harlan"
    for name, handle in zip(("inbox", "to_answer", "to_revoke"), handles, strict=False):
        with acting(alvarez.membership, alvarez.purpose, alvarez.case) as scope:
            made = asking.ask(scope, handle, "Seen with him at the inn on the tenth.")
            viewer.samples[name] = str(made)
    with acting(viewer.membership, "records-administration") as scope:
        asking.answer(
            scope,
            UUID(viewer.samples["to_revoke"]),
            granted=["core"],
            until=datetime(2027, 6, 1, tzinfo=UTC),
            text="Granted for the interviews in this case.",
        )


def _files_of(viewer: Viewer) -> None:
    text = "no,name,dob\nA-1,Ann Visible,1980-01-02\nA-2,Bad Row,notadate\n"
    viewer.samples["run"] = str(_bring_in(viewer.membership, text))
    viewer.samples["run_to_cancel"] = str(_send(viewer.membership, "no,name,dob\nA-9,C,1980-01-02"))
    viewer.samples["unmapped"] = str(_wait(viewer.membership, "case_no,name\nU-1,Ann Unmapped\n"))
    viewer.samples["mapping"] = _save(viewer.membership, "own-mapping", MAPPING)
    with _administrator(_data_dir(), SHARED) as admin:
        row = admin.execute(
            "select id from quarantine_entry where run_id = %s", [viewer.samples["run"]]
        ).fetchone()
    assert row is not None, "the second row is quarantined"
    viewer.samples["quarantined"] = str(row[0])


def _send(membership: str, text: str) -> UUID:
    with acting(membership, "records-administration") as scope:
        return take_file(
            scope,
            file_name="people.csv",
            source=io.BytesIO(text.encode()),
            stated=Stated(mapping=MAPPING),
        )


def _wait(membership: str, text: str) -> UUID:
    """A file that waits for its mapping."""
    with acting(membership, "records-administration") as scope:
        source = io.BytesIO(text.encode())
        return take_file(scope, file_name="unmapped.csv", source=source, may_wait=True)


def _save(membership: str, name: str, text: str) -> str:
    with acting(membership, "records-administration") as scope:
        return save_mapping(scope, name=name, text=text).name


def _bring_in(membership: str, text: str) -> UUID:
    """A file that a worker has taken, and no other one."""
    run = _send(membership, text)
    jobs.work_on(run, membership, "records-administration")
    return run


# -- what they may not -----------------------------------------------------------------------------

SECRETS: Mapping[str, dict[str, Any]] = {
    "victim": {"subjects": ("victim",)},
    "witness": {"subjects": ("witness",), "label": {"sensitivity": "secret"}},
    "child": {"subjects": ("victim",), "label": {"minor": True}},
    "sealed by a court": {"label": {"sealed": True}},
    "suspect and victim": {"subjects": ("suspect", "victim"), "label": {"handling": "H3"}},
    "source": {"subjects": ("source",), "label": {"sealed": True, "handling": "H2"}},
    "intelligence": {
        "label": {"intelligence": True, "sensitivity": "secret", "sealed": True},
        "basis_of_suspicion": "Named twice by those who were carried in the van.",
        "retain_until": "2028-01-01",
    },
}
WRITERS = {
    "riverbend-pd": "riverbend-pd.j.whitfield",
    "state-bi": "state-bi.h.mercer",
    "mx-fgr-norte": "mx-fgr-norte.r.zamora",
}


def _hide(data_dir: Path, found: tuple[Viewer, ...]) -> Hidden:
    hidden = Hidden()
    names = _names("harlan-so", "name", 3) + _names("riverbend-pd", "name", 3)
    plates = _names("harlan-so", "plate", 2) + _names("riverbend-pd", "plate", 2)
    phones = _names("harlan-so", "phone", 2) + _names("riverbend-pd", "phone", 2)
    assert names
    assert plates
    names += ["Zyxwhiddenword", "Quetzal Hiddenname"]
    hidden.words = [*names, *plates, *phones]
    kinds: set[str] = set()
    for agency, writer in WRITERS.items():
        drafts = dict(_drafts(agency, names, plates, phones))
        with acting(writer, "records-administration") as scope:
            scope.number({p.label for d in drafts.values() for p in d.parts})
        kept = {why: d for why, d in drafts.items() if not _shows_to_anybody(found, d)}
        kinds |= {why.rpartition(":")[2] for why in kept}
        with acting(writer, "records-administration") as scope:
            made = contribute(scope, list(kept.values()), collected_at=now())
        hidden.records += made.record_ids
    assert kinds >= {*SECRETS, "vehicle"}, f"the policies hide only {sorted(kinds)}"
    _hide_a_case(hidden)
    hidden.ids["draft"] = _draft_of("riverbend-pd.d.okafor")
    hidden.ids["webhook"] = str(_webhook_of("riverbend-pd.d.okafor").id)
    hidden.ids["change"] = _change_of(_AFAR, _AFAR_TOO, "analyst")
    hidden.ids["agency change"] = _agency_change_of(_AFAR, "99021")
    hidden.ids["passkey"] = _passkey_of("riverbend-pd.d.okafor")
    hidden.ids["signin"] = _session_of("riverbend-pd.d.okafor")
    hidden.ids["assistance"] = _asked_for_help(
        "riverbend-pd.m.alvarez", "state-bi", "Zyxwhiddenword: asked of the bureau alone."
    )
    kept, _ = exhibiting.acquired(b"Zyxwhiddenword" * 9)
    exhibiting.read(kept)
    hidden.ids["exhibit"] = str(kept)
    hidden.ids["derivation"] = str(exhibiting.asked(kept, exhibiting.DETECTIVE))
    hidden.ids["upload"] = str(exhibiting.uploaded(b"Zyxwhiddenword" * 9))
    kept = _handed_to("state-bi")
    hidden.ids["custody"], hidden.ids["alarm"] = str(kept), str(_alarm_of(kept))
    _hide_expertise(hidden)
    _hide_duties(hidden)
    _hide_questions_and_files(hidden)
    _hide_statements(hidden)
    _hide_endings(hidden)
    _hide_searches_and_checks(hidden)
    _revise(hidden)
    ledger.sequence_all()
    _name_the_hidden(data_dir, hidden, found)
    return hidden


def _drafts(
    agency: str, names: list[str], plates: list[str], phones: list[str]
) -> Iterator[tuple[str, RecordDraft]]:
    for number, name in enumerate(names):
        for secret, label in SECRETS.items():
            parts = {
                "core": {"status": ["open"]},
                "identity": {"name": [name]},
                "contact": {"phone": [phones[number % len(phones)]] if phones else []},
                "narrative": {"text": [f"Zyxwhiddenword was said of {name}."]},
            }
            yield (
                f"{number}:{secret}",
                draft(agency=agency, ref=f"HIDDEN-{number}-{secret}", parts=parts, **label),
            )
    for number, plate in enumerate(plates):
        yield (
            f"{number}:vehicle",
            draft(
                agency=agency,
                ref=f"HIDDEN-V-{number}",
                schema="Vehicle",
                subjects=("none",),
                label={"sealed": True},
                parts={"core": {"status": ["open"]}, "identity": {"plate": [plate]}},
            ),
        )


def _shows_to_anybody(found: tuple[Viewer, ...], record: RecordDraft) -> bool:
    """Whether the policy opens any part to a viewer, also with the key of the viewer's case."""
    for viewer in found:
        for asker in viewer.askers():
            standing = _standing(asker)
            kinds = [frozenset[str](), frozenset({"case"})]
            for part in record.parts:
                for action in ("hit", "view"):
                    if any(standing.why(action, part.label, k).allowed for k in kinds):
                        return True
    return False


_standings: dict[Asker, standings.Standing] = {}


def _standing(asker: Asker) -> standings.Standing:
    if asker not in _standings:
        _standings[asker] = standings.for_request(asker.actor, asker.context, policy_epoch())
    return _standings[asker]


def _hide_a_case(hidden: Hidden) -> None:
    for number in (hidden.case_number, hidden.taken_number):
        with acting("riverbend-pd.d.okafor", "case-administration") as scope:
            cases.open_case(
                scope,
                number=number,
                title="Nobody else knows of this",
                purposes=[TRAFFICKING, "case-administration"],
                members=["riverbend-pd.m.alvarez", "state-bi.h.mercer", "state-bi.a.desai"],
            )
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, hidden.case_number) as scope:
        facts = find_case(hidden.case_number)
        hidden.ids["note"] = str(cases.write_note(scope, facts, "Zyxwhiddenword in a note."))
        for record in _records_of_suspects("riverbend-pd"):
            cases.place_record(scope, facts, record)


def _hide_duties(hidden: Hidden) -> None:
    """What the bureau owes Riverbend for reading in the hidden case."""
    with acting("state-bi.a.desai", TRAFFICKING, hidden.case_number) as scope:
        assert latest(scope).records, "the case shows what was placed in it"
    with acting("state-bi.a.desai", "records-administration"):
        found = [d for d in duties.duties() if d.owner == "riverbend-pd"]
    assert found, "a clause asks for something in return"
    hidden.ids["duty"] = str(found[0].id)


def _records_of_suspects(owner: str) -> list[UUID]:
    with _administrator(_data_dir(), FULL) as admin:
        rows = admin.execute(
            "select distinct p.record_id from part p join label l on l.id = p.label_id"
            " where p.owner_id = %s and p.superseded_at is null and p.kind = 'identity'"
            " and l.facts @> %s and p.sealed_body is null"
            # with a core: what other tests left in the world need have none
            " and exists (select 1 from part c where c.record_id = p.record_id"
            " and c.kind = 'core' and c.superseded_at is null) order by 1 limit 2",
            [
                owner,
                Jsonb(
                    {"schema": "Person", "subjects": ["suspect"], "sealed": False}
                    | {"intelligence": False, "minor": False}
                ),
            ],
        ).fetchall()
    assert rows, f"{owner} has suspects"
    return [row[0] for row in rows]


def _handle_key() -> bytes:
    return secret_bytes(_data_dir(), "hit-handle.key", KEY_BYTES)


def _hide_questions_and_files(hidden: Hidden) -> None:
    for record in _records_of_suspects("state-bi"):
        # not by a search, which would tell every agency whose records were hit
        handle = make_handle(_handle_key(), "riverbend-pd", record)
        with acting("riverbend-pd.m.alvarez", TRAFFICKING, hidden.case_number) as scope:
            made = asking.ask(scope, handle, "Zyxwhiddenword: asked of the bureau alone.")
            hidden.ids["request"] = str(made)
    hidden.ids["run"] = str(
        _bring_in("riverbend-pd.j.whitfield", "no,name,dob\nH-1,Zyxwhiddenword,notadate\n")
    )
    hidden.ids["unmapped"] = str(
        _wait("riverbend-pd.j.whitfield", "case_no,name\nU-2,Zyxwhiddenword\n")
    )
    text = MAPPING.replace("[no]", "[hidden_no]").replace(
        '  dob: {to: birthDate, date: "%Y-%m-%d"}\n', ""
    )
    for name in ("hidden-mapping", "taken-mapping"):  # the second is saved by viewers as well
        _save("riverbend-pd.j.whitfield", name, text)
    _send("state-bi.h.mercer", "no,name,dob\nH-2,Waits Hidden,1980-01-01\n")


def _hide_statements(hidden: Hidden) -> None:
    """An emergency of Riverbend that nobody confirmed, and a consent towards the bureau."""
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, hidden.case_number) as scope:
        until = now() + timedelta(hours=30)
        made = stating.declare(scope, until=until, reason="Zyxwhiddenword: tonight, they say.")
        hidden.ids["statement"] = str(made)
    own = _records_of_suspects("riverbend-pd")[0]
    with acting("riverbend-pd.d.okafor", "records-administration") as scope:
        draft = Draft(
            kind="determination(necessity)",
            recipient="state-bi",
            purpose=None,
            record=own,
            parts=("core",),
            until=until,
            reason="Zyxwhiddenword: nobody else can say.",
        )
        stating.give(scope, draft)


def _hide_endings(hidden: Hidden) -> None:
    """A recall, a proposal to purge and a subscription, all of others."""
    own = _records_of_suspects("riverbend-pd")[0]
    with acting("riverbend-pd.d.okafor", "records-administration") as scope:
        assert "state-bi" in recalling.recall_record(scope, own, "source-at-risk")
        notices = recalls(owner="riverbend-pd")
        hidden.ids["recall"] = str(next(r.notice.id for r in notices if r.notice.record == own))
    hidden.ids["review"] = str(_proposal("riverbend-pd", "riverbend-pd.j.whitfield"))
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, hidden.case_number) as scope:
        made = subscribing.subscribe(
            scope,
            kind="name",
            value="Zyxwhiddenword Quetzal",
            until=now() + timedelta(days=9),
            reason="Zyxwhiddenword: tell me when he comes up.",
        )
        hidden.ids["subscription"] = str(made)
    with _administrator(_data_dir(), FULL) as admin:
        row = admin.execute(
            "select id from part where record_id = %s", [hidden.records[0]]
        ).fetchone()
    assert row is not None
    hidden.ids["part"] = str(row[0])


def _hide_searches_and_checks(hidden: Hidden) -> None:
    """A colleague's saved search and check that was not drawn; of another agency, one that was."""
    with acting("harlan-so.s.ferris", "records-administration") as scope:
        made = saved.save(scope, "Zyxwhiddenword", Question("Zyxwhiddenword"), [])
        hidden.ids["search"] = str(made)
    _check_of("riverbend-pd.m.alvarez", 100)
    hidden.ids["check"] = _check_of("harlan-so.s.ferris", 0)


def _hide_expertise(hidden: Hidden) -> None:
    """What nobody attested yet, and a consent to be named that stands with it."""
    offered = offering.Offer(
        "surveillance", "expert", note="Zyxwhiddenword: not attested.", named=True
    )
    with acting("state-bi.v.petrov", "case-administration") as scope:
        hidden.ids["expertise"] = str(offering.propose(scope, offered))


def _revise(hidden: Hidden) -> None:
    drafts = dict(_drafts("riverbend-pd", [hidden.words[0] + "son"], [], []))
    with acting("riverbend-pd.j.whitfield", "records-administration") as scope:
        again = contribute(scope, [drafts["0:sealed by a court"]], collected_at=now())
    assert again.revised == 1


def _name_the_hidden(data_dir: Path, hidden: Hidden, found: tuple[Viewer, ...]) -> None:
    hidden.ids["record"] = str(hidden.records[0])
    with acting("riverbend-pd.m.alvarez", "oversight"):
        entry = own_entries()[0].id
    hidden.ids["ledger_entry"] = str(entry)
    hidden.ids["erasure"] = _to_erase(
        entry, "riverbend-pd.p.sandoval", "Zyxwhiddenword: the court said so."
    )
    with _administrator(data_dir, FULL) as admin:
        row = admin.execute(
            "select id from quarantine_entry where run_id = %s", [hidden.ids["run"]]
        ).fetchone()
    assert row is not None
    hidden.ids["quarantined"] = str(row[0])
    for viewer in found:
        viewer.samples["hidden_handle"] = make_handle(
            _handle_key(), viewer.agency, hidden.records[0]
        )
