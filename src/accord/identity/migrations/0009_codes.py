"""Passwords with one-time codes, recovery codes, what agencies allow, and tries in vain."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_member_signature"), ("agencies", "0003_directory_change")]
    operations = [
        migrations.CreateModel(
            name="CodeAllowance",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("approved_by", models.TextField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.agency"
                    ),
                ),
            ],
            options={
                "db_table": "code_allowance",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency",),
                        condition=models.Q(("ended_at", None)),
                        name="code_allowance_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CodeDevice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("sealed_secret", models.BinaryField()),
                ("password", models.TextField()),
                ("password_at", models.DateTimeField()),
                ("mac", models.BinaryField(max_length=32)),
                ("last_step", models.BigIntegerField()),
                ("failures", models.SmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.member"
                    ),
                ),
            ],
            options={
                "db_table": "code_device",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member",),
                        condition=models.Q(("revoked_at", None)),
                        name="code_device_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("failures", models.SmallIntegerField(default=0)),
                ("known_at", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="identity.codedevice"
                    ),
                ),
            ],
            options={"db_table": "known_device"},
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("mac", models.BinaryField(max_length=32)),
                ("failures", models.SmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.member"
                    ),
                ),
            ],
            options={
                "db_table": "recovery_code",
                "indexes": [models.Index(fields=["member"], name="recovery_code_of_member")],
            },
        ),
        migrations.CreateModel(
            name="SignInMiss",
            fields=[
                (
                    "bucket",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("misses", models.IntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "signin_miss",
                "indexes": [models.Index(fields=["since"], name="signin_miss_over")],
            },
        ),
    ]
