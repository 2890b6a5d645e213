"""Nothing is kept beside a file that is gone, and a reading is its asker's (decisions 0025, 0029)."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

FUNCTIONS = Path(__file__).parents[1].joinpath("beside.sql").read_text("utf-8")
# A function of the probe's own, which puts a reading off for nobody, is not asked.
TRIGGER = """
drop trigger exhibit_reading_in_own_name on exhibit_reading;
create trigger exhibit_reading_in_own_name before update on exhibit_reading
    for each row when (current_user = 'accord_app')
    execute function accord.refuse_other_reader();
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_held_by_the_database")]
    operations = [
        as_probe(FUNCTIONS),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
    ]
