"""A signed head gains cosignatures, and nothing else; when it had enough of them stands beside it."""

from django.db import migrations, models

GUARD = """
create or replace function accord.ledger_checkpoint_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or new.size <> old.size or new.root <> old.root
       or new.created_at <> old.created_at or old.quorum_at is not null
          and new.quorum_at is distinct from old.quorum_at
       or not starts_with(new.note, old.note)
       or substr(new.note, length(old.note) + 1) !~ '^(\u2014 [^ \\n]+ [A-Za-z0-9+/]+={0,2}\\n)*$' then
        raise exception 'accord: a checkpoint only gains cosignatures' using errcode = '42501';
    end if;
    return new;
end $$;
"""

UNGUARD = """
create or replace function accord.ledger_checkpoint_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'accord: a checkpoint is never changed or removed' using errcode = '42501';
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_operator")]
    operations = [
        migrations.AddField("checkpoint", "quorum_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "checkpoint",
            models.Index(
                fields=["-size"],
                name="ledger_checkpoint_quorum",
                condition=models.Q(quorum_at__isnull=False),
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(
            "grant update (note, quorum_at) on ledger_checkpoint to accord_app",
            "revoke update (note, quorum_at) on ledger_checkpoint from accord_app",
        ),
    ]
