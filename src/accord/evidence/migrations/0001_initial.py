"""Exhibits' numbers, files and uploads: each readable as the parts of the record are (decision 0024).

INVARIANT: `exhibit`, `stored_object` and `object_segment` ask `part`, which asks none of them.
"""

from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable, open_to_app

FUNCTIONS = Path(__file__).parents[1].joinpath("evidence.sql").read_text("utf-8")
MINE = f"membership_id = {MEMBER} and owner_id = {AGENCY}"
OWN = f"owner_id = {AGENCY}"


def part_is_open(table: str, kind: str) -> str:
    """The condition that the current part of that kind is open for the action of the seal."""
    return (
        f"exists (select 1 from part p where p.record_id = {table}.record_id "
        f"and p.kind = '{kind}' and p.superseded_at is null offset 0)"
    )


WORKS_ON_IT = (
    "exists (select 1 from case_key_holder h where h.case_id = exhibit.case_id "
    f"and h.membership_id = {MEMBER} and (h.valid_until is null or h.valid_until > now()) offset 0)"
)
NUMBERED = (
    "exists (select 1 from exhibit_counter c where c.owner_id = exhibit.owner_id "
    "and c.case_id = exhibit.case_id and c.last = exhibit.serial offset 0)"
)
OWN_UPLOAD = "exists (select 1 from upload u where u.id = object_segment.object_id offset 0)"
OPEN_OBJECT = "exists (select 1 from stored_object o where o.id = object_segment.object_id offset 0)"
OWN_EXHIBIT = (
    "exists (select 1 from exhibit e where e.record_id = stored_object.record_id "
    f"and e.owner_id = {AGENCY} offset 0)"
)

