"""Subscribe to a plate, a telephone or a name, and ask again under the subscriber's own standing.

INVARIANT: what the subscriber may not see leaves no trace: the probe drops it before anything is
counted, the next asking is a fixed time away, and only what is new and open is noted or written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, refusal_of
from accord.kernel.phrases import phrase
from accord.platform.aside import is_answering
from accord.platform.db.locks import alone
from accord.records import requests as asking
from accord.records.actions.texts import write_text
from accord.records.models import Subscription, SubscriptionMatch
from accord.records.queries import subscriptions as queries
from accord.records.queries.search import Standing, stand
from accord.records.queries.spending import begin_query, spend_hits, spent
from accord.records.question import Question, open_question, seal_question
from accord.records.search_query import check_minimum
from accord.records.subscriptions import (
    Move,
    SubscriptionState,
    check_case,
    check_count,
    check_ends,
    check_kind,
    step,
)


def subscribe(scope: Scope, *, kind: str, value: str, until: datetime, reason: str) -> UUID:
    """Ask a question from now on; returns the subscription's id. It costs one question.

    What meets it already is known and brings no notice. Raises InvalidInput naming the field,
    NotAllowed without a case, below the minimum of a question, or with too many running.
    """
    case = check_case(scope.context.case_number)
    question = Question(fields={check_kind(kind): value})
    query = question.query(scope.actor.country)
    check_minimum(query)
    ends, said = check_ends(until, now()), asking.check_reason(reason)
    alone(f"accord.subscribe {scope.actor.membership}")
    check_count(queries.running(scope))
    begin_query(scope)
    found = stand(scope, query)
    if found.narrow:
        rule = phrase("meets too much that is there already; ask more narrowly")
        raise InvalidInput("subscription", None, "value", rule)
    subscription_id = ids.uuid7()
    text = write_text(
        scope, schema="Request", text=said, source_ref=f"{subscription_id}/subscription"
    )
    Subscription.objects.bulk_create(
        [
            Subscription(
                id=subscription_id,
                membership_id=scope.actor.membership,
                agency_id=scope.actor.agency,
                purpose=scope.context.purpose,
                legal_basis=scope.context.legal_basis,
                case_number=case,
                kind=kind,
                question=seal_question(scope, question),
                reason_record=text,
                state=SubscriptionState.ACTIVE,
                made_at=now(),
                ends_at=ends,
                asked_at=now(),
            )
        ]
    )
    _know(scope, subscription_id, found)
    scope.did("consultation", step="subscribed", subscription=str(subscription_id), kind_of=kind)
    return subscription_id


def take_step(scope: Scope, subscription_id: UUID, wanted: Move) -> None:
    """Pause, resume or end one's own subscription; raises NotFound, NotAllowed."""
    found = queries.subscription(scope, subscription_id)
    to = step(found.state, wanted)
    why = "by-hand" if to is SubscriptionState.ENDED else None
    Subscription.objects.filter(id=subscription_id, state=found.state).update(
        state=to, ended_why=why
    )
    scope.did("alteration", step=f"subscription: {wanted}", subscription=str(subscription_id))


