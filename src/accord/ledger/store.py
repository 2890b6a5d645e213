"""Where the published log stands: a folder, or an S3-compatible store; obstore speaks to both.

What is created is never replaced. The database stays the truth, so nothing is lost when a store is
full, read-only or gone: StoreFailed says what is wrong, and the publisher goes on when it is mended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.exceptions import NotFoundError as MissingError
from obstore.store import LocalStore, from_url

from accord.kernel.errors import AccordError, Conflict, InvalidInput
from accord.kernel.tlog import CHECKPOINT
from accord.platform.files import sync

SETTING = "ACCORD_TLOG_STORE"
FOLDER = "tlog"
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
FRESH, FOREVER = "public, max-age=1", "public, max-age=31536000, immutable"
CONNECT_WITHIN, ANSWER_WITHIN = timedelta(seconds=3), timedelta(seconds=10)
RETRIES = 2
_SAID = 300


class StoreFailed(AccordError):
    """The store cannot be read or written now."""


class PublishedLog:
    """The log's objects by their names; see accord.kernel.tlog."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] = os.environ) -> None:
        url = environment.get(SETTING, "")
        self._folder = _folder(url, data_dir)
        self.place = str(self._folder or url)
        self._written: list[Path] = []
        with self._said():
            self._store: Any = _opened(self._folder, url, plain=_is_plain(environment))

    def read(self, path: str) -> bytes | None:
        """What stands under a name; None where nothing does. Raises StoreFailed."""
        with self._said():
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except (FileNotFoundError, MissingError):
                return None

    def create(self, path: str, content: bytes) -> None:
        """Writes what was not there. The same again is nothing new; a torn beginning is completed.

        Raises Conflict when something else stands there, and StoreFailed.
        """
        with self._said():
            try:
                self._put(path, content, "create")
            except AlreadyExistsError:
                self._settle_with(path, content)

    def put_checkpoint(self, note: str) -> None:
        """Shows another head, after everything that it covers is safe on the disk."""
        with self._said():
            self._sync()
            self._put(CHECKPOINT, note.encode(), "overwrite")
            self._sync()

    def drop(self, prefix: str) -> None:
        """Removes the partial tiles of a place whose full tile is there."""
        with self._said():
            found = [each["path"] for batch in obstore.list(self._store, prefix) for each in batch]
            if found:
                obstore.delete(self._store, found)

    def _settle_with(self, path: str, content: bytes) -> None:
        there = bytes(obstore.get(self._store, path).bytes())
        if there == content:
            if self._folder is not None:  # whoever wrote it may have been killed before it was safe
                self._written.append(self._folder / path)
            return
        if not content.startswith(there):
            raise Conflict(
                f"{path} in {self.place} holds something else than the ledger: it was changed, or"
                " belongs to another log. Nothing was replaced.",
                who_can_change="the operator, who keeps it as evidence and moves it away",
            )
        self._put(path, content, "overwrite")

    def _put(self, path: str, content: bytes, mode: Any) -> None:
        if self._folder is not None:  # a folder keeps no types: whoever serves it sets them
            obstore.put(self._store, path, content, mode=mode)
            self._written.append(self._folder / path)
            return
        head = path == CHECKPOINT
        types = {
            "Content-Type": TEXT if head else BYTES,
            "Cache-Control": FRESH if head else FOREVER,
        }
        obstore.put(self._store, path, content, mode=mode, attributes=types)

    def _sync(self) -> None:
        """Have what was written survive a loss of power, names included."""
        folders = {parent for path in self._written for parent in path.parents}
        inside = [f for f in folders if self._folder is not None and f.is_relative_to(self._folder)]
        for path in [*self._written, *inside]:
            sync(path)
        self._written.clear()

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise StoreFailed(
                f"The ledger cannot be published to {self.place}: {_first_line(error)}. Nothing is"
                " lost: the database holds it all, and publishing goes on when this is mended.",
                who_can_change="the operator, who makes room or gives leave to write there",
            ) from error


def _folder(url: str, data_dir: Path) -> Path | None:
    if url.startswith("file:///"):
        return Path(url.removeprefix("file://"))
    return None if url else data_dir / FOLDER


def _is_plain(environment: Mapping[str, str]) -> bool:
    """Whether a store may be spoken to without TLS; naming options hides the store's own variable."""
    return environment.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true", "yes", "on")


def _opened(folder: Path | None, url: str, *, plain: bool) -> Any:
    if folder is not None:
        return LocalStore(folder, mkdir=True)
    if not url.startswith("s3://"):
        rule = "must be s3://BUCKET/PREFIX or file:///FOLDER"
        raise InvalidInput("configuration", None, SETTING, rule)
    # Requests of strangers read it too: a store that is away must not hold them for minutes.
    return from_url(
        url,
        client_options={
            "connect_timeout": CONNECT_WITHIN,
            "timeout": ANSWER_WITHIN,
            "allow_http": plain,
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": ANSWER_WITHIN},
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:_SAID].strip().rstrip(".")
