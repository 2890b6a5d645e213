"""The directory of expertise and requests for assistance: who reads and who adds (decision 0021)."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

FUNCTIONS = Path(__file__).parents[1].joinpath("assistance.sql").read_text("utf-8")
ROLES = "(select accord.seal_roles())::text[]"
MANAGES = f"{ROLES} && array['supervisor', 'system-administrator']"
ANSWERS = f"{ROLES} && array['supervisor', 'dispatcher', 'case-manager', 'records-custodian']"
LISTED = "any ((select accord.listed_expertise())::uuid[])"

# Each question stands under the policies of the table it asks; `offset 0` as in records 0015.
OWN_ENTRY = (
    "exists (select 1 from expertise e where e.id = {table}.expertise_id "
    f"and e.agency_id = {AGENCY} and {{kind}} offset 0)"
)
MINE = (
    "exists (select 1 from expertise_holder h where h.expertise_id = expertise_act.expertise_id "
    f"and h.membership_id = {MEMBER} offset 0)"
)
OWN_REQUEST = (
    "exists (select 1 from assistance_request r where r.id = assistance_origin.request_id "
    f"and r.requester_agency = {AGENCY} offset 0)"
)
ITS_SIDES = (
    "exists (select 1 from assistance_request r where r.id = assistance_act.request_id "
    "and r.requester_agency = assistance_act.requester_agency "
    "and r.asked_agency = assistance_act.asked_agency offset 0)"
)
EITHER_SIDE = f"(requester_agency = {AGENCY} or asked_agency = {AGENCY})"
CAN_BE_ASKED = (
    "exists (select 1 from agency a where a.id = asked_agency "
    "and (a.suspended_at is null or a.suspended_at > now()) offset 0)"
)

CONSTRAINTS = """
alter table expertise add constraint expertise_level
    check (level in ('aware', 'practitioner', 'expert', 'court-qualified'));
alter table expertise_act add constraint expertise_act_word check (act in ('attest', 'withdraw'));
alter table expertise_act add constraint expertise_act_until
    check ((act = 'attest') = (until is not null));
create unique index expertise_withdrawn_once on expertise_act (expertise_id) where act = 'withdraw';
create index expertise_of_agency on expertise (agency_id);
create index expertise_of_member on expertise_holder (membership_id);
alter table assistance_request add constraint assistance_between_two
    check (requester_agency <> asked_agency);
alter table assistance_request add constraint assistance_urgency
    check (urgency in ('routine', 'soon', 'urgent'));
create index assistance_by_requester on assistance_request (requester_agency, sent_at desc);
create index assistance_by_asked on assistance_request (asked_agency, sent_at desc);
create index assistance_round on assistance_origin (round_id);
alter table assistance_act add constraint assistance_act_word
    check (act in ('acknowledge', 'accept', 'decline', 'pass-on', 'escalate', 'remark', 'complete',
                   'withdraw'));
alter table assistance_act add constraint assistance_passed_to
    check ((act = 'pass-on') = (passed_to is not null));
"""

TOLD = """
create trigger assistance_request_tells after insert on assistance_request for each row
    execute function accord.tell('assistance', 'id', '');
create trigger assistance_act_tells after insert on assistance_act for each row
    execute function accord.tell('assistance', 'request_id', '');
