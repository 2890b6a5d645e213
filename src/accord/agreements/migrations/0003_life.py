"""Drafts, and the steps of an agreement's life.

A step of before has no signature, so it decides nothing: whoever migrates a node that holds
agreements in force puts them in force again, which the world loader does and a supervisor may.
"""

from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, enable

SUPERVISOR = "'supervisor' = any((select accord.seal_roles())::text[])"
OF_A_PARTY = (
    f"exists (select 1 from agreement_version v where v.content_hash = version_id "
    f"and {AGENCY} = any(v.parties))"
)

OLD_STATES = """
alter table agreement_state no force row level security;
update agreement_state s set
    agency = coalesce((select m.agency_id from membership m where m.id = s.by_member), ''),
    step = case s.step when 'in-force' then 'activate' when 'superseded' then 'amend' else s.step end;
alter table agreement_state force row level security
"""

ONLY_SUPERVISORS = f"""
alter policy agreement_version_insert on agreement_version
    with check ({AGENCY} = any(parties) and {SUPERVISOR});
alter policy agreement_signature_insert on agreement_signature
    with check (agency = {AGENCY} and officer = {MEMBER} and {SUPERVISOR} and {OF_A_PARTY});
alter policy agreement_state_insert on agreement_state
    with check (agency = {AGENCY} and by_member = {MEMBER} and {SUPERVISOR} and {OF_A_PARTY})
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0002_access"),
        ("agencies", "0002_access"),
    ]
    operations = [
        migrations.RenameField("agreementstate", "state", "step"),
        migrations.AddField(
            "agreementstate", "agency", models.TextField(default=""), preserve_default=False
        ),
        migrations.AddField(
            "agreementstate", "reason", models.TextField(default=""), preserve_default=False
        ),
        migrations.AddField(
            "agreementstate", "signature", models.BinaryField(max_length=64, null=True)
        ),
        migrations.RunSQL(OLD_STATES, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_SUPERVISORS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="AgreementDraft",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency", models.TextField()),
                ("name", models.TextField()),
                ("text", models.TextField()),
                ("revision", models.IntegerField()),
                ("created_by", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("updated_by", models.TextField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "agreement_draft",
                "indexes": [models.Index(fields=["agency", "-updated_at"], name="draft_by_agency")],
            },
        ),
        enable(
            "agreement_draft",
            dict.fromkeys(("select", "insert", "update", "delete"), f"agency = {AGENCY}"),
            update_columns=("name", "revision", "text", "updated_at", "updated_by"),
        ),
    ]
