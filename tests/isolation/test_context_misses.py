"""A working context that is not there for a member is refused like any other miss, and logged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from accord.kernel.errors import NotFound

ALVAREZ = "riverbend-pd.m.alvarez"
HT, OFFICE = "human-trafficking-investigation", "case-administration"


def _misses() -> int:
    from accord.agencies.queries import actor
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.ledger.queries import Filter, own_entries

    found = actor(ALVAREZ)
    with open_scope(found, resolve(found, OFFICE, "statute", None)):
        return len(own_entries(Filter(kind="miss", actor=ALVAREZ), limit=1_000))


@pytest.mark.parametrize(
    ("purpose", "basis", "case"),
    [
        pytest.param(HT, "statute", "HT-2026-021", id="a case she does not work on"),
        pytest.param(HT, "statute", "HT-1999-001", id="a case that there is not"),
        pytest.param("drug-investigation", "statute", "HT-2026-014", id="another purpose"),
        pytest.param("curiosity", "statute", "HT-2026-014", id="no purpose"),
        pytest.param(HT, "x" * 5_000, "-", id="no legal basis"),
    ],
)
def test_a_context_that_is_not_there_is_a_logged_miss(
    world: Path, purpose: str, basis: str, case: str
) -> None:
    from accord.agencies.queries import actor
    from accord.agreements.entry import in_context

    view = in_context(lambda request: HttpResponse("shown"))
    before = _misses()
    with pytest.raises(NotFound, match="There is no such working context"):
        view(SimpleNamespace(actor=actor(ALVAREZ)), purpose=purpose, basis=basis, case=case)
    assert _misses() == before + 1
