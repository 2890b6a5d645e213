"""The node's own word, and whether it is a demonstration: facts that SQL of the application cannot make.

They belong to the platform and stand here, as the records are the first that lean on them.
"""

from pathlib import Path

from django.db import migrations

from accord.platform import db
from accord.platform.db.rls import as_probe

WORD = (Path(db.__file__).parent / "nodeword.sql").read_text("utf-8")
DEMONSTRATION = """
create table accord.demonstration (id smallint primary key check (id = 1));
grant select on accord.demonstration to accord_probe, accord_backup;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0022_copies_of_files"), ("platform", "0005_outbox")]
    operations = [
        migrations.RunSQL(DEMONSTRATION, migrations.RunSQL.noop),
        as_probe(WORD),
    ]
