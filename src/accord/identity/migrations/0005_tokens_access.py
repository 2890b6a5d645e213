"""Who may do what with tokens and systems; all of it is read before anybody is known.

What keeps it is elsewhere: a token carries a MAC of the node, and systems, clients and what they
authenticate with are changed by functions that ask the seal for a system administrator.
"""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe, open_to_app

SYSTEMS = Path(__file__).parents[1].joinpath("systems.sql").read_text("utf-8")
CONSTRAINTS = """
alter table access_token add constraint access_token_mac check (length(mac) = 32);
alter table access_token add constraint access_token_digest check (length(token_hash) = 32);
alter table access_token add constraint access_token_assurance check (assurance between 1 and 3);
alter table access_token add constraint access_token_life
    check (expires_at <= made_at + interval '12 hours');
alter table service_member add constraint service_member_assurance
    check (assurance between 1 and 2);
alter table service_member add constraint service_member_roles
    check (cardinality(roles) > 0 and not roles && array['system-administrator']);
alter table client_credential add constraint client_credential_one
    check ((secret_hash is null) <> (public_key is null)
           and (secret_hash is null or length(secret_hash) = 32));
alter table client_credential add constraint client_credential_life
    check (expires_at <= made_at + interval '366 days');
alter table used_assertion add constraint used_assertion_digest check (length(digest) = 32);
create trigger access_token_stays_revoked before update of revoked_at on access_token for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
    execute function accord.stays_over();
"""
GRANTS = """
grant update (valid_until) on membership to accord_probe;
grant insert, update (approved_by, approved_at, ended_at) on service_member to accord_probe;
grant insert, update (revoked_at) on oauth_client to accord_probe;
grant insert, update (revoked_at) on client_credential to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_tokens"), ("agencies", "0003_directory_change")]
    operations = [
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        open_to_app("access_token", "select, insert, update (revoked_at)"),
        open_to_app("service_member", "select"),
        open_to_app("oauth_client", "select"),
        open_to_app("client_credential", "select"),
        open_to_app("used_assertion", "select, insert, delete"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(SYSTEMS),
    ]
