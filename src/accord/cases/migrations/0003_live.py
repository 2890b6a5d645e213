"""What tells the outbox of a change, and who may have its rows: whoever may have the thing itself."""

from django.db import migrations

from accord.platform.db.rls import enable

# table, when, topic, column of the subject, column of a record that must be visible as well
TOLD = (
    ("joint_case", "insert or update", "", "case", "id", ""),
    ("case_key_holder", "insert or update", "", "case", "case_id", ""),
    ("placement", "insert or update", "", "case", "case_id", "record_id"),
    ("note_revision", "insert", "", "case", "case_id", "record_id"),
    ("record", "update", "when (old.revision is distinct from new.revision)", "record", "id", ""),
    ("disclosure_request", "insert or update", "", "request", "id", ""),
    ("duty", "insert or update", "", "duty", "id", ""),
    ("intake_run", "insert or update", "", "run", "id", ""),
    ("statement_act", "insert", "", "statement", "statement_id", ""),
    ("statement_notice", "insert or update", "", "notice", "id", ""),
)
TRIGGERS = "".join(
    f"create trigger {table}_tells after {when} on {table} for each row {condition} "
    f"execute function accord.tell('{topic}', '{subject}', '{record}');\n"
    for table, when, condition, topic, subject, record in TOLD
)


def _seen(table: str) -> str:
    return f"exists (select 1 from {table} it where it.id = outbox.subject)"


# Each question stands under the policies of the table it asks.
SEES_IT = f"""
    (record_id is null or exists (select 1 from record r where r.id = outbox.record_id))
    and case topic
        when 'case' then {_seen("joint_case")}
        when 'record' then {_seen("record")}
        when 'request' then {_seen("disclosure_request")}
        when 'duty' then {_seen("duty")}
        when 'run' then {_seen("intake_run")}
        when 'statement' then {_seen("statement")}
        when 'notice' then {_seen("statement_notice")}
        else false
    end
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_row_security"),
        ("platform", "0005_outbox"),
        ("records", "0013_quick_checks_and_saved_searches"),
        ("agreements", "0007_statements_name_themselves"),
    ]
    operations = [
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        enable("outbox", {"select": SEES_IT}),
    ]
