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
from accord.kernel.phrases import joined, phrase
from accord.kernel.vocabulary import Vocabulary
from accord.web.filters import listing, pluralise

_KINDS = {
    "mou": phrase("memorandum of understanding"),
    "treaty": phrase("treaty"),
    "statute": phrase("statute"),
    "court-order": phrase("court order"),
    "agency-policy": phrase("agency's policy for its own people"),
}
_OBLIGATIONS = {
    "watermark": phrase("what is shown carries a watermark with the reader's name"),
    "handling-code": phrase("the handling code %(value)s is put on it"),
    "notify-owner": phrase("the owner is told%(within)s"),
    "notify-after": phrase("the owner is told once this is over: %(value)s"),
    "end-access": phrase("access ends after %(duration)s"),
    "no-onward": phrase("it is not passed on"),
}
_DURATION_UNITS = {"Y": "year", "W": "week", "D": "day", "H": "hour"}


_FROM_LABEL = {
    "crime-prevention-only": phrase("it is used to prevent and combat crime, and for nothing else"),
    "no-proceedings-use": phrase("it is not used in court without the owner's permission"),
    "conditions": phrase("the conditions that the owner wrote with it are kept"),
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
        *([] if agreement.stated_permits else [phrase("Nothing.")]),
        "## What it forbids",
        *(speaker.clause(clause) for clause in agreement.forbids),
        *([] if agreement.forbids else [phrase("Nothing beyond what it does not permit.")]),
    ]
    if agreement.invariants:
        parts.append("## What must never follow, from this or any other agreement")
        parts.extend(speaker.invariant(invariant) for invariant in agreement.invariants)
    return "\n\n".join(parts) + "\n"


def _safe(text: str) -> str:
    """Text of the parties that cannot act as Markdown or HTML."""
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, "\\" + sign)
    return joined(text.split(), " ")


