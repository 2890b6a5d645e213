"""Who may do what: all of it is read before anybody is known, so none of it stands under a standing.

What keeps it is elsewhere: a passkey carries a MAC of the node, a sign-in opens nothing without the
session's signed data, and a challenge is answered once.
"""

from django.db import migrations

from accord.platform.db.rls import open_to_app

CONSTRAINTS = """
alter table passkey add constraint passkey_mac check (length(mac) = 32);
alter table signin add constraint signin_method
    check (method in ('demo', 'link', 'passkey', 'code', 'oidc', 'saml'));
alter table signin add constraint signin_assurance check (assurance between 1 and 3);
alter table ceremony add constraint ceremony_challenge check (length(challenge) = 32);
create index ceremony_challenge_once on ceremony (challenge);
create index signin_credentials on signin using gin (credentials) where ended_at is null;
create index passkey_of_member on passkey (member_id) where revoked_at is null;
"""
# SQL alone must not bring back what was revoked: the application may write these columns.
STAYS_OVER = """
create function accord.stays_over() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'accord: what is over stays over' using errcode = '42501';
end $$;
revoke execute on function accord.stays_over() from public;
create trigger passkey_stays_revoked before update of revoked_at on passkey for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
    execute function accord.stays_over();
create trigger signin_stays_ended before update of ended_at on signin for each row
    when (old.ended_at is not null and new.ended_at is distinct from old.ended_at)
    execute function accord.stays_over();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("platform", "0001_seal")]
    operations = [
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        migrations.RunSQL(STAYS_OVER, migrations.RunSQL.noop),
        open_to_app(
            "passkey", "select, insert, update (sign_count, last_used_at, revoked_at, name)"
        ),
        open_to_app("ceremony", "select, insert, update (used_at), delete"),
        open_to_app(
            "signin",
            "select, insert, update (assurance, credentials, ended_at, ended_why, proven_at, seen_at)",
        ),
    ]
