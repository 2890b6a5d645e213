"""From the last signature under an amendment to its effect on a million parts.

The parts are put there as a superuser (that is the only thing that goes past the actions): what is
measured is a supervisor's signature, the activation, and the next request of a member who was signed
in all along. The proofs are timed by themselves, before: a process makes them once for a set of
agreements, and the activation finds them made. That no row was rewritten is counted twice: by the
row versions themselves (where each lies and which transaction wrote it), and by PostgreSQL's own
counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import yaml
from psycopg import sql

from accord.cli.benches.page import Compared

PURPOSE = "human-trafficking-investigation"
VIEWER = "harlan-so.c.boone"
AMENDED = "mou-2026-007"
LEFT_OUT = "4.1"
SHOWN = 500
_TABLES = ("record", "part", "part_key")

# The record's and the part's facts that no label holds do not matter here; each has its label's
# owner, and four parts lie in a record.
FILL = """
set session_replication_role = replica;
create temporary table chosen as
  select row_number() over (order by id) - 1 as n, id, facts->>'owner' as owner from label;
create unique index on chosen (n);
insert into record (id, owner_id, source_system, source_ref, schema, revision, content_hash,
                    created_at, updated_at, intelligence, suspicion_stated, legal_hold)
select md5('record ' || g)::uuid, c.owner, 'bench', g::text, 'Person', 1, sha256(g::text::bytea),
       now(), now(), false, false, false
  from generate_series(1, {records}) g join chosen c on c.n = g %% (select count(*) from chosen);
insert into part (id, record_id, owner_id, revision, kind, label_id, newest_label_id, body,
                  assertion, created_at)
select md5('part ' || g)::uuid, md5('record ' || (1 + g / 4))::uuid, c.owner, 1,
       'part' || g %% 4, c.id, c.id, '{{}}', 'fact', now()
  from generate_series(0, {parts} - 1) g
  join chosen c on c.n = g %% (select count(*) from chosen);
