"""`accord restore`: a node from its backup, into a data directory that does not exist yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg

from accord.cli import node
from accord.cli.backup import lock_from
from accord.cli.backup_objects import bring_back, check_brought_back, check_source
from accord.cli.options import data_dir_option
from accord.kernel.errors import AccordError, Conflict
from accord.platform.backup import archive, dump, seal, sealedkeys
from accord.platform.db import launcher, roles
from accord.platform.db.cluster import DATABASE, Cluster
from accord.platform.files import data_folder, private_folder
from accord.platform.supervisor import interruptible, unstoppable

_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)

# The outbox and how far webhooks were told count the transactions of the server that is gone; here they
# would stand for changes yet to come. So each webhook is told that it may have missed something.
_TOLD_ANEW = """
truncate outbox;
alter table webhook_endpoint no force row level security;
update webhook_endpoint set seen = pg_current_snapshot()::text, seen_at = 'epoch';
alter table webhook_endpoint force row level security
"""


@click.command()
@data_dir_option
@click.argument("source", type=_FOLDER)
@click.option("--keys", type=_FILE, required=True, help="The closed keys of that backup.")
@click.option("--passphrase-file", type=_FILE, help="Its first line opens the keys.")
@click.option("--identity", type=_FILE, help="The X25519 private key (PEM) that opens the keys.")
@click.option("--seal", "noted", help="What accord backup printed as Seal; needed with --identity.")
@click.option("--unsealed", is_flag=True, help="Believe a backup made before they were sealed.")
def command(
    data_dir: Path,
    source: Path,
    keys: Path,
    passphrase_file: Path | None,
    identity: Path | None,
    noted: str | None,
    unsealed: bool,
) -> None:
    """Make a node from the backup SOURCE; --data-dir must be new.

    The backup and its keys are checked before anything is made. Afterwards the ledger is checked by
    the node and, as an export, by accord-verify. A restore that fails or is stopped (Ctrl-C, SIGTERM)
    leaves nothing behind. Exit code 3, with the node restored, where a piece of a file is damaged in the
    backup: it is named, and not in the node.
    """
    archive.check_new(data_dir, "a restore")
    lock = lock_from(passphrase_file, identity)
    sealed, secrets = seal.part(
        sealedkeys.open_closed(keys.read_bytes(), lock, str(keys)), str(keys)
    )
    seal.check(source, sealed, keys, unsealed=unsealed)
    seal.check_known(sealed, noted, keys, needed=identity is not None and sealed is not None)
    manifest = archive.read_manifest(source, sealed.manifest_sha256 if sealed else None)
    listed = check_source(source, manifest)
    names = archive.PIECES[manifest.format]
    with interruptible(), _undone_on_failure(data_dir):
        (data_dir / node.HALF_RESTORED).touch(mode=0o600)
        private_folder(data_dir / "secrets")
        archive.unpack(secrets, data_dir, ("secrets",))
        for name in names:
            archive.take(source / name, data_dir / name, manifest.pieces[name])
        archive.unpack(data_dir / archive.FILES, data_dir, archive.FOLDERS)
        cluster = _bring_in(data_dir, data_dir / archive.DATABASE, manifest)
        files, damaged = bring_back(cluster, source, manifest, listed)
        for name in names:
            (data_dir / name).unlink()
        leaves = _check_ledger(data_dir, manifest)
        (data_dir / node.HALF_RESTORED).unlink()
    click.echo(f"Restored to {data_dir}: the state of {manifest.made_at}, {leaves} ledger leaves.")
    click.echo(files)
    click.echo("Everybody signs in anew. A ledger head seen since then is ahead of this node.")
    check_brought_back(damaged)


@contextmanager
def _undone_on_failure(data_dir: Path) -> Iterator[None]:
    """Stop the database in the end; remove what was made unless all went well."""
    data_folder(data_dir)
    well = False
    try:
        yield
        well = True
    finally:
        with unstoppable():
            _clear_up(data_dir, well)


def _clear_up(data_dir: Path, well: bool) -> None:
    from django.db import connections

    connections.close_all()
    try:
        launcher.stop(data_dir)
    finally:
        if not well:
            shutil.rmtree(data_dir)


def _bring_in(data_dir: Path, file: Path, manifest: archive.Manifest) -> Cluster:
    cluster = launcher.ensure_running(data_dir)
    _check_free(cluster)
    dump.check(cluster, file)
    roles.bootstrap(cluster, data_dir, empty=True)
    from accord.platform import schema
    from accord.platform.migrate import migrate
    from accord.platform.setup import django_setup

    django_setup(data_dir)
    schema.check_known(manifest.migrations, "The backup")
    dump.restore(cluster, file)
    roles.bootstrap(cluster, data_dir)
    migrate(data_dir)
    with psycopg.connect(cluster.dsn(roles.MIGRATE), autocommit=True) as owner:
        owner.execute("set role accord_owner")
        owner.execute("delete from django_session")  # who was signed in then is not now
        owner.execute(_TOLD_ANEW)
    return cluster


def _check_free(cluster: Cluster) -> None:
    """Raise Conflict where the server already has a node's database."""
    with psycopg.connect(cluster.admin_dsn) as admin:
        found = admin.execute("select from pg_database where datname = %s", [DATABASE])
        if found.fetchone() is not None:
            raise Conflict(
                f"The server has a database {DATABASE} already; a restore overwrites nothing.",
                who_can_change="the administrator of the server, who can name another server",
            )


def _check_ledger(data_dir: Path, manifest: archive.Manifest) -> int:
    """Check the restored ledger here and by the separate program; return its size."""
    from accord.ledger import checking, exporting, keys, queries

    report = checking.check_ledger()
    if not report.verifies:
        said = "; ".join(finding.sentence for finding in report.findings[:3])
        raise AccordError(f"The ledger in the backup does not verify: {said}")
    heads = {size: root.hex() for size, root, _ in queries.checkpoints()}
    if manifest.ledger_root and heads.get(manifest.ledger_size) != manifest.ledger_root:
        raise AccordError(
            f"The ledger in the backup does not have the head of size {manifest.ledger_size} that"
            " its manifest names."
        )
    if queries.head() is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "ledger.jsonl"
            exporting.write_export(file)
            _verify(file, keys.public_key(data_dir).text)
    return report.size


def _verify(file: Path, key: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "accord_verify", str(file), "--key", key],
        check=False,
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    if done.returncode != 0:
        raise AccordError(f"accord-verify refuses the restored ledger:\n{done.stdout[-2000:]}")