"""
SUBJECTS = {  # of cases 0005, and the one that is new
    "case": "joint_case",
    "record": "record",
    "request": "disclosure_request",
    "duty": "duty",
    "run": "intake_run",
    "statement": "statement",
    "notice": "statement_notice",
    "recall": "recall_notice",
    "review": "retention_review",
    "subscription": "subscription",
    "assistance": "assistance_request",
}
SEEN = "".join(
    f" when '{topic}' then exists (select 1 from {table} it where it.id = outbox.subject offset 0)"
    for topic, table in SUBJECTS.items()
)
KEPT = "exists (select 1 from accord.own_retention(outbox.subject, null, 1) offset 0)"
SEES_IT = (
    "(record_id is null or exists (select 1 from record r where r.id = outbox.record_id offset 0))"
    f" and case topic {SEEN} when 'retention' then {KEPT} else false end"
)


def _array(field: models.Field) -> models.Field:
    return django.contrib.postgres.fields.ArrayField(base_field=field, size=None)


def _one(to: str, **more: object) -> models.Field:
    return models.OneToOneField(
        on_delete=django.db.models.deletion.DO_NOTHING,
        primary_key=True,
        serialize=False,
        to=to,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0003_directory_change"),
        ("agreements", "0008_member_signatures"),
        ("records", "0018_each_label_by_itself"),
        ("cases", "0005_more_is_told"),
    ]
    operations = [
        migrations.CreateModel(
            name="Expertise",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("discipline", models.TextField()),
                ("level", models.TextField()),
                ("languages", _array(models.TextField())),
                ("is_unit", models.BooleanField()),
                ("sealed", models.TextField()),
                ("proposed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "expertise",
                "indexes": [models.Index(fields=["discipline"], name="expertise_by_discipline")],
            },
        ),
        migrations.CreateModel(
            name="ExpertiseHolder",
            fields=[
                ("expertise", _one("assistance.expertise", related_name="holder")),
                ("agency_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("named", models.BooleanField()),
            ],
            options={"db_table": "expertise_holder"},
        ),
        migrations.CreateModel(
            name="ExpertiseAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("act", models.TextField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "expertise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="acts",
                        to="assistance.expertise",
                    ),
                ),
            ],
            options={"db_table": "expertise_act"},
        ),
        migrations.CreateModel(
            name="AssistanceRequest",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("requester_agency", models.TextField()),
                ("asked_agency", models.TextField()),
                ("discipline", models.TextField()),
                ("languages", _array(models.TextField())),
                ("urgency", models.TextField()),
                ("purpose", models.TextField()),
                ("legal_basis", models.TextField()),
                ("needed_until", models.DateTimeField(null=True)),
                ("sealed", models.TextField()),
                ("sent_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
            ],
            options={"db_table": "assistance_request"},
        ),
        migrations.CreateModel(
            name="AssistanceOrigin",
            fields=[
                ("request", _one("assistance.assistancerequest")),
                ("agency_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("case_id", models.UUIDField(null=True)),
                ("case_number", models.TextField(null=True)),
                ("round_id", models.UUIDField()),
            ],
            options={"db_table": "assistance_origin"},
        ),
        migrations.CreateModel(
            name="AssistanceAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("requester_agency", models.TextField()),
                ("asked_agency", models.TextField()),
                ("agency_id", models.TextField()),
                ("act", models.TextField()),
                ("at", models.DateTimeField()),
                ("sealed", models.TextField(null=True)),
                ("comes", _array(models.UUIDField())),
                ("passed_to", models.TextField(null=True)),
                ("entry_id", models.UUIDField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="acts",
                        to="assistance.assistancerequest",
                    ),
                ),
            ],
            options={"db_table": "assistance_act"},
        ),
        migrations.CreateModel(
            name="AssistanceHand",
            fields=[
                ("act_id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("membership_id", models.TextField()),
            ],
            options={"db_table": "assistance_hand"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        # The functions ask the tables, whose policies ask the functions: grants come with the policies.
        migrations.RunSQL(
            "grant select on expertise, expertise_holder, expertise_act to accord_probe",
            migrations.RunSQL.noop,
        ),
        as_probe(FUNCTIONS),
        enable(
            "expertise",
            {
                "select": f"agency_id = {AGENCY} or id = {LISTED}",
                "insert": f"agency_id = {AGENCY} and (not is_unit or {MANAGES})",
            },
        ),
        enable(
            "expertise_holder",
            {
                "select": f"membership_id = {MEMBER} or (agency_id = {AGENCY} and {MANAGES}) "
                f"or (named and expertise_id = {LISTED})",
                "insert": f"agency_id = {AGENCY} and membership_id = {MEMBER} and "
                + OWN_ENTRY.format(table="expertise_holder", kind="not e.is_unit"),
                "update": f"membership_id = {MEMBER} and agency_id = {AGENCY}",
            },
            update_columns=("named",),
        ),
        enable(
            "expertise_act",
            {
                "select": f"agency_id = {AGENCY} or expertise_id = {LISTED}",
                "insert": f"agency_id = {AGENCY} and "
                + OWN_ENTRY.format(table="expertise_act", kind="true")
                + f" and case act when 'attest' then {MANAGES} and not {MINE} "
                f"else {MANAGES} or {MINE} end",
            },
        ),
        enable(
            "assistance_request",
            {
                "select": EITHER_SIDE,
                "insert": f"requester_agency = {AGENCY} and {CAN_BE_ASKED}",
            },
        ),
        enable(
            "assistance_origin",
            {
                "select": f"agency_id = {AGENCY}",
                "insert": f"agency_id = {AGENCY} and membership_id = {MEMBER} and {OWN_REQUEST}",
            },
        ),
        enable(
            "assistance_act",
            {
                "select": EITHER_SIDE,
                "insert": f"agency_id = {AGENCY} and {EITHER_SIDE} and {ITS_SIDES} and case "
                "when act in ('acknowledge', 'accept', 'decline', 'pass-on') "
                f"then asked_agency = {AGENCY} and {ANSWERS} "
                f"when act in ('escalate', 'withdraw') then requester_agency = {AGENCY} "
                "else true end",
            },
        ),
        enable(
            "assistance_hand",
            {
                "select": f"agency_id = {AGENCY}",
                "insert": f"agency_id = {AGENCY} and membership_id = {MEMBER}",
            },
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"alter policy outbox_select on outbox using ({SEES_IT})", migrations.RunSQL.noop
        ),
    ]
