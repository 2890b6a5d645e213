"""A sign-in carries a MAC of the node over what it proves; sessions that stand without one are over."""

from django.db import migrations, models

CONSTRAINT = "alter table signin add constraint signin_mac check (length(mac) = 32)"
END = """
update signin set ended_at = now(), ended_why = 'the node came to a version that seals sessions'
 where ended_at is null
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0012_credential_approval")]
    operations = [
        migrations.AddField(
            "signinrow",
            "mac",
            models.BinaryField(max_length=32, default=bytes(32)),
            preserve_default=False,
        ),
        migrations.RunSQL(CONSTRAINT, migrations.RunSQL.noop),
        migrations.RunSQL("grant update (mac) on signin to accord_app", migrations.RunSQL.noop),
        migrations.RunSQL(END, migrations.RunSQL.noop),
    ]
