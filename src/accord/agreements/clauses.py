"""Reads the clauses and the invariants of an agreement."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from accord.agreements.conditions import (
    Terms,
    read_for,
    read_keys,
    read_of,
    read_recipients,
    read_to,
)
from accord.agreements.document import (
    Faults,
    Place,
    boolean,
    integer,
    items,
    kind_of,
    mapping,
    pattern,
    text,
)
from accord.agreements.domain import (
    ACTIONS,
    OPENS_UNRECORDED,
    UNRECORDED,
    Asker,
    Clause,
    Invariant,
    Obligation,
    Reach,
    Reason,
    Unless,
    covers,
)
from accord.kernel.phrases import phrase

MAX_CLAUSES = 2_500
MAX_HOPS = 4
_PERMIT_KEYS = ("id", "prose", "permit", "to", "for", "of", "when", "obligations", "recipients")
_FORBID_KEYS = ("id", "prose", "forbid", "to", "for", "of", "unless", "own")
_CLAUSE_KEYS = tuple(dict.fromkeys((*_PERMIT_KEYS, *_FORBID_KEYS)))
_CLAUSE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.()-]{0,31}")
INVARIANT_KEYS = ("id", "never", "of", "to", "within")
_INVARIANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,79}")
_DURATION = re.compile(
    r"P(?=\d|T\d)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,4}D)?"
    r"(T(?=\d)(\d{1,4}H)?(\d{1,4}M)?)?"
)
_BARE_OBLIGATIONS = ("no-onward", "watermark", "notify-owner")  # a bare notice: at once
_TIMED_OBLIGATIONS = ("end-access", "notify-owner")
_VALUED_OBLIGATIONS = (*_TIMED_OBLIGATIONS, "handling-code", "notify-after")


def read_clauses(
    node: yaml.Node, place: Place, terms: Terms, kind: str, faults: Faults
) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    with faults:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            place.at("clauses").refuse(node, phrase("must be a list of at least one clause"))
        if len(node.value) > MAX_CLAUSES:
            place.at("clauses").refuse(
                node, phrase("more than %(max_clauses)s clauses", max_clauses=MAX_CLAUSES)
            )
        for number, item in enumerate(node.value, 1):
            with faults:
                clause = _read_clause(item, place, number, terms, kind)
                if any(clause.id == earlier.id for earlier in clauses):
                    place.at(phrase("clause %(id)s", id=clause.id)).refuse(
                        item, phrase("this id was used before")
                    )
                clauses.append(clause)
        _check_alternatives(clauses, node, place)
    return tuple(clauses)


def _read_clause(node: yaml.Node, place: Place, number: int, terms: Terms, kind: str) -> Clause:
    here = place.at(f"clause {_name(node, number)}")
    entries = mapping(node, here, _CLAUSE_KEYS, ("id", "prose"))
    if ("permit" in entries) == ("forbid" in entries):
        here.refuse(node, phrase("says either permit or forbid, one of the two"))
    permit = "permit" in entries
    allowed = _PERMIT_KEYS if permit else _FORBID_KEYS
    for name, value in entries.items():
        if name not in allowed:
            here.at(name).refuse(
                value, phrase("has no meaning in a %(what)s", what="permit" if permit else "forbid")
            )
    facts: dict[str, Any] = {
        "id": pattern(entries["id"], here.at("id"), _CLAUSE_ID, "a short number such as 4.1"),
        "prose": text(entries["prose"], here.at("prose")),
        "effect": "permit" if permit else "forbid",
        "action": _read_action(entries["permit" if permit else "forbid"], here, permit),
        "line": node.start_mark.line + 1 if node.start_mark else None,
        "to": _optional_to(entries.get("to"), here, terms, permit, kind),
        "of": _optional_of(entries.get("of"), here, terms, kind),
        "reason": read_for(entries["for"], here.at("for"), terms) if "for" in entries else Reason(),
    }
    if permit:
        facts["of"] = _never_by_silence(entries.get("of"), facts, here, kind)
        return Clause(**facts, **_permit_rest(entries, node, here, terms, facts))
    return Clause(**facts, **_forbid_rest(entries, here, terms, facts))


def _name(node: yaml.Node, number: int) -> str:
    """How a clause is called in a refusal: its id, or its place in the list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                return f'"{value.value}"'
    return f"number {number}"


def _read_action(node: yaml.Node, place: Place, permit: bool) -> str:
    here = place.at("permit" if permit else "forbid")
    action = text(node, here)
    if action not in ACTIONS:
        here.refuse(
            node,
            phrase(
                "unknown action %(action)s; the actions are %(actions)s",
                action=f"{action!r}",
                actions=", ".join(ACTIONS),
            ),
        )
    return action


