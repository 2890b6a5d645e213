"""What an application that was made to speak by a stranger may not say about agreements and duties.

The steps of an agreement are replayed in the order of their numbers, so nobody chooses a number: a
step that was slipped in before the others would rewrite what they made. A duty is discharged by
whoever owes it, held by whom it is owed to, and a notice is noted by whoever was told.
"""

from django.db import migrations

NUMBERED_HERE = """
revoke insert on agreement_signature, agreement_state from accord_app;
grant insert (version_id, agency, officer, signature, signed_at) on agreement_signature
    to accord_app;
grant insert (version_id, step, at, by_member, agency, reason, signature) on agreement_state
    to accord_app
"""

GUARD = """
create or replace function accord.duty_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    closes text := case when old.kind like 'notify-%' then old.owner_id else old.agency end;
begin
    if old.discharged_at is not null
           and (new.discharged_at, new.discharged_by, new.how)
               is distinct from (old.discharged_at, old.discharged_by, old.how)
       or old.closed and not new.closed then
        raise exception 'accord: a duty that was done stays done' using errcode = '42501';
    end if;
    if (new.discharged_at, new.discharged_by, new.how)
           is distinct from (old.discharged_at, old.discharged_by, old.how)
           and old.agency is distinct from agency
       or new.held <> old.held and old.owner_id is distinct from agency
       or new.closed and not old.closed and closes is distinct from agency then
        raise exception 'accord: this is for the other side of the duty' using errcode = '42501';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0005_obligations")]
    operations = [
        migrations.RunSQL(NUMBERED_HERE, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
