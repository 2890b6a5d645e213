"""Recalls, retention and subscriptions tell the outbox too; its policy is planned once.

Who may have a row is whoever may have the thing itself, as in 0003. How a record is kept is asked by
accord.own_retention, as its pages ask it: for keepers who may not read the record as well. A match of a
subscription is told once it is a notice: the job writes it under its member's own standing, and what was
known when one subscribed, maybe hundreds, is none. That it was asked again is nobody's news.
"""

from django.db import migrations

NOTICED = "when (new.noticed_at is not null)"
# table, when, topic, column of the subject
TOLD = (
    ("recall_notice", "insert", "", "recall", "id"),
    ("recall_act", "insert", "", "recall", "notice_id"),
    ("retention_review", "insert or update", "", "review", "id"),
    ("subscription_match", "insert or update", NOTICED, "subscription", "subscription_id"),
    ("subscription", "insert or update of state", "", "subscription", "id"),
)
TRIGGERS = "".join(
    f"create trigger {table}_tells after {when} on {table} for each row {condition} "
    f"execute function accord.tell('{topic}', '{subject}', '');\n"
    for table, when, condition, topic, subject in TOLD
)
KEEPING = """
create trigger record_tells_how_it_is_kept
    after update of review_on, retain_until, validated_on, legal_hold on record for each row
    when ((old.review_on, old.retain_until, old.validated_on, old.legal_hold)
          is distinct from (new.review_on, new.retain_until, new.validated_on, new.legal_hold))
    execute function accord.tell('retention', 'id', '');
"""
SUBJECTS = {
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
}
# Each question stands under the policies of the table it asks; `offset 0` as in records 0015.
SEEN = "".join(
    f" when '{topic}' then exists (select 1 from {table} it where it.id = outbox.subject offset 0)"
    for topic, table in SUBJECTS.items()
)
KEPT = "exists (select 1 from accord.own_retention(outbox.subject, null, 1) offset 0)"
SEES_IT = (
    "(record_id is null or exists (select 1 from record r where r.id = outbox.record_id offset 0))"
    f" and case topic {SEEN} when 'retention' then {KEPT} else false end"
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_policies_planned_once"),
        ("records", "0016_latest_within_bounds"),
    ]
    operations = [
        migrations.RunSQL(
            f"{TRIGGERS}{KEEPING}alter policy outbox_select on outbox using ({SEES_IT});",
            migrations.RunSQL.noop,
        ),
    ]
