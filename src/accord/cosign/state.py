"""What a cosigner keeps, in one folder: its key, the logs it trusts, heads, and proofs of refusals.

`key` (mode 0600), `logs` (a key line each), `heads.sqlite`, `proofs/`, `settled/`, `cosign.toml`.
INVARIANT: comparing with the last head and storing the next is one immediate transaction, and it
has reached the disk before anything is signed for the asker. So two requests at once, or two
processes on one folder, or a kill at any moment, never let a log go back.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from accord.cosign.domain import Kept
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.signednote import ED25519, NoteError, NoteKey, SigningKey
from accord.platform.files import private_folder, write_private

WAIT_S = 10.0
REMEMBERED = 10_000
MOST_PROOFS = 1_000
MOST_INCONSISTENT = 100
"""Of one log: heads that lead nowhere and wait to be held against what it published."""
_TABLE = """
create table if not exists head (
    origin text not null, size integer not null, note text not null, at integer not null,
    primary key (origin, size)
) without rowid
"""


class Heads:
    """The heads of one cosigner, inside one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def latest(self, origin: str) -> Kept | None:
        """The newest head of a log."""
        return _kept(
            self._db.execute(
                "select note, at from head where origin = ? order by size desc limit 1", (origin,)
            )
        )

    def at(self, origin: str, size: int) -> Kept | None:
        """The head of this size, if it was cosigned and is remembered."""
        return _kept(
            self._db.execute(
                "select note, at from head where origin = ? and size = ?", (origin, size)
            )
        )

    def put(self, head: Kept) -> None:
        """Stores a head; far older ones are forgotten."""
        origin = head.head.origin
        self._db.execute(
            "insert or replace into head values (?, ?, ?, ?)",
            (origin, head.head.size, head.note, head.at),
        )
        self._db.execute(
            "delete from head where origin = ? and size <= (select size from head where origin = ?"
            " order by size desc limit 1 offset ?)",
            (origin, origin, REMEMBERED),
        )


def _kept(found: sqlite3.Cursor) -> Kept | None:
    row = found.fetchone()
    return None if row is None else Kept.of(*row)


class Folder:
    """The folder of one cosigner."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.proofs = path / "proofs"
        self.settled = path / "settled"

    def create(self, name: str) -> SigningKey:
        """Makes a cosigner under a name; raises Conflict where one is."""
        if (self.path / "key").exists():
            raise Conflict(
                f"{self.path} is a cosigner already. A new key is a new cosigner: choose another"
                " folder, and have the logs' policies name it.",
                who_can_change="you, with --dir",
            )
        try:
            key = SigningKey.generate(name)
        except NoteError as error:
            raise InvalidInput("--name", None, "", str(error)) from error
        private_folder(self.path)
        with self.heads():
            pass
        write_private(self.path / "logs", "# A line for each log that is cosigned: its key.\n")
        write_private(self.path / "key", key.text + "\n")
        return key

    def key(self) -> SigningKey:
        try:
            return SigningKey.parse((self.path / "key").read_text("utf-8"))
        except FileNotFoundError:
            raise InvalidInput(
                str(self.path), None, "", "is no cosigner; make one with `accord cosign init`"
            ) from None
        except (NoteError, UnicodeDecodeError) as error:
            raise InvalidInput(str(self.path / "key"), None, "", f"is no key: {error}") from error

    def logs(self) -> list[NoteKey]:
        """The keys of the logs that are cosigned, read anew each time."""
        path, found = self.path / "logs", list[NoteKey]()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                found.append(log_key(line, str(path), number))
        return found

    def trust(self, line: str) -> NoteKey:
        """Takes a log in; nothing changes where it is trusted already."""
        key = log_key(line, "the log's key", None)
        if key not in self.logs():
            path = self.path / "logs"
            write_private(path, f"{path.read_text('utf-8').rstrip()}\n{key.text}\n")
        return key

    @contextmanager
    def heads(self) -> Iterator[Heads]:
        """One transaction over the heads, on the disk when the block has ended; or nothing of it."""
        path = self.path / "heads.sqlite"
        with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as db:
            db.execute("pragma synchronous = extra")
            db.execute("begin immediate")
            db.execute(_TABLE)
            try:
                yield Heads(db)
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def keep(self, facts: dict[str, Any]) -> Path | None:
        """Keeps a proof; None where it is kept already, or where there are far too many."""
        about, exact = (_mark(facts[which]) for which in ("cosigned", "refused"))
        name = f"{facts['kind']}-{about}-{exact}.json"
        open_, settled = ({p.name for p in f.glob("*.json")} for f in (self.proofs, self.settled))
        # Each kind has room of its own: heads that strangers send again never keep out a fork.
        alike = [n for n in open_ if n.startswith(f"{facts['kind']}-")]
        if name in open_ | settled or len(alike) >= MOST_PROOFS:
            return None
        if facts["kind"] == "inconsistent":
            known = any(n.endswith(f"-{exact}.json") for n in {*alike, *settled})
            if known or not self._has_room(alike, facts["origin"]):
                return None
        path = private_folder(self.proofs) / name
        write_private(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
        return path

    def _has_room(self, alike: list[str], origin: str) -> bool:
        """Whether few inconsistent heads of a log wait.

        The log signed each of them, so each is a question of its own; a stranger who sends one again
        with another false proof, or against a later head, asks nothing new.
        """
        return sum(self._is_of(name, origin) for name in alike) < MOST_INCONSISTENT

    def _is_of(self, name: str, origin: str) -> bool:
        try:
            facts = json.loads((self.proofs / name).read_text("utf-8"))
        except FileNotFoundError:  # settled meanwhile
            return False
        return bool(facts["origin"] == origin)

    def alarms(self) -> list[Path]:
        """The refusals that nobody has settled, oldest first."""
        return sorted(self.proofs.glob("*.json"), key=lambda path: path.stat().st_mtime)

    def settle(self, name: str, reason: str) -> Path:
        """Puts an alarm aside with the reason; the proof is kept."""
        path = self.proofs / Path(name).name
        if not path.is_file():
            raise NotFound(f"There is no alarm {path.name} in {self.proofs}.")
        private_folder(self.settled)
        write_private(self.settled / f"{path.stem}.txt", reason + "\n")
        return Path(shutil.move(path, self.settled / path.name))

    def command(self) -> list[str]:
        """What is run for an alarm, the proof's file behind it; empty where nothing is set."""
        path = self.path / "cosign.toml"
        try:
            said = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(str(path), None, "", f"is no TOML: {error}") from error
        words = said.pop("alarm_command", [])
        if said or not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise InvalidInput(str(path), None, "", 'knows alarm_command = ["PROGRAM", ...] alone')
        return words


def _mark(note: str) -> str:
    """A short name of a head, whoever signed it."""
    return sha256(note.partition("\n\n")[0].encode()).hexdigest()[:12]


def log_key(line: str, source: str, number: int | None) -> NoteKey:
    """The key line of a log; raises InvalidInput."""
    try:
        key = NoteKey.parse(line)
    except NoteError as error:
        raise InvalidInput(source, number, "", str(error)) from error
    if key.type != ED25519:
        raise InvalidInput(source, number, "", "is the key of a cosigner, not of a log")
    return key
