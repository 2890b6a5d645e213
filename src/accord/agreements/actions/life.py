"""Take the steps of an agreement's life: propose, withdraw, sign, put in force, suspend, end.

Each step is checked against the table (accord.agreements.life), stored once and never altered, and
moves the policy epoch: so it takes effect on the next request, everywhere, and rewrites no row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accord.agencies import queries as agencies
from accord.agencies.light import check_full
from accord.agreements import queries
from accord.agreements.actions.attesting import attested
from accord.agreements.actions.gate import check_gate
from accord.agreements.course import not_to_be_activated, stale_amendment
from accord.agreements.domain import Agreement
from accord.agreements.life import (
    ATTESTED,
    LONGEST_REASON,
    REASONED,
    Life,
    State,
    Step,
    check_step,
    step_payload,
)
from accord.agreements.membersigning import Given, member_signs
from accord.agreements.models import AgreementSignature, AgreementState, AgreementVersion
from accord.agreements.parse import parse
from accord.agreements.scope import Scope
from accord.agreements.terms import (
    check_amendment,
    check_signature,
    end_instant,
    first_instant,
    verify_signatures,
)
from accord.agreements.versions import VersionEntry
from accord.identity.signed import Signs
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.platform.db.moments import no_later

LEAVING = frozenset({Step.SUSPEND, Step.RESUME, Step.TERMINATE})
"""Steps by which a party holds back or ends what binds it: a light member may, too."""


def propose(scope: Scope, text: str, file: str) -> str:
    """Store a version, not yet signed, and return its content hash; the same text again is no change.

    Raises InvalidInput with file, line, clause and rule; NotAllowed for anybody but a supervisor of
    a party; Conflict when what it amends is not in force here, or when the text was ended before.
    """
    agreement = parse(text, file=file, agencies={a.id for a in agencies.agencies()})
    _lock()
    check_proposal(scope, agreement, file)
    _, made = AgreementVersion.objects.get_or_create(
        content_hash=agreement.content_hash,
        defaults={
            "agreement": agreement.id,
            "kind": agreement.kind,
            "title": agreement.title,
            "parties": sorted(agreement.parties),
            "text": text,
            "parent_hash": agreement.amends,
            "effective_from": first_instant(agreement),
            "effective_until": end_instant(agreement),
        },
    )
    if made:
        _store(scope, agreement, Step.PROPOSE, now(), "", None)
    return agreement.content_hash


def check_proposal(scope: Scope, agreement: Agreement, file: str) -> None:
    """Refuse a proposal that nothing could come of; raises NotAllowed, Conflict."""
    check_full(scope.actor)
    unborn = Life(State.DRAFT, parties=frozenset(agreement.parties))
    check_step(unborn, Step.PROPOSE, scope.actor.agency, scope.actor.roles)
    known = {v.content_hash: v for v in queries.versions_of(agreement.id)}
    same = known.get(agreement.content_hash)
    if same is not None and same.state in (State.WITHDRAWN, State.TERMINATED):
        raise Conflict(
            phrase(
                "This very text was %(state)s before; what was ended is not begun anew.",
                state=same.state,
            )
        )
    if agreement.amends and agreement.amends not in known:
        raise Conflict(
            phrase(
                "%(file)s amends %(amends)s, which is no version of %(id)s on this node.",
                file=file,
                amends=agreement.amends,
                id=agreement.id,
            )
        )
    if same is None and agreement.amends:
        because = stale_amendment(known[agreement.amends].state)
        if because is not None:
            raise Conflict(
                phrase(
                    "%(file)s amends %(amends)s. %(because)s",
                    file=file,
                    amends=agreement.amends[:12],
                    because=because,
                )
            )


def sign(scope: Scope, content_hash: str, signature: bytes, by: Given | None = None) -> None:
    """Add the signature of the actor's agency over the canonical form, and the member's own.

    Raises NotAllowed when the agency is no party, the actor no supervisor, or the signature does not
    verify over this text; Conflict when the state admits no signature.
    """
    _lock()
    version = queries.version(content_hash)
    check_step(version.life, Step.SIGN, scope.actor.agency, scope.actor.roles)
    if any(s.agency == scope.actor.agency for s in version.signatures):
        raise Conflict(
            phrase(
                "Your agency's signature over this text is stored, and it does not fit the agency's "
                "present key. What was signed is not replaced: propose a new version."
            )
        )
    agency = scope.actor.agency
    check_signature(version.parsed, agency, signature, {agency: agencies.key_kept(agency)})
    member_signs(scope, Signs.AGREEMENT, content_hash, version.parsed.canonical(), by)
    AgreementSignature.objects.create(
        version_id=content_hash,
        agency=scope.actor.agency,
        officer=scope.actor.membership,
        signature=signature,
        signed_at=no_later(),
    )
    _log(scope, version.parsed, "signed")


def withdraw(scope: Scope, content_hash: str, *, reason: str) -> None:
    """Take back what the actor's agency proposed, while it is not in force; this is final."""
    _take(scope, content_hash, Step.WITHDRAW, reason, None, None)


def activate(
    scope: Scope,
    content_hash: str,
    *,
    at: datetime | None = None,
    signature: bytes | None = None,
    by: Given | None = None,
    together: Collection[str] = (),
) -> None:
    """Put a version in force once every party signed; an amendment supersedes its parent.

    Raises NotAllowed while a signature is missing or false, when a party of the version that it
    amends is no party to it, or when what then decides is not proven (`gate.py`); Conflict when its
    parent is not the version in force or another is. `together` names signed versions that are put
    in force in the same go, as when a world is loaded: all of them are proven as one set.
    """
    _take(scope, content_hash, Step.ACTIVATE, "", at, signature, by, together)


