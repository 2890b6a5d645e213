"""Whose cosignatures a head needs: C2SP tlog-policy (https://c2sp.org/tlog-policy).

A policy names logs, witnesses, groups of them and one quorum. A group counts once k of its members
do. INVARIANT: no public key and no group member stands twice, so each witness counts in one way; a
quorum whose members are agencies counts agencies, however many witnesses one of them runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

from accord.kernel.errors import InvalidInput
from accord.kernel.signednote import (
    COSIGNATURE,
    ED25519,
    BadSignatureError,
    Note,
    NoteError,
    NoteKey,
    UnknownKeyError,
    check_note,
)

NONE = "none"
MAX_BYTES = 64 * 1024
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Log:
    """A log that may sign."""

    key: NoteKey
    url: str | None


@dataclass(frozen=True)
class Witness:
    """A cosigner by its name in the policy; `url` is its submission prefix."""

    name: str
    key: NoteKey
    url: str | None


@dataclass(frozen=True)
class Group:
    """Counts once `threshold` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """Who may sign, who may cosign, and how many of whom must."""

    logs: list[Log] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @property
    def digest(self) -> str:
        """SHA-256 (64 hexadecimal digits) of what decides: cosigners, groups and the quorum."""
        lines = [f"witness {w.name} {w.key.text}" for w in self.witnesses.values()]
        lines += [
            f"group {g.name} {g.threshold} {' '.join(g.members)}" for g in self.groups.values()
        ]
        return sha256("\n".join([*sorted(lines), f"quorum {self.quorum}"]).encode()).hexdigest()

    def met_by(self, names: Collection[str]) -> bool:
        """Whether the cosignatures of these witnesses are enough."""
        if self.quorum == NONE:
            return True
        counted = set(names) & self.witnesses.keys()
        for group in self.groups.values():  # members are defined before their group
            if sum(member in counted for member in group.members) >= group.threshold:
                counted.add(group.name)
        return self.quorum in counted

    def cosigners_of(self, note: Note) -> frozenset[str]:
        """The witnesses whose valid cosignatures a note carries."""
        return frozenset(w.name for w in self.witnesses.values() if _signed(note, w.key))

    def agencies(self) -> Group | None:
        """The members of the quorum and how many are needed; None where none is."""
        if self.quorum == NONE:
            return None
        return self.groups.get(self.quorum) or Group(self.quorum, 1, (self.quorum,))


def _signed(note: Note, key: NoteKey) -> bool:
    try:
        return bool(check_note(note, [key]))
    except (UnknownKeyError, BadSignatureError):
        return False


def parse_policy(raw: bytes, source: str) -> Policy:
    """Reads a policy; raises InvalidInput with the line that breaks a rule."""
    if len(raw) > MAX_BYTES:
        raise InvalidInput(source, None, "", f"a policy has at most {MAX_BYTES} bytes")
    if raw and not raw.endswith(b"\n"):
        raise InvalidInput(source, None, "", "the last line does not end: the file is cut off")
    if any((octet < 0x20 and octet not in b"\t\n") or octet == 0x7F for octet in raw):
        raise InvalidInput(source, None, "", "holds a control character")
    reader = _Reader(source)
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = [word for word in re.split("[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            reader.take(number, words)
    if not reader.decided:
        raise InvalidInput(source, None, "quorum", "a policy has one quorum line")
    return reader.policy


class _Reader:
    """Takes the lines of a policy in their order."""

    def __init__(self, source: str) -> None:
        self.policy = Policy()
        self.decided = False
        self._source = source
        self._line = 0
        self._grouped: set[str] = set()

    def take(self, number: int, words: list[str]) -> None:
        self._line = number
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self._log(self._key(key, ED25519), url[0] if url else None)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._witness(Witness(name, self._key(key, COSIGNATURE), url[0] if url else None))
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise self._wrong(words[0], "is no line of a policy: log, witness, group, quorum")

    def _log(self, key: NoteKey, url: str | None) -> None:
        if any(log.key.public == key.public for log in self.policy.logs):
            raise self._wrong("log", "this key stands twice")
        self.policy.logs.append(Log(key, url))

    def _witness(self, witness: Witness) -> None:
        self._define(witness.name)
        if any(w.key.public == witness.key.public for w in self.policy.witnesses.values()):
            raise self._wrong(witness.name, "this key stands twice: one cosigner counts once")
        self.policy.witnesses[witness.name] = witness

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._define(name)
        for member in members:
            self._known(member)
            if member in self._grouped:
                raise self._wrong(member, "is a member of a group already: each counts in one way")
            self._grouped.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold, 0)
        if _NUMBER.fullmatch(threshold):
            count = int(threshold)
        if not 1 <= count <= len(members):
            raise self._wrong(name, f"needs all, any or a number from 1 to {len(members)}")
        self.policy.groups[name] = Group(name, count, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.decided:
            raise self._wrong("quorum", "a policy has one quorum line")
        if name != NONE:
            self._known(name)
        self.policy.quorum, self.decided = name, True

    def _define(self, name: str) -> None:
        if name == NONE or name in self.policy.witnesses or name in self.policy.groups:
            raise self._wrong(name, "this name is taken")

    def _known(self, name: str) -> None:
        if name not in self.policy.witnesses and name not in self.policy.groups:
            raise self._wrong(name, "is not defined above")

    def _key(self, text: str, kind: int) -> NoteKey:
        try:
            key = NoteKey.parse(text)
        except (NoteError, UnicodeEncodeError) as error:
            raise self._wrong("key", f"cannot be read: {error}") from error
        if key.type != kind:
            raise self._wrong("key", "is of another kind: 01 signs for a log, 04 cosigns")
        return key

    def _wrong(self, name: str, rule: str) -> InvalidInput:
        return InvalidInput(self._source, self._line, name, rule)
