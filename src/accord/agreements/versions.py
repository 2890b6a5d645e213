"""Versions of agreements as they are read, with the lives that their rows can prove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from accord.agreements.course import Version, replay
from accord.agreements.domain import Agreement
from accord.agreements.life import Act, Life, State, Step
from accord.agreements.models import AgreementVersion
from accord.agreements.parse import parse
from accord.agreements.terms import amends_rightly, end_instant, first_instant, signed_by, verifies
from accord.kernel.errors import InvalidInput

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
            return replace(self.parsed, suspended=True)
        return self.parsed


def is_signed(version: VersionEntry) -> bool:
    """Return whether the text is the one that the hash names and every party signed it."""
    return version.life.parties <= version.life.signed_by


def entries(
    rows: Iterable[AgreementVersion], keys: Mapping[str, bytes], at: datetime
) -> tuple[VersionEntry, ...]:
    """Return the versions with their lives at `at`, worked out from what the rows can prove.

    `rows` come by agreement, with their signatures and steps; `keys` are the agencies' public keys.

    INVARIANT: a row that was written past the actions decides nothing: a text counts only under its
    own hash, a signature only when it verifies, a step only where the table lets it be.
    """
    found: list[VersionEntry] = []
    for _, group in groupby(rows, key=lambda row: row.agreement):
        found.extend(_with_lives(list(group), keys, at))
    return tuple(found)


def _with_lives(
    rows: list[AgreementVersion], keys: Mapping[str, bytes], at: datetime
) -> list[VersionEntry]:
    """The versions of one agreement."""
    by_hash = {row.content_hash: row for row in rows}
    acts = [act for row in rows for act in _acts(row)]

    def attested(act: Act) -> bool:
        key = keys.get(act.agency)
        return key is not None and _verifies(key, act.signature or b"", act.payload())

    facts = [_facts(row, by_hash, keys) for row in rows]
    lives = replay(facts, acts, attested, at)
    return [_entry(r, f, lives[r.content_hash]) for r, f in zip(rows, facts, strict=True)]


def _acts(row: AgreementVersion) -> list[Act]:
    return [
        Act(
            number=s.id,
            version=row.content_hash,
            step=Step(s.step),
            agency=s.agency,
            member=s.by_member,
            at=s.at,
            reason=s.reason,
            signature=None if s.signature is None else bytes(s.signature),
        )
        for s in row.states.all()
        if s.step in STEPS
    ]


def _facts(
    row: AgreementVersion, by_hash: Mapping[str, AgreementVersion], keys: Mapping[str, bytes]
) -> Version:
    """What the life of a version turns on, as its text says it, not as its columns do."""
    agreement = _read(row)
    if agreement is None:
        return Version(row.content_hash, frozenset(row.parties), signed_by=frozenset())
    parent = by_hash.get(agreement.amends or "")
    above = None if parent is None else _read(parent)
    given = tuple(sorted((s.agency, bytes(s.signature)) for s in row.signatures.all()))
    known = tuple((p, keys[p]) for p in sorted(agreement.parties) if p in keys)
    return Version(
        content_hash=row.content_hash,
        parties=frozenset(agreement.parties),
        signed_by=_signed_by(row.content_hash, row.text, row.agreement, given, known),
        amends=agreement.amends,
        may_amend=above is not None and amends_rightly(agreement, above),
        begins=first_instant(agreement),
        ends=end_instant(agreement),
    )


def _read(row: AgreementVersion) -> Agreement | None:
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


_verifies = lru_cache(maxsize=1024)(verifies)


def _entry(row: AgreementVersion, facts: Version, life: Life) -> VersionEntry:
    return VersionEntry(
        content_hash=row.content_hash,
        agreement=row.agreement,
        kind=row.kind,
        title=row.title,
        parties=tuple(sorted(facts.parties)),
        text=row.text,
        parent_hash=row.parent_hash,
        effective_from=facts.begins or row.effective_from,
        effective_until=facts.ends,
        created_at=row.created_at,
        signatures=tuple(
            Signature(s.agency, s.officer, s.signed_at, bytes(s.signature))
            for s in sorted(row.signatures.all(), key=lambda s: s.id)
        ),
        facts=facts,
        life=life,
    )
