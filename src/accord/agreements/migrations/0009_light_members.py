"""A light member signs what binds it and can leave; it begins nothing that binds others (0020).

A signature is judged by the key of its moment, so the application writes no other moment than now; a
step may be signed a day before, beside the agency's key, and one without a signature is dated now.
"""

from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER

SUPERVISOR = "'supervisor' = any((select accord.seal_roles())::text[])"
OF_A_PARTY = (
    "exists (select 1 from agreement_version v where v.content_hash = version_id "
    f"and {AGENCY} = any(v.parties))"
)
ITS_STATEMENT = "exists (select 1 from statement s where s.id = statement_act.statement_id)"
NOW = "signed_at between now() - interval '5 minutes' and now() + interval '5 minutes'"
ATTESTED = "step in ('activate', 'suspend', 'resume', 'terminate')"
DATED = (
    f"(not {ATTESTED} or at between now() - (case when signature is null then interval '5 minutes'"
    " else interval '1 day 5 minutes' end) and now() + interval '5 minutes')"
)
FULL = "not (select accord.is_light())"
LIGHT = f"""
alter policy agreement_version_insert on agreement_version
    with check ({AGENCY} = any(parties) and {SUPERVISOR} and {FULL});
alter policy agreement_signature_insert on agreement_signature
    with check (agency = {AGENCY} and officer = {MEMBER} and {SUPERVISOR} and {OF_A_PARTY} and {NOW});
alter policy agreement_state_insert on agreement_state
    with check (agency = {AGENCY} and by_member = {MEMBER} and {SUPERVISOR} and {OF_A_PARTY}
        and (step in ('suspend', 'resume', 'terminate') or {FULL}) and {DATED});
alter policy statement_insert on statement
    with check (agency = {AGENCY} and maker = {MEMBER} and facts ->> 'id' = id::text
        and facts ->> 'agency' = agency and facts ->> 'by' = maker and {FULL});
alter policy statement_act_insert on statement_act
    with check (agency = {AGENCY} and member = {MEMBER} and {ITS_STATEMENT}
        and (act <> 'confirmed' or {SUPERVISOR}) and (act in ('revoked', 'reviewed') or {FULL}))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0008_member_signatures"),
        ("agencies", "0004_about_agencies"),
    ]
    operations = [
        migrations.AlterField("agreementsignature", "signed_at", models.DateTimeField()),
        migrations.RunSQL(LIGHT, migrations.RunSQL.noop),
    ]
