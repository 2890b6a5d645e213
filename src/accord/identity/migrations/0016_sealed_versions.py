"""A password that was changed does not come back, and a sign-in is sealed with where it began.

The seal of a code device says the version of its password. The database lets no version fall, and takes
no other password or seal without a higher one: the pair that was there before is refused. Rows that were
sealed before there were versions have version 0, which nothing comes back to.

The seal of a sign-in says its place and browser too, so sessions that stand were sealed otherwise, and
are over (as in 0013).
"""

from django.db import migrations, models

VERSIONS = """
alter table code_device alter column version set default 0;
alter table code_device add constraint code_device_version check (version >= 0);
create trigger code_device_version_rises before update on code_device for each row
    when (new.version < old.version
          or new.version = old.version
             and (new.password, new.mac, new.sealed_secret, new.member_id)
                 is distinct from (old.password, old.mac, old.sealed_secret, old.member_id))
    execute function accord.stays_over();
grant update (version) on code_device to accord_app;
"""
END = """
update signin set ended_at = now(), ended_why = 'the node came to a version that seals sessions'
 where ended_at is null
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0015_another_owner")]
    operations = [
        migrations.AddField("codedevice", "version", models.IntegerField(default=0)),
        migrations.RunSQL(VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(END, migrations.RunSQL.noop),
    ]
