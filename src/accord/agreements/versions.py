"""Versions of agreements as they are read, with the lives that their rows can prove."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import groupby

from accord.agencies.keys import NONE, KeyRing
from accord.agreements.course import Course, Version, settle
from accord.agreements.domain import Agreement
from accord.agreements.life import TAKES_AWAY, Act, Life, State, Step
from accord.agreements.parse import parse
from accord.agreements.terms import amends_rightly, end_instant, first_instant, signed_by
from accord.kernel.errors import InvalidInput
from accord.kernel.signatures import verifies

STEPS = frozenset(Step)


@lru_cache(maxsize=512)
def parsed(content_hash: str, text: str, name: str) -> Agreement:
    """Return what a version's text says; its parties were known when it was proposed."""
    return parse(text, file=f"{name}.yaml", agencies=None)


@dataclass(frozen=True, slots=True)
class Signature:
    """One party's signature, as read."""

    agency: str
    officer: str
    signed_at: datetime
    signature: bytes


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version of an agreement with its present state."""

    content_hash: str
    agreement: str
    kind: str
    title: str
    parties: tuple[str, ...]
    text: str
    parent_hash: str | None
    effective_from: datetime
    effective_until: datetime | None
    created_at: datetime
    signatures: tuple[Signature, ...]
    facts: Version
    """What its text and the signatures over it say."""
    life: Life
    """What the version is at the time it was asked for, and the steps that made it so."""

    @property
    def state(self) -> State:
        return self.life.state

    @property
    def parsed(self) -> Agreement:
        """The agreement that the text says."""
        return parsed(self.content_hash, self.text, self.agreement)

    @property
    def deciding(self) -> Agreement:
        """The agreement as it decides in its present state: suspended, it only forbids."""
        if self.state is State.SUSPENDED:
            return _suspended(self.parsed)
        return self.parsed


@lru_cache(maxsize=64)
def _suspended(agreement: Agreement) -> Agreement:
    return replace(agreement, suspended=True)


def is_signed(version: VersionEntry) -> bool:
    """Return whether the text is the one that the hash names and every party signed it."""
    return version.life.parties <= version.life.signed_by


@dataclass(frozen=True, slots=True)
class Stored:
    """One version as its rows say it: lists, times, signatures and steps in JSON, not yet read."""

    content_hash: str
    agreement: str
    kind: str
    title: str
    parties: str
    text: str
    parent_hash: str | None
    effective_from: str
    created_at: str
    signatures: str
    steps: str


def entries(rows: Iterable[Stored], keys: KeyRing, at: datetime) -> tuple[VersionEntry, ...]:
    """Return the versions with their lives at `at`, worked out from what the rows can prove.

    `rows` come by agreement; `keys` are those that the agencies had, each with its time.

    INVARIANT: a row that was written past the actions decides nothing: a text counts only under its
    own hash, a signature only when it verifies, a step only where the table lets it be.
    """
    found: list[VersionEntry] = []
    for _, group in groupby(rows, key=lambda row: row.agreement):
        found.extend(_entry(read, course, at) for read, course in _run(tuple(group), keys))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Read:
    """A stored version with its JSON read."""

    row: Stored
    parties: tuple[str, ...]
    effective_from: datetime
    created_at: datetime
    signatures: tuple[Signature, ...]
    acts: tuple[Act, ...]


@lru_cache(maxsize=512)
def _run(rows: tuple[Stored, ...], keys: KeyRing) -> tuple[tuple[_Read, Course], ...]:
    """The versions of one agreement and their courses.

    INVARIANT: everything that this is worked out from is its argument, to the last byte; so what is
    kept is what would be worked out again, and a row that changed in any way is worked out anew.
    """
    read = [_reading(row) for row in rows]
    by_hash = {r.row.content_hash: r.row for r in read}

    acts = [act for r in read for act in r.acts]
    signing = {a.agency for a in acts} | {s.agency for r in read for s in r.signatures}
    rings = (*keys.as_known(signing), keys)
    known = [([_facts(r, by_hash, k) for r in read], partial(is_attested, k)) for k in rings]
    courses = settle(acts, known)
    return tuple((r, courses[r.row.content_hash]) for r in read)


def is_attested(keys: KeyRing, act: Act) -> bool:
    """Whether an agency stands behind a step: by the key of its own, and alone where the step opens.

    An agency without a key can only hold back: it suspends by the word of its supervisor.
    """
    if act.step not in TAKES_AWAY:
        return _attests(keys.key(act.agency, act.at), act)
    held = keys.held(act.agency, act.at)
    if act.signature is None:
        return act.step is Step.SUSPEND and held == NONE
    return _attests(held, act)


@lru_cache(maxsize=1024)
def _reading(row: Stored) -> _Read:
    signatures = tuple(
        Signature(agency, officer, datetime.fromisoformat(at), bytes.fromhex(signature))
        for agency, officer, at, signature in json.loads(row.signatures)
    )
    acts = tuple(
        Act(
            number=number,
            version=row.content_hash,
            step=Step(step),
            agency=agency,
            member=member,
            at=datetime.fromisoformat(at),
            reason=reason,
            signature=None if signature is None else bytes.fromhex(signature),
        )
        for number, step, agency, member, at, reason, signature in json.loads(row.steps)
        if step in STEPS
    )
    begins, made = (
        datetime.fromisoformat(json.loads(x)) for x in (row.effective_from, row.created_at)
    )
    return _Read(row, tuple(json.loads(row.parties)), begins, made, signatures, acts)


def _facts(read: _Read, by_hash: Mapping[str, Stored], keys: KeyRing) -> Version:
    """What the life of a version turns on, as its text says it, not as its columns do."""
    row = read.row
    agreement = _said(row)
    if agreement is None:
        return Version(row.content_hash, frozenset(read.parties), signed_by=frozenset())
    parent = by_hash.get(agreement.amends or "")
    above = None if parent is None else _said(parent)
    given = tuple(sorted((s.agency, s.signature) for s in read.signatures))
    known = tuple(sorted((s.agency, keys.key(s.agency, s.signed_at)) for s in read.signatures))
    return Version(
        content_hash=row.content_hash,
        parties=frozenset(agreement.parties),
        signed_by=_signed_by(row.content_hash, row.text, row.agreement, given, known),
        amends=agreement.amends,
        may_amend=above is not None and amends_rightly(agreement, above),
        begins=first_instant(agreement),
        ends=end_instant(agreement),
    )


def _said(row: Stored) -> Agreement | None:
    """What a stored text says; None when it cannot be read, or is not the text that its hash names."""
    try:
        agreement = parsed(row.content_hash, row.text, row.agreement)
    except InvalidInput:
        return None
    same = agreement.content_hash == row.content_hash and agreement.id == row.agreement
    return agreement if same else None


@lru_cache(maxsize=512)
def _signed_by(
    content_hash: str,
    text: str,
    name: str,
    given: tuple[tuple[str, bytes], ...],
    keys: tuple[tuple[str, bytes], ...],
) -> frozenset[str]:
    return signed_by(parsed(content_hash, text, name), dict(given), dict(keys))


@lru_cache(maxsize=2048)
def _attests(key: bytes, act: Act) -> bool:
    return verifies(key, act.signature or b"", act.payload())


def _entry(read: _Read, course: Course, at: datetime) -> VersionEntry:
    row, facts = read.row, course.version
    return VersionEntry(
        content_hash=row.content_hash,
        agreement=row.agreement,
        kind=row.kind,
        title=row.title,
        parties=tuple(sorted(facts.parties)),
        text=row.text,
        parent_hash=row.parent_hash,
        effective_from=facts.begins or read.effective_from,
        effective_until=facts.ends,
        created_at=read.created_at,
        signatures=read.signatures,
        facts=facts,
        life=course.life(at),
    )
