"""What tests of unsealing share: a proof that grows old, what is sealed, and what an entry names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.test import Client

from accord.identity.domain import Proof
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.labels import Label
from accord.ledger import queries as ledger
from accord.records import domain
from authenticator import Authenticator
from isolation.contributing import acting
from unit.identity.conftest import options_in
from unit.identity.tokening import ALVAREZ

CLOSED = "Sealed parts are closed"
SEALED = "Sealed. It opens once you have proven again who you are"


def later(minutes: int) -> taken_from:
    return taken_from(FixedClock(now() + timedelta(minutes=minutes)))


@contextmanager
def old_proofs() -> Iterator[None]:
    """Every proof is older than ten minutes, and the time is now: for what the database times itself."""
    with patch.object(Proof, "is_fresh", lambda *_: False):
        yield


@contextmanager
def everything_sealed(parts: Collection[str] = domain.SEALED_PARTS) -> Iterator[None]:
    """These parts of what is written here are sealed whomever it is about: clauses open it to many."""

    def sealed(label: Label) -> bool:
        return label.part in parts

    with patch.object(domain, "is_sealed", sealed):
        yield


def prove(client: Client, device: Authenticator, address: str, form: dict[str, Any]) -> Any:
    """Ask for this with an old proof, answer the page that wants a new one, and return the answer."""
    asked = client.post(address, form)
    assert asked.status_code == 401, asked.status_code
    proof = {"accord-proof": device.get(options_in(asked.content))}
    return client.post(address, form | proof)


def named(record: UUID, by: str = ALVAREZ) -> set[str]:
    """The parts of a record that the newest entry of this member about it names."""
    with acting(by, "oversight"):
        (line,) = ledger.own_entries(ledger.Filter(record=str(record)), limit=1)
        body = ledger.entry(line.id).body
    assert body is not None
    return {str(i["part"]) for i in body["items"] if i["record"] == str(record) and i["part"]}


def told(record: UUID, by: str = ALVAREZ) -> int:
    """How many entries of this member are about a record."""
    with acting(by, "oversight"):
        return len(ledger.own_entries(ledger.Filter(record=str(record)), limit=100))
