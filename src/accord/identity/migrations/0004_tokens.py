"""Tokens of members; systems, their clients and what these authenticate with."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_access"),
        ("identity", "0003_set_up"),
    ]

    operations = [
        migrations.CreateModel(
            name="OAuthClient",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "actions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("registered_by", models.TextField()),
                ("registered_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "oauth_client",
            },
        ),
        migrations.CreateModel(
            name="ClientCredential",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("secret_hash", models.BinaryField(max_length=32, null=True)),
                ("public_key", models.JSONField(null=True)),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="identity.oauthclient"
                    ),
                ),
            ],
            options={
                "db_table": "client_credential",
            },
        ),
        migrations.CreateModel(
            name="ServiceMember",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField(unique=True)),
                ("name", models.TextField()),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("clearance", models.TextField()),
                ("assurance", models.SmallIntegerField()),
                ("valid_until", models.DateTimeField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("approved_by", models.TextField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.agency"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.membership"
                    ),
                ),
            ],
            options={
                "db_table": "service_member",
            },
        ),
        migrations.AddField(
            model_name="oauthclient",
            name="system",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="identity.servicemember"
            ),
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "used_assertion",
                "indexes": [models.Index(fields=["expires_at"], name="used_assertion_over")],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("membership_id", models.TextField()),
                ("name", models.TextField()),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "actions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("assurance", models.SmallIntegerField()),
                ("mac", models.BinaryField(max_length=32)),
                ("proven_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "passkey",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.passkey",
                    ),
                ),
                (
                    "credential",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.clientcredential",
                    ),
                ),
            ],
            options={
                "db_table": "access_token",
                "indexes": [
                    models.Index(
                        fields=["membership_id", "-made_at"], name="access_token_of_member"
                    )
                ],
            },
        ),
    ]
