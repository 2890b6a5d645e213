"""What the database holds of exhibits and custody by itself (decisions 0024, 0025)."""

from importlib import import_module
from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import AGENCY, as_probe

derivations = import_module("accord.evidence.migrations.0004_derivations")

FUNCTIONS = Path(__file__).parents[1].joinpath("held.sql").read_text("utf-8")
PROBE = """
grant update (frozen) on stored_object to accord_probe;
alter table stored_object alter column frozen set default false;
create index object_segment_address on object_segment (address);
alter table custody_reread drop constraint custody_reread_outcome;
alter table custody_reread add constraint custody_reread_outcome
    check (outcome in ('same', 'altered', 'missing', 'unreadable'));
alter table custody_alarm drop constraint custody_alarm_outcome;
alter table custody_alarm add constraint custody_alarm_outcome
    check (outcome in ('altered', 'missing', 'unreadable'));
"""
POLICY = f"""
alter policy stored_object_select on stored_object using (
    exists (select 1 from part p where p.record_id = stored_object.record_id
            and p.kind = 'attachment' and p.superseded_at is null offset 0)
    and (owner_id = {AGENCY} or (not frozen and {derivations.BOUND})));
"""
TRIGGERS = """
create trigger custody_alarm_freezes after insert or update or delete on custody_alarm
    for each row execute function accord.freeze_files();
create trigger stored_object_frozen before insert on stored_object
    for each row execute function accord.freeze_new_file();
create trigger part_key_not_while_frozen after insert on part_key referencing new table as added
    for each statement when (current_user = 'accord_app')
    execute function accord.refuse_frozen_key();
"""
STANDING = """
update public.stored_object o set frozen = true
 where exists (select 1 from public.custody_alarm a
                where a.record_id = o.record_id and a.closed_at is null)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0004_derivations"),
        ("records", "0023_word_of_the_node"),
    ]
    operations = [
        migrations.AddField(
            model_name="storedobject",
            name="frozen",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(PROBE, migrations.RunSQL.noop),
        # INVARIANT: the policy is another one before the function that the old one asked is closed.
        migrations.RunSQL(POLICY, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        as_probe(STANDING),
    ]
