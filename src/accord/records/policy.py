"""The rules that every record keeps, each raising a sentence; `can_...` wraps where a page asks."""

from __future__ import annotations

from datetime import date

from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.records.domain import GRADING_SCHEMES, Grading, RecordDraft
from accord.records.faults import FieldError
from accord.records.retention import classes

MIN_SUSPICION_CHARS = 20
"""Shorter than this, a text states no facts (28 CFR 23.20(c) asks for sufficient facts)."""


def check_basis_of_suspicion(intelligence: bool, basis: str | None) -> None:
    """No criminal intelligence without reasonable suspicion, stated (28 CFR 23.20(a), (c))."""
    if intelligence and len((basis or "").strip()) < MIN_SUSPICION_CHARS:
        raise FieldError(
            "basis-of-suspicion",
            phrase(
                "criminal intelligence needs the facts that give reasonable suspicion, "
                "stated (28 CFR 23.20(a), (c))"
            ),
        )


def latest_retention(intelligence: bool, collected: date) -> date | None:
    """The last day before a record must be validated again; None where no law sets one."""
    limits = [c.latest(collected) for c in classes() if c.intelligence == intelligence]
    return min((limit for limit in limits if limit is not None), default=None)


def check_retention(intelligence: bool, retain_until: date | None, collected: date) -> None:
    """Intelligence has a retention date, at most five years on (28 CFR 23.20(h))."""
    limit = latest_retention(intelligence, collected)
    if limit is None:
        return
    if retain_until is None:
        raise FieldError(
            "retention", phrase("criminal intelligence needs a date to review or purge it")
        )
    if retain_until > limit:
        raise FieldError(
            "retention",
            phrase(
                "criminal intelligence is kept at most 5 years before it is validated "
                "again (28 CFR 23.20(h)): until %(limit)s at the latest",
                limit=limit.isoformat(),
            ),
        )


def check_grading(grading: Grading | None) -> None:
    """A grade belongs to its own scheme."""
    if grading is None:
        return
    scheme = GRADING_SCHEMES.get(grading.scheme)
    if scheme is None:
        raise FieldError(
            "grading",
            phrase(
                "grading schemes are %(grading_schemes)s",
                grading_schemes=", ".join(GRADING_SCHEMES),
            ),
        )
    sources, informations = scheme
    if grading.source not in sources:
        raise FieldError(
            "grading",
            phrase(
                "%(scheme)s grades a source %(sources)s",
                scheme=grading.scheme,
                sources=", ".join(sources),
            ),
        )
    if grading.information not in informations:
        grades = ", ".join(informations)
        raise FieldError(
            "grading",
            phrase(
                "%(scheme)s grades information %(grades)s", scheme=grading.scheme, grades=grades
            ),
        )


def check_draft(draft: RecordDraft, collected: date) -> None:
    """The rules that a whole record keeps on the day it is collected."""
    check_basis_of_suspicion(draft.intelligence, draft.basis_of_suspicion)
    check_retention(draft.intelligence, draft.retain_until, collected)
    check_grading(draft.grading)
    if not draft.parts:
        raise FieldError("no-parts", phrase("the record says nothing: it has no value in any part"))


def check_purge(
    *,
    review_on: date | None,
    retain_until: date | None,
    today: date,
    legal_hold: bool,
    people: int,
) -> None:
    """A legal hold beats retention; a purge is done by two people once a review day has come."""
    check_no_hold(legal_hold, "purged")
    passed = retain_until is not None and retain_until < today
    if not passed and (review_on is None or review_on > today):
        raise NotAllowed(
            phrase(
                "Neither its day of review nor its retention date has come, so it may not be purged."
            )
        )
    if people < 2:
        raise NotAllowed(
            phrase("A purge needs two people."), who_can_change=phrase("a second records custodian")
        )


def check_no_hold(legal_hold: bool, verb: str) -> None:
    """What is on legal hold is neither purged, recalled nor shortened in its retention."""
    if legal_hold:
        raise NotAllowed(
            phrase("The record is under a legal hold, so it may not be %(verb)s.", verb=verb),
            who_can_change=phrase("the custodian who placed the hold"),
        )


def check_recall(*, actor_agency: str, owner: str, legal_hold: bool) -> None:
    """Only the owner recalls, and not what a proceeding needs."""
    if actor_agency != owner:
        raise NotAllowed(phrase("Only the agency that owns the record may recall it."))
    check_no_hold(legal_hold, "recalled")