def mark_seen(scope: Scope) -> None:
    """Mark the notices of this context as read."""
    mine = Subscription.objects.filter(**queries.context_of(scope)).values("id")
    SubscriptionMatch.objects.filter(
        subscription_id__in=mine, seen_at=None, noticed_at__isnull=False
    ).update(seen_at=now())
    scope.did("consultation", step="read the notices of subscriptions")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many notices an asking brought, and which questions could not be asked, each with why."""

    notices: int
    failed: tuple[tuple[UUID, Exception], ...]


def ask_again(scope: Scope) -> Asked:
    """Ask what the actor subscribed to in this context.

    Each question by itself: one that fails undoes no other, and waits its fixed time like what was
    asked. Where the database does not answer, what failed is raised.
    """
    at = now()
    rows = Subscription.objects.filter(**queries.context_of(scope), state=SubscriptionState.ACTIVE)
    made, failed = 0, []
    scope.did("consultation", step="asked what is subscribed to")
    for row in rows.order_by("made_at", "id"):
        if row.ends_at <= at:
            Subscription.objects.filter(id=row.id).update(
                state=SubscriptionState.ENDED, ended_why="time"
            )
            continue
        try:
            with scope.part():
                made += _ask(scope, row)
        except Exception as error:  # told to the caller, who logs it
            if not is_answering():
                raise
            failed.append((row.id, error))
        Subscription.objects.filter(id=row.id).update(asked_at=at)
    if failed:
        scope.did(scope.kind, not_asked=[str(subscription) for subscription, _ in failed])
    return Asked(made, tuple(failed))


def _ask(scope: Scope, row: Subscription) -> int:
    question = open_question(scope, row.question)
    return _tell(scope, row.id, stand(scope, question.query(scope.actor.country)))


def put_off(scope: Scope, *, purpose: str, legal_basis: str, case_number: str) -> tuple[UUID, ...]:
    """Let what could not be asked in a context wait its fixed time like what was; returns which.

    Or it would stay first in line, and enough of it would leave no turn to anybody else.
    """
    rows = Subscription.objects.filter(
        membership_id=scope.actor.membership,
        purpose=purpose,
        legal_basis=legal_basis,
        case_number=case_number,
        state=SubscriptionState.ACTIVE,
    )
    waiting = tuple(rows.order_by("made_at", "id").values_list("id", flat=True))
    rows.filter(id__in=waiting).update(asked_at=now())
    scope.did("alteration", step="subscriptions that could not be asked wait for the next time")
    return waiting


def end_without_case(scope: Scope, *, purpose: str, legal_basis: str, case_number: str) -> None:
    """End the actor's subscriptions in a context that is no longer there for them."""
    Subscription.objects.filter(
        membership_id=scope.actor.membership,
        purpose=purpose,
        legal_basis=legal_basis,
        case_number=case_number,
        state__in=[SubscriptionState.ACTIVE, SubscriptionState.PAUSED],
    ).update(state=SubscriptionState.ENDED, ended_why="case")
    scope.did("alteration", step="subscriptions ended with the work on their case")


def _know(scope: Scope, subscription_id: UUID, found: Standing) -> None:
    """Write down what is there already, so that it brings no notice."""
    revisions = queries.revisions(found.visible)
    SubscriptionMatch.objects.bulk_create(
        SubscriptionMatch(
            id=ids.uuid7(),
            subscription_id=subscription_id,
            membership_id=scope.actor.membership,
            record_id=record,
            level="view" if record in found.visible else "hit",
            revision=revisions.get(record),
        )
        for record in sorted((*found.visible, *found.hits))
    )


def _tell(scope: Scope, subscription_id: UUID, found: Standing) -> int:
    """Write notices of what is new, within the quota of hits; returns how many."""
    known = {
        row.record_id: row
        for row in SubscriptionMatch.objects.filter(subscription_id=subscription_id)
    }
    revisions = queries.revisions(found.visible)
    news = [r for r in found.visible if _is_news(known.get(r), revisions.get(r))]
    hits = sorted(r for r in found.hits if r not in known)
    if hits:  # what is beyond this hour's quota waits for a later asking
        hits = hits[: spent(scope).hits_left]
    if not news and not hits:
        return 0
    shown, behind = found.told(scope, (*news, *hits))
    if behind:
        spend_hits(scope, len(behind))
        scope.did("disclosure", hits=len(behind))
    at = now()
    for record in sorted((*shown, *behind)):
        level, revision = ("view", shown[record]) if record in shown else ("hit", None)
        facts = {"level": level, "revision": revision, "noticed_at": at, "seen_at": None}
        if record in known:
            SubscriptionMatch.objects.filter(id=known[record].id).update(**facts)
        else:
            SubscriptionMatch.objects.create(
                id=ids.uuid7(),
                subscription_id=subscription_id,
                membership_id=scope.actor.membership,
                record_id=record,
                **facts,
            )
    return len(shown) + len(behind)


def _is_news(known: SubscriptionMatch | None, revision: int | None) -> bool:
    """Whether a visible record is new, open at last, or changed since it was seen."""
    if known is None or known.level == "hit":
        return True
    return (revision or 0) > (known.revision or 0)


def check_can(scope: Scope) -> None:
    """Raise NotAllowed where the actor cannot subscribe in this context."""
    check_case(scope.context.case_number)
    check_count(queries.running(scope))


def cannot(scope: Scope) -> str | None:
    """Why the actor cannot subscribe here; None when they can."""
    return refusal_of(check_can, scope)
