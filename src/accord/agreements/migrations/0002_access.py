"""Agreements and labels are read by every member; who works on a case is not."""

from django.db import migrations

from accord.platform.db.rls import (
    AGENCY,
    MEMBER,
    as_probe,
    bump_epoch_on,
    enable,
    open_to_app,
)

# Two agencies may give their cases one number. `number~lead` says which is meant; a bare number means
# the member's own agency's case, else the one joined first: a later one cannot take its place.
FIND_CASE_KEY = """
create function accord.find_case_key(membership text, number text, at timestamptz)
returns table (case_id uuid, purposes text[], valid_until timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select h.case_id, h.purposes, h.valid_until
      from public.case_key_holder h
     where h.membership_id = membership and h.case_number = split_part(number, '~', 1)
       and h.lead_agency = coalesce(nullif(split_part(number, '~', 2), ''), h.lead_agency)
       and h.valid_from <= at and (h.valid_until is null or h.valid_until > at)
     order by h.lead_agency = h.agency_id desc, h.valid_from, h.id limit 1
$$;
revoke execute on function accord.find_case_key(text, text, timestamptz) from public;
grant execute on function accord.find_case_key(text, text, timestamptz) to accord_app
"""

LEAD_SUPERVISOR = (
    f"lead_agency = {AGENCY} and 'supervisor' = any((select accord.seal_roles())::text[])"
)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial"), ("platform", "0001_seal")]
    operations = [
        # An agreement is no secret among members; only a party adds to its own, under its seal.
        enable(
            "agreement_version",
            {"select": "true", "insert": f"{AGENCY} = any(parties)"},
        ),
        enable("agreement_signature", {"select": "true", "insert": f"agency = {AGENCY}"}),
        enable(
            "agreement_state",
            {
                "select": "true",
                "insert": f"by_member = {MEMBER} and exists (select 1 from agreement_version v "
                f"where v.content_hash = version_id and {AGENCY} = any(v.parties))",
            },
        ),
        open_to_app("label", "select, insert"),
        enable(
            "case_key_holder",
            {
                "select": f"membership_id = {MEMBER} or ({LEAD_SUPERVISOR}) "
                "or case_key = any((select accord.seal_keys())::uuid[])",
                "insert": LEAD_SUPERVISOR,
                "update": LEAD_SUPERVISOR,
            },
            update_columns=("valid_until",),
        ),
        as_probe(FIND_CASE_KEY),
        migrations.RunSQL(
            "grant usage on sequence agreement_signature_id_seq, agreement_state_id_seq "
            "to accord_app",
            migrations.RunSQL.noop,
        ),
        bump_epoch_on("agreement_version"),
        bump_epoch_on("agreement_signature"),
        bump_epoch_on("agreement_state"),
        bump_epoch_on("label"),
        bump_epoch_on("case_key_holder"),
    ]
