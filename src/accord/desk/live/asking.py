"""Who asks for a stream, in which context, and what the page before them shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings

from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.entry import SignInNeeded
from accord.agreements.scope import log_miss
from accord.desk.live.frames import Mark, drawn_at
from accord.desk.middleware import acting
from accord.identity import queries as identity
from accord.identity.addresses import family_of
from accord.identity.domain import Proof
from accord.kernel.errors import InvalidInput, NotFound
from accord.platform.sessions import SessionStore, stored_key

TOPICS = frozenset(
    {"case", "record", "request", "duty", "run", "statement", "notice"}
    | {"recall", "retention", "review", "subscription", "assistance", "custody", "alarm"}
    | {"reading", "derivation"}
)
MOST_RECORDS = 60
"""Records that one page may name as shown; a page of results has fewer."""
LONGEST_QUERY = 4_000


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that is in force: under which name it is kept, and what it proves."""

    stored: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Asked:
    """One stream as it was asked for and admitted."""

    session: Signed
    actor: Actor
    context: WorkingContext
    topics: frozenset[str]
    shown: frozenset[UUID]
    after: Mark | None
    drawn: float | None


def admit(headers: Mapping[str, str], query: str, address: str | None = None) -> Asked:
    """Return the stream that may be opened; `address` is where it was asked from, if that is known.

    Raises SignInNeeded without a session in force, InvalidInput for a question in another form,
    NotFound for a working context that is not there for this member (logged as a miss).
    """
    session = _session(headers.get("cookie", ""), family_of(address or "") or None)
    actor = acting(session.proof)
    if actor is None:
        raise SignInNeeded()
    asked = _fields(query)
    purpose, basis, case = _context_words(asked.get("context", ""))
    try:
        context = resolve(actor, purpose, basis, case)
    except NotFound as miss:
        log_miss(actor, str(miss), purpose=purpose, legal_basis=basis, case=case)
        raise
    last = headers.get("last-event-id", "") or asked.get("after", "")
    return Asked(
        session,
        actor,
        context,
        _topics(asked),
        _records(asked),
        Mark.parse(last),
        drawn_at(last),
    )


def _session(header: str, family: int | None) -> Signed:
    try:
        morsel = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        morsel = None
    if morsel is None or not morsel.value:
        raise SignInNeeded()
    session = SessionStore(morsel.value)
    stored = stored_key(morsel.value)
    proof = identity.proof_of(stored, dict(session.items()), family)
    if not isinstance(proof, Proof):
        raise SignInNeeded()
    return Signed(stored, proof)


def _fields(query: str) -> dict[str, str]:
    if len(query) > LONGEST_QUERY:
        raise _wrong("query", f"is longer than {LONGEST_QUERY} characters")
    return {name: values[-1] for name, values in parse_qs(query).items()}


def _context_words(path: str) -> tuple[str, str, str]:
    words = path.split("/")
    if len(words) != 5 or words[:2] != ["", "w"] or "\0" in path:
        raise _wrong("context", "is the address of a working context, /w/purpose/basis/case")
    return words[2], words[3], words[4]


def _topics(asked: Mapping[str, str]) -> frozenset[str]:
    topics = frozenset(asked.get("topics", "").split(",")) - {""}
    if topics - TOPICS:
        raise _wrong("topics", "are among " + ", ".join(sorted(TOPICS)))
    return topics


def _records(asked: Mapping[str, str]) -> frozenset[UUID]:
    texts = [text for text in asked.get("records", "").split(",") if text]
    if len(texts) > MOST_RECORDS:
        raise _wrong("records", f"names at most {MOST_RECORDS}")
    try:
        return frozenset(UUID(text) for text in texts)
    except ValueError as error:
        raise _wrong("records", "are ids of records") from error


def _wrong(field: str, rule: str) -> InvalidInput:
    return InvalidInput("live", None, field, rule)
