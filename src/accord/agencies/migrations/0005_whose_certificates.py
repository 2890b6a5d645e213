"""A course is attested by each agency for which somebody acts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0004_about_agencies")]
    operations = [
        migrations.RemoveConstraint("certificate", "certificate_once"),
        migrations.AddConstraint(
            "certificate",
            models.UniqueConstraint(
                fields=["member", "training", "issued_on", "attested_by"], name="certificate_once"
            ),
        ),
    ]
