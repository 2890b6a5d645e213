"""The files of exhibits in a backup: their pieces are copied, or linked to those of an earlier one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click
import psycopg

from accord.evidence.copied import Outcome, check_there, copy_out, put_back, settle
from accord.kernel.errors import AccordError
from accord.platform.backup import archive
from accord.platform.db import roles
from accord.platform.db.cluster import Cluster

Each = TypeVar("Each")
SHOWN = 3


class Taken:
    """What a backup takes along of the files of exhibits.

    A piece is copied before the database is, and what came meanwhile afterwards: what the copy of the
    database names was named at one of both times, unless it came and went in between.
    """

    def __init__(self, *, left: bool = False, since: Path | None = None) -> None:
        self.left, self._since = left, since and since / archive.OBJECTS
        self._outcomes: dict[str, Outcome] = {}

    def take(self, cluster: Cluster, folder: Path) -> None:
        """Bring the pieces that the database names now, and did not before, into the backup's folder."""
        from accord.evidence.store import store

        new = sorted(named(cluster) - self._outcomes.keys())
        if self.left:
            self._outcomes |= dict.fromkeys(new, Outcome.LEFT)
            return
        copied = copy_out(new, store(), folder / archive.OBJECTS, self._since)
        for address, outcome in progress(copied, len(new), "Files of exhibits"):
            self._outcomes[address] = outcome

    def finish(self, cluster: Cluster, folder: Path) -> None:
        """Write which pieces belong to the backup; what nothing names any more need not be there."""
        if not self.left:
            (folder / archive.OBJECTS).mkdir(mode=0o700, exist_ok=True)
            settle(folder / archive.OBJECTS)
        gone = self._of(Outcome.ABSENT) - named(cluster)
        self._outcomes = {a: o for a, o in self._outcomes.items() if a not in gone}
        archive.write_list(folder / archive.LIST, self._outcomes.keys() - self.wanting)

    @property
    def wanting(self) -> frozenset[str]:
        """What the database names and the store does not give."""
        return self._of(Outcome.ABSENT) | self._of(Outcome.DAMAGED)

    def said(self) -> str:
        """One sentence for whoever made the backup."""
        if self.left:
            return f"Files of exhibits: {len(self._outcomes)} pieces, left in their store."
        copied, linked = len(self._of(Outcome.COPIED)), len(self._of(Outcome.LINKED))
        return f"Files of exhibits: {copied} pieces copied, {linked} linked to the earlier backup."

    def check_whole(self) -> None:
        """Raise AccordError where pieces are not in the backup because the store does not give them."""
        if not self.wanting:
            return
        raise AccordError(
            f"The backup was kept, but {len(self.wanting)} pieces of files are gone or damaged in the"
            f" store and not in it: {_some(self.wanting)}",
            who_can_change="whoever has an earlier backup with them, and puts them back into objects/",
        )

    def _of(self, outcome: Outcome) -> frozenset[str]:
        return frozenset(a for a, found in self._outcomes.items() if found is outcome)


def named(cluster: Cluster) -> frozenset[str]:
    """Every piece that a file or an upload has, whoever's: asked as the role that copies all."""
    with psycopg.connect(cluster.dsn(roles.BACKUP)) as db:
        rows = db.execute("select distinct address from public.object_segment").fetchall()
    return frozenset(address for (address,) in rows)


def check_source(source: Path, manifest: archive.Manifest) -> frozenset[str]:
    """The pieces that a backup lists; raises InvalidInput unless its folder has just these."""
    if archive.LIST not in manifest.pieces:
        return frozenset()
    listed = archive.read_list(source / archive.LIST)
    if manifest.with_objects:
        check_there(listed, source / archive.OBJECTS)
    return listed


def bring_back(
    cluster: Cluster, source: Path, manifest: archive.Manifest, listed: frozenset[str]
) -> tuple[str, frozenset[str]]:
    """Put the pieces into the restored node's store; returns what to say, and which are damaged."""
    from accord.evidence.store import store

    outcomes: dict[str, Outcome] = {}
    if manifest.with_objects:
        put = put_back(sorted(listed), source / archive.OBJECTS, store())
        outcomes = dict(progress(put, len(listed), "Files of exhibits"))
    there = {address for n in range(256) for address, _ in store().names(f"{n:02x}")}
    wanting = named(cluster) - there
    came = sum(found is Outcome.COPIED for found in outcomes.values())
    said = f"Files of exhibits: {came} pieces brought back."
    if wanting:
        said += (
            f" {len(wanting)} pieces that the database names are not in the store: put them into"
            " objects/ (or the bucket) under their names; files that need them do not open until then."
        )
    return said, wanting & outcomes.keys()


def check_brought_back(damaged: frozenset[str]) -> None:
    """Raise AccordError where pieces stayed out because the backup does not give what was written."""
    if damaged:
        raise AccordError(
            f"The node was restored, but {len(damaged)} pieces of files are damaged in the backup and"
            f" not in the store: {_some(damaged)}",
            who_can_change="whoever has another backup with them, and puts them into objects/",
        )


def _some(addresses: frozenset[str]) -> str:
    return ", ".join(sorted(addresses)[:SHOWN]) + (" ..." if len(addresses) > SHOWN else "")


def progress(each: Iterable[Each], length: int, label: str) -> Iterator[Each]:
    """Go through long work with a bar, where somebody looks on."""
    if not sys.stderr.isatty():
        yield from each
        return
    with click.progressbar(each, length=length, label=label, file=sys.stderr) as bar:
        yield from bar
