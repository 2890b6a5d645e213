"""Says in plain language what an agreement does: to whom, for what, over what, when, at what price.

The sentences come from the same facts that are executed, not from the prose the parties wrote,
so that a reader can hold the two side by side.
"""

from __future__ import annotations

from collections.abc import Iterable

from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Invariant,
    Obligation,
    Reach,
    Reason,
    Words,
)
from accord.kernel.vocabulary import Vocabulary

_KINDS = {
    "mou": "memorandum of understanding",
    "treaty": "treaty",
    "statute": "statute",
    "court-order": "court order",
    "agency-policy": "agency's policy for its own people",
}
_OBLIGATIONS = {
    "watermark": "what is shown carries a watermark with the reader's name",
    "handling-code": "the handling code {value} is put on it",
    "notify-owner": "the owner is told{within}",
    "notify-after": "the owner is told once this is over: {value}",
    "end-access": "access ends after {duration}",
    "no-onward": "it is not passed on",
}
_DURATION_UNITS = {"Y": "year", "W": "week", "D": "day", "H": "hour"}


_FROM_LABEL = {
    "crime-prevention-only": "it is used to prevent and combat crime, and for nothing else",
    "no-proceedings-use": "it is not used in court without the owner's permission",
    "conditions": "the conditions that the owner wrote with it are kept",
}


def clause_rows(agreement: Agreement) -> dict[str, tuple[tuple[str, str], ...]]:
    """What each clause does, by its id, as terms with their texts."""
    speaker = _Speaker(agreement)
    return {clause.id: tuple(speaker.rows(clause)) for clause in agreement.clauses}


