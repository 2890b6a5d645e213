"""When an agreement decides: signed by all, within its days, and not replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.agreements.domain import Agreement
from accord.agreements.terms import check_amendment, in_force, verify_signatures
from accord.kernel.errors import NotAllowed

from .example import MOU, mou

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_the_last_day_is_included_in_the_agreements_own_zone() -> None:
    last = datetime(2028, 12, 31, 23, 59, 59, tzinfo=CHICAGO)
    assert last.astimezone(UTC).year == 2029
    assert in_force([mou()], last) == (mou(),)
    assert in_force([mou()], datetime(2029, 1, 1, 0, 0, tzinfo=CHICAGO)) == ()


def test_the_first_day_begins_at_midnight_in_the_agreements_own_zone() -> None:
    assert in_force([mou()], datetime(2026, 1, 1, 0, 0, tzinfo=UTC)) == ()
    assert in_force([mou()], datetime(2026, 1, 1, 0, 0, tzinfo=CHICAGO)) == (mou(),)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        in_force([mou()], datetime(2026, 6, 1))


def test_an_agreement_without_an_end_holds_until_it_is_amended() -> None:
    endless = mou(MOU.replace(" until: 2028-12-31,", ""))
    assert in_force([endless], datetime(2099, 1, 1, tzinfo=UTC)) == (endless,)


def amendment(
    parent: Agreement, starts: str = "2026-03-01", until: str = "2028-12-31"
) -> Agreement:
    text = MOU.replace("2026-01-01", starts).replace("2028-12-31", until)
    return mou(text.replace("vocabulary: 1", f"vocabulary: 1\namends: {parent.content_hash}"))


def test_an_amendment_replaces_its_parent_from_its_first_day() -> None:
    parent, child = mou(), amendment(mou())
    assert in_force([child, parent], datetime(2026, 2, 1, tzinfo=UTC)) == (parent,)
    assert in_force([child, parent], NOW) == (child,)


def test_a_parent_does_not_come_back_when_its_amendment_ends() -> None:
    parent, child = mou(), amendment(mou(), until="2026-04-01")
    assert in_force([parent, child], NOW) == ()


def test_an_amendment_of_an_amendment_replaces_both() -> None:
    parent, child = mou(), amendment(mou(), starts="2026-09-01")
    grandchild = amendment(child, starts="2026-05-01")
    assert in_force([parent, child, grandchild], NOW) == (grandchild,)


def test_two_parties_cannot_sign_away_what_protects_a_third() -> None:
    parent, child = mou(), amendment(mou())
    rogue = replace(child, parties=("riverbend-pd", "harlan-so"))
    assert in_force([parent, rogue], NOW) == (parent,)
    with pytest.raises(NotAllowed, match="state-bi signed the version"):
        check_amendment(rogue, parent)


def test_an_amendment_keeps_id_and_kind() -> None:
    with pytest.raises(NotAllowed, match="keeps the id and the kind"):
        check_amendment(replace(amendment(mou()), id="other"), mou())
    with pytest.raises(NotAllowed, match="does not name"):
        check_amendment(mou(), mou())


KEYS = {party: Ed25519PrivateKey.generate() for party in mou().parties}
PUBLIC = {party: key.public_key().public_bytes_raw() for party, key in KEYS.items()}


def signatures(agreement: Agreement) -> dict[str, bytes]:
    return {party: key.sign(agreement.canonical()) for party, key in KEYS.items()}


def test_an_agreement_that_every_party_signed_is_accepted() -> None:
    verify_signatures(mou(), signatures(mou()), PUBLIC)


def test_a_missing_forged_foreign_or_stale_signature_is_refused() -> None:
    signed = signatures(mou())
    missing = {p: s for p, s in signed.items() if p != "state-bi"}
    with pytest.raises(NotAllowed, match="state-bi has not signed"):
        verify_signatures(mou(), missing, PUBLIC)
    swapped = {**signed, "state-bi": signed["harlan-so"]}
    with pytest.raises(NotAllowed, match="signature of state-bi does not fit"):
        verify_signatures(mou(), swapped, PUBLIC)
    with pytest.raises(NotAllowed, match="signed mou-2026-007 but is no party"):
        verify_signatures(mou(), {**signed, "fbi": b"x"}, PUBLIC)
    with pytest.raises(NotAllowed, match="no public key"):
        verify_signatures(mou(), signed, {})
    with pytest.raises(NotAllowed, match="does not fit"):
        verify_signatures(mou(MOU.replace("permit: hit", "permit: view")), signed, PUBLIC)
    with pytest.raises(NotAllowed, match="does not fit"):
        verify_signatures(mou(), {**signed, "state-bi": b"short"}, PUBLIC)
