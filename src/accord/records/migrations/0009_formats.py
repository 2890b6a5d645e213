"""What a run says of its format and of its mapping; files that wait for their mapping."""

from django.db import migrations, models

from accord.platform.db.rls import APP, as_probe

MAPPED = "mapping, mapping_name, mapping_version, source_system, remarks"
STALE = """
create function accord.unmapped_runs(timestamptz)
 returns table (run_id uuid, membership_id text, purpose text)
 language sql stable security definer
 set search_path = pg_catalog, pg_temp
 set plan_cache_mode = force_custom_plan as $$
    select i.id, i.membership_id, i.purpose
      from public.intake_run i
     where i.state = 'unmapped' and i.updated_at < $1
     order by i.created_at, i.id
     limit 200
$$;
revoke all on function accord.unmapped_runs(timestamptz) from public;
grant execute on function accord.unmapped_runs(timestamptz) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0008_search_by_index")]
    operations = [
        migrations.AddField("intakerun", "said", models.TextField(default="")),
        migrations.AddField("intakerun", "mapping_name", models.TextField(null=True)),
        migrations.AddField("intakerun", "mapping_version", models.IntegerField(null=True)),
        migrations.AddField("intakerun", "remarks", models.TextField(null=True)),
        migrations.RunSQL(
            f"grant update ({MAPPED}) on intake_run to {APP}", migrations.RunSQL.noop
        ),
        as_probe(STALE),
    ]