def invariant_lines(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """What must never follow, each with its id."""
    speaker = _Speaker(agreement)
    return tuple((i.id, speaker.never(i)) for i in agreement.invariants)


def explain(agreement: Agreement) -> str:
    """The agreement as a page of Markdown."""
    speaker = _Speaker(agreement)
    parts = [
        f"# {_safe(agreement.title)}",
        speaker.head(),
        "## What it permits",
        *(speaker.clause(clause) for clause in agreement.stated_permits),
        *([] if agreement.stated_permits else ["Nothing."]),
        "## What it forbids",
        *(speaker.clause(clause) for clause in agreement.forbids),
        *([] if agreement.forbids else ["Nothing beyond what it does not permit."]),
    ]
    if agreement.invariants:
        parts.append("## What must never follow, from this or any other agreement")
        parts.extend(speaker.invariant(invariant) for invariant in agreement.invariants)
    return "\n\n".join(parts) + "\n"


def _safe(text: str) -> str:
    """Text of the parties that cannot act as Markdown or HTML."""
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


class _Speaker:
    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement
        self._vocabulary = Vocabulary.load(agreement.vocabulary)

    def head(self) -> str:
        a, term = self._agreement, self._agreement.in_force
        until = "without an end" if term.ends is None else f"to the end of {term.ends}"
        lines = [
            f"A {_KINDS[a.kind]} (`{a.id}`) of {_and(a.parties)}, in force from {term.starts} "
            f"{until} ({term.zone}).",
            "Authority: " + "; ".join(map(_safe, a.authority)) + ".",
            f"What no clause permits is refused. Vocabulary {a.vocabulary}; "
            f"version `{a.content_hash[:12]}`.",
        ]
        if a.amends:
            lines.append(f"It replaces version `{a.amends[:12]}`.")
        return "\n\n".join(lines)

    def clause(self, clause: Clause) -> str:
        rows = "\n".join(f"- **{term}:** {text}" for term, text in self.rows(clause))
        return f"### Clause {clause.id}\n\n> {_safe(clause.prose)}\n\n{rows}"

    def rows(self, clause: Clause) -> list[tuple[str, str]]:
        """What a clause does, as terms with their texts."""
        return self._permit(clause) if clause.effect == "permit" else self._forbid(clause)

    def _permit(self, clause: Clause) -> list[tuple[str, str]]:
        duties = [obligation_text(o) for o in clause.obligations]
        rows = [
            ("Who", self._askers(clause.to, self._default_askers())),
            ("May", self._action(clause)),
            ("For", self._reasons(clause.reason)),
            ("Over", self._reach(clause.of, every=True)),
            ("When", self._keys(clause.when) or "always"),
            ("Then", "; ".join(duties) or "nothing beyond the handling code"),
        ]
        if clause.recipients:
            rows.insert(2, ("To", _and(sorted(clause.recipients))))
        return rows

    def _forbid(self, clause: Clause) -> list[tuple[str, str]]:
        own = "; it binds the owner's own people too" if clause.own else ""
        rows = [
            ("Who may not", self._askers(clause.to, self._default_askers()) + own),
            ("What", self._forbidden_actions(clause)),
            ("Over", self._reach(clause.of, every=False)),
        ]
        if clause.reason != Reason():
            rows.insert(2, ("For", self._reasons(clause.reason)))
        unless = clause.unless
        if unless is not None:
            exceptions = []
            if unless.to != Asker():
                exceptions.append(f"to {self._askers(unless.to, 'anybody')}")
            if unless.reason != Reason():
                exceptions.append(f"for {self._reasons(unless.reason)}")
            if unless.when:
                exceptions.append(f"when {self._keys(unless.when)}")
            rows.append(("Unless", ", and ".join(exceptions)))
        return rows

    def invariant(self, invariant: Invariant) -> str:
        return f"- `{invariant.id}`: {self.never(invariant)}"

    def never(self, invariant: Invariant) -> str:
        hops = "" if invariant.within == 1 else f", also through {invariant.within - 1} others"
        return (
            f"never {self._meaning('read_action', invariant.never)}"
            f" {self._reach(invariant.of, every=False)}"
            f" by {self._askers(invariant.to, 'anybody')}{hops}"
        )

    def _default_askers(self) -> str:
        if self._agreement.kind == "agency-policy":
            return self._agreement.parties[0]
        return "every party but the owner"

    def _action(self, clause: Clause) -> str:
        if clause.action not in READ_ACTIONS:
            return self._meaning("write_action", clause.action)
        rungs = READ_ACTIONS[: READ_ACTIONS.index(clause.action) + 1]
        below = [self._meaning("read_action", rung) for rung in rungs[:-1]]
        text = self._meaning("read_action", clause.action)
        return f"{text} (and so also {_and(below)})" if below else text

    def _forbidden_actions(self, clause: Clause) -> str:
        if clause.action not in READ_ACTIONS:
            return self._meaning("write_action", clause.action)
        rungs = READ_ACTIONS[READ_ACTIONS.index(clause.action) :]
        return ", ".join(self._meaning("read_action", rung) for rung in rungs)

    def _askers(self, to: Asker, default: str) -> str:
        who = default if to.agency is None else _or(sorted(to.agency))
        if to.role is not None:
            who = f"{self._words('role', to.role)} of {who}"
        details = []
        if to.kind is not None:
            details.append(f"if it is one of the {self._words('agency_kind', to.kind)}")
        if to.country is not None:
            details.append(f"in {_or(sorted(to.country))}")
        if to.clearance is not None:
            details.append(f"cleared {self._words('clearance', to.clearance)}")
        if to.nationality is not None:
            details.append(f"with the nationality {_or(sorted(to.nationality))}")
        if to.assurance is not None:
            levels = frozenset(map(str, to.assurance))
            details.append(f"signed in with {self._words('assurance', levels)}")
        if to.training:
            held = [
                self._meaning("training", word) for word in self._order("training", to.training)
            ]
            details.append(f"with valid training in {_and(held)}")
        return ", ".join([who, *details])

    def _reasons(self, reason: Reason) -> str:
        found = []
        if reason.purpose is not None:
            found.append(self._words("purpose", reason.purpose))
        if reason.legal_basis is not None:
            found.append(f"on the basis of {self._words('legal_basis', reason.legal_basis)}")
        return ", ".join(found) or "any purpose"

    def _reach(self, of: Reach, *, every: bool) -> str:
        part = "every part" if of.part is None else self._words("part", of.part)
        text = f"{part} of records on "
        text += "anything" if of.schema is None else self._words("schema", of.schema)
        if of.subject is not None:
            only = "about nobody but" if every else "about any"
            text += f", {only} {self._words('subject', of.subject)}"
        for name in ("sensitivity", "handling", "basis", "offence"):
            words: Words | None = getattr(of, name)
            if words is not None:
                text += f", {name}: {self._words(name, words)}"
        for name, yes, no in (
            ("minor", "of minors only", "of adults only"),
            ("sealed", "sealed by a court", "not sealed by a court"),
            ("intelligence", "that is intelligence", "that is not intelligence"),
        ):
            flag: bool | None = getattr(of, name)
            if flag is not None:
                text += f", {yes if flag else no}"
        if of.owner is not None:
            text += f", owned by {_or(sorted(of.owner))}"
        return text

    def _keys(self, keys: Words) -> str:
        return _and([self._meaning("key", key) for key in self._order("key", keys)])

    def _words(self, dimension: str, words: Words) -> str:
        return _or([self._meaning(dimension, word) for word in self._order(dimension, words)])

    def _order(self, dimension: str, words: Words) -> list[str]:
        return [word for word in self._vocabulary.words(dimension) if word in words]

    def _meaning(self, dimension: str, word: str) -> str:
        if dimension == "read_action" and word not in READ_ACTIONS:
            dimension = "write_action"
        return self._vocabulary.meaning(dimension, word)


def obligation_text(obligation: Obligation) -> str:
    """What an obligation asks, in words; those of a handling code included."""
    if obligation.kind in _FROM_LABEL:
        return _FROM_LABEL[obligation.kind]
    value = obligation.value or ""
    timed = obligation.kind in ("notify-owner", "end-access") and value
    duration = _duration(value) if timed else ""
    within = f" within {duration}" if duration else " at once"
    return _OBLIGATIONS[obligation.kind].format(value=value, within=within, duration=duration)


def _duration(text: str) -> str:
    """P1Y as "1 year"; the text is known to be well formed."""
    day, _, time = text.removeprefix("P").partition("T")
    found: list[str] = []
    digits = ""
    for sign in day + ("T" + time if time else ""):
        if sign.isdigit():
            digits += sign
        elif sign != "T":
            in_time = bool(time) and len(found) >= sum(c.isalpha() for c in day)
            unit = _DURATION_UNITS.get(sign, "minute" if in_time else "month")
            found.append(f"{int(digits)} {unit}{'' if int(digits) == 1 else 's'}")
            digits = ""
    return _and(found)


def _and(words: Iterable[str]) -> str:
    return _joined(list(words), "and")


def _or(words: Iterable[str]) -> str:
    return _joined(list(words), "or")


def _joined(words: list[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    if any("," in word or " and " in word for word in words):
        return f"{'; '.join(words[:-1])}; {last} {words[-1]}"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
