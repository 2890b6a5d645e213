"""A copy may be a file as it came, alone or with the sheet that stamps it (decision 0024)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0021_stand_aside")]
    operations = [
        migrations.RunSQL(
            "alter table export_copy drop constraint export_copy_format;"
            "alter table export_copy add constraint export_copy_format "
            "check (format in ('html', 'json', 'file', 'zip'));",
            migrations.RunSQL.noop,
        ),
    ]
