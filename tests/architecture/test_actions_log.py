"""One action, one transaction, one ledger entry: whatever writes runs under a scope and says so."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, transaction

import accord
from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import Scope, open_scope
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.platform.db import launcher

WITHOUT_SCOPE = {
    "accord.agencies.actions.put_agency": "the directory, filled before anybody can act",
    "accord.agencies.actions.bring_key": "the operator's, from the command line, with its own entry",
    "accord.agencies.actions.noted_by_operator": "the operator's own entry",
    "accord.agencies.actions.suspend_agency": "the operator's, with its own entry",
    "accord.agencies.actions.resume_agency": "the operator's, with its own entry",
    "accord.agencies.actions.put_member": "the directory, filled before anybody can act",
    "accord.agencies.actions.create_signin_link": "made before anybody is known",
    "accord.identity.actions.attempts.forget": "gives back a try, before anybody is known",
    "accord.identity.actions.attempts.may_try": "counts a try, before anybody is known",
    "accord.identity.actions.attempts.missed": "counts what was wrong, of nobody",
    **dict.fromkeys(
        (
            f"accord.identity.codes.actions.{name}"
            for name in ("allowing.approve", "allowing.end", "allowing.propose")
        ),
        "refused by the database without a seal; the caller's scope says so",
    ),
    **dict.fromkeys(
        (
            f"accord.identity.codes.actions.{name}"
            for name in (
                "devices.add",
                "devices.change_password",
                "devices.open_again",
                "devices.remove",
                "recovery.make",
                "recovery.revoke",
            )
        ),
        "an own; the desk writes the entry beside it",
    ),
    "accord.identity.codes.actions.knowing.give_back": "a try, before anybody is known",
    "accord.identity.codes.actions.knowing.remember": "a browser in which somebody came in",
    "accord.identity.codes.actions.knowing.spend": "a try, before anybody is known",
    "accord.identity.codes.actions.devices.prove": "proves who; the desk writes the entry",
    "accord.identity.codes.actions.devices.prove_again": "proves who; the desk writes the entry",
    "accord.identity.codes.actions.recovery.check": "proves who; the desk writes the entry",
    "accord.identity.codes.actions.recovery.spend": "a step of the enrolment that it opens",
    "accord.identity.actions.ceremonies.begin": "a challenge, given before anybody is known",
    "accord.identity.actions.ceremonies.take": "a challenge, answered before anybody is known",
    "accord.identity.actions.attempts.sweep": "the worker's: counts that are over",
    "accord.identity.actions.ceremonies.sweep": "the worker's: challenges that are over",
    "accord.ledger.actions.append_shown": "the ledger itself; called under the scope of a step",
    "accord.identity.actions.membersignatures.keep": "a step of what is signed, under its scope",
    "accord.identity.actions.passkeys.add": "the desk writes the entry beside it",
    "accord.identity.actions.passkeys.asking_options": "gives a challenge, before anybody is known",
    "accord.identity.actions.passkeys.assert_with": "proves who; the desk writes the entry",
    "accord.identity.actions.passkeys.creation_options": "gives a challenge, before anybody is known",
    "accord.identity.actions.operating.enrol_anew": "the operator's, as above",
    "accord.identity.actions.passkeys.prove": "proves who; the desk writes the entry",
    "accord.identity.actions.passkeys.rename": "an own; runs under the desk's scope, which says so",
    "accord.identity.actions.passkeys.revoke": "an own; runs under the desk's scope, which says so",
    "accord.identity.actions.providers.put": "the operator's, in whose name it writes the entry",
    "accord.identity.actions.providers.remove": "the operator's, as above",
    "accord.identity.actions.invitations.invite": "the operator's, in whose name it writes the entry",
    "accord.identity.actions.invitations.bring_in": "names the first two; the desk writes the entry",
    "accord.identity.actions.invitations.made": "the operator's; reads",
    "accord.identity.actions.invitations.welcome": "reads what a link invites to",
    "accord.identity.actions.invitations.withdraw": "the operator's, as above",
    "accord.identity.actions.newagency.ask_for": "a step of setting up and of joining",
    "accord.identity.actions.newagency.read_agency": "reads a form",
    "accord.identity.actions.setup.begin": "the operator's, while there is nobody",
    "accord.identity.actions.setup.is_open": "reads one bit",
    "accord.identity.actions.setup.open_when_ready": "ends the set-up, before anybody acts",
    "accord.identity.actions.setup.set_up": "names the first two, before anybody acts",
    "accord.identity.actions.signins.begin": "begins a session; the desk writes the entry",
    "accord.identity.actions.signins.end": "one that came to its end by itself or was left",
    "accord.identity.actions.signins.end_session": "one that came to its end by itself, or was left",
    "accord.identity.actions.signins.end_every": "a step of enrolling by a recovery code",
    "accord.identity.actions.signins.end_of_credential": "a step of revoking a passkey",
    "accord.identity.actions.signins.end_others": "an own; runs under the desk's scope, which says so",
    "accord.identity.actions.signins.end_own": "an own; runs under the desk's scope, which says so",
    "accord.identity.actions.signins.proven_again": "a step of what asked for the new proof",
    "accord.identity.actions.signins.seen": "that a session is in use; its row says it",
    **dict.fromkeys(
        (
            f"accord.identity.tokens.actions.systems.{name}"
            for name in (
                "add_key",
                "add_secret",
                "approve",
                "approve_credential",
                "approve_owner",
                "end",
                "propose",
                "propose_owner",
                "register",
                "revoke_client",
                "revoke_credential",
                "withdraw_owner",
            )
        ),
        "refused by the database without a seal; the caller's scope says so",
    ),
    "accord.identity.tokens.actions.oauth.by_assertion": "that an assertion was used, by nobody yet",
    "accord.identity.tokens.actions.oauth.give_token": "a client's; the API writes the entry",
    "accord.identity.tokens.actions.tokens.make_for_system": "a client's, as above",
    "accord.identity.tokens.actions.tokens.make": "an own; the desk's scope says so",
    "accord.identity.tokens.actions.tokens.revoke": "an own; the caller's scope says so",
    "accord.agencies.about.actions.approve": "accord.desk.describing says so",
    "accord.agencies.about.actions.propose": "accord.desk.describing says so",
    "accord.agencies.about.actions.withdraw": "accord.desk.describing says so",
    "accord.agencies.directory.actions.approve": "accord.desk.administering says so",
    "accord.agencies.directory.actions.ask": "accord.desk.administering says so",
    "accord.agencies.directory.actions.make_code": "accord.desk.administering says so",
    "accord.agencies.directory.actions.propose_member": "accord.desk.administering says so",
    "accord.agencies.directory.actions.withdraw": "accord.desk.administering says so",
    "accord.exchange.webhooks.actions.stop_those_who_left": "whose standing ended, nobody can act for",
    "accord.evidence.actions.copies.as_zip": "reads what an action has taken",
    **dict.fromkeys(
        (
            f"accord.evidence.actions.stored.{name}"
            for name in ("beside", "forget", "of_path", "write")
        ),
        "a step of keeping a reading or a derivation, which says so",
    ),
    "accord.evidence.actions.readings.write": "the same, before its transaction",
    "accord.evidence.actions.readings.put_off": "the worker's, for nobody",
    "accord.evidence.actions.readings.try_later": "the worker's: nothing was read",
    "accord.evidence.actions.deriving.refuse": "the worker's: nothing was made",
    "accord.evidence.actions.tries.change": "a step of those that count tries",
    "accord.evidence.actions.uploads.append": "a piece; that it began is logged, and what it becomes",
    "accord.evidence.actions.uploads.expire": "removes what its members left, for nobody",
    "accord.evidence.actions.uploads.settle": "the last piece of the same, by the worker",
    "accord.evidence.actions.sweeping.sweep": "removes encrypted pieces that nothing refers to",
    "accord.evidence.actions.sweeping.sweep_unnamed": "removes pieces that never had a row",
    "accord.exchange.webhooks.actions.sweep": "removes messages whose time is over, for nobody",
    "accord.agencies.actions.use_signin_link": "used before anybody is known",
    "accord.agencies.actions.create_api_token": "made at the node's own command line",
    "accord.agencies.actions.revoke_api_token": "takes away, and holds a digest only",
    "accord.agreements.actions.case_keys.give_case_key": "part of opening; refused unsealed",
    "accord.agreements.actions.case_keys.end_case_key": "part of releasing; refused unsealed",
    "accord.records.actions.intake.start": "takes what `claim` found under the same scope",
    "accord.agreements.actions.gate.check_gate": "reads",
    "accord.agreements.actions.gate.agency_facts": "reads",
    "accord.records.actions.fates.fates": "reads",
    "accord.records.actions.keys.own_parts": "reads",
    "accord.records.actions.keys.put_keys": "a step of placing and granting",
    "accord.records.actions.recalls.own_head": "reads",
    "accord.exchange.webhooks.actions.read_up_to": "notes a place in the outbox; tells nobody anything",
    "accord.ledger.actions.append": "writes the entry itself",
    "accord.records.actions.intake.end_unmapped": "of members not in force, who have no standing",
    "accord.ledger.actions.append_by_operator": "writes the entry of what the operator did itself",
    "accord.ledger.actions.append_separately": "writes the entry of a refusal itself",
    "accord.ledger.actions.sequence": "gives entries their places",
    "accord.ledger.actions.sequence_all": "gives entries their places",
    "accord.ledger.actions.keep_timestamp": "keeps what an authority says of a public head",
    **dict.fromkeys(
        (f"accord.ledger.erasing.actions.{name}" for name in ("erase", "propose", "withdraw")),
        "refused by the database without a seal; accord.desk.erasing says so",
    ),
    "accord.ledger.actions.add_cosignatures": "adds what cosigners signed to a head",
}
QUIET = {
    "accord.records.actions.keys.open_text": "a step of writing a text",
    "accord.records.actions.keys.end_case_key": "a step of withdrawing a record from a case",
    "accord.records.actions.keys.end_keys_because": "a step of revoking a grant",
    "accord.records.actions.keys.end_every_key": "a step of recalling a record",
    "accord.agreements.duties.actions.copies_gone": "a step of answering a recall",
    "accord.records.actions.statement_keys.releasable": "reads",
    "accord.records.actions.statement_keys.targets_of": "reads",
    "accord.agreements.duties.actions.hold": "a step of setting a legal hold",
    "accord.evidence.actions.readings.begin": "a step of acquiring",
    "accord.agreements.duties.actions.write": "a step of the scope, beside its own entry",
    "accord.records.actions.revise.add_revision": "a step of contributing",
    "accord.records.actions.revise.follow": "a step of contributing and of relabelling",
}
"""Steps that take a scope and leave the words to the action they belong to."""
WRITES = {
    "create", "bulk_create", "update", "delete", "update_or_create", "get_or_create",
    "bulk_update", "execute", "executemany", "save",
}  # fmt: skip
SAYS = {"did", "note"}


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(accord.__path__, "accord."):
        if ".actions" in found.name and ".cli." not in found.name:
            yield importlib.import_module(found.name)


def _functions() -> dict[str, Callable[..., Any]]:
    return {
        f"{module.__name__}.{name}": function
        for module in _modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if inspect.unwrap(function).__module__ == module.__name__
    }


FUNCTIONS = _functions()
PUBLIC = {n: f for n, f in FUNCTIONS.items() if not n.rpartition(".")[2].startswith("_")}


def _calls(function: Callable[..., Any]) -> set[str]:
    """The last word of everything that a function calls."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(function))))
    return {
        ast.unparse(node.func).rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


BY_WORD: dict[str, set[str]] = {}
for _name, _function in FUNCTIONS.items():
    BY_WORD.setdefault(_name.rpartition(".")[2], set()).update(_calls(_function))


def _reaches(function: Callable[..., Any], wanted: set[str]) -> bool:
    seen: set[str] = set()
    waiting = _calls(function)
    while waiting:
        word = waiting.pop()
        if word in wanted:
            return True
        if word not in seen:
            seen.add(word)
            waiting |= BY_WORD.get(word, set()) - seen
    return False


def _takes_a_scope(function: Callable[..., Any]) -> bool:
    return any(
        parameter.annotation in ("Scope", Scope)
        for parameter in inspect.signature(function).parameters.values()
    )


def test_the_actions_are_found() -> None:
    assert len(PUBLIC) > 30
    assert sum(_reaches(f, WRITES) for f in PUBLIC.values()) > 25
    assert {n.split(".")[1] for n in PUBLIC} >= {"agencies", "agreements", "cases", "records"}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_whatever_writes_runs_under_a_scope(name: str) -> None:
    function = PUBLIC[name]
    if ".writing." in name:
        return  # private to records' actions: rows on their way, called under contribute's scope
    if _reaches(function, WRITES) and not _takes_a_scope(function):
        assert name in WITHOUT_SCOPE, f"{name} writes and takes no scope"


@pytest.mark.parametrize("name", sorted(n for n, f in PUBLIC.items() if _takes_a_scope(f)))
def test_whatever_writes_says_what_it_did(name: str) -> None:
    """Else the one entry of its scope would call a change a consultation."""
    function = PUBLIC[name]
    if _reaches(function, WRITES) and name not in QUIET:
        assert _reaches(function, SAYS), f"{name} writes and says nothing to the ledger"


def test_no_exception_is_declared_that_is_none() -> None:
    assert [n for n in (*WITHOUT_SCOPE, *QUIET) if n not in PUBLIC] == []


def test_nobody_but_scope_and_ledger_writes_entries() -> None:
    """INVARIANT: an entry is made where the scope ends, so none can be left out by an action."""
    root = Path(accord.__file__).parent
    callers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(
            ("ledger.append", "append_shown", "append_separately", "append_by_operator")
        )
    }
    operators = {
        "agencies/actions.py",
        "identity/actions/providers.py",
    }
    assert callers == {
        "agreements/scope.py",  # a scope's
        *operators,  # the operator's
        "evidence/custody/actions.py",  # beside its scope's: its receipt goes to others (0025)
        "ledger/actions.py",  # within itself
    }


