"""Who may do what on the directory: agencies and members are no secret among members.

The application reads it and spends links; whoever is in it, with which role and which key, is
written by the node's operator, as the migrate role. Injected SQL cannot make itself a member.
"""

from django.db import migrations

from accord.platform.db.rls import bump_epoch_on, open_to_app


class Migration(migrations.Migration):
    dependencies = [("agencies", "0001_initial"), ("platform", "0001_seal")]
    operations = [
        open_to_app("agency", "select"),
        open_to_app("member", "select"),
        open_to_app("membership", "select"),
        open_to_app("certificate", "select"),
        open_to_app("signin_link", "select, update (used_at)"),
        open_to_app("api_token", "select"),
        bump_epoch_on("agency"),
        bump_epoch_on("membership"),
        bump_epoch_on("certificate"),
        bump_epoch_on("member"),
    ]
