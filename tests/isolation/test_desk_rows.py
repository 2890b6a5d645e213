"""Whose saved searches and quick checks are whose, asked of PostgreSQL itself."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError
from django.test import override_settings

from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.actions import saved_searches as saved
from accord.records.actions.quick_checks import begin_check, review_check
from accord.records.checking import Reason
from accord.records.models import QuickCheck, QuickCheckReview, SavedSearch
from accord.records.queries.quick_checks import checks_to_review, one_check, own_checks
from accord.records.queries.saved_searches import saved_search, saved_searches
from accord.records.question import Question
from isolation.contributing import acting

ALVAREZ, OKAFOR = "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor"
KOWALSKI, RASMUSSEN = "riverbend-pd.r.kowalski", "harlan-so.e.rasmussen"
CHECK, CASE = "general-policing", ("human-trafficking-investigation", "HT-2026-014")
WHY = "The stop is in the log of that night."


def checked(by: str, percent: int) -> UUID:
    with override_settings(ACCORD_QUICK_CHECK_REVIEW_PERCENT=percent), acting(by, CHECK) as scope:
        return begin_check(scope, "plate:ZZ 4711", Reason("other", "Parked across the lane."))


def test_a_drawn_check_shows_to_who_made_it_and_to_the_agency_s_reviewers(world: Path) -> None:
    made = checked(ALVAREZ, 100)
    with acting(ALVAREZ, "oversight") as scope:
        assert one_check(scope, made).asked == "plate:ZZ 4711"
    with acting(OKAFOR, "oversight") as scope:
        found = next(c for c in checks_to_review(scope) if c.id == made)
        assert found.reason.said == "Parked across the lane."
    for other in (KOWALSKI, RASMUSSEN):
        with acting(other, "oversight") as scope, pytest.raises(NotFound):
            one_check(scope, made)


def test_a_check_that_was_not_drawn_shows_to_who_made_it_alone(world: Path) -> None:
    made = checked(ALVAREZ, 0)
    with acting(ALVAREZ, "oversight") as scope:
        assert made in {c.id for c in own_checks(scope)}
    with acting(OKAFOR, "oversight"):
        assert not QuickCheck.objects.filter(id=made).exists()


def test_a_review_is_written_once_by_somebody_else_and_read_by_who_checked(world: Path) -> None:
    made = checked(ALVAREZ, 100)
    with pytest.raises(NotAllowed), acting(ALVAREZ, "oversight") as scope:
        review_check(scope, made, "justified", WHY)
    with pytest.raises(InvalidInput), acting(OKAFOR, "oversight") as scope:
        review_check(scope, made, "justified", "ok")
    with acting(OKAFOR, "oversight") as scope:
        review_check(scope, made, "justified", WHY)
    with pytest.raises(Conflict), acting(OKAFOR, "oversight") as scope:
        review_check(scope, made, "not-justified", WHY)
    with acting(ALVAREZ, "oversight") as scope:
        assert (one_check(scope, made).verdict, one_check(scope, made).because) == (
            "justified",
            WHY,
        )


@pytest.mark.parametrize(
    ("reviewer", "of"), [(ALVAREZ, ALVAREZ), (KOWALSKI, ALVAREZ), (OKAFOR, OKAFOR)]
)
def test_the_database_refuses_a_review_of_one_s_own_or_by_who_reviews_nobody(
    world: Path, reviewer: str, of: str
) -> None:
    made = checked(of, 100)
    row = QuickCheckReview(
        id=uuid4(), check_of_id=made, membership_id=of, agency_id="riverbend-pd",
        reviewer=reviewer, verdict="justified", sealed="x", at=now(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting(reviewer, "oversight"):
        QuickCheckReview.objects.bulk_create([row])


def test_no_check_is_made_in_somebody_else_s_name(world: Path) -> None:
    row = QuickCheck(
        id=uuid4(), membership_id=ALVAREZ, agency_id="riverbend-pd", legal_basis="statute",
        reason="stop", sealed="x", entry_id=uuid4(), at=now(), sampled=False,
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting(OKAFOR, CHECK):
        QuickCheck.objects.bulk_create([row])


def test_a_saved_search_is_its_member_s_in_its_context(world: Path) -> None:
    with acting(ALVAREZ, *CASE) as scope:
        made = saved.save(scope, "Him", Question("Viktor Danylchuk"), ["a"])
        assert [s.name for s in saved_searches(scope) if s.id == made] == ["Him"]
    with acting(OKAFOR, *CASE) as scope:
        assert not SavedSearch.objects.filter(id=made).exists()
        with pytest.raises(NotFound):
            saved.rename(scope, made, "Ours")
    with acting(ALVAREZ, CHECK) as scope, pytest.raises(NotFound):
        saved_search(scope, made)


def test_nothing_of_a_saved_search_or_a_check_stands_in_clear(world: Path) -> None:
    from isolation.contributing import tables_with

    with acting(ALVAREZ, *CASE) as scope:
        saved.save(scope, "Xylophonehidden", Question("Yttriumhidden Danylchuk"), [])
    with acting(ALVAREZ, CHECK) as scope:
        begin_check(scope, "Zirconiumhidden", Reason("other", "Wolframhidden was seen here."))
    words = ("xylophonehidden", "yttriumhidden", "zirconiumhidden", "wolframhidden")
    assert tables_with(world, *words) == set()


def test_what_is_deleted_can_be_brought_back_and_new_is_what_was_not_shown(world: Path) -> None:
    with acting(ALVAREZ, *CASE) as scope:
        made = saved.save(scope, "", Question("Viktor Danylchuk"), ["a"])
    with acting(ALVAREZ, *CASE) as scope:
        saved.delete(scope, made)
    with acting(ALVAREZ, *CASE) as scope:
        saved.restore(scope, made)
        found = saved_search(scope, made)
        assert (found.name, found.deleted_at) == ("Viktor Danylchuk", None)
        assert found.new(["a", "b"]) == {"b"}
    with acting(ALVAREZ, *CASE) as scope:
        saved.mark_seen(scope, made, ["b"])
        assert saved_search(scope, made).new(["a", "b"]) == frozenset()