# -- on a real node --------------------------------------------------------------------------------

MEMBER = "riverbend-pd.m.alvarez"


@pytest.fixture
def entries(world: Path) -> Iterator[Callable[[], list[str]]]:
    """The kinds of the entries that were added since the test began, oldest first."""
    dsn = launcher.ensure_running(world, fast=True).admin_dsn
    with psycopg.connect(dsn, dbname="accord", autocommit=True) as admin:
        before = {row[0] for row in admin.execute("select id from ledger_entry")}

        def added() -> list[str]:
            rows = admin.execute("select id, kind from ledger_entry order by id").fetchall()
            return [kind for entry, kind in rows if entry not in before]

        yield added


def _scope() -> Any:
    actor = agencies.actor(MEMBER)
    return open_scope(actor, resolve(actor, "general-policing", "statute", None))


def test_a_scope_ends_in_exactly_one_entry(entries: Callable[[], list[str]]) -> None:
    with _scope():
        pass
    assert entries() == ["consultation"]
    with _scope() as scope:
        scope.did("collection", step="a test")
        scope.did("collection", step="and again")
    assert entries() == ["consultation", "collection"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotFound("absent"), "miss"),
        (NotAllowed("no"), "refusal"),
        (Conflict("no"), "refusal"),
        (InvalidInput("f", None, "x", "no"), "refusal"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_a_refused_act_ends_in_one_entry_too(
    entries: Callable[[], list[str]], error: AccordError, kind: str
) -> None:
    with pytest.raises(AccordError), _scope():
        raise error
    assert entries() == [kind]


def test_an_act_whose_entry_cannot_be_written_does_not_happen(
    world: Path, entries: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.agreements import scope as scopes
    from isolation.contributing import LIEUTENANT, acting

    number = "LOG-2026-001"

    def fails(*_: Any) -> None:
        raise DatabaseError("the ledger does not answer")

    monkeypatch.setattr(scopes.ledger, "append_shown", fails)
    from accord.cases import actions as cases
    from accord.cases.queries import case

    with pytest.raises(DatabaseError), acting(LIEUTENANT, "case-administration") as scope:
        cases.open_case(
            scope,
            number=number,
            title="Never opened",
            purposes=["case-administration"],
            members=[],
        )
    monkeypatch.undo()
    assert entries() == []
    with pytest.raises(NotFound), acting(LIEUTENANT, "case-administration"):
        case(number)


def test_what_takes_no_scope_is_refused_by_the_database_without_one(world: Path) -> None:
    from uuid import uuid4

    from accord.agreements import actions as agreements
    from accord.records.actions.keys import PartKey

    with pytest.raises(DatabaseError), transaction.atomic():
        agreements.give_case_key(
            case_id=uuid4(),
            case_number="X-1",
            lead_agency="riverbend-pd",
            purposes=["case-administration"],
            membership_id=MEMBER,
            agency_id="riverbend-pd",
        )
    with transaction.atomic():
        assert agreements.end_case_key(uuid4(), MEMBER) == 0
        assert PartKey.objects.update(valid_until=None) == 0
