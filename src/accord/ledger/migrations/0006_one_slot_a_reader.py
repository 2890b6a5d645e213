"""A leaf says its version: in those of version 2 each reader has one slot (decision 0030).

The column of the commitment gets another name: a process of before, which still runs, would give its
commitments out as leaves of version 2, and places those of version 2 as its own. It is refused instead.
"""

from django.db import migrations, models

GUARD = """
create or replace function accord.ledger_leaf_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.leaf_index is not null or new.entry_id <> old.entry_id
       or {same} then
        raise exception 'accord: a leaf is never changed or removed' using errcode = '42501';
    end if;
    return new;
end $$;
"""
VERSION = """
alter table ledger_leaf rename column commitment to committed;
alter table ledger_leaf add column version smallint not null default 1;
alter table ledger_leaf alter column version set default 2;
alter table ledger_leaf add constraint ledger_leaf_version check (version in (1, 2));
""" + GUARD.format(same="new.committed <> old.committed or new.version <> old.version")
BACK = """
do $$ begin
    if exists (select 1 from ledger_leaf where version = 2) then
        raise exception 'accord: the ledger holds leaves of version 2, which older versions cannot read';
    end if;
end $$;
alter table ledger_leaf drop column version;
alter table ledger_leaf rename column committed to commitment;
""" + GUARD.format(same="new.commitment <> old.commitment")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_under_which_policy")]
    operations = [
        migrations.RemoveIndex("leaf", "ledger_leaf_waiting"),
        migrations.RunSQL(
            VERSION,
            BACK,
            state_operations=[
                migrations.AlterField(
                    "leaf", "commitment", models.BinaryField(db_column="committed")
                ),
                migrations.AddField("leaf", "version", models.SmallIntegerField(db_default=2)),
            ],
        ),
        migrations.AddIndex(
            "leaf",
            models.Index(
                fields=["version", "entry_id"],
                condition=models.Q(("leaf_index__isnull", True)),
                name="ledger_leaf_waiting",
            ),
        ),
    ]
