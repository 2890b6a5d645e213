"""What members signed with passkeys; who reads it, the modules say whose documents they are."""

import django.db.models.deletion
from django.db import migrations, models

CONSTRAINTS = """
alter table member_signature add constraint member_signature_mac check (length(mac) = 32);
alter table member_signature add constraint member_signature_kind check
    (kind in ('agreement', 'agreement-step', 'statement', 'statement-confirmation'));
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_administered_enrolment")]
    operations = [
        migrations.CreateModel(
            name="MemberSignature",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("subject", models.TextField()),
                ("document", models.BinaryField()),
                ("signed", models.BinaryField()),
                ("membership_id", models.TextField()),
                ("agency", models.TextField()),
                ("shown_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField()),
                ("passkey", models.UUIDField()),
                ("credential_id", models.BinaryField(max_length=1023)),
                ("public_key", models.BinaryField()),
                ("authenticator_data", models.BinaryField()),
                ("client_data", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("rp_id", models.TextField()),
                ("origin", models.TextField()),
                ("mac", models.BinaryField(max_length=32)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.member"
                    ),
                ),
            ],
            options={
                "db_table": "member_signature",
                "indexes": [
                    models.Index(fields=["subject", "kept_at"], name="member_signature_of")
                ],
            },
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
    ]
