"""Says a question in plain words, with the facts that some clause asks about and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accord.agreements.domain import Agreement, Asker, Reach, Reason, Words
from accord.agreements.proofs.universe import Question
from accord.kernel.vocabulary import Vocabulary

_ACTIONS = {
    "match": "may have compared by a machine",
    "hit": "may learn of the existence of",
    "view": "may read",
    "export": "may take a copy of",
    "onward": "may pass on",
    "contribute": "may add",
    "alter": "may change",
    "relabel": "may change the label of",
    "place": "may place in a case",
    "release": "may withdraw or release from a case",
}
_ROLES = {
    "investigator": "an investigator",
    "analyst": "an analyst",
    "supervisor": "a supervisor",
    "prosecutor": "a prosecutor",
    "victim-advocate": "a victim advocate",
    "forensic-examiner": "a forensic examiner",
    "records-custodian": "a records custodian",
    "oversight-officer": "an oversight officer",
    "matching-service": "the matching service",
}


class Speaker:
    """The words of the vocabularies that some agreements were signed under."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        versions = sorted({a.vocabulary for a in agreements} or {1}, reverse=True)
        self._vocabularies = [Vocabulary.load(v) for v in versions]
        self.asked = frozenset().union(*map(_asked, agreements))

    def question(self, question: Question) -> str:
        """Who may do what with which part, for what, and with which keys."""
        who, label = question.requester, question.label
        what = _ACTIONS[question.action]
        towards = f" to {question.recipient}" if question.recipient else ""
        text = (
            f"{self._person(question)} {what} {self._meaning('part', label.part)} of records of "
            f"{label.owner} on {self._meaning('schema', label.schema)} about "
            f"{self._list('subject', label.subjects)}{self._label(question)}{towards}, for "
            f"{self._meaning('purpose', question.context.purpose)}{self._basis(question)}"
        )
        if question.keys:
            text += f", where {self._list('key', question.keys)}"
        elif who.agency != label.owner:
            text += ", without any key"
        return text[0].upper() + text[1:] + "."

    def _person(self, question: Question) -> str:
        who = question.requester
        roles = [_ROLES.get(r) or r for r in sorted(who.roles)]
        text = f"{_and(roles) or 'somebody'} of {who.agency}"
        kind = who.kind and f"one of the {self._meaning('agency_kind', who.kind)}"
        cleared = who.clearance and f"cleared {self._clearance(who.clearance)}"
        for name, said in (
            ("kind", kind),
            ("country", who.country and f"in {who.country}"),
            ("nationality", who.nationality and f"of nationality {who.nationality}"),
            ("clearance", cleared),
        ):
            if name in self.asked:
                text += f", {said}" if said else f", {name} not known"
        if "assurance" in self.asked:
            text += f", signed in with {self._meaning('assurance', str(who.assurance))}"
        if who.training:
            text += f", trained in {self._list('training', who.training)}"
        elif "training" in self.asked:
            text += ", without training"
        return f"{text}," if "," in text else text

    def _clearance(self, word: str) -> str:
        return "for nothing" if word == "none" else self._meaning("clearance", word)

    def _label(self, question: Question) -> str:
        label, text = question.label, ""
        for name in ("sensitivity", "handling", "basis", "offence"):
            word = getattr(label, name)
            if name in self.asked or self._later(name, word):
                text += f", {name}: {self._meaning(name, word)}"
        for name, yes, no in (
            ("minor", "of a minor", "of an adult"),
            ("sealed", "sealed by a court", "not sealed"),
            ("intelligence", "intelligence", "not intelligence"),
        ):
            if name in self.asked:
                text += f", {yes if getattr(label, name) else no}"
        return text

    def _later(self, dimension: str, word: str) -> bool:
        """Whether a word is not in every vocabulary here, and so may be what it turns on."""
        return any(word not in v.words(dimension) for v in self._vocabularies)

    def _basis(self, question: Question) -> str:
        if "legal-basis" not in self.asked:
            return ""
        basis = question.context.legal_basis
        if basis is None:
            return ", stating no legal basis"
        return f", on the basis of {self._meaning('legal_basis', basis)}"

    def keys(self, keys: Words) -> str:
        """What a part must carry, in words; empty where nothing."""
        return self._list("key", keys)

    def _list(self, dimension: str, words: Words) -> str:
        order = [w for v in self._vocabularies for w in v.words(dimension)]
        known = sorted(words, key=lambda w: order.index(w) if w in order else len(order))
        return _and([self._meaning(dimension, word) for word in known])

    def _meaning(self, dimension: str, word: str) -> str:
        for vocabulary in self._vocabularies:
            if word in vocabulary.words(dimension):
                return vocabulary.meaning(dimension, word)
        return word


def question_facts(question: Question) -> dict[str, Any]:
    """A question as plain data."""
    who = question.requester
    return {
        "requester": {
            "agency": who.agency,
            "kind": who.kind,
            "country": who.country,
            "roles": sorted(who.roles),
            "clearance": who.clearance,
            "nationality": who.nationality,
            "training": sorted(who.training),
            "assurance": who.assurance,
        },
        "purpose": question.context.purpose,
        "legal_basis": question.context.legal_basis,
        "action": question.action,
        "label": question.label.facts(),
        "keys": sorted(question.keys),
        "recipient": question.recipient,
    }


def _asked(agreement: Agreement) -> frozenset[str]:
    """The dimensions that some clause of an agreement asks about."""
    found: set[str] = set()
    for clause in agreement.clauses:
        parts: list[Asker | Reason | Reach] = [clause.to, clause.reason, clause.of]
        if clause.unless is not None:
            parts += [clause.unless.to, clause.unless.reason]
        for part in parts:
            found.update(part.facts())
    return frozenset(found)


def _and(words: Iterable[str]) -> str:
    listed = list(words)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
