"""Challenges that are over are found to be forgotten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0013_signin_mac")]
    operations = [
        migrations.AddIndex("ceremony", models.Index(fields=["expires_at"], name="ceremony_over")),
    ]