def suspend(
    scope: Scope,
    content_hash: str,
    *,
    reason: str,
    at: datetime | None = None,
    signature: bytes | None = None,
    by: Given | None = None,
) -> None:
    """Hold an agreement back, whole, until the actor's agency resumes it."""
    _take(scope, content_hash, Step.SUSPEND, reason, at, signature, by)


def resume(
    scope: Scope,
    content_hash: str,
    *,
    reason: str,
    at: datetime | None = None,
    signature: bytes | None = None,
    by: Given | None = None,
) -> None:
    """End the suspension by the actor's agency; in force again once no other party suspends it.

    Raises NotAllowed when what then decides is not proven: others may have come in force meanwhile.
    """
    _take(scope, content_hash, Step.RESUME, reason, at, signature, by)


def terminate(
    scope: Scope,
    content_hash: str,
    *,
    reason: str,
    at: datetime | None = None,
    signature: bytes | None = None,
    by: Given | None = None,
) -> None:
    """End an agreement for every party; this is final."""
    _take(scope, content_hash, Step.TERMINATE, reason, at, signature, by)


def _take(
    scope: Scope,
    content_hash: str,
    step: Step,
    reason: str,
    at: datetime | None,
    signature: bytes | None,
    by: Given | None = None,
    together: Collection[str] = (),
) -> None:
    """Check a step, store it with the agency's signature, and see that what was stored counts."""
    if step not in LEAVING:
        check_full(scope.actor)
    _lock()
    known = queries.versions()
    by_hash = {v.content_hash: v for v in known}
    version = by_hash.get(content_hash) or queries.version(content_hash)
    beside = {h: v for h, v in by_hash.items() if v.agreement == version.agreement}
    if step is Step.ACTIVATE:
        _check_signed(scope, version)
    check_step(version.life, step, scope.actor.agency, scope.actor.roles)
    if step is Step.ACTIVATE:
        _check_place(version, beside)
    reason = _reason(step, reason)
    if step in (Step.ACTIVATE, Step.RESUME):
        check_gate(known, {content_hash, *together}, now())
    if step in ATTESTED:
        at, signature = attested(scope, content_hash, step, at, reason, signature)
        payload = step_payload(content_hash, step, at, reason)
        member_signs(scope, Signs.AGREEMENT_STEP, content_hash, payload, by)
    _store(scope, version.parsed, step, at or now(), reason, signature)
    if queries.version(content_hash).life == version.life:
        raise Conflict(phrase("This very step was taken before; it counts once."))


def _check_signed(scope: Scope, version: VersionEntry) -> None:
    """Name who has not signed; raises NotAllowed."""
    if version.state is State.PROPOSED and scope.actor.agency in version.life.parties:
        ring, given = agencies.key_ring(), {s.agency: s.signature for s in version.signatures}
        keys = {s.agency: ring.key(s.agency, s.signed_at) for s in version.signatures}
        verify_signatures(version.parsed, given, keys)


def _check_place(version: VersionEntry, beside: dict[str, VersionEntry]) -> None:
    """Refuse a version that may not take its place among the others of its agreement."""
    parent = beside.get(version.parsed.amends or "")
    if parent is not None:
        check_amendment(version.parsed, parent.parsed)
    states = {v.content_hash: v.state for v in beside.values()}
    because = not_to_be_activated(version.facts, states, now())
    if because is not None:
        raise Conflict(because)


def _reason(step: Step, reason: str) -> str:
    text = reason.strip()
    if step in REASONED and not text:
        raise InvalidInput("step", None, "reason", phrase("must be given; every member reads it"))
    if len(text) > LONGEST_REASON:
        raise InvalidInput(
            "step",
            None,
            "reason",
            phrase("at most %(longest_reason)s characters", longest_reason=LONGEST_REASON),
        )
    if "\0" in text or not _is_text(text):
        raise InvalidInput("step", None, "reason", phrase("holds a character that no text has"))
    return text


def _is_text(text: str) -> bool:
    """Whether every character is whole: what JSON can send by halves, nobody can sign."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _store(
    scope: Scope,
    agreement: Agreement,
    step: Step,
    at: datetime,
    reason: str,
    signature: bytes | None,
) -> None:
    AgreementState.objects.create(
        version_id=agreement.content_hash,
        step=str(step),
        at=at,
        by_member=scope.actor.membership,
        agency=scope.actor.agency,
        reason=reason,
        signature=signature,
    )
    _log(scope, agreement, _SAID[step], reason)


_SAID = {
    Step.PROPOSE: "proposed",
    Step.WITHDRAW: "withdrawn",
    Step.ACTIVATE: "in force",
    Step.SUSPEND: "suspended",
    Step.RESUME: "resumed",
    Step.TERMINATE: "terminated",
}


def _log(scope: Scope, agreement: Agreement, step: str, reason: str = "") -> None:
    said = {"reason": reason} if reason else {}
    scope.did("agreement", agreement=agreement.id, hash=agreement.content_hash, step=step, **said)


def _lock() -> None:
    """One step at a time: what a step is checked against cannot change before it is stored."""
    alone("accord.agreement")
