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
    "accord.agencies.actions.put_member": "the directory, filled before anybody can act",
    "accord.agencies.actions.create_signin_link": "made before anybody is known",
    "accord.exchange.webhooks.actions.stop_those_who_left": "whose standing ended, nobody can act for",
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
    "accord.records.actions.recalls.own_head": "reads",
    "accord.exchange.webhooks.actions.read_up_to": "notes a place in the outbox; tells nobody anything",
    "accord.ledger.actions.append": "writes the entry itself",
    "accord.ledger.actions.append_separately": "writes the entry of a refusal itself",
    "accord.ledger.actions.sequence": "gives entries their places",
    "accord.ledger.actions.sequence_all": "gives entries their places",
    "accord.ledger.actions.erase_body": "is given the entry that says so",
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
        and ast.unparse(node.func).endswith(("ledger.append", "append_separately"))
    }
    assert callers <= {"agreements/scope.py", "agreements/entry.py"}, callers


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

    monkeypatch.setattr(scopes.ledger, "append", fails)
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
