"""A case shows to those who work on it; what is in it shows as far as the record does."""

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, enable

SUPERVISOR = "'supervisor' = any((select accord.seal_roles())::text[])"
LEAD_SUPERVISOR = f"lead_agency = {AGENCY} and {SUPERVISOR}"
WORKS_ON_IT = (
    "exists (select 1 from case_key_holder h where h.case_id = joint_case.id "
    f"and h.membership_id = {MEMBER} and (h.valid_until is null or h.valid_until > now()))"
)
SEES_RECORD = "exists (select 1 from record r where r.id = record_id)"
SEES_CASE = "exists (select 1 from joint_case c where c.id = case_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("records", "0002_row_security"),
        ("agreements", "0002_access"),
    ]
    operations = [
        migrations.RunSQL(
            "alter table joint_case add constraint case_lead unique (id, lead_agency);"
            "alter table case_key_holder add constraint case_key_of_its_lead "
            "foreign key (case_id, lead_agency) references joint_case (id, lead_agency) "
            "deferrable initially deferred",
            migrations.RunSQL.noop,
        ),
        enable(
            "joint_case",
            {
                "select": f"{WORKS_ON_IT} or ({LEAD_SUPERVISOR})",
                "insert": LEAD_SUPERVISOR,
                "update": LEAD_SUPERVISOR,
            },
            update_columns=("state", "closed_at"),
        ),
        enable(
            "placement",
            {
                "select": f"{SEES_RECORD} and {SEES_CASE}",
                "insert": f"owner_id = {AGENCY} and {SEES_CASE}",
                "update": f"owner_id = {AGENCY}",
            },
            update_columns=("withdrawn_at",),
        ),
        enable(
            "note_revision",
            {
                "select": f"{SEES_RECORD} and {SEES_CASE}",
                "insert": f"agency_id = {AGENCY} and {SEES_CASE}",
            },
        ),
    ]
