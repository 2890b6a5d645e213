"""What an agency answers for, when its desk is open, its keys, and how administrators change them."""

from pathlib import Path

from django.db import migrations, models

from accord.kernel.vocabulary import Vocabulary
from accord.platform.db.rls import AGENCY, MEMBER, as_probe, bump_epoch_on, enable, open_to_app

VOCABULARY = 2  # of this migration; a later one brings the words of the next
COURTS = (
    "municipal", "juvenile", "trial", "appeal", "supreme", "federal-trial", "federal-appeal",
    "tribal", "military", "foreign",
)  # fmt: skip
READERS = "array['system-administrator', 'compliance-officer', 'oversight-officer']"
CONSTRAINTS = """
alter table agency alter column territory set default '{}';
alter table agency alter column competence set default '{}';
alter table agency alter column light set default false;
alter table agency_change add constraint agency_change_kind
    check (kind in ('territory', 'competence', 'duty-desk', 'key', 'revoke-key'));
alter table agency_change add constraint agency_change_state
    check (state in ('proposed', 'applied', 'withdrawn'));
alter table agency_change add constraint agency_change_decided
    check ((state = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null));
alter table agency_change add constraint agency_change_via check (via in ('page', 'api'));
create index agency_change_of_agency on agency_change (agency_id, proposed_at);
alter table agency_key add constraint agency_key_whole check (
    octet_length(public_key) = 32 and (predecessor is null) = (signature is null)
    and (revoked_at is null) = (revoked_from is null) and revoked_from <= revoked_at
    and (revoked_at is null) = (sayings = '[]'));
insert into agency_key (id, agency_id, public_key, sayings, reason)
    select gen_random_uuid(), id, public_key, '[]', '' from agency;
"""
GRANTS = """
grant update (territory, competence, duty_desk) on agency to accord_probe;
grant update (state, decided_by, decided_at, held) on agency_change to accord_probe;
grant insert, update (retired_at, revoked_at, revoked_from, sayings, reason) on agency_key
    to accord_probe;
"""


def _functions() -> str:
    text = Path(__file__).parents[1].joinpath("about.sql").read_text("utf-8")
    offences = [w for w in Vocabulary.load(VOCABULARY).words("offence") if w != "none"]
    for name, words in (("offence", offences), ("court", COURTS)):
        listed = ", ".join(f"'{word}'" for word in words)
        text = text.replace("{" + name + "}", f"array[{listed}]")
    return text


class Migration(migrations.Migration):
    dependencies = [("agencies", "0003_directory_change"), ("platform", "0001_seal")]
    operations = [
        migrations.AddField("agency", "territory", models.JSONField(default=dict)),
        migrations.AddField("agency", "competence", models.JSONField(default=dict)),
        migrations.AddField("agency", "light", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="AgencyChange",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("kind", models.TextField()),
                ("facts", models.JSONField()),
                ("held", models.JSONField(null=True)),
                ("state", models.TextField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.TextField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("via", models.TextField()),
            ],
            options={"db_table": "agency_change"},
        ),
        migrations.CreateModel(
            name="AgencyKey",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("public_key", models.BinaryField(max_length=32)),
                ("valid_from", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_from", models.DateTimeField(null=True)),
                ("sayings", models.JSONField(default=list)),
                ("reason", models.TextField(blank=True, default="")),
                ("predecessor", models.BinaryField(max_length=32, null=True)),
                ("signature", models.BinaryField(max_length=64, null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="keys", to="agencies.agency"
                    ),
                ),
            ],
            options={
                "db_table": "agency_key",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None), ("revoked_at", None)),
                        fields=["agency"],
                        name="one_agency_key_at_a_time",
                    )
                ],
            },
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        migrations.RemoveField("agency", "public_key"),
        open_to_app("agency_key", "select"),
        bump_epoch_on("agency_key"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(_functions()),
        enable(
            "agency_change",
            {
                "select": f"agency_id = {AGENCY} and (select accord.seal_roles()) && {READERS}",
                "insert": f"agency_id = {AGENCY} and proposed_by = {MEMBER} and state = 'proposed' "
                "and held is null and (select accord.administers()) is not null",
            },
        ),
    ]
