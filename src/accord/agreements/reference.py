"""The specification of a decision, written to be obviously right; everything else must equal it.

Default deny. A permit opens; a forbid that binds the requester closes, whichever agreement permits.
The facts are already true: the agreements are signed and in force, training is held and valid,
and `keys` are the kinds of key that the part carries and the request holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from accord.agreements.domain import (
    MAX_CHAIN,
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Context,
    Decision,
    Reach,
    Reason,
    Requester,
    burden,
    cite,
    covers,
    label_obligations,
)
from accord.kernel.labels import Label

Route = tuple[tuple[Agreement, Clause], ...]
"""The clauses that a permission rests on: one, or one and the `onward` clauses behind it."""


def decide(
    agreements: Sequence[Agreement],
    requester: Requester,
    context: Context,
    action: str,
    label: Label,
    keys: frozenset[str],
) -> Decision:
    """Whether the requester may do this with a part of that label that carries those keys."""
    question = (requester, context, action, label, keys)
    for agreement, clause in _forbids(agreements, label.owner, *question):
        return refused(action, agreement, clause)
    if blocked_by_handling(requester, action, label, keys):
        return blocked(action)
    routes = sorted(_routes(agreements, *question), key=rank)
    return allowed(action, routes[0], label.handling) if routes else Decision(False, action)


def _routes(
    agreements: Sequence[Agreement],
    requester: Requester,
    context: Context,
    action: str,
    label: Label,
    keys: frozenset[str],
    further: frozenset[str] = frozenset(),
) -> Iterator[Route]:
    """Every way in which the clauses serve the requester; `further` names who receives after it."""
    chain = further | {requester.agency}
    for agreement in agreements:
        for clause in agreement.permits:
            if not _permits(agreement, clause, requester, context, action, label, keys):
                continue
            if label.owner in agreement.parties:
                yield ((agreement, clause),)
            elif action in READ_ACTIONS and len(chain) < MAX_CHAIN:
                for party in sorted(set(agreement.parties) - chain):
                    for route in _held(
                        agreements, party, chain, requester, context, action, label, keys
                    ):
                        yield ((agreement, clause), *route)


def _held(
    agreements: Sequence[Agreement],
    party: str,
    chain: frozenset[str],
    requester: Requester,
    context: Context,
    action: str,
    label: Label,
    keys: frozenset[str],
) -> Iterator[Route]:
    """The routes by which a party may pass the label on to the requester.

    The party is asked about as if the requester stood in it: nothing reaches somebody whom the
    owner's own clause would not have accepted. Its kind and country are taken as not known.
    """
    holder = replace(requester, agency=party, kind=None, country=None)
    passing = (holder, context, "onward", label, keys)
    if (
        blocked_by_handling(holder, "onward", label, keys)
        or any(_forbids(agreements, label.owner, *passing))
        or any(_forbids(agreements, party, requester, context, action, label, keys))
    ):
        return
    for route in _routes(agreements, *passing, chain):
        if requester.agency in (route[0][1].recipients or ()):
            yield route


def _permits(
    agreement: Agreement,
    clause: Clause,
    requester: Requester,
    context: Context,
    action: str,
    label: Label,
    keys: frozenset[str],
) -> bool:
    agencies = clause.to.agency
    return (
        requester.agency in agreement.parties
        and covers(clause, action)
        and (requester.agency != label.owner if agencies is None else True)
        and asker_fits(clause.to, requester, unknown=False)
        and reason_fits(clause.reason, context, unknown=False)
        and label.owner in (agreement.parties if clause.of.owner is None else clause.of.owner)
        and (clause.of.subject is None or label.subjects <= clause.of.subject)
        and thing_fits(clause.of, label)
        and clause.when <= keys
    )


def _forbids(
    agreements: Sequence[Agreement],
    giver: str,
    requester: Requester,
    context: Context,
    action: str,
    label: Label,
    keys: frozenset[str],
) -> Iterator[tuple[Agreement, Clause]]:
    """The forbids that bind a requester towards whoever gives: the owner, or who passes it on."""
    for agreement in agreements:
        for clause in agreement.forbids:
            if (
                covers(clause, action)
                and {giver, requester.agency} <= set(agreement.parties)
                and (requester.agency != label.owner or clause.own)
                and asker_fits(clause.to, requester, unknown=True)
                and reason_fits(clause.reason, context, unknown=True)
                and (clause.of.owner is None or label.owner in clause.of.owner)
                and (clause.of.subject is None or label.subjects & clause.of.subject)
                and thing_fits(clause.of, label)
                and not _excepted(clause, requester, context, keys)
            ):
                yield agreement, clause


def _excepted(clause: Clause, requester: Requester, context: Context, keys: frozenset[str]) -> bool:
    unless = clause.unless
    return (
        unless is not None
        and asker_fits(unless.to, requester, unknown=False)
        and reason_fits(unless.reason, context, unknown=False)
        and unless.when <= keys
    )


def asker_fits(to: Asker, requester: Requester, *, unknown: bool) -> bool:
    """Whether a requester is among those a clause names; `unknown` answers for a missing fact."""
    single = (
        (to.agency, requester.agency),
        (to.kind, requester.kind),
        (to.country, requester.country),
        (to.clearance, requester.clearance),
        (to.nationality, requester.nationality),
    )
    return (
        all(words is None or (unknown if v is None else v in words) for words, v in single)
        and (to.role is None or bool(to.role & requester.roles))
        and (to.assurance is None or requester.assurance in to.assurance)
        and to.training <= requester.training
    )


def reason_fits(reason: Reason, context: Context, *, unknown: bool) -> bool:
    """Whether the purpose and the legal basis of the question are among those a clause names."""
    basis = context.legal_basis
    return (reason.purpose is None or context.purpose in reason.purpose) and (
        reason.legal_basis is None or (unknown if basis is None else basis in reason.legal_basis)
    )


def thing_fits(of: Reach, label: Label) -> bool:
    """Whether a label is reached, as far as owner and subject do not say otherwise."""
    sets = (
        (of.schema, label.schema),
        (of.part, label.part),
        (of.sensitivity, label.sensitivity),
        (of.handling, label.handling),
        (of.basis, label.basis),
        (of.offence, label.offence),
    )
    flags = (
        (of.minor, label.minor),
        (of.sealed, label.sealed),
        (of.intelligence, label.intelligence),
    )
    return all(words is None or v in words for words, v in sets) and all(
        flag is None or v == flag for flag, v in flags
    )


def blocked_by_handling(
    requester: Requester, action: str, label: Label, keys: frozenset[str]
) -> bool:
    """Europol H2: no onward dissemination without the provider, whose permission is a grant."""
    return (
        action == "onward"
        and label.handling == "H2"
        and requester.agency != label.owner
        and "grant" not in keys
    )


def rank(route: Route) -> tuple[object, ...]:
    """The published order of permits: fewest obligations, lightest, straight before composed."""
    obligations = [o for _, clause in route for o in clause.obligations]
    return (burden(obligations), len(route), [cite(a, c) for a, c in route])


def allowed(action: str, route: Route, handling: str) -> Decision:
    """The decision that a route gives; what the handling code asks is always added."""
    (agreement, clause), *rest = route
    obligations = {o for _, c in route for o in c.obligations} | set(label_obligations(handling))
    return Decision(
        True,
        action,
        agreement_hash=agreement.content_hash,
        agreement_id=agreement.id,
        clause_id=clause.id,
        obligations=tuple(sorted(obligations)),
        via=tuple(cite(a, c) for a, c in rest),
        recipients=(clause.recipients or frozenset()) if action == "onward" else frozenset(),
    )


def blocked(action: str) -> Decision:
    """The refusal that the handling code H2 gives, which no clause causes."""
    return Decision(False, action, missing=("key: grant",))


def refused(action: str, agreement: Agreement, clause: Clause) -> Decision:
    """The refusal that a forbid gives."""
    return Decision(
        False,
        action,
        agreement_hash=agreement.content_hash,
        agreement_id=agreement.id,
        clause_id=clause.id,
    )
