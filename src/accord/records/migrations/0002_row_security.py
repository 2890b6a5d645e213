"""No standing, no rows: the policies of records, parts and keys.

INVARIANT: `part` asks `part_key`, `record` asks `part`, everything else asks `record`; `part_key`
asks nobody. A policy that asked back would recurse.
"""

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, enable, label_is_open

# A part is open when some alternative of the standing has the label's bit, under its own label and
# under the newest one, and the part carries a key of each kind that the alternative names.
# bits[label] is the set of alternatives that open it; bits[65536 + kinds] the set of alternatives
# satisfied by these kinds; alternative 0 (bit 1) needs no key. See docs/decisions/0004.
BITS = "(select accord.bits())"
OPEN = f"(get_byte({BITS}, label_id) & get_byte({BITS}, newest_label_id))"
SATISFIED = f"""(
    select get_byte({BITS}, 65536 + coalesce(bit_or(1 << k.kind), 0))
      from part_key k
     where k.part_id = part.id and k.key = any((select accord.seal_keys())::uuid[])
       and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now())
)"""
PART_IS_OPEN = f"({OPEN} & 1) = 1 or ({OPEN} > 1 and ({OPEN} & {SATISFIED}) > 0)"

RECORD_HAS_AN_OPEN_PART = "exists (select 1 from part p where p.record_id = record.id)"
OWN = f"owner_id = {AGENCY}"
CONTRIBUTE = label_is_open("contribute", "label_id")

CONSTRAINTS = """
alter table part add constraint part_label foreign key (label_id) references label (id);
alter table part add constraint part_newest_label foreign key (newest_label_id) references label (id);
alter table part add constraint part_owner_label unique (id, owner_id, label_id);
alter table record add constraint record_owner unique (id, owner_id);
alter table part add constraint part_record_owner
    foreign key (record_id, owner_id) references record (id, owner_id);
alter table part_key add constraint part_key_label
    foreign key (part_id, owner_id, label_id) references part (id, owner_id, label_id);
alter table part_key add constraint part_key_kind check (kind between 0 and 5);
alter table part add constraint part_assertion check (assertion in ('fact', 'assessment'));
-- 28 CFR 23.20(h): intelligence is kept five years at most without revalidation.
alter table record add constraint intelligence_is_kept_five_years_at_most check (
    not intelligence or (
        retain_until is not null
        and retain_until <= ((created_at at time zone 'UTC')::date + interval '5 years')::date
    )
);
create index part_current on part (record_id) where superseded_at is null;
create index part_latest on part (label_id, created_at desc) where superseded_at is null;
create index search_name_trigram on search_name using gin (name gin_trgm_ops);
create index search_name_phonetic on search_name using gin (phonetic);
create index search_exact_term on search_exact (kind, term);
create index search_text_body on search_text using gin (body);
"""

TERMS = {"insert": OWN}
UNANSWERED = (
    "answered_at is null and answered_by is null and answer_record is null "
    "and granted_until is null"
)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0001_initial"),
        ("platform", "0001_seal"),
        ("agreements", "0002_access"),
    ]
    operations = [
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "part_key",
            {
                "select": f"key = any((select accord.seal_keys())::uuid[]) or {OWN}",
                "insert": f"{OWN} and (case when kind = 0 "
                f"then {label_is_open('place', 'label_id')} "
                f"else {label_is_open('release', 'label_id')} end)",
                "update": OWN,
            },
            update_columns=("valid_until",),
        ),
        enable(
            "part",
            {
                "select": PART_IS_OPEN,
                "insert": f"{OWN} and {CONTRIBUTE} and label_id = newest_label_id",
            },
        ),
        enable(
            "record",
            {
                "select": RECORD_HAS_AN_OPEN_PART,
                "insert": OWN,
                "update": OWN,
            },
            update_columns=("legal_hold", "retain_until"),
        ),
        enable("search_name", TERMS),
        enable("search_exact", TERMS),
        enable("search_text", TERMS),
        enable(
            "hit_spending",
            {
                "select": f"membership_id = {MEMBER}",
                "insert": f"membership_id = {MEMBER} and agency_id = {AGENCY}",
                "update": f"membership_id = {MEMBER}",
            },
            update_columns=("queries", "hits"),
        ),
        enable(
            "intake_run",
            {"select": OWN, "insert": OWN, "update": OWN},
            update_columns=(
                "state",
                "done_bytes",
                "next_row",
                "loaded",
                "revised",
                "unchanged",
                "quarantined",
                "failure",
                "updated_at",
            ),
        ),
        enable(
            "quarantine_entry",
            {
                "select": f"{OWN} and exists (select 1 from record r where r.id = record_id)",
                "insert": OWN,
                "update": OWN,
            },
            update_columns=("resolved_at",),
        ),
        enable(
            "disclosure_request",
            {
                "select": f"{OWN} or requester_membership = {MEMBER} "
                "or (requester_agency = " + AGENCY + " and case_id is not null and exists ("
                "select 1 from case_key_holder h where h.case_id = disclosure_request.case_id "
                f"and h.membership_id = {MEMBER} "
                "and (h.valid_until is null or h.valid_until > now())))",
                "insert": f"requester_agency = {AGENCY} and requester_membership = {MEMBER} "
                f"and state = 'open' and {UNANSWERED}",
                # Whoever asked may withdraw an open question, and change nothing else of it.
                "update": f"{OWN} or (requester_membership = {MEMBER} "
                f"and state in ('open', 'withdrawn') and {UNANSWERED})",
            },
            update_columns=(
                "state",
                "answered_at",
                "answered_by",
                "answer_record",
                "granted_until",
            ),
        ),
        enable(
            "requested_part",
            {
                # A refused kind is not named to the requester: that it exists is not disclosed.
                "select": f"{OWN} or (requester_agency = {AGENCY} and decision <> 'refused')",
                "insert": OWN,
                "update": OWN,
            },
            update_columns=("decision", "at"),
        ),
        migrations.RunSQL(
            "grant usage on sequence search_name_id_seq, search_exact_id_seq, hit_spending_id_seq "
            "to accord_app",
            migrations.RunSQL.noop,
        ),
    ]
