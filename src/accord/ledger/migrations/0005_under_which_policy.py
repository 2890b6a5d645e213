"""A head says under which policy it was met, once, beside when."""

from django.db import migrations, models

GUARD = """
create or replace function accord.ledger_checkpoint_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or new.size <> old.size or new.root <> old.root
       or new.created_at <> old.created_at or old.quorum_at is not null
          and (new.quorum_at is distinct from old.quorum_at
               or new.quorum_policy is distinct from old.quorum_policy)
       or new.quorum_at is null and new.quorum_policy is not null
       or not starts_with(new.note, old.note)
       or substr(new.note, length(old.note) + 1) !~ '^(\u2014 [^ \\n]+ [A-Za-z0-9+/]+={0,2}\\n)*$' then
        raise exception 'accord: a checkpoint only gains cosignatures' using errcode = '42501';
    end if;
    return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_found_and_dated")]
    operations = [
        migrations.AddField(
            "checkpoint", "quorum_policy", models.CharField(max_length=64, null=True)
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(
            "grant update (quorum_policy) on ledger_checkpoint to accord_app",
            "revoke update (quorum_policy) on ledger_checkpoint from accord_app",
        ),
    ]
