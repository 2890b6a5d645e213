"""Reads an agreement from the YAML that its parties sign; refuses whatever could be misread.

Every refusal names file, line, clause and rule, and one reading names every fault it can find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from accord.agreements.clauses import INVARIANT_KEYS, read_clauses, read_invariants
from accord.agreements.conditions import Terms
from accord.agreements.document import (
    Faults,
    Place,
    compose,
    integer,
    items,
    kind_of,
    mapping,
    pattern,
    text,
)
from accord.agreements.domain import KINDS, Agreement, Invariant, Term
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError

DRAFT_FILE = "draft.yaml"
"""What faults call a draft, which is no file."""
_TOP = ("id", "kind", "title", "authority", "parties", "in_force", "vocabulary", "clauses")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_HASH = re.compile(r"(sha256:)?[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(text: str, *, file: str, agencies: AbstractSet[str] | None = None) -> Agreement:
    """The agreement written in a text; `agencies` are those that exist, where they are known."""
    return _parse(text, file, None if agencies is None else frozenset(agencies))


@lru_cache(maxsize=256)
def _parse(text: str, file: str, known: frozenset[str] | None) -> Agreement:
    """INVARIANT: an agreement is frozen, so one reading serves everybody who gives the same text."""
    place = Place(file)
    top = mapping(compose(text, file), place, (*_TOP, "invariants", "amends"), _TOP)
    faults = Faults()
    facts: dict[str, Any] = {}
    for name, read in (
        ("id", _read_id),
        ("kind", _read_kind),
        ("title", _read_title),
        ("authority", _read_authority),
        ("in_force", _read_term),
        ("vocabulary", _read_vocabulary),
        ("amends", _read_hash),
    ):
        if name in top:
            with faults:
                facts[name] = read(top[name], place.at(name))
    with faults:
        facts["parties"] = _read_parties(
            top["parties"], place.at("parties"), facts.get("kind"), known
        )
    if {"parties", "vocabulary", "kind"} <= facts.keys():
        terms = Terms(Vocabulary.load(facts["vocabulary"]), facts["parties"], known)
        facts["clauses"] = read_clauses(top["clauses"], place, terms, facts["kind"], faults)
        facts["invariants"] = read_invariants(top.get("invariants"), place, terms, faults)
    faults.raise_any()
    return Agreement(**facts)


def parse_invariants(
    text: str,
    *,
    file: str,
    agreements: Sequence[Agreement] = (),
    agencies: AbstractSet[str] | None = None,
) -> tuple[Invariant, ...]:
    """The invariants written in a text: a list, a list under `invariants`, or a single one.

    Their words are those of the latest vocabulary that one of the agreements was signed under.
    """
    place, root = Place(file), compose(text, file)
    single = isinstance(root, yaml.MappingNode) and any(
        key.value in INVARIANT_KEYS for key, _ in root.value
    )
    if isinstance(root, yaml.MappingNode) and not single:
        root = mapping(root, place, ("invariants",), ("invariants",))["invariants"]
    if not single and not isinstance(root, yaml.SequenceNode):
        place.refuse(
            root, phrase("must be a list of invariants, not %(kind_of)s", kind_of=kind_of(root))
        )
    parties = tuple(sorted({party for a in agreements for party in a.parties}))
    version = max((a.vocabulary for a in agreements), default=1)
    known = None if agencies is None else frozenset(agencies)
    faults = Faults()
    with faults:
        found = read_invariants(
            root, place, Terms(Vocabulary.load(version), parties, known), faults
        )
    faults.raise_any()
    return found


def _read_id(node: yaml.Node, place: Place) -> str:
    return pattern(node, place, _ID, "lower-case letters, digits, dots and hyphens")


def _read_hash(node: yaml.Node, place: Place) -> str:
    rule = "sha256: and the 64 hexadecimal digits of the version it amends"
    return pattern(node, place, _HASH, rule).removeprefix("sha256:")


def _read_kind(node: yaml.Node, place: Place) -> str:
    value = text(node, place)
    if value not in KINDS:
        place.refuse(
            node,
            phrase(
                "unknown kind %(value)s; the kinds are %(kinds)s",
                value=f"{value!r}",
                kinds=", ".join(KINDS),
            ),
        )
    return value


def _read_title(node: yaml.Node, place: Place) -> str:
    return text(node, place, longest=300)


def _read_authority(node: yaml.Node, place: Place) -> tuple[str, ...]:
    return tuple(text(item, place, longest=300) for item in items(node, place))


def _read_vocabulary(node: yaml.Node, place: Place) -> int:
    version = integer(node, place)
    try:
        Vocabulary.load(version)
    except VocabularyError as error:
        place.refuse(node, error.message)
    return version


def _read_term(node: yaml.Node, place: Place) -> Term:
    entries = mapping(node, place, ("from", "until", "zone"), ("from", "zone"))
    starts = _read_day(entries["from"], place.at("from"))
    until = entries.get("until")
    ends = None if until is None else _read_day(until, place.at("until"))
    if until is not None and ends is not None and ends < starts:
        place.at("until").refuse(
            until, phrase("%(ends)s is before from (%(starts)s)", ends=ends, starts=starts)
        )
    zone = text(entries["zone"], place.at("zone"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        rule = f"unknown time zone {zone!r}; write one like America/Chicago"
        place.at("zone").refuse(entries["zone"], rule)
    return Term(starts, ends, zone)


def _read_day(node: yaml.Node, place: Place) -> date:
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    if not _DAY.fullmatch(value):
        place.refuse(node, phrase("must be a day as 2026-01-31"))
    try:
        return date.fromisoformat(value)
    except ValueError:
        place.refuse(node, phrase("there is no day %(value)s", value=value))


def _read_parties(
    node: yaml.Node, place: Place, kind: str | None, agencies: frozenset[str] | None
) -> tuple[str, ...]:
    found: list[str] = []
    for item in items(node, place):
        party = pattern(item, place, _ID, "the id of an agency")
        if agencies is not None and party not in agencies:
            place.refuse(
                item,
                phrase(
                    "unknown party %(party)s; the agencies are %(list)s",
                    party=f"{party!r}",
                    list=_list(agencies),
                ),
            )
        if party in found:
            place.refuse(item, phrase("%(party)s is a party twice", party=f"{party!r}"))
        found.append(party)
    if kind == "agency-policy" and len(found) != 1:
        place.refuse(node, phrase("an agency-policy has one party, the agency itself"))
    if kind not in (None, "agency-policy") and len(found) < 2:
        place.refuse(node, phrase("a %(kind)s has at least two parties", kind=kind))
    return tuple(found)


def _list(words: AbstractSet[str]) -> str:
    return ", ".join(sorted(words))
