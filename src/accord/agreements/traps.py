"""Traps in an agreement that show in its structure alone, or beside the others given with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from accord.agreements.document import compose
from accord.agreements.domain import MAX_CHAIN, READ_ACTIONS, Agreement, Clause, Words
from accord.kernel.vocabulary import Vocabulary

Found = tuple[Clause, str]


def opens_nothing(agreement: Agreement, others: Sequence[Agreement]) -> Iterator[Found]:
    """Permits over what no signing party owns: each needs somebody who may pass it on."""
    beside = [a for a in others if a.content_hash != agreement.content_hash]
    for clause in agreement.stated_permits:
        named = (clause.of.owner or frozenset()) - set(agreement.parties)
        if not named:
            continue
        unfed = sorted(o for o in named if not _fed(agreement, o, beside))
        said = f"gives what no signing party owns ({', '.join(unfed)})"
        if clause.action not in READ_ACTIONS:
            yield (
                clause,
                f"gives what no signing party owns ({', '.join(sorted(named))}): opens none",
            )
        elif unfed and not beside:
            yield (
                clause,
                f"{said}: opens nothing of it unless another agreement lets a party pass it on",
            )
        elif unfed:
            yield clause, f"{said} or may pass on under the agreements given: opens nothing of it"


def _fed(
    agreement: Agreement,
    owner: str,
    given: Sequence[Agreement],
    further: tuple[str, ...] = (),
) -> bool:
    """Whether some party of an agreement may get from another what this owner has, to give it on.

    Whoever passes it on either is the owner, or got it the same way; `further` names the agreements
    that were come through, none of which helps itself.
    """
    behind = (*further, agreement.content_hash)
    if len(behind) >= MAX_CHAIN:
        return False
    return any(
        _passes(source, clause, agreement, owner)
        and (owner in source.parties or _fed(source, owner, given, behind))
        for source in given
        if source.content_hash not in behind
        for clause in source.stated_permits
    )


def _passes(source: Agreement, clause: Clause, agreement: Agreement, owner: str) -> bool:
    """Whether a party of an agreement may pass on to another party what it has by a clause."""
    parties = frozenset(agreement.parties)
    passing, receiving = parties & set(source.parties), parties & (clause.recipients or frozenset())
    return bool(
        clause.action == "onward"
        and passing
        and receiving
        and len(passing | receiving) > 1
        and owner in (source.parties if clause.of.owner is None else clause.of.owner)
    )


def opens_texts(agreement: Agreement) -> Iterator[Found]:
    """A permit to read that names no schema opens a case's own texts and requests as well.

    With a key asked for, what is opened was placed or granted by its owner, texts included.
    """
    for clause in agreement.stated_permits:
        reads = clause.action in READ_ACTIONS[2:]
        if (
            reads
            and not clause.when
            and clause.of.schema is None
            and _within(clause.of.part, "narrative")
        ):
            yield (
                clause,
                "names no schema, so it opens case texts, notes and the text of requests too",
            )


def _within(words: Words | None, word: str) -> bool:
    return words is None or word in words


def every_purpose(agreement: Agreement) -> Iterator[Found]:
    """A permit for each purpose that there is asks for no purpose in effect."""
    words = frozenset(Vocabulary.load(agreement.vocabulary).words("purpose"))
    for clause in agreement.stated_permits:
        if clause.reason.purpose == words:
            yield clause, "is for every purpose there is, and so asks for none"


def unanswered(agreement: Agreement) -> Iterator[Found]:
    """A permit of `onward` over H2 alone stays shut without a grant of the provider."""
    for clause in agreement.stated_permits:
        h2 = clause.of.handling == frozenset({"H2"})
        if clause.action == "onward" and h2 and "grant" not in clause.when:
            yield (
                clause,
                "passes on what is marked H2, which needs a grant, and does not ask for it",
            )


def negations(agreement: Agreement, text: str) -> Iterator[Found]:
    """Where the text says `not`: it stands for the words known today, and for none that come."""
    root = compose(text, agreement.id)
    clauses = {c.id: c for c in agreement.clauses}
    for item in _entry(root, "clauses"):
        for node in item.value if isinstance(item, yaml.SequenceNode) else []:
            named = [v.value for v in _entry(node, "id") if isinstance(v, yaml.ScalarNode)]
            clause = clauses.get(named[0]) if named else None
            if clause is not None:
                for place in _negated(node, ()):
                    yield (
                        clause,
                        f"{place} is written with `not`: it stands for the words of vocabulary "
                        f"{agreement.vocabulary} that are left, which are to be read one by one",
                    )


def _entry(node: yaml.Node, name: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [value for key, value in node.value if key.value == name]


def _negated(node: yaml.Node, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "not":
                yield ": ".join(path)
            else:
                yield from _negated(value, (*path, str(key.value)))
