"""After a lost device an agency's administrators end a member's passkeys and sessions.

Only accord.apply_directory_change does, which takes two of them.
"""

from django.db import migrations

GRANTS = """
grant update (revoked_at) on passkey to accord_probe;
grant update (ended_at, ended_why) on signin to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_identity_providers"), ("agencies", "0003_directory_change")]
    operations = [migrations.RunSQL(GRANTS, migrations.RunSQL.noop)]
