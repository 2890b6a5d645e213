"""Who may do what with codes: all of it is read before anybody is known.

What keeps it is elsewhere: devices and recovery codes carry a MAC of the node, secrets are encrypted,
and what an agency allows is changed by functions that ask the seal for its administrators.
"""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe, open_to_app

CODES = Path(__file__).parents[1].joinpath("codes.sql").read_text("utf-8")
CONSTRAINTS = """
alter table code_allowance add constraint code_allowance_approved
    check ((approved_by is null) = (approved_at is null));
alter table code_allowance add constraint code_allowance_ended
    check ((ended_by is null) = (ended_at is null));
alter table code_device add constraint code_device_mac check (length(mac) = 32);
alter table code_device add constraint code_device_failures
    check (failures between 0 and 50);
alter table known_device add constraint known_device_failures check (failures between 0 and 10);
alter table recovery_code add constraint recovery_code_mac
    check (length(mac) = 32 and length(digest) = 32);
alter table recovery_code add constraint recovery_code_failures check (failures between 0 and 10);
alter table signin_miss add constraint signin_miss_bucket check (length(bucket) = 32);
"""
GRANTS = """
grant insert, update (approved_at, approved_by, ended_at, ended_by) on code_allowance
    to accord_probe;
grant update (revoked_at) on code_device, recovery_code to accord_probe;
grant update (session) on signin, ceremony to accord_app;
"""
# SQL alone must not bring back what is over: the application may write these columns. A step that was
# used is over too.
STAYS_OVER = """
create trigger code_device_stays_revoked before update on code_device for each row
    when (old.revoked_at is not null or new.last_step < old.last_step)
    execute function accord.stays_over();
create trigger recovery_code_stays_over before update on recovery_code for each row
    when (old.used_at is not null or old.revoked_at is not null)
    execute function accord.stays_over();
"""
TRIGGER = """
create trigger directory_change_ends_codes after update on directory_change
    for each row when (old.state = 'proposed' and new.state = 'applied' and new.kind = 'enrolment')
    execute function accord.end_codes_of_enrolled();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_codes")]
    operations = [
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        open_to_app("code_allowance", "select"),
        open_to_app(
            "code_device",
            "select, insert, update (failures, last_step, last_used_at, mac, password, "
            "password_at, revoked_at)",
        ),
        open_to_app("known_device", "select, insert, update (failures, known_at), delete"),
        open_to_app("recovery_code", "select, insert, update (failures, revoked_at, used_at)"),
        open_to_app("signin_miss", "select, insert, update (misses, since), delete"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(STAYS_OVER, migrations.RunSQL.noop),
        as_probe(CODES),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
    ]
