"""Who reads what members signed: an agreement's signatures like the agreement, a statement's like it."""

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, enable

OF_AN_AGREEMENT = "kind in ('agreement', 'agreement-step')"
ITS_STATEMENT = (
    "exists (select 1 from statement s where s.id = "
    f"case when {OF_AN_AGREEMENT} then null else member_signature.subject::uuid end)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0007_statements_name_themselves"),
        ("identity", "0008_member_signature"),
    ]
    operations = [
        enable(
            "member_signature",
            {
                "select": f"{OF_AN_AGREEMENT} or {ITS_STATEMENT}",
                "insert": f"agency = {AGENCY} and membership_id = {MEMBER} "
                f"and ({OF_AN_AGREEMENT} or {ITS_STATEMENT})",
            },
        ),
    ]