set session_replication_role = origin;
analyze record; analyze part;
"""


@dataclass(frozen=True)
class Took:
    """Milliseconds of one amendment, and what became of the rows."""

    prove_ms: float
    sign_ms: float
    activate_ms: float
    request_ms: float
    before: int
    after: int
    rewritten: int

    @property
    def total_ms(self) -> float:
        return self.sign_ms + self.activate_ms + self.request_ms


def fill(admin: Any, parts: int) -> None:
    """So many parts, spread over every label of the node."""
    admin.execute(FILL.format(parts=parts, records=parts // 4 + 1).replace("%%", "%"))


def compare(admin: Any, folder: Path, parts: int) -> Iterator[Compared]:
    """The figures of one amendment; the reference writes every row that it changes."""
    took = measure(admin, folder)
    rewrite_ms = _rewrite_ms(admin)
    what = f"{parts:,} parts: from the last signature to the next request"
    split = (
        f"signature {took.sign_ms:.0f}, activation {took.activate_ms:.0f}, "
        f"next request {took.request_ms:.0f} ms; proofs made before"
    )
    yield Compared(
        f"the proofs without which that amendment does not take effect, {parts:,} parts",
        f"{took.prove_ms:,.0f} ms",
        "",
        "",
    )
    yield Compared(
        f"{what} ({split})",
        f"{took.total_ms:,.0f} ms",
        f"an update of the rows concerned: {rewrite_ms:,.0f} ms",
        f"{rewrite_ms / took.total_ms:,.1f}×",
        "under 100 ms",
    )
    yield Compared(
        f"of {SHOWN} parts shown by clause {LEFT_OUT}: before, after it was left out",
        f"{took.before:,}, {took.after:,}",
        "",
        "",
        "",
    )
    yield Compared("rows rewritten", f"{took.rewritten:,}", "", "", "none")


def measure(admin: Any, folder: Path) -> Took:
    """Sign and put in force an amendment that leaves a clause out, and ask again."""
    from accord.agencies.demokeys import signing_key
    from accord.agreements import actions, queries
    from accord.agreements.actions.gate import check_gate
    from accord.agreements.life import Step, step_payload
    from accord.kernel.clock import now

    text, content_hash = _amendment()
    *others, last = queries.version(_in_force()).parties
    with _office(last) as scope:
        actions.propose(scope, text, "amendment.yaml")
    payload = queries.version(content_hash).parsed.canonical()
    for party in others:
        with _office(party) as scope:
            actions.sign(scope, content_hash, signing_key(folder, party).sign(payload))
    proving = perf_counter()
    check_gate(queries.versions(), {content_hash}, now())
    prove_ms = (perf_counter() - proving) * 1000
    shown = _shown()
    _visible(shown)  # the member works already: what is cached is warm
    before, versions = _visible(shown), _versions(admin)
    signature = signing_key(folder, last).sign(payload)
    began = perf_counter()
    with _office(last) as scope:
        actions.sign(scope, content_hash, signature)
    signed = perf_counter()
    at = now()
    step = signing_key(folder, last).sign(step_payload(content_hash, Step.ACTIVATE, at, ""))
    with _office(last) as scope:
        actions.activate(scope, content_hash, at=at, signature=step)
    active = perf_counter()
    after = _visible(shown)
    done = perf_counter()
    return Took(
        prove_ms=prove_ms,
        sign_ms=(signed - began) * 1000,
        activate_ms=(active - signed) * 1000,
        request_ms=(done - active) * 1000,
        before=before,
        after=after,
        rewritten=_changed(versions, _versions(admin)),
    )


def _in_force() -> str:
    from accord.agreements import queries
    from accord.agreements.life import State

    (found,) = [v for v in queries.versions_of(AMENDED) if v.state is State.IN_FORCE]
    return found.content_hash


def _amendment() -> tuple[str, str]:
    """The text of the agreement in force with one clause left out, and its hash."""
    from accord.agreements import queries
    from accord.agreements.parse import parse

    parent = _in_force()
    facts = yaml.safe_load(queries.version(parent).text)
    facts["amends"] = parent
    facts["clauses"] = [c for c in facts["clauses"] if c["id"] != LEFT_OUT]
    text = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)
    return text, parse(text, file="amendment.yaml").content_hash


def _office(agency: str) -> AbstractContextManager[Any]:
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    actor = next(a for a in agencies.members_of((agency,)) if "supervisor" in a.roles)
    return open_scope(actor, resolve(actor, "case-administration", "statute", None))


def _request() -> AbstractContextManager[Any]:
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    actor = agencies.actor(VIEWER)
    return open_scope(actor, resolve(actor, PURPOSE, "statute", None), action="hit")


def _shown() -> list[Any]:
    """Parts of others that the member may learn of now."""
    from django.db import connection

    with _request(), connection.cursor() as cursor:
        cursor.execute(
            "select id from part where owner_id <> 'harlan-so' limit %s",
            [SHOWN],
        )
        return [row[0] for row in cursor.fetchall()]


def _visible(shown: list[Any]) -> int:
    from django.db import connection

    with _request(), connection.cursor() as cursor:
        cursor.execute("select count(*) from part where id = any(%s)", [shown])
        count: int = cursor.fetchone()[0]
        return count


def _versions(admin: Any) -> list[tuple[Any, ...]]:
    """What tells one state of the tables' row versions from another."""
    sleep(1.5)  # other sessions hand their counts over within a second
    found = []
    for table in _TABLES:
        rows = admin.execute(
            sql.SQL(
                "select count(*), sum(hashtextextended(ctid::text || xmin::text, 0)) from {}"
            ).format(sql.Identifier(table))
        )
        counts = admin.execute(
            "select n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables where relname = %s",
            [table],
        )
        found.append((*rows.fetchone(), *counts.fetchone()))
    return found


def _changed(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> int:
    """How many row versions came or went; at least one where only their sum differs."""
    counted = sum(
        abs(b - a)
        for one, other in zip(before, after, strict=True)
        for a, b in zip(one[2:], other[2:], strict=True)
    )
    return counted or int([x[:2] for x in before] != [x[:2] for x in after])


def _rewrite_ms(admin: Any) -> float:
    """What a system that keeps access on its rows would do: write each row concerned anew."""
    began = perf_counter()
    admin.execute(
        "begin; set local session_replication_role = replica; "
        "update part set newest_label_id = label_id where owner_id <> 'harlan-so'; rollback"
    )
    return (perf_counter() - began) * 1000
