"""Agencies' own identity providers, and whom their subjects are here; only the operator writes them."""

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import open_to_app

CONSTRAINTS = """
alter table identity_provider add constraint identity_provider_kind check (kind in ('oidc', 'saml'));
alter table identity_provider add constraint identity_provider_mac check (length(mac) = 32);
alter table provider_link add constraint provider_link_mac check (length(mac) = 32);
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_tokens_access"), ("agencies", "0002_access")]
    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                ("name", models.SlugField(max_length=64, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("issuer", models.TextField()),
                ("client_id", models.TextField()),
                ("settings", models.JSONField()),
                ("names_member", models.TextField()),
                ("assurance", models.JSONField()),
                ("sealed_secret", models.BinaryField()),
                ("mac", models.BinaryField(max_length=32)),
                ("put_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.agency"
                    ),
                ),
            ],
            options={"db_table": "identity_provider"},
        ),
        migrations.CreateModel(
            name="ProviderLink",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("subject", models.TextField()),
                ("mac", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agencies.member"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "db_table": "provider_link",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "subject"), name="provider_link_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        open_to_app("identity_provider", "select"),
        open_to_app("provider_link", "select"),
    ]
