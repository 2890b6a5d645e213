"""A row that an import set aside is closed like any sealed text, and its page says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.exchange import jobs
from accord.identity.domain import Proof
from isolation.contributing import CUSTODIAN, OFFICE, send
from isolation.test_custody_pages import browser, text
from unit.identity.unsealing import CLOSED, SEALED, everything_sealed

ROWS = "no,name,dob\nZ-1,Qwxrow Person,not a day\n"


def test_a_row_set_aside_is_closed_on_an_old_proof(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world
    with everything_sealed():
        run = send(ROWS)
        assert jobs.work_on(run, CUSTODIAN, OFFICE, lambda: False)
    me = browser(CUSTODIAN)
    assert "Qwxrow Person" in text(me.get(f"/import/{run}"))
    monkeypatch.setattr(Proof, "is_fresh", lambda *_: False)
    page = text(me.get(f"/import/{run}"))
    assert "Qwxrow Person" not in page
    assert SEALED in page
    assert CLOSED in page
