"""What pages of sign-in leave behind for nobody is forgotten; what still counts is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.identity import jobs
from accord.identity.actions import attempts
from accord.identity.actions.attempts import Door
from accord.kernel.clock import FixedClock, now, taken_from
from accord.platform.sessions import stored_key
from authenticator import Authenticator
from isolation.direct import administrator
from unit.identity.conftest import browser, enrolled, options_in, sign_in

pytestmark = pytest.mark.usefixtures("real")


def one(world: Path, asked: Any, *values: Any) -> Any:
    with administrator(world) as db:
        row = db.execute(asked, list(values)).fetchone()
    return row and next(iter(row.values() if isinstance(row, dict) else row))


def session_of(client: Any) -> str:
    return stored_key(client.cookies["accord_session"].value)


def test_a_session_of_nobody_lasts_an_hour_and_one_of_somebody_eight(
    device: Authenticator, real: Path
) -> None:
    lasts = "select expire_date - now() from django_session where session_key = %s"
    client = browser()
    client.get("/sign-in/")
    assert timedelta(minutes=59) < one(real, lasts, session_of(client)) <= timedelta(hours=1)
    assert client.cookies["accord_session"]["max-age"] == 3600
    enrolled(device)
    sign_in(device, client)
    assert timedelta(hours=7) < one(real, lasts, session_of(client)) <= timedelta(hours=8)


def test_sessions_and_challenges_that_are_over_are_swept(device: Authenticator, real: Path) -> None:
    inside, nobody = enrolled(device), browser()
    options_in(nobody.get("/sign-in/").content)
    attempts.missed(Door.PASSKEY, "198.51.100.7")
    kept = "select count(*) from django_session where session_key = %s"
    of = "select count(*) from ceremony where session = %s"
    jobs.sweep()
    assert one(real, kept, session_of(nobody)) == one(real, of, session_of(nobody)) == 1
    assert one(real, "select count(*) from signin_miss") > 0
    with taken_from(FixedClock(now() + timedelta(minutes=61))):
        assert jobs.sweep() >= 3
    assert one(real, kept, session_of(nobody)) == one(real, of, session_of(nobody)) == 0
    assert one(real, "select count(*) from signin_miss") == 0
    assert one(real, kept, session_of(inside)) == 1
    assert inside.get("/").status_code == 200


def test_more_than_a_batch_is_swept(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    monkeypatch.setattr(jobs, "BATCHES", 10_000)  # other tests leave sessions too
    for _ in range(5):
        browser().get("/sign-in/")
    with taken_from(FixedClock(now() + timedelta(minutes=61))):
        jobs.sweep()
    gone = "select count(*) from django_session where expire_date < now() + interval '61 minutes'"
    assert one(real, gone) == 0
