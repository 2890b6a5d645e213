"""What every step of the tour uses: members who ask over HTTP, and a narrator who keeps count."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import httpx

from accord.kernel import ids
from accord.kernel.errors import AccordError
from accord_client import ApiError, Client, Context

TIMEOUT_S = 60.0
CASE = "HT-2026-014"
PURPOSE = "human-trafficking-investigation"
RECORDS = "records-administration"
OFFICE = "case-administration"
PROTECTION = "victim-protection"

ALVAREZ = "riverbend-pd.m.alvarez"
KOWALSKI = "riverbend-pd.r.kowalski"
WHITFIELD = "riverbend-pd.j.whitfield"
OKAFOR = "riverbend-pd.d.okafor"
BOONE = "harlan-so.c.boone"
RASMUSSEN = "harlan-so.e.rasmussen"
MERCER = "state-bi.h.mercer"
MOREAU = "safe-harbor.i.moreau"
WHITAKER = "tri-county-da.s.whitaker"


class Unexpected(AccordError):
    """A step came out differently, so that those after it have nothing to stand on."""


@dataclass(frozen=True)
class Step:
    """One scene: its title, and what happens."""

    title: str
    play: Callable[[Stage], None]


@dataclass
class Told:
    """What was said of one step."""

    title: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return all(line.get("held", True) for line in self.lines)


class Narrator:
    """Says what was done, by whom and under which clause, and marks what differs."""

    def __init__(self, *, colour: bool, silent: bool) -> None:
        self._colour = colour
        self._silent = silent
        self._told: list[Told] = []
        self.stopped = False

    def play(self, step: Step, stage: Stage) -> None:
        """Play a step; one that cannot go on is marked, and ends the tour."""
        self._told.append(Told(step.title))
        self._line(f"\n{len(self._told):>2}  {step.title}", bold=True)
        try:
            step.play(stage)
        except Unexpected as error:
            self._stop(str(error))
        except ApiError as error:
            self._stop(f"the node refused what it should allow: {error}")
        except httpx.HTTPError as error:
            self._stop(f"the node does not answer: {error}")

    def _stop(self, why: str) -> None:
        self.stopped = True
        self._mark(why, expected=None, found=None, held=False)

    def did(self, who: str, what: str) -> None:
        """Somebody did something."""
        self._told[-1].lines.append({"who": who, "did": what})
        self._line(f"    {who}")
        self._line(f"      {what}")

    def show(self, text: str, clause: str | None = None) -> None:
        """What came back, and the clause that allowed it."""
        self._told[-1].lines.append({"shown": text} | ({"clause": clause} if clause else {}))
        self._line(
            f"      · {text}" + (self._styled(f"   [{clause}]", fg="cyan") if clause else "")
        )

    def expect(
        self, sentence: str, found: object, expected: object, clause: str | None = None
    ) -> None:
        """Mark a sentence as true or not: what was found must equal what was expected."""
        self._mark(sentence, expected=expected, found=found, held=found == expected, clause=clause)

    def _mark(
        self,
        sentence: str,
        *,
        expected: object,
        found: object,
        held: bool,
        clause: str | None = None,
    ) -> None:
        line: dict[str, Any] = {"checked": sentence, "held": held}
        line |= {"clause": clause} if clause else {}
        if not held and (expected, found) != (None, None):
            line |= {"expected": repr(expected), "found": repr(found)}
        self._told[-1].lines.append(line)
        mark = self._styled("✓", fg="green") if held else self._styled("✗", fg="red", bold=True)
        cited = self._styled(f"   [{clause}]", fg="cyan") if clause else ""
        self._line(f"      {mark} {sentence}{cited}")
        if "expected" in line:
            self._line(f"        expected: {line['expected']}")
            self._line(f"        found:    {line['found']}")

    def _styled(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._colour else text

    def _line(self, text: str, *, bold: bool = False) -> None:
        if not self._silent:
            click.echo(self._styled(text, bold=True) if bold else text)

    @property
    def passed(self) -> bool:
        """Whether every step came as expected."""
        return not self.stopped and bool(self._told) and all(told.passed for told in self._told)

    def facts(self) -> list[dict[str, Any]]:
        """Everything that was told, as plain data."""
        return [{"title": t.title, "passed": t.passed, "lines": t.lines} for t in self._told]

    def end(self) -> None:
        """Say how it came out."""
        checks = [line for told in self._told for line in told.lines if "held" in line]
        wrong = [told for told in self._told if not told.passed]
        if self.passed:
            self._line(f"\nThe tour passed: {len(self._told)} steps, {len(checks)} checks.")
            return
        self._line(f"\nTHE TOUR DID NOT PASS: {', '.join(told.title for told in wrong)}.")
        self._line(
            "On a data directory that people have worked in, their changes may be why; try it on"
            " a new one with --data-dir."
        )


def refused(ask: Callable[[], object]) -> ApiError:
    """Return how a question was refused; one that was answered shows as status 200."""
    try:
        ask()
    except ApiError as error:
        return error
    return ApiError(200, {})


class Stage:
    """The members, their tokens, and what one step leaves for the next."""

    def __init__(self, data_dir: Path, url: str, world: Path, narrator: Narrator) -> None:
        self.data_dir = data_dir
        self.world = world
        self.say = narrator
        self.kept: dict[str, Any] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="accord-tour-"))
        self._tokens: dict[str, str] = {}
        logging.getLogger("httpx").setLevel(logging.WARNING)  # the narrator says what was asked
        self._url, self._http = url, httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Revoke the tour's tokens and remove its files."""
        from accord.agencies.actions import revoke_api_token

        for token in self._tokens.values():
            revoke_api_token(token)
        self._http.close()
        shutil.rmtree(self.folder)

    def by(
        self,
        member: str | None,
        *,
        purpose: str = PURPOSE,
        case: str | None = CASE,
        basis: str = "agreement",
    ) -> Client:
        """One member's client, in one working context."""
        token = self._token(member) if member else None
        return Client(self._url, token, Context(purpose, basis, case), http=self._http)

    def office(self, member: str, purpose: str = RECORDS) -> Client:
        """One member's client at a desk of their own agency, without a case."""
        return self.by(member, purpose=purpose, case=None, basis="statute")

    def _token(self, member: str) -> str:
        from accord.agencies.actions import create_api_token

        if member not in self._tokens:
            self._tokens[member] = create_api_token(member)
        return self._tokens[member]

    def called(self, member: str, *, purpose: str = PURPOSE, case: str | None = CASE) -> str:
        """How the narrator names somebody and their working context."""
        from accord.agencies.queries import actor

        found = actor(member)
        return f"{found.name}, {found.agency_name} ({purpose}, {case or 'no case'})"

    def record_id(self, owner: str, source_ref: str) -> UUID:
        """The id that a record of the world has on every node."""
        import yaml

        text = (self.world / "world.yaml").read_text("utf-8")
        return ids.world_uuid(yaml.safe_load(text)["generate"]["seed"], owner, source_ref)


def cited(why: Mapping[str, Any]) -> str:
    """A clause as people cite it."""
    return f"{why['agreement']}, clause {why['clause']}"


def kinds(record: Mapping[str, Any]) -> list[str]:
    """The kinds of part that a record shows."""
    return [part["kind"] for part in record["parts"]]