class _Speaker:
    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement
        self._vocabulary = Vocabulary.load(agreement.vocabulary)

    def head(self) -> str:
        a, term = self._agreement, self._agreement.in_force
        until = (
            phrase("without an end")
            if term.ends is None
            else phrase("to the end of %(ends)s", ends=term.ends)
        )
        lines = [
            phrase(
                "A %(kinds)s (`%(id)s`) of %(and_)s, in force from %(starts)s "
                "%(until)s (%(zone)s).",
                kinds=_KINDS[a.kind],
                id=a.id,
                and_=_and(a.parties),
                starts=term.starts,
                until=until,
                zone=term.zone,
            ),
            phrase("Authority: ") + joined(map(_safe, a.authority), "; ") + ".",
            phrase(
                "What no clause permits is refused. Vocabulary %(vocabulary)s; version "
                "`%(content_hash)s`.",
                vocabulary=a.vocabulary,
                content_hash=a.content_hash[:12],
            ),
        ]
        if a.amends:
            lines.append(phrase("It replaces version `%(amends)s`.", amends=a.amends[:12]))
        return "\n\n".join(lines)

    def clause(self, clause: Clause) -> str:
        rows = "\n".join(f"- **{term}:** {text}" for term, text in self.rows(clause))
        return f"### Clause {clause.id}\n\n> {_safe(clause.prose)}\n\n{rows}"

    def rows(self, clause: Clause) -> list[tuple[str, str]]:
        """What a clause does, as terms with their texts."""
        return self._permit(clause) if clause.effect == "permit" else self._forbid(clause)

    def _permit(self, clause: Clause) -> list[tuple[str, str]]:
        duties = [obligation_text(o) for o in clause.obligations]
        rows: list[tuple[str, str]] = [
            (phrase("Who"), self._askers(clause.to, self._default_askers())),
            (phrase("May"), self._action(clause)),
            (phrase("For"), self._reasons(clause.reason)),
            (phrase("Over"), self._reach(clause.of, every=True)),
            (phrase("When"), self._keys(clause.when) or "always"),
            (phrase("Then"), joined(duties, "; ") or phrase("nothing beyond the handling code")),
        ]
        if clause.recipients:
            rows.insert(2, (phrase("To"), _and(sorted(clause.recipients))))
        return rows

    def _forbid(self, clause: Clause) -> list[tuple[str, str]]:
        own = phrase("; it binds the owner's own people too") if clause.own else ""
        rows: list[tuple[str, str]] = [
            (phrase("Who may not"), self._askers(clause.to, self._default_askers()) + own),
            (phrase("What"), self._forbidden_actions(clause)),
            (phrase("Over"), self._reach(clause.of, every=False)),
        ]
        if clause.reason != Reason():
            rows.insert(2, (phrase("For"), self._reasons(clause.reason)))
        unless = clause.unless
        if unless is not None:
            exceptions = []
            if unless.to != Asker():
                exceptions.append(
                    phrase("to %(askers)s", askers=self._askers(unless.to, "anybody"))
                )
            if unless.reason != Reason():
                exceptions.append(phrase("for %(reasons)s", reasons=self._reasons(unless.reason)))
            if unless.when:
                exceptions.append(phrase("when %(keys)s", keys=self._keys(unless.when)))
            rows.append((phrase("Unless"), joined(exceptions, ", and ")))
        return rows

    def invariant(self, invariant: Invariant) -> str:
        return f"- `{invariant.id}`: {self.never(invariant)}"

    def never(self, invariant: Invariant) -> str:
        hops = (
            ""
            if invariant.within == 1
            else phrase(", also through %(within)s others", within=invariant.within - 1)
        )
        return phrase(
            "never %(meaning)s %(reach)s by %(askers)s%(hops)s",
            meaning=self._meaning("read_action", invariant.never),
            reach=self._reach(invariant.of, every=False),
            askers=self._askers(invariant.to, "anybody"),
            hops=hops,
        )

    def _default_askers(self) -> str:
        if self._agreement.kind == "agency-policy":
            return self._agreement.parties[0]
        return phrase("every party but the owner")

    def _action(self, clause: Clause) -> str:
        if clause.action not in READ_ACTIONS:
            return self._meaning("write_action", clause.action)
        rungs = READ_ACTIONS[: READ_ACTIONS.index(clause.action) + 1]
        below = [self._meaning("read_action", rung) for rung in rungs[:-1]]
        text = self._meaning("read_action", clause.action)
        return (
            phrase("%(text)s (and so also %(and_)s)", text=text, and_=_and(below))
            if below
            else text
        )

    def _forbidden_actions(self, clause: Clause) -> str:
        if clause.action not in READ_ACTIONS:
            return self._meaning("write_action", clause.action)
        rungs = READ_ACTIONS[READ_ACTIONS.index(clause.action) :]
        return joined((self._meaning("read_action", rung) for rung in rungs), ", ")

    def _askers(self, to: Asker, default: str) -> str:
        who = default if to.agency is None else _or(sorted(to.agency))
        if to.role is not None:
            who = phrase("%(words)s of %(who)s", words=self._words("role", to.role), who=who)
        details = []
        if to.kind is not None:
            details.append(
                phrase("if it is one of the %(words)s", words=self._words("agency_kind", to.kind))
            )
        if to.country is not None:
            details.append(phrase("in %(or_)s", or_=_or(sorted(to.country))))
        if to.clearance is not None:
            details.append(
                phrase("cleared %(words)s", words=self._words("clearance", to.clearance))
            )
        if to.nationality is not None:
            details.append(phrase("with the nationality %(or_)s", or_=_or(sorted(to.nationality))))
        if to.assurance is not None:
            levels = frozenset(map(str, to.assurance))
            details.append(
                phrase("signed in with %(words)s", words=self._words("assurance", levels))
            )
        if to.training:
            held = [
                self._meaning("training", word) for word in self._order("training", to.training)
            ]
            details.append(phrase("with valid training in %(and_)s", and_=_and(held)))
        return joined([who, *details], ", ")

    def _reasons(self, reason: Reason) -> str:
        found = []
        if reason.purpose is not None:
            found.append(self._words("purpose", reason.purpose))
        if reason.legal_basis is not None:
            found.append(
                phrase(
                    "on the basis of %(words)s",
                    words=self._words("legal_basis", reason.legal_basis),
                )
            )
        return joined(found, ", ") or phrase("any purpose")

    def _reach(self, of: Reach, *, every: bool) -> str:
        part = phrase("every part") if of.part is None else self._words("part", of.part)
        text = phrase("%(part)s of records on ", part=part)
        text += "anything" if of.schema is None else self._words("schema", of.schema)
        if of.subject is not None:
            only = phrase("about nobody but") if every else phrase("about any")
            text += f", {only} {self._words('subject', of.subject)}"
        for name in ("sensitivity", "handling", "basis", "offence"):
            words: Words | None = getattr(of, name)
            if words is not None:
                text += f", {name}: {self._words(name, words)}"
        for name, yes, no in (
            ("minor", phrase("of minors only"), phrase("of adults only")),
            ("sealed", phrase("sealed by a court"), phrase("not sealed by a court")),
            ("intelligence", phrase("that is intelligence"), phrase("that is not intelligence")),
        ):
            flag: bool | None = getattr(of, name)
            if flag is not None:
                text += f", {yes if flag else no}"
        if of.owner is not None:
            text += phrase(", owned by %(or_)s", or_=_or(sorted(of.owner)))
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
    within = phrase(" within %(duration)s", duration=duration) if duration else phrase(" at once")
    return phrase(_OBLIGATIONS[obligation.kind], value=value, within=within, duration=duration)


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
            found.append(pluralise(int(digits), unit))
            digits = ""
    return _and(found)


def _and(words: Iterable[str]) -> str:
    return _joined(list(words), "and")


def _or(words: Iterable[str]) -> str:
    return _joined(list(words), "or")


def _joined(words: list[str], last: str) -> str:
    if len(words) > 1 and any("," in word or " and " in word for word in words):
        end = phrase("; and ") if last == "and" else phrase("; or ")
        return joined((joined(words[:-1], "; "), end, words[-1]), "")
    return listing(words, last)
