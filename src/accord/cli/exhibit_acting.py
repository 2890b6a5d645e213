"""Act as a member on exhibits from the command line: who, in which case, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import NotFound

if TYPE_CHECKING:
    from accord.agencies.domain import Actor
    from accord.agreements.context import WorkingContext
    from accord.agreements.scope import Scope
    from accord.evidence.domain import Upload
    from accord.evidence.queries.exhibits import Seen


def who(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who acts, for what purpose and in which case."""
    for option in (
        click.option("--purpose", default="human-trafficking-investigation", show_default=True),
        click.option("--case", required=True, help="The number of the case, such as HT-2026-014."),
        click.option("--member", required=True, help="Who acts, such as riverbend-pd.m.alvarez."),
        data_dir_option,
        json_option,
    ):
        function = option(function)
    return function


@contextmanager
def acting_as(data_dir: Path, member: str, purpose: str, case: str) -> Iterator[Acting]:
    """A member at work in a case, on the node that is there; places what was logged at the end."""
    with node.existing(data_dir):
        node.check_demo(
            data_dir,
            "Acting as a member from the command line",
            instead="the member, on the pages of exhibits or by a token of the API",
        )
        from accord.agencies import queries as agencies
        from accord.agreements.context import resolve
        from accord.ledger.actions import sequence_all

        actor = agencies.actor(member)
        yield Acting(actor, resolve(actor, purpose, "statute", case))
        sequence_all()


class Acting:
    """Opens a scope for each step: every one is its own transaction and its own entry."""

    def __init__(self, actor: Actor, context: WorkingContext) -> None:
        self.actor, self.context = actor, context

    @contextmanager
    def step(self) -> Iterator[Scope]:
        """A step that is logged."""
        from accord.agreements.scope import open_scope

        with open_scope(self.actor, self.context) as scope:
            yield scope

    def send(self, upload: UUID, at: int, piece: bytes) -> Upload:
        """The next bytes of an upload."""
        from accord.agreements.scope import receiving
        from accord.evidence.actions import uploads

        with receiving(self.actor, self.context):
            return uploads.append(upload, at, piece)


def of_case(scope: Scope) -> tuple[Seen, ...]:
    """The exhibits of the case of the working context that are open; raises NotAllowed without one."""
    from accord.evidence.policy import check_in_a_case
    from accord.evidence.queries.exhibits import exhibits_of_case

    return exhibits_of_case(scope, check_in_a_case(scope.context.case_id))


def find_exhibit(scope: Scope, number: str) -> UUID:
    """The record of the exhibit with this number; raises NotFound."""
    found = [s.exhibit.record_id for s in of_case(scope) if s.exhibit.number == number]
    if not found:
        raise NotFound(f"There is no exhibit {number} for this member.")
    return found[0]


def facts_of(seen: Seen) -> dict[str, Any]:
    """What is said of an exhibit as JSON."""
    shown = seen.exhibit
    return {
        "record": str(shown.record_id),
        "number": shown.number,
        "owner": shown.owner,
        "kind": shown.kind,
        "basis": shown.basis,
        "description": shown.description,
        "size": shown.size_bytes,
        "sha256": shown.hashes.sha256 if shown.hashes else None,
    }
