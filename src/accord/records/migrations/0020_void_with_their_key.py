"""A statement whose signature holds no more opens nothing, whoever acts or does not (decision 0020).

Recalls are dated when they are written, as statements are (agreements 0010).
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, label_is_open

before = import_module("accord.records.migrations.0006_statement_keys")
recall = import_module("accord.records.migrations.0011_recall")
VOIDED = Path(__file__).parents[1].joinpath("voided.sql").read_text("utf-8")
NOW = import_module("accord.agreements.migrations.0010_statements_stand").NOW

STRICTER = f"""
alter policy part_key_insert on part_key with check (
    owner_id = {AGENCY} and (case
        when kind = 0 then {label_is_open("place", "label_id")}
        when kind = 1 then {label_is_open("release", "label_id")}
        else {before.RELEASE_WITH_IT} and {before.ITS_STATEMENT} and accord.statement_opens(because)
    end)
);
alter policy recall_notice_insert on recall_notice
    with check (owner_id = {AGENCY} and by_member = {MEMBER} and {NOW});
alter policy recall_act_insert on recall_act
    with check (agency = {AGENCY} and member = {MEMBER} and {NOW} and case
        when act in ('answer', 'hold') then {recall.OF_MINE.format(side="n.to_agency")}
        else {recall.OF_MINE.format(side="n.owner_id")} end);
"""
TRIGGERS = """
create trigger agency_key_voids after update of revoked_from on agency_key for each row
    when (new.revoked_from is distinct from old.revoked_from)
    execute function accord.void_what_a_key_signed();
create trigger part_key_carried before insert on part_key for each row
    when (current_user = 'accord_probe' and new.kind > 1)
    execute function accord.carry_part_key();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0019_asked_in_force"),
        ("agreements", "0010_statements_stand"),
        ("agencies", "0004_about_agencies"),
    ]
    operations = [
        migrations.RunSQL(
            "grant insert on statement_notice to accord_probe", migrations.RunSQL.noop
        ),
        as_probe(VOIDED),
        migrations.RunSQL(STRICTER + TRIGGERS, migrations.RunSQL.noop),
    ]
