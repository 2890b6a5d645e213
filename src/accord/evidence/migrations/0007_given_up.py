"""What ends the worker each time is given up, and the node says why (decision 0029).

Also: an agency is told which of its own records an alarm has closed (decision 0025).
"""

from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import as_probe

HERE = Path(__file__).parents[1]
FUNCTIONS = ";\n".join((HERE / name).read_text("utf-8") for name in ("given_up.sql", "closed.sql"))
GRANTS = """
grant update (lost) on exhibit_reading, derivation to accord_app;
grant update (lost, state) on exhibit_reading to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_beside_a_file")]
    operations = [
        *(
            migrations.AddField(
                model_name=name, name="lost", field=models.SmallIntegerField(default=0)
            )
            for name in ("exhibitreading", "derivation")
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
    ]
