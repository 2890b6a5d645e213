"""Who may do what on the directory: agencies and members are no secret among members."""

from django.db import migrations

from accord.platform.db.rls import bump_epoch_on, open_to_app


class Migration(migrations.Migration):
    dependencies = [("agencies", "0001_initial"), ("platform", "0001_seal")]
    operations = [
        open_to_app("agency", "select, insert, update"),
        open_to_app("member", "select, insert, update"),
        open_to_app("membership", "select, insert, update"),
        open_to_app("certificate", "select, insert, update"),
        open_to_app("signin_link", "select, insert, update, delete"),
        open_to_app("api_token", "select, insert, update"),
        bump_epoch_on("agency"),
        bump_epoch_on("membership"),
        bump_epoch_on("certificate"),
        bump_epoch_on("member"),
    ]
