"""Migration operations that put a table under row-level security.

Every table that holds agency data is given its policies by one of these, so that the catalogue
test (tests/isolation) can demand: enabled, forced, policies for exactly the granted commands.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import migrations

APP = "accord_app"
PROBE = "accord_probe"
BACKUP = "accord_backup"

AGENCY = "(select accord.seal_agency())"
MEMBER = "(select accord.seal_member())"


def enable(
    table: str,
    policies: Mapping[str, str],
    *,
    update_columns: tuple[str, ...] = (),
) -> migrations.RunSQL:
    """Force row-level security on `table` and grant the application only what has a policy.

    `policies` maps `select`, `insert`, `update`, `delete` to an SQL condition. An update policy
    stands as USING and as WITH CHECK; the update grant covers `update_columns` only.
    Raises ValueError for an unknown command or an update without columns.
    """
    unknown = set(policies) - {"select", "insert", "update", "delete"}
    if unknown:
        raise ValueError(f"no such command: {sorted(unknown)}")
    if ("update" in policies) != bool(update_columns):
        raise ValueError(f"{table}: an update policy and update_columns go together")
    statements = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"grant select on {table} to {PROBE}, {BACKUP}",
    ]
    for command, condition in policies.items():
        statements.append(_policy(table, command, condition))
        columns = f" ({', '.join(update_columns)})" if command == "update" else ""
        statements.append(f"grant {command}{columns} on {table} to {APP}")
    return migrations.RunSQL("; ".join(statements), migrations.RunSQL.noop)


def _policy(table: str, command: str, condition: str) -> str:
    clause = {
        "select": f"using ({condition})",
        "insert": f"with check ({condition})",
        "update": f"using ({condition}) with check ({condition})",
        "delete": f"using ({condition})",
    }[command]
    return f"create policy {table}_{command} on {table} for {command} to {APP} {clause}"


def open_to_app(table: str, commands: str) -> migrations.RunSQL:
    """Grant `commands` on a table without agency data (declared, with its reason, in catalogue.py)."""
    return migrations.RunSQL(
        f"grant {commands} on {table} to {APP}; grant select on {table} to {PROBE}, {BACKUP}",
        migrations.RunSQL.noop,
    )


def as_probe(statements: str) -> migrations.RunSQL:
    """Run SQL that makes functions owned by the probe role, which sees past row-level security."""
    return migrations.RunSQL(
        f"set local role {PROBE};\n{statements};\nset local role accord_owner",
        migrations.RunSQL.noop,
    )


def bump_epoch_on(table: str) -> migrations.RunSQL:
    """Bump the policy epoch after every statement that changes `table`."""
    return migrations.RunSQL(
        f"create trigger {table}_bumps_epoch after insert or update or delete on {table} "
        "for each statement execute function accord.bump_epoch()",
        f"drop trigger {table}_bumps_epoch on {table}",
    )


def label_is_open(action: str, label_column: str) -> str:
    """Return the condition: `action` is open, without a key, under the row's label."""
    return f"(get_byte((select accord.bits('{action}')), {label_column}) & 1) = 1"
