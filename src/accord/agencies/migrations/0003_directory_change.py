"""Changes of the directory by an agency's own administrators, and what puts them in force."""

from pathlib import Path

from django.db import migrations, models

from accord.kernel.vocabulary import Vocabulary
from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

VOCABULARY = 2  # of this migration; a later one brings the words of the next
READERS = "array['system-administrator', 'compliance-officer', 'oversight-officer']"
CONSTRAINTS = """
alter table directory_change add constraint directory_change_kind check (kind in
    ('join', 'role', 'clearance', 'assurance', 'training', 'leave', 'suspend', 'resume',
     'enrolment', 'review', 'nationality'));
alter table directory_change add constraint directory_change_state
    check (state in ('proposed', 'applied', 'withdrawn'));
alter table directory_change add constraint directory_change_decided
    check ((state = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null));
alter table directory_change add constraint directory_change_via
    check (via in ('page', 'api', 'csv', 'scim'));
create index directory_change_of_member on directory_change (membership_id, decided_at);
create index directory_change_waiting on directory_change (agency_id, proposed_at)
    where state = 'proposed';
"""
ENDS = """
alter table membership add column ends jsonb not null default '{}';
alter table membership add constraint membership_ends check (jsonb_typeof(ends) = 'object');
"""
# The functions' owner writes the directory here and nowhere else (accord.platform.db.catalogue).
GRANTS = """
grant update (title, roles, clearance, assurance, ends, valid_from, valid_until) on membership
    to accord_probe;
grant update (nationality) on member to accord_probe;
grant insert on member, membership, certificate, signin_link to accord_probe;
grant update (used_at, code_hash) on signin_link to accord_probe;
grant update (state, decided_by, decided_at, held) on directory_change to accord_probe;
"""


def _functions() -> str:
    text = Path(__file__).parents[1].joinpath("directory.sql").read_text("utf-8")
    for dimension in ("role", "clearance", "training"):
        words = Vocabulary.load(VOCABULARY).words(dimension)
        listed = ", ".join(f"'{word}'" for word in words)
        text = text.replace("{" + dimension + "}", f"array[{listed}]")
    return text


class Migration(migrations.Migration):
    dependencies = [("agencies", "0002_access"), ("platform", "0001_seal")]
    operations = [
        migrations.CreateModel(
            name="DirectoryChange",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("kind", models.TextField()),
                ("member_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("facts", models.JSONField()),
                ("held", models.JSONField(null=True)),
                ("state", models.TextField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.TextField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("via", models.TextField()),
            ],
            options={"db_table": "directory_change"},
        ),
        migrations.RunSQL(
            ENDS,
            "alter table membership drop column ends",
            state_operations=[
                migrations.AddField("Membership", "ends", models.JSONField(default=dict))
            ],
        ),
        migrations.AddField("SigninLink", "change_id", models.UUIDField(null=True)),
        migrations.AddField(
            "SigninLink", "code_hash", models.BinaryField(max_length=32, null=True)
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(_functions()),
        enable(
            "directory_change",
            {
                "select": f"agency_id = {AGENCY} and (select accord.seal_roles()) && {READERS}",
                "insert": f"agency_id = {AGENCY} and proposed_by = {MEMBER} and state = 'proposed' "
                "and held is null and (select accord.administers()) is not null",
            },
        ),
    ]
