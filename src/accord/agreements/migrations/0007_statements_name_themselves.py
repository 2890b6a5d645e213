"""A statement counts under its own id alone: what was taken back is not played again in another row."""

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, as_probe

ITSELF = f"""
alter policy statement_insert on statement
    with check (agency = {AGENCY} and maker = {MEMBER} and facts ->> 'id' = id::text
        and facts ->> 'agency' = agency and facts ->> 'by' = maker)
"""

EMERGENCIES = """
create or replace function accord.emergencies(of_agency text, in_case uuid, moment timestamptz)
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
     where s.agency = of_agency and s.case_id = in_case and s.facts ->> 'id' = s.id::text
       and s.kind = 'determination(emergency)' and s.ends > moment
     order by s.id
$$
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_one_s_own_part")]
    operations = [
        migrations.RunSQL(ITSELF, migrations.RunSQL.noop),
        as_probe(EMERGENCIES),
    ]
