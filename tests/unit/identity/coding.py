"""An agency that allows codes, and somebody with an authenticator app."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from accord.identity.codes.onetime import code_at, step_at
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.ids import uuid7
from isolation.direct import administrator
from unit.identity.conftest import ALVAREZ

PASSWORD = "wet otters carry umbrellas"
AGENCY = "riverbend-pd"
FIELDS = ("password", "one-time-code")


@dataclass
class App:
    """An authenticator app with one secret."""

    secret: bytes
    used: str = field(default="", compare=False)
    """The code that it was set up with."""

    def code(self, ahead_s: int = 0) -> str:
        """What it shows now, or some seconds later."""
        return code_at(self.secret, step_at(now() + timedelta(seconds=ahead_s)))

    def wrong(self) -> str:
        """Six digits that it shows at no moment near this one."""
        shown = {self.code(30 * n) for n in range(-3, 4)}
        return next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in shown)


def allow(world: Path, agency: str = AGENCY) -> None:
    """Let an agency allow codes, as two of its administrators do."""
    with administrator(world) as db:
        db.execute(
            "insert into code_allowance (id, agency_id, proposed_by, proposed_at, approved_by,"
            " approved_at) values (%s, %s, 'a', now(), 'b', now())",
            [uuid7(), agency],
        )


def forbid(world: Path, agency: str = AGENCY) -> None:
    """Let it allow them no more."""
    with administrator(world) as db:
        db.execute(
            "update code_allowance set ended_at = now(), ended_by = 'a' where agency_id = %s",
            [agency],
        )


def forget(world: Path) -> None:
    """Take out whatever tests of codes left."""
    with administrator(world) as db:
        for table in (
            "known_device",
            "recovery_code",
            "code_device",
            "code_allowance",
            "signin_miss",
        ):
            db.execute(f"delete from {table}")
        db.execute("delete from signin where method = 'code'")


@contextmanager
def in_seconds(seconds: int) -> Iterator[None]:
    """The node's clock, as much later; an app shows later codes then."""
    with taken_from(FixedClock(now() + timedelta(seconds=seconds))):
        yield


def shown_secret(page: bytes) -> tuple[App, str]:
    """The app that took up the secret of a page, and the field that goes back with the form."""
    text = page.decode()
    secret = re.search(r"([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})", text)
    sealed = re.search(r'name="sealed" value="([^"]+)"', text)
    assert secret, text
    assert sealed, text
    return App(base64.b32decode(secret[1].replace(" ", ""))), sealed[1]


def recovery_codes(page: bytes) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li>([A-Z2-7]{4}(?: [A-Z2-7]{4}){5})</li>", page.decode())


def set_up(client: Client, password: str = PASSWORD, **more: str) -> tuple[App, list[str]]:
    """Set up password and codes in a session that is fresh."""
    app, sealed = shown_secret(client.post("/account/code", {"do": "begin"}).content)
    app.used = app.code()
    form = {
        "do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": password,
        "one-time-code": app.used,
    }  # fmt: skip
    page = client.post("/account/code", form | more)
    assert page.status_code == 200, page.content.decode()
    return app, recovery_codes(page.content)


def try_code(
    client: Client, code: str, *, name: str = ALVAREZ, password: str = PASSWORD, **how: Any
) -> Any:
    """Answer at the door of codes."""
    form = {"membership": name, "password": password, "one-time-code": code}
    return client.post("/sign-in/code", form, **how)
