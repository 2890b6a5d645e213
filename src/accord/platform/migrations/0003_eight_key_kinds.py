"""A standing has room for eight kinds of key: 65,536 + 256 bytes an action (decision 0004).

Rows made before are history and stay; they end with their epoch, and no new row is as short.
"""

from django.db import migrations

ACTIONS = (
    "match",
    "hit",
    "view",
    "export",
    "onward",
    "contribute",
    "alter",
    "relabel",
    "place",
    "release",
)
# Made of the names above alone.
WIDER = "".join(
    f"alter table accord.standing drop constraint standing_{action}_bits_check;\n"
    f"alter table accord.standing add constraint standing_{action}_bits_check\n"
    f"    check (octet_length({action}_bits) = 65792) not valid;\n"
    for action in ACTIONS
)


class Migration(migrations.Migration):
    dependencies = [("platform", "0002_sessions")]
    operations = [migrations.RunSQL(WIDER, migrations.RunSQL.noop)]
