"""Records for tests, contributed by the people of the riverbend world."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import Scope, open_scope
from accord.exchange.actions.taking import take_file
from accord.exchange.domain import Stated
from accord.kernel.clock import now
from accord.kernel.vocabulary import Vocabulary
from accord.platform import outbox
from accord.records.actions.contribute import Contribution, contribute
from accord.records.domain import RecordDraft
from accord.records.intake.drafting import Intake, draft_record
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology
from accord.records.queries import intake as runs
from accord.records.queries.records import RecordView
from accord.records.queries.search import LONGEST_PAGE, latest
from isolation.direct import admin_dsn

CUSTODIAN = "riverbend-pd.j.whitfield"
LIEUTENANT = "riverbend-pd.d.okafor"
ADVOCATE = "riverbend-pd.l.hart"
OTHER_CUSTODIAN = "harlan-so.s.ferris"
OFFICE = "records-administration"
MAPPING = """\
schema: Person
source_system: test-csv
source_ref: [no]
label: {subjects: [suspect], basis: statute}
columns:
  name: name
  dob: {to: birthDate, date: "%Y-%m-%d"}
"""


@contextmanager
def acting(
    membership: str = CUSTODIAN, purpose: str = OFFICE, case: str | None = None
) -> Iterator[Scope]:
    actor = agencies.actor(membership)
    with open_scope(actor, resolve(actor, purpose, "statute", case)) as scope:
        yield scope


def told_of(topic: str, after: str, *by: str) -> set[UUID]:
    """What this member may be told of by live pages: the subjects of a topic since `after`."""
    with acting(*by):
        changes = outbox.between(after, outbox.state())
    return {change.subject for change in changes if change.topic == topic}


def all_latest(scope: Scope) -> Iterator[RecordView]:
    """What `latest` shows, page after page: however many records other tests wrote since."""
    after = None
    while True:
        page = latest(scope, after=after, limit=LONGEST_PAGE)
        yield from (found.record for found in page.records)
        after = page.next
        if after is None:
            return


def draft(
    *,
    ref: str | None = None,
    agency: str = "riverbend-pd",
    name: str = "Test Person",
    subjects: tuple[str, ...] = ("suspect",),
    label: Mapping[str, Any] | None = None,
    **more: Any,
) -> RecordDraft:
    line = {
        "agency": agency,
        "source_system": "test",
        "source_ref": ref or f"T-{uuid4()}",
        "schema": "Person",
        "label": {"subjects": list(subjects), "basis": "statute", **(label or {})},
        "parts": {
            "core": {"status": ["open"]},
            "identity": {"name": [name]},
            "contact": {"phone": ["+13125550142"]},
            "narrative": {"text": [f"Something about {name}."]},
        },
        **more,
    }
    intake = Intake(
        owner=agency,
        ontology=common_ontology(),
        vocabulary=Vocabulary.load(1),
        collected=datetime.now(UTC).date(),
    )
    return draft_record(raw_from_line(line, intake), intake)


def write(*drafts: RecordDraft, by: str = CUSTODIAN) -> Contribution:
    with acting(by) as scope:
        return contribute(scope, drafts, collected_at=now())


def send(text: str, *, mapping: str | None = MAPPING, by: str = CUSTODIAN) -> UUID:
    with acting(by) as scope:
        return take_file(
            scope,
            file_name="people.csv" if mapping else "people.jsonl",
            source=io.BytesIO(text.encode()),
            stated=Stated(mapping=mapping),
        )


def run_of(run_id: UUID, by: str = CUSTODIAN) -> runs.RunView:
    with acting(by) as scope:
        return runs.run(scope, run_id)


def superuser(data_dir: Path) -> psycopg.Connection[Any]:
    """Past every policy: what somebody who stole the database would read."""
    return psycopg.connect(admin_dsn(data_dir), dbname="accord", autocommit=True)


def parts(data_dir: Path, record_id: UUID) -> list[dict[str, Any]]:
    """Every part of a record, all revisions, as they are stored."""
    with superuser(data_dir) as db:
        cursor = db.execute(
            "select p.id, p.kind, p.revision, p.label_id, p.newest_label_id, p.body, p.sealed_body,"
            " p.superseded_at, (select count(*) from part_key k where k.part_id = p.id"
            "   and (k.valid_until is null or k.valid_until > now())) as keys"
            " from part p where p.record_id = %s order by p.kind, p.revision",
            [record_id],
        )
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def tables_with(data_dir: Path, *plain: str) -> set[str]:
    """The tables in which one of the texts stands in clear, in whatever column, also as bytes."""
    needles = [n for text in plain for n in (text.lower().encode(), text.encode().hex().encode())]
    found = set()
    with superuser(data_dir) as db:
        for table, columns in db.execute(_TABLES, [STANDING, BITS]).fetchall():
            with db.cursor().copy(f"copy {table} ({columns}) to stdout") as rows:
                held = b"".join(rows).lower()
            if any(needle in held for needle in needles):
                found.add(table)
    return found


STANDING, BITS = "accord.standing", "%_bits"
"""A standing's bits, one a label, are 1.3 MB of no text in each of hundreds of rows."""
_TABLES = """
select format('%%I.%%I', table_schema, table_name), string_agg(quote_ident(column_name), ', ')
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema in ('public', 'accord') and table_type = 'BASE TABLE' and is_generated = 'NEVER'
  and not (table_schema || '.' || table_name = %s and column_name like %s)
group by 1
"""


def five_years_on() -> date:
    today = datetime.now(UTC).date()
    return today.replace(year=today.year + 5, day=min(today.day, 28))
