"""Determinations and consents: signed human statements that clauses name (decision 0009)."""

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, bump_epoch_on, enable

ROLES = "(select accord.seal_roles())::text[]"
ANSWERING = (
    f"{ROLES} && array['supervisor', 'records-custodian', 'victim-advocate', 'oversight-officer']"
)
WORKS_ON_ITS_CASE = (
    "(statement.case_id is not null and exists (select 1 from case_key_holder h "
    f"where h.case_id = statement.case_id and h.membership_id = {MEMBER} "
    "and (h.valid_until is null or h.valid_until > now())))"
)
ITS_STATEMENT = "exists (select 1 from statement s where s.id = statement_act.statement_id)"

CONSTRAINTS = """
alter table statement_act add constraint statement_act_word
    check (act in ('signed', 'confirmed', 'revoked', 'reviewed'));
create unique index statement_act_once on statement_act (statement_id, act);
create index statement_of_case on statement (agency, case_id) where case_id is not null;
"""

# Asked before there is a standing to seal, like accord.find_case_key. What it returns decides
# nothing until both signatures in it were verified.
EMERGENCIES = """
create function accord.emergencies(of_agency text, in_case uuid, moment timestamptz)
returns table (facts jsonb, acts jsonb)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select s.facts,
           coalesce((select jsonb_agg(jsonb_build_object(
                        'act', a.act, 'member', a.member, 'person', a.person,
                        'agency', a.agency, 'at', a.at,
                        'signature', encode(a.signature, 'hex')) order by a.id)
                       from public.statement_act a where a.statement_id = s.id), '[]'::jsonb)
      from public.statement s
     where s.agency = of_agency and s.case_id = in_case
       and s.kind = 'determination(emergency)' and s.ends > moment
     order by s.id
$$;
revoke execute on function accord.emergencies(text, uuid, timestamptz) from public;
grant execute on function accord.emergencies(text, uuid, timestamptz) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_life")]
    operations = [
        migrations.CreateModel(
            name="StatementRow",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency", models.TextField()),
                ("maker", models.TextField()),
                ("kind", models.TextField()),
                ("case_id", models.UUIDField(null=True)),
                ("key", models.UUIDField(null=True)),
                ("ends", models.DateTimeField()),
                ("facts", models.JSONField()),
            ],
            options={"db_table": "statement"},
        ),
        migrations.CreateModel(
            name="StatementAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("act", models.TextField()),
                ("member", models.TextField()),
                ("person", models.TextField()),
                ("agency", models.TextField()),
                ("at", models.DateTimeField()),
                ("signature", models.BinaryField(max_length=64, null=True)),
                ("word", models.TextField(null=True)),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="agreements.statementrow",
                    ),
                ),
            ],
            options={"db_table": "statement_act"},
        ),
        migrations.CreateModel(
            name="StatementNotice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("statement", models.UUIDField()),
                ("by_agency", models.TextField()),
                ("to_agency", models.TextField()),
                ("kind", models.TextField()),
                ("purpose", models.TextField(null=True)),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "statement_notice"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "statement",
            {
                "select": f"agency = {AGENCY} and "
                f"(maker = {MEMBER} or {ANSWERING} or {WORKS_ON_ITS_CASE})",
                "insert": f"agency = {AGENCY} and maker = {MEMBER}",
            },
        ),
        enable(
            "statement_act",
            {
                "select": f"agency = {AGENCY} and {ITS_STATEMENT}",
                "insert": f"agency = {AGENCY} and member = {MEMBER} and {ITS_STATEMENT} "
                f"and (act <> 'confirmed' or 'supervisor' = any({ROLES}))",
            },
        ),
        enable(
            "statement_notice",
            {
                "select": f"(to_agency = {AGENCY} and {ANSWERING}) or (by_agency = {AGENCY} "
                "and exists (select 1 from statement s where s.id = statement_notice.statement))",
                "insert": f"by_agency = {AGENCY}",
            },
        ),
        as_probe(EMERGENCIES),
        bump_epoch_on("statement"),
        bump_epoch_on("statement_act"),
    ]
