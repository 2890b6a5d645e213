"""What evidence holds against SQL past the actions: whole events, own names, files that stay."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import AGENCY, as_probe

FUNCTIONS = Path(__file__).parents[1].joinpath("past_the_actions.sql").read_text("utf-8")
OWN = f"owner_id = {AGENCY}"
OWN_EXHIBIT = (
    "exists (select 1 from exhibit e where e.record_id = stored_object.record_id "
    f"and e.owner_id = {AGENCY} offset 0)"
)
# INVARIANT: an exhibit has one original, for good: the whole upload that became it.
BECOMES_IT = (
    "number = 0 and exists (select 1 from upload u where u.id = stored_object.id "
    "and u.owner_id = stored_object.owner_id and u.state = 'complete' "
    "and u.size_bytes = stored_object.size_bytes offset 0)"
)
COMES_IN = (
    "exists (select 1 from upload u where u.id = object_segment.object_id "
    "and u.owner_id = object_segment.owner_id and u.state = 'receiving' offset 0)"
)
MADE_FROM_IT = (
    "exists (select 1 from stored_object o where o.id = object_segment.object_id "
    "and o.role <> 'original' offset 0)"
)
POLICIES = f"""
alter policy stored_object_insert on stored_object
    with check ({OWN} and {OWN_EXHIBIT} and (role <> 'original' or {BECOMES_IT}));
alter policy object_segment_insert on object_segment
    with check ({OWN} and ({COMES_IN} or {MADE_FROM_IT}));
"""
TRIGGERS = """
create trigger upload_has_its_own_name before insert on upload
    for each row execute function accord.refuse_stored_name();
create trigger exhibit_counter_grows_by_one before update on exhibit_counter
    for each row execute function accord.count_by_one();
create trigger exhibit_others_have_stays before delete on exhibit
    for each row execute function accord.keep_what_others_have();
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0002_custody")]
    operations = [
        as_probe(FUNCTIONS),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
