"""The ledger's tables, who may read them, and what may never happen to them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db import rls

KINDS = [
    (kind, kind)
    for kind in (
        "collection",
        "alteration",
        "consultation",
        "disclosure",
        "combination",
        "erasure",
        "agreement",
        "custody",
        "membership",
        "refusal",
        "miss",
    )
]

OVERSIGHT = "(select accord.seal_roles()) @> array['oversight-officer']"

# The acting body: its actor, and the oversight of the actor's agency.
OWN_ENTRY = f"agency_id = {rls.AGENCY} and (actor_id = {rls.MEMBER} or {OVERSIGHT})"
ACTS_HIMSELF = f"agency_id = {rls.AGENCY} and actor_id = {rls.MEMBER}"
# A refused act rolls back, and its seal with it; without a seal a refusal or a miss may be written,
# and nothing else.
UNSEALED_REFUSAL = f"kind in ('refusal', 'miss') and {rls.AGENCY} is null"

GUARDS = """
create function accord.ledger_leaf_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.leaf_index is not null or new.entry_id <> old.entry_id
       or new.commitment <> old.commitment then
        raise exception 'accord: a leaf is never changed or removed' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger ledger_leaf_guard before update or delete on ledger_leaf
    for each row execute function accord.ledger_leaf_guard();

create function accord.ledger_tile_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or new.level <> old.level or new.tile_index <> old.tile_index
       or substr(new.hashes, 1, octet_length(old.hashes)) <> old.hashes then
        raise exception 'accord: a tile only ever grows' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger ledger_tile_guard before update or delete on ledger_tile
    for each row execute function accord.ledger_tile_guard();

create function accord.ledger_checkpoint_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'accord: a checkpoint is never changed or removed' using errcode = '42501';
end $$;
create trigger ledger_checkpoint_guard before update or delete on ledger_checkpoint
    for each row execute function accord.ledger_checkpoint_guard();

-- An entry may be erased, once, under an entry that says so; nothing else in it ever changes.
create function accord.ledger_body_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.erased_by_id is not null or new.erased_by_id is null
       or new.body_cipher is not null or new.body_key is not null
       or to_jsonb(new) - array['body_cipher', 'body_key', 'erased_by_id', 'records']
          <> to_jsonb(old) - array['body_cipher', 'body_key', 'erased_by_id', 'records'] then
        raise exception 'accord: an entry can only be erased, once' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger ledger_entry_guard before update or delete on ledger_entry
    for each row execute function accord.ledger_body_guard();
create trigger ledger_view_guard before update or delete on ledger_view
    for each row execute function accord.ledger_body_guard();

-- PostgreSQL lets everybody execute a new function; triggers need nobody's leave.
revoke execute on function accord.ledger_leaf_guard(), accord.ledger_tile_guard(),
    accord.ledger_checkpoint_guard(), accord.ledger_body_guard() from public;

alter table ledger_leaf add constraint ledger_leaf_commitment
    check (octet_length(commitment) = 32);
-- INVARIANT: no leaf without an entry, as there is no entry without a leaf.
alter table ledger_leaf add constraint ledger_leaf_entry
    foreign key (entry_id) references ledger_entry (id) deferrable initially deferred;
alter table ledger_checkpoint add constraint ledger_checkpoint_root
    check (octet_length(root) = 32);
alter table ledger_entry add constraint ledger_entry_whole
    check ((body_cipher is null) = (body_key is null)
           and (body_cipher is null) = (erased_by_id is not null));
alter table ledger_view add constraint ledger_view_whole
    check ((body_cipher is null) = (body_key is null)
           and (body_cipher is null) = (erased_by_id is not null));
"""

UNGUARD = """
alter table ledger_leaf drop constraint ledger_leaf_entry;
drop function accord.ledger_leaf_guard() cascade;
drop function accord.ledger_tile_guard() cascade;
drop function accord.ledger_checkpoint_guard() cascade;
drop function accord.ledger_body_guard() cascade;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("platform", "0001_seal")]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "ledger_checkpoint",
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("commitment", models.BinaryField()),
                ("leaf_index", models.BigIntegerField(null=True, unique=True)),
            ],
            options={
                "db_table": "ledger_leaf",
            },
        ),
        migrations.CreateModel(
            name="OwnerView",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("actor_id", models.TextField()),
                ("actor_agency_id", models.TextField()),
                (
                    "records",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("body_cipher", models.BinaryField(null=True)),
                ("body_key", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "ledger_view",
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "tile_index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("tile_index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_tile",
            },
        ),
        migrations.CreateModel(
            name="EntryRow",
            fields=[
                (
                    "leaf",
                    models.OneToOneField(
                        db_column="id",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.leaf",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("actor_id", models.TextField()),
                ("agency_id", models.TextField()),
                ("purpose", models.TextField(null=True)),
                ("case_id", models.TextField(null=True)),
                ("body_cipher", models.BinaryField(null=True)),
                ("body_key", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "ledger_entry",
            },
        ),
        migrations.AddIndex(
            model_name="leaf",
            index=models.Index(
                condition=models.Q(("leaf_index__isnull", True)),
                fields=["entry_id"],
                name="ledger_leaf_waiting",
            ),
        ),
        migrations.AddField(
            model_name="ownerview",
            name="erased_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.leaf",
            ),
        ),
        migrations.AddField(
            model_name="ownerview",
            name="leaf",
            field=models.ForeignKey(
                db_column="entry_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.leaf",
            ),
        ),
        migrations.AddField(
            model_name="entryrow",
            name="erased_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.leaf",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownerview",
            constraint=models.UniqueConstraint(
                fields=("agency_id", "leaf"), name="ledger_view_one_an_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="entryrow",
            index=models.Index(fields=["agency_id", "leaf"], name="ledger_entry_agency"),
        ),
        migrations.AddIndex(
            model_name="entryrow",
            index=models.Index(fields=["actor_id", "leaf"], name="ledger_entry_actor"),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        # Public by design: commitments, hashes and signed heads hold no agency data.
        rls.open_to_app(
            "ledger_leaf", "select, insert (entry_id, commitment), update (leaf_index)"
        ),
        rls.open_to_app("ledger_tile", "select, insert, update (hashes)"),
        rls.open_to_app("ledger_checkpoint", "select, insert"),
        rls.enable(
            "ledger_entry",
            {
                "select": OWN_ENTRY,
                "insert": f"({ACTS_HIMSELF}) or ({UNSEALED_REFUSAL})",
                "update": f"agency_id = {rls.AGENCY} and {OVERSIGHT}",
            },
            update_columns=("body_cipher", "body_key", "erased_by_id"),
        ),
        rls.enable(
            "ledger_view",
            {
                "select": f"agency_id = {rls.AGENCY}",
                "insert": f"actor_agency_id = {rls.AGENCY} and actor_id = {rls.MEMBER}",
                "update": f"agency_id = {rls.AGENCY} and {OVERSIGHT}",
            },
            update_columns=("body_cipher", "body_key", "erased_by_id", "records"),
        ),
    ]