def _optional_to(
    node: yaml.Node | None, place: Place, terms: Terms, permit: bool, kind: str
) -> Asker:
    to = Asker() if node is None else read_to(node, place.at("to"), terms, levels=permit)
    if node is not None and not permit and to.training:
        place.at("to", "training").refuse(
            node, phrase("a forbid cannot ask for training; use unless")
        )
    if kind != "agency-policy" or to.agency is not None:
        return to
    return Asker(**{**vars(to), "agency": frozenset(terms.parties)})


def _optional_of(node: yaml.Node | None, place: Place, terms: Terms, kind: str) -> Reach:
    if node is None:
        return Reach()
    of = read_of(node, place.at("of"), terms)
    if kind == "agency-policy" and of.owner and of.owner != frozenset(terms.parties):
        place.at("of", "owner").refuse(
            node, phrase("an agency-policy is about the agency's own records")
        )
    return of


def _never_by_silence(
    node: yaml.Node | None, facts: dict[str, Any], place: Place, kind: str
) -> Reach:
    """What a permit reaches of `unrecorded`: nothing by `not`, and by name for own people alone."""
    of: Reach = facts["of"]
    if not isinstance(node, yaml.MappingNode) or not of.basis or UNRECORDED not in of.basis:
        return of
    said = next(value for key, value in node.value if key.value == "basis")
    if isinstance(said, yaml.MappingNode):
        return replace(of, basis=of.basis - {UNRECORDED})
    if kind != "agency-policy" or facts["action"] not in OPENS_UNRECORDED:
        place.at("of", "basis").refuse(
            said,
            phrase(
                "what was secured without a recorded basis is shared by nobody: only an "
                "agency-policy names %(word)s, to %(actions)s",
                word=UNRECORDED,
                actions=", ".join(OPENS_UNRECORDED),
            ),
        )
    return of


def _permit_rest(
    entries: dict[str, yaml.Node],
    node: yaml.Node,
    place: Place,
    terms: Terms,
    facts: dict[str, Any],
) -> dict[str, Any]:
    if facts["reason"].purpose is None:
        place.refuse(node, "a permit must say for which purpose (for: {purpose: [...]})")
    action, rest = facts["action"], dict[str, Any]()
    if "when" in entries:
        rest["when"] = read_keys(entries["when"], place.at("when"), terms)
    if "obligations" in entries:
        here = place.at("obligations")
        rest["obligations"] = _read_obligations(entries["obligations"], here, terms)
        if action == "onward" and Obligation("no-onward") in rest["obligations"]:
            here.refuse(
                entries["obligations"], phrase("a permit of onward cannot oblige to no-onward")
            )
    if "recipients" in entries:
        if action != "onward":
            place.at("recipients").refuse(
                entries["recipients"], phrase("belongs to a permit of onward")
            )
        rest["recipients"] = read_recipients(entries["recipients"], place.at("recipients"), terms)
    elif action == "onward":
        place.refuse(node, phrase("a permit of onward must name its recipients"))
    if action == "onward" and (facts["to"].kind or facts["to"].country):
        place.at("to").refuse(
            node, phrase("a permit of onward names agencies, not kinds or countries")
        )
    return rest


def _forbid_rest(
    entries: dict[str, yaml.Node], place: Place, terms: Terms, facts: dict[str, Any]
) -> dict[str, Any]:
    own = boolean(entries["own"], place.at("own")) if "own" in entries else False
    if "unless" not in entries:
        return {"own": own}
    here = place.at("unless")
    parts = mapping(entries["unless"], here, ("to", "for", "when"))
    if not parts:
        here.refuse(entries["unless"], phrase("names no exception"))
    unless = Unless(
        to=read_to(parts["to"], here.at("to"), terms, levels=True) if "to" in parts else Asker(),
        reason=read_for(parts["for"], here.at("for"), terms) if "for" in parts else Reason(),
        when=read_keys(parts["when"], here.at("when"), terms) if "when" in parts else frozenset(),
    )
    if _lifts_all(facts["to"], facts["reason"], unless):
        here.refuse(
            entries["unless"], phrase("lifts all that the clause forbids: it forbids nothing")
        )
    return {"own": own, "unless": unless}


def _lifts_all(to: Asker, reason: Reason, unless: Unless) -> bool:
    """Whether everybody whom a forbid binds is excepted, whatever is not known of them."""
    plain = Asker(agency=unless.to.agency, role=unless.to.role, assurance=unless.to.assurance)
    pairs = (
        (to.agency, unless.to.agency),
        (to.role, unless.to.role),
        (to.assurance, unless.to.assurance),
        (reason.purpose, unless.reason.purpose),
    )
    return (
        not unless.when
        and unless.to == plain
        and unless.reason.legal_basis is None
        and all(b is None or (a is not None and a <= b) for a, b in pairs)
    )


