"""Whose cosignatures a head needs: C2SP tlog-policy (https://c2sp.org/tlog-policy).

Written apart from the node's reader of the same files, so that one mistake is not made twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from accord_verify.notes import COSIGNER, SIGNER, Key, parse_key
from accord_verify.report import BadFile

MAX_BYTES = 64 * 1024


@dataclass
class Policy:
    """Logs, witnesses by name, groups as (name, k, members) in their order, and the quorum."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: list[tuple[str, int, list[str]]] = field(default_factory=list)
    quorum: str | None = None

    def met_by(self, keys: Collection[Key]) -> bool:
        """Whether cosignatures by these keys are enough."""
        if self.quorum == "none":
            return True
        publics = {key.public for key in keys}
        counted = {name for name, key in self.witnesses.items() if key.public in publics}
        for name, needed, members in self.groups:
            if len(counted.intersection(members)) >= needed:
                counted.add(name)
        return self.quorum in counted

    @property
    def asked(self) -> str:
        """The quorum in words."""
        for name, needed, members in self.groups:
            if name == self.quorum:
                return f"{needed} of {', '.join(members)}"
        return str(self.quorum)


def read_policy(path: Path) -> Policy:
    """Reads a policy file; raises BadFile with the line that is wrong."""
    if path.stat().st_size > MAX_BYTES:
        raise BadFile(f"{path.name}: the policy is too large.")
    raw = path.read_bytes()
    if any(octet < 9 or 10 < octet < 32 or octet == 127 for octet in raw):
        raise BadFile(f"{path.name}: the policy holds a control character.")
    if not raw.endswith(b"\n"):
        raise BadFile(f"{path.name}: the policy is cut off: its last line does not end.")
    policy = Policy()
    for number, line in enumerate(raw.decode("latin-1").split("\n"), 1):
        words = line.replace("\t", " ").strip(" ").split(" ")
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            try:
                _line(policy, words)
            except BadFile as error:
                raise BadFile(f"{path.name}:{number}: {error}") from error
    if policy.quorum is None:
        raise BadFile(f"{path.name}: the policy has no quorum line.")
    return policy


def _line(policy: Policy, words: list[str]) -> None:
    kind, rest = words[0], words[1:]
    if kind == "log" and len(rest) in (1, 2):
        policy.logs.append(_key(rest[0], SIGNER, policy.logs))
    elif kind == "witness" and len(rest) in (2, 3):
        _fresh(policy, rest[0])
        policy.witnesses[rest[0]] = _key(rest[1], COSIGNER, list(policy.witnesses.values()))
    elif kind == "group" and len(rest) >= 3:
        _group(policy, rest[0], rest[1], rest[2:])
    elif kind == "quorum" and len(rest) == 1 and policy.quorum is None:
        if rest[0] != "none" and rest[0] not in _names(policy):
            raise BadFile(f"the quorum {rest[0]} is not defined above.")
        policy.quorum = rest[0]
    else:
        raise BadFile("this is no line of a policy, or one too many.")


def _group(policy: Policy, name: str, threshold: str, members: list[str]) -> None:
    _fresh(policy, name)
    taken = [member for _, _, those in policy.groups for member in those]
    for at, member in enumerate(members):
        if member not in _names(policy):
            raise BadFile(f"the member {member} is not defined above.")
        if member in taken or member in members[:at]:
            raise BadFile(f"the member {member} counts in a group already.")
    plain = threshold.isascii() and threshold.isdigit() and not threshold.startswith("0")
    needed = {"any": 1, "all": len(members)}.get(threshold, 0)
    needed = int(threshold) if plain and len(threshold) < 6 else needed
    if not 1 <= needed <= len(members):
        raise BadFile(f"the group {name} needs all, any, or a number from 1 to {len(members)}.")
    policy.groups.append((name, needed, members))


def _names(policy: Policy) -> set[str]:
    return {*policy.witnesses, *(name for name, _, _ in policy.groups)}


def _fresh(policy: Policy, name: str) -> None:
    if name == "none" or name in _names(policy):
        raise BadFile(f"the name {name} is taken.")


def _key(line: str, kind: int, known: list[Key]) -> Key:
    key = parse_key(line)
    if key.type != kind:
        raise BadFile("this key is of the other kind: 01 signs for a log, 04 cosigns.")
    if any(key.public == other.public for other in known):
        raise BadFile("this key stands twice: each counts once.")
    return key
