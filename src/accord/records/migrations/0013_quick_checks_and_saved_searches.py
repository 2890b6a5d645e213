"""Quick checks with their reviews, and saved searches: whose they are decides who reads them."""

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, enable

REVIEWS = "(select accord.seal_roles())::text[] && array['supervisor', 'oversight-officer']::text[]"
OWN = f"membership_id = {MEMBER}"
ANOTHER_S = f"""exists (
    select 1 from quick_check c
     where c.id = quick_check_review.check_of_id and c.sampled
       and c.membership_id = quick_check_review.membership_id and c.membership_id <> {MEMBER})"""
CHECKS = """
alter table quick_check_review add constraint quick_check_verdict
  check (verdict in ('justified', 'not-justified'));
create index quick_check_to_review on quick_check (agency_id, at desc) where sampled;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0012_subscriptions")]
    operations = [
        migrations.CreateModel(
            name="QuickCheck",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("agency_id", models.TextField()),
                ("legal_basis", models.TextField()),
                ("reason", models.TextField()),
                ("sealed", models.TextField()),
                ("entry_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("sampled", models.BooleanField()),
            ],
            options={"db_table": "quick_check"},
        ),
        migrations.CreateModel(
            name="QuickCheckReview",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("agency_id", models.TextField()),
                ("reviewer", models.TextField()),
                ("verdict", models.TextField()),
                ("sealed", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "check_of",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING, to="records.quickcheck"
                    ),
                ),
            ],
            options={"db_table": "quick_check_review"},
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("agency_id", models.TextField()),
                ("purpose", models.TextField()),
                ("legal_basis", models.TextField()),
                ("case_number", models.TextField()),
                ("sealed", models.TextField()),
                ("seen", models.TextField()),
                ("saved_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "saved_search",
                "indexes": [models.Index(fields=["membership_id"], name="saved_search_by_member")],
            },
        ),
        migrations.RunSQL(CHECKS, migrations.RunSQL.noop),
        enable(
            "quick_check",
            {
                "select": f"{OWN} or (agency_id = {AGENCY} and sampled and {REVIEWS})",
                "insert": f"{OWN} and agency_id = {AGENCY}",
            },
        ),
        enable(
            "quick_check_review",
            {
                "select": f"{OWN} or (agency_id = {AGENCY} and {REVIEWS})",
                "insert": f"reviewer = {MEMBER} and agency_id = {AGENCY} and {REVIEWS} "
                f"and {ANOTHER_S}",
            },
        ),
        enable(
            "saved_search",
            {
                "select": OWN,
                "insert": f"{OWN} and agency_id = {AGENCY}",
                "update": OWN,
                "delete": OWN,
            },
            update_columns=("sealed", "seen", "seen_at", "deleted_at"),
        ),
    ]
