"""The application keeps its sessions itself; they hold a membership's id and nothing else."""

from django.db import migrations

from accord.platform.db.rls import open_to_app


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_seal"), ("sessions", "0001_initial")]
    operations = [open_to_app("django_session", "select, insert, update, delete")]
