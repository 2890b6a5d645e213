"""`accord backup`: one copy of a whole node, its keys apart, taken while it runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import click

from accord.cli import node
from accord.cli.backup_objects import Taken
from accord.cli.options import data_dir_option
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, InvalidInput
from accord.platform.backup import archive, dump, seal, sealedkeys
from accord.platform.files import sync

Command = TypeVar("Command", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
_NEW = click.Path(path_type=Path)


@click.command()
@data_dir_option
@click.argument("target", type=_NEW)
@click.option("--keys", type=_NEW, required=True, help="Where the closed keys go: outside TARGET.")
@click.option("--passphrase-file", type=_FILE, help="Its first line closes the keys.")
@click.option("--recipient", type=_FILE, help="An X25519 public key (PEM) that closes the keys.")
@click.option(
    "--since", type=_FOLDER, help="An earlier backup: files of exhibits that it has are linked."
)
@click.option(
    "--without-objects", is_flag=True, help="Leave the files of exhibits where they are stored."
)
def command(
    data_dir: Path,
    target: Path,
    keys: Path,
    passphrase_file: Path | None,
    recipient: Path | None,
    since: Path | None,
    without_objects: bool,
) -> None:
    """Copy this node to the new folder TARGET, and its keys, closed, to another place.

    The database in TARGET is in clear, as on the disk: keep it on an encrypted disk. Without the
    keys sealed parts, ledger bodies and files of exhibits in it stay closed. With --since, on the same
    file system, a piece of a file that the earlier backup has takes no room again. Both places must be
    new; nothing is overwritten. Exit code 3, with the backup kept, where a piece of a file is damaged
    or gone in the store: it is not in the backup.
    """
    if since and without_objects:
        raise click.UsageError("Give --since or --without-objects, not both.")
    if since and not ((since / archive.MANIFEST).is_file() and (since / archive.OBJECTS).is_dir()):
        raise InvalidInput(
            str(since), None, "--since", "is no finished backup with files of exhibits"
        )
    target, keys = target.absolute(), keys.absolute()
    if keys.is_relative_to(target):
        raise InvalidInput(str(keys), None, "--keys", "must lie outside the backup")
    archive.check_new(target, "a backup")
    archive.check_new(keys, "a backup")
    lock = lock_from(passphrase_file, recipient)
    sealedkeys.close(b"", lock)  # a passphrase too short is said before anything is copied
    with node.existing(data_dir):
        objects = Taken(left=without_objects, since=since)
        manifest, sealed = _copy(data_dir, target, keys, lock, objects)
        (data_dir / "last-backup").touch(mode=0o600)  # asked by accord check --deploy
    click.echo(f"Written: {target} ({len(manifest.migrations)} migrations) and {keys}")
    click.echo(f"Ledger: {manifest.ledger_size} leaves. Keep the keys apart from the rest.")
    click.echo(objects.said())
    click.echo(f"Seal: {seal.seal_text(sealed)}")
    objects.check_whole()


def lock_from(passphrase_file: Path | None, pem: Path | None) -> sealedkeys.Lock:
    """What opens or closes the keys: exactly one of both, or a passphrase typed in."""
    if passphrase_file and pem:
        raise click.UsageError("Give a passphrase or a key, not both.")
    if pem:
        return sealedkeys.Lock(pem=pem.read_bytes())
    if passphrase_file:
        lines = passphrase_file.read_text("utf-8").splitlines()
        return sealedkeys.Lock(passphrase=lines[0] if lines else "")
    return sealedkeys.Lock(passphrase=click.prompt("Passphrase", hide_input=True, err=True))


def _copy(
    data_dir: Path, target: Path, keys: Path, lock: sealedkeys.Lock, objects: Taken
) -> tuple[archive.Manifest, seal.Seal]:
    """Write under other names beside both places; each gets its name when all is whole."""
    part = target.with_name(f".{target.name}.part")
    closed = keys.with_name(f".{keys.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(mode=0o700, parents=True)
        manifest = _write(data_dir, part, objects)
        # After the database: a key is made before the first row that needs it.
        secrets = archive.keys_of(data_dir)
        sealed = seal.of(part, manifest, secrets)
        plain = seal.join(sealed, secrets)
        closed.touch(mode=0o600)
        closed.write_bytes(sealedkeys.close(plain, lock))
        sync(closed)
        closed.rename(keys)
        part.rename(target)
        sync(target.parent)
    except OSError as error:
        raise AccordError(
            f"The backup cannot be written: {error.filename or target}: {error.strerror}."
            " Nothing of it was kept.",
            who_can_change="whoever can make room there",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        closed.unlink(missing_ok=True)
    return manifest, sealed


def _write(data_dir: Path, part: Path, objects: Taken) -> archive.Manifest:
    from accord.ledger import queries
    from accord.platform import schema
    from accord.platform.db import launcher

    cluster = launcher.ensure_running(data_dir)
    head = queries.head()
    migrations = schema.applied(cluster)
    files = archive.FileCollector(data_dir, part / archive.FILES)
    objects.take(cluster, part)
    files.collect()
    dump.dump(cluster, part / archive.DATABASE)
    files.collect()
    objects.take(cluster, part)
    objects.finish(cluster, part)
    manifest = archive.Manifest(
        made_at=now().isoformat(),
        accord=metadata.version("accord"),
        postgresql=cluster.version,
        migrations=migrations,
        ledger_size=head.size if head else 0,
        ledger_root=head.root.hex() if head else "",
        pieces={n: archive.digest(part / n) for n in archive.PIECES[archive.FORMAT]},
        with_objects=not objects.left,
    )
    archive.write_manifest(part, manifest)
    return manifest