CONSTRAINTS = """
alter table exhibit add constraint exhibit_record foreign key (record_id, owner_id)
    references record (id, owner_id) on delete cascade;
alter table exhibit add constraint exhibit_serial_from_one check (serial > 0);
create index exhibit_of_case on exhibit (case_id, owner_id, serial);
alter table stored_object add constraint stored_object_record foreign key (record_id, owner_id)
    references record (id, owner_id) on delete cascade;
alter table stored_object add constraint stored_object_role
    check (role in ('original', 'preview', 'thumbnail'));
alter table stored_object add constraint stored_object_form check (
    size_bytes >= 0 and address ~ '^[0-9a-f]{64}$' and octet_length(list_mac) = 32);
alter table object_segment add constraint object_segment_form check (
    at >= 0 and size > 0 and size <= 16777216 and address ~ '^[0-9a-f]{64}$');
alter table upload add constraint upload_state
    check (state in ('receiving', 'hashing', 'complete', 'failed'));
alter table upload add constraint upload_received
    check (size_bytes >= 0 and received_bytes between 0 and size_bytes);
alter table upload add constraint upload_complete_is_hashed check (
    (state = 'complete') = (sha256 is not null and sha512 is not null)
    and (state <> 'complete' or received_bytes = size_bytes));
create index upload_to_hash on upload (updated_at) where state = 'hashing';
create index label_of_exhibits on label ((facts ->> 'basis')) where (facts ->> 'schema') = 'Exhibit';
grant usage on sequence object_segment_id_seq to accord_app;
"""
PROBE = """
grant select, delete on upload, object_segment to accord_probe;
grant select, insert on object_litter to accord_probe;
"""
TRIGGERS = """
create trigger part_states_the_basis after insert on part referencing new table as added
    for each statement execute function accord.check_exhibit_basis();
create trigger part_key_has_a_basis after insert on part_key referencing new table as added
    for each statement execute function accord.refuse_unrecorded_key();
create trigger standing_opens_no_unrecorded after insert on accord.standing
    for each row execute function accord.refuse_unrecorded_standing();
create trigger upload_goes after delete on upload
    for each row execute function accord.drop_segments();
create trigger stored_object_goes after delete on stored_object
    for each row execute function accord.drop_segments();
create trigger object_segment_goes after delete on object_segment
    for each row execute function accord.litter_segment();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("records", "0022_copies_of_files"),
        ("agreements", "0009_light_members"),
        ("platform", "0005_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name='ObjectLitter',
            fields=[
                ('address', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'object_litter',
            },
        ),
        migrations.CreateModel(
            name='Exhibit',
            fields=[
                ('record_id', models.UUIDField(primary_key=True, serialize=False)),
                ('owner_id', models.TextField()),
                ('case_id', models.UUIDField()),
                ('serial', models.IntegerField()),
                ('acquired_by', models.TextField()),
                ('acquired_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'exhibit',
                'constraints': [models.UniqueConstraint(fields=('owner_id', 'case_id', 'serial'), name='exhibit_serial_once')],
            },
        ),
        migrations.CreateModel(
            name='ExhibitCounter',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('owner_id', models.TextField()),
                ('case_id', models.UUIDField()),
                ('last', models.IntegerField()),
            ],
            options={
                'db_table': 'exhibit_counter',
                'constraints': [models.UniqueConstraint(fields=('owner_id', 'case_id'), name='exhibit_counter_once')],
            },
        ),
        migrations.CreateModel(
            name='ObjectSegment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('object_id', models.UUIDField()),
                ('owner_id', models.TextField()),
                ('at', models.BigIntegerField()),
                ('size', models.IntegerField()),
                ('address', models.CharField(max_length=64)),
            ],
            options={
                'db_table': 'object_segment',
                'constraints': [models.UniqueConstraint(fields=('object_id', 'at'), name='object_segment_once')],
            },
        ),
        migrations.CreateModel(
            name='StoredObject',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('record_id', models.UUIDField()),
                ('owner_id', models.TextField()),
                ('case_id', models.UUIDField()),
                ('role', models.TextField()),
                ('number', models.SmallIntegerField(default=0)),
                ('size_bytes', models.BigIntegerField()),
                ('address', models.CharField(max_length=64)),
                ('list_mac', models.BinaryField(max_length=32)),
                ('wrapped_key', models.BinaryField()),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'stored_object',
                'constraints': [models.UniqueConstraint(fields=('record_id', 'role', 'number'), name='stored_object_once')],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('owner_id', models.TextField()),
                ('membership_id', models.TextField()),
                ('case_id', models.UUIDField()),
                ('case_number', models.TextField()),
                ('purpose', models.TextField()),
                ('legal_basis', models.TextField()),
                ('size_bytes', models.BigIntegerField()),
                ('received_bytes', models.BigIntegerField()),
                ('state', models.TextField()),
                ('sealed_name', models.BinaryField()),
                ('wrapped_key', models.BinaryField()),
                ('declared_sha256', models.CharField(max_length=64, null=True)),
                ('sha256', models.CharField(max_length=64, null=True)),
                ('sha512', models.CharField(max_length=128, null=True)),
                ('failure', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'upload',
                'indexes': [models.Index(fields=['membership_id'], name='upload_by_member'), models.Index(fields=['expires_at'], name='upload_by_expiry')],
            },
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "exhibit_counter",
            {"select": OWN, "insert": f"{OWN} and last = 1", "update": OWN},
            update_columns=("last",),
        ),
        enable(
            "exhibit",
            {
                "select": part_is_open("exhibit", "core"),
                "insert": f"{OWN} and acquired_by = {MEMBER} and {WORKS_ON_IT} and {NUMBERED}",
            },
        ),
        enable(
            "upload",
            {
                "select": MINE,
                "insert": f"{MINE} and received_bytes = 0 and state = 'receiving'",
                "update": MINE,
                "delete": MINE,
            },
            update_columns=(
                "received_bytes", "state", "sha256", "sha512", "failure", "updated_at", "expires_at",
            ),
        ),
        enable(
            "stored_object",
            {
                "select": part_is_open("stored_object", "attachment"),
                "insert": f"{OWN} and {OWN_EXHIBIT}",
            },
        ),
        enable(
            "object_segment",
            {
                "select": f"{OWN_UPLOAD} or {OPEN_OBJECT}",
                "insert": f"{OWN} and ({OWN_UPLOAD} or {OPEN_OBJECT})",
            },
        ),
        open_to_app("object_litter", "select, delete"),
        migrations.RunSQL(PROBE, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