def _read_obligations(node: yaml.Node, place: Place, terms: Terms) -> tuple[Obligation, ...]:
    found = [_read_obligation(item, place, terms) for item in items(node, place)]
    kinds = [obligation.kind for obligation in found]
    for kind in kinds:
        if kinds.count(kind) > 1:
            place.refuse(node, phrase("%(kind)s is asked twice", kind=f"{kind!r}"))
    if {"notify-owner", "notify-after"} <= set(kinds):
        place.refuse(
            node, phrase("the owner is told either now or after a determination, not both")
        )
    return tuple(sorted(found))


def _read_obligation(node: yaml.Node, place: Place, terms: Terms) -> Obligation:
    if isinstance(node, yaml.ScalarNode):
        kind = text(node, place)
        if kind not in _BARE_OBLIGATIONS:
            needs = " needs a value" if kind in _VALUED_OBLIGATIONS else " is unknown"
            place.refuse(
                node, phrase("obligation %(kind)s%(needs)s", kind=f"{kind!r}", needs=needs)
            )
        return Obligation(kind)
    entries = mapping(node, place, _VALUED_OBLIGATIONS)
    if len(entries) != 1:
        place.refuse(
            node,
            phrase(
                "one obligation with its value, not %(kind_of)s of %(number)s",
                kind_of=kind_of(node),
                number=len(entries),
            ),
        )
    ((kind, value_node),) = entries.items()
    value = text(value_node, place.at(kind))
    if kind in _TIMED_OBLIGATIONS and not _DURATION.fullmatch(value):
        place.at(kind).refuse(
            value_node,
            phrase("%(value)s is not a duration such as P1Y or PT24H", value=f"{value!r}"),
        )
    if kind == "handling-code" and value not in terms.vocabulary.words("handling"):
        place.at(kind).refuse(
            value_node, phrase("unknown handling code %(value)s", value=f"{value!r}")
        )
    determinations = [k for k in terms.vocabulary.words("key") if k.startswith("determination")]
    if kind == "notify-after" and value not in determinations:
        place.at(kind).refuse(
            value_node,
            phrase("must be one of %(determinations)s", determinations=", ".join(determinations)),
        )
    return Obligation(kind, value)


def read_invariants(
    node: yaml.Node | None, place: Place, terms: Terms, faults: Faults
) -> tuple[Invariant, ...]:
    found: list[Invariant] = []
    for number, item in enumerate([] if node is None else items(node, place.at("invariants")), 1):
        here = place.at(f"invariant {_name(item, number)}")
        with faults:
            invariant = _read_invariant(item, here, terms)
            if any(invariant.id == earlier.id for earlier in found):
                here.refuse(item, phrase("this id was used before"))
            found.append(invariant)
    return tuple(found)


def _read_invariant(node: yaml.Node, place: Place, terms: Terms) -> Invariant:
    entries = mapping(node, place, INVARIANT_KEYS, ("id", "never", "of"))
    within = integer(entries["within"], place.at("within")) if "within" in entries else 1
    if not 1 <= within <= MAX_HOPS:
        place.at("within").refuse(
            entries["within"], phrase("counts agencies, from 1 to %(max_hops)s", max_hops=MAX_HOPS)
        )
    never = text(entries["never"], place.at("never"))
    if never not in ACTIONS:
        rule = f"unknown action {never!r}; the actions are {', '.join(ACTIONS)}"
        place.at("never").refuse(entries["never"], rule)
    named = replace(terms, strangers=True)
    to = entries.get("to")
    return Invariant(
        id=pattern(
            entries["id"],
            place.at("id"),
            _INVARIANT_ID,
            "a short name of letters, digits, dots, hyphens and underscores",
        ),
        never=never,
        of=read_of(entries["of"], place.at("of"), named),
        to=Asker() if to is None else read_to(to, place.at("to"), named, levels=True),
        within=within,
    )


def _check_alternatives(clauses: list[Clause], node: yaml.Node, place: Place) -> None:
    """Refuses an agreement that alone asks for more combinations of keys than standing holds."""
    for action in ACTIONS:
        wanted = {c.when for c in clauses if c.effect == "permit" and covers(c, action)}
        for forbid in clauses:
            if forbid.unless and forbid.unless.when and covers(forbid, action):
                wanted |= {keys | forbid.unless.when for keys in wanted}
        if len(wanted | {frozenset()}) > 8:
            place.at("clauses").refuse(
                node,
                phrase(
                    "too many alternatives: %(action)s turns on %(number)s combinations of "
                    "keys, and standing has room for 8",
                    action=action,
                    number=len(wanted),
                ),
            )
