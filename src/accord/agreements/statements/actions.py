"""The only writers of statements, of what happens to them, and of the notices of them."""

from __future__ import annotations

from collections.abc import Iterable

from accord.agencies import queries as agencies
from accord.agencies.demokeys import sign_here
from accord.agreements.models import StatementAct, StatementNotice, StatementRow
from accord.agreements.scope import Scope
from accord.agreements.statements.domain import Act, Statement
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.kernel.signatures import verifies
from accord.platform.db.moments import no_later


def put(scope: Scope, statement: Statement) -> None:
    """Store a statement, which decides nothing until its agency has signed it."""
    StatementRow.objects.bulk_create(
        [
            StatementRow(
                id=statement.id,
                agency=statement.agency,
                maker=statement.by,
                kind=statement.kind,
                case_id=statement.case,
                key=statement.key,
                ends=statement.ends,
                facts=statement.facts(),
            )
        ]
    )
    _say(scope, statement, "written")


def add(
    scope: Scope,
    statement: Statement,
    act: Act,
    *,
    signature: bytes | None = None,
    word: str | None = None,
) -> None:
    """Add what happened to a statement; its rules have been checked."""
    StatementAct.objects.bulk_create(
        [
            StatementAct(
                id=ids.uuid7(),
                statement_id=statement.id,
                act=act,
                member=scope.actor.membership,
                person=scope.actor.member,
                agency=scope.actor.agency,
                at=no_later() if signature is not None else now(),
                signature=signature,
                word=word,
            )
        ]
    )
    _say(scope, statement, act)


def signed(scope: Scope, payload: bytes, given: bytes | None) -> bytes | None:
    """Return the agency's signature over `payload`: the one given, or a demonstration's own.

    None where neither is there; raises NotAllowed when the one given does not verify.
    """
    key = agencies.key_kept(scope.actor.agency)
    signature = given if given is not None else sign_here(scope.actor.agency, payload)
    if signature is None:
        return None
    if not verifies(key, signature, payload):
        raise NotAllowed(
            phrase(
                "The signature is not %(agency_name)s's over this statement, by its present key.",
                agency_name=scope.actor.agency_name,
            ),
            who_can_change=phrase("whoever keeps the agency's signing key"),
        )
    return signature


def needs_signature() -> InvalidInput:
    """What a step answers that cannot be taken without a signature made off the node."""
    return InvalidInput(
        "statement", None, "signature", phrase("bring your agency's signature, in base64")
    )


def tell(scope: Scope, statement: Statement, agencies_told: Iterable[str], *, ended: bool) -> None:
    """Tell other agencies that a statement holds, or that it was taken back."""
    at = now()
    StatementNotice.objects.bulk_create(
        StatementNotice(
            id=ids.uuid7(),
            statement=statement.id,
            by_agency=statement.agency,
            to_agency=agency,
            kind=statement.kind,
            purpose=statement.purpose,
            starts=statement.starts,
            ends=statement.ends,
            ended_at=at if ended else None,
        )
        for agency in sorted(set(agencies_told) - {statement.agency})
    )
    scope.did("alteration", told=sorted(agencies_told))


def _say(scope: Scope, statement: Statement, step: str) -> None:
    scope.did(
        "alteration",
        step=f"statement {step}",
        statement=str(statement.id),
        kind_of_statement=statement.kind,
        recipient=statement.recipient,
        until=statement.ends.isoformat(),
    )
