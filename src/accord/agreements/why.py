"""What a refused request still lacks, in words: the shortest way to a yes, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from accord.agreements.domain import (
    Agreement,
    Asker,
    Clause,
    Context,
    Decision,
    Reason,
    Requester,
    Words,
    covers,
)
from accord.agreements.drafting import Draft
from accord.agreements.reference import thing_fits
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS, Label
from accord.kernel.phrases import phrase


def missing(
    agreements: Sequence[Agreement],
    decision: Decision,
    requester: Requester,
    context: Context,
    label: Label,
    keys: Words,
    chains: Sequence[Draft] = (),
) -> tuple[str, ...]:
    """What the clause, or the chain, nearest to a yes still asks of a refused request."""
    if decision.clause_id is not None:
        forbid = _cited(agreements, decision)
        if forbid.unless is None:
            return (
                phrase(
                    "clause %(id)s of %(agreement_id)s forbids it",
                    id=forbid.id,
                    agreement_id=decision.agreement_id,
                ),
            )
        to, reason, when = forbid.unless.to, forbid.unless.reason, forbid.unless.when
        return tuple(_unmet(to, reason, when, requester, context, keys))
    if decision.missing:
        return decision.missing
    wanting = [
        tuple(_unmet(clause.to, clause.reason, clause.when, requester, context, keys))
        for agreement in agreements
        for clause in agreement.permits
        if covers(clause, decision.action) and _reaches(agreement, clause, requester, label)
    ]
    wanting += [
        tuple(sorted(unmet))
        for chain in chains
        if _leads(chain, requester, decision.action, label)
        if (unmet := _unmet_of(chain, requester, context, keys))  # none: a link of it is barred
    ]
    return min(wanting, key=lambda unmet: (len(unmet), unmet), default=()) or (
        phrase(
            "no clause permits %(action)s of this to %(agency)s",
            action=decision.action,
            agency=requester.agency,
        ),
    )


def _cited(agreements: Sequence[Agreement], decision: Decision) -> Clause:
    return next(
        clause
        for agreement in agreements
        if agreement.content_hash == decision.agreement_hash
        for clause in agreement.clauses
        if clause.id == decision.clause_id
    )


def _reaches(agreement: Agreement, clause: Clause, requester: Requester, label: Label) -> bool:
    owners = agreement.parties if clause.of.owner is None else clause.of.owner
    agencies = clause.to.agency
    return (
        label.owner in owners
        and label.owner in agreement.parties
        and requester.agency in agreement.parties
        and (requester.agency != label.owner if agencies is None else requester.agency in agencies)
        and (clause.of.subject is None or label.subjects <= clause.of.subject)
        and thing_fits(clause.of, label)
    )


def _leads(chain: Draft, requester: Requester, action: str, label: Label) -> bool:
    """Whether a chain leads from the label's owner to the requester's agency at all."""
    things = {"action": action, "agency": requester.agency, "owner": label.owner}
    named = {**things, **{name: getattr(label, name) for name in (*WORD_DIMENSIONS, *FLAGS)}}
    subject = chain.words.get("subject")
    return (subject is None or label.subjects <= subject) and all(
        word in chain.words[name] for name, word in named.items() if name in chain.words
    )


def _unmet_of(chain: Draft, requester: Requester, context: Context, keys: Words) -> set[str]:
    (_, first), *links = chain.route
    unmet = set(_unmet(first.to, first.reason, first.when, requester, context, keys))
    for _, clause in links:  # a link that asks for a kind or a country leads nowhere
        to = replace(clause.to, agency=None)
        unmet |= set(_unmet(to, clause.reason, clause.when, requester, context, keys))
    return unmet


def _unmet(
    to: Asker,
    reason: Reason,
    when: Words,
    requester: Requester,
    context: Context,
    keys: Words,
) -> Iterator[str]:
    single = (
        ("agency", to.agency, requester.agency),
        (phrase("agency kind"), to.kind, requester.kind),
        ("country", to.country, requester.country),
        ("clearance", to.clearance, requester.clearance),
        ("nationality", to.nationality, requester.nationality),
        ("purpose", reason.purpose, context.purpose),
        (phrase("legal basis"), reason.legal_basis, context.legal_basis),
    )
    for name, words, value in single:
        if words is not None and value not in words:
            yield f"{name}: {' or '.join(sorted(words))}"
    if to.role is not None and not to.role & requester.roles:
        yield phrase("role: %(role)s", role=" or ".join(sorted(to.role)))
    if to.assurance is not None and requester.assurance not in to.assurance:
        yield phrase("assurance: %(map)s", map=" or ".join(map(str, sorted(to.assurance))))
    for course in sorted(to.training - requester.training):
        yield phrase("training: %(course)s", course=course)
    for kind in sorted(when - keys):
        yield phrase("key: %(kind)s", kind=kind)
