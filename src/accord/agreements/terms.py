"""Which agreements decide at a given time, and whether everybody who must has signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accord.agreements.domain import Agreement
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.kernel.signatures import verifies


def in_force(agreements: Iterable[Agreement], at: datetime) -> tuple[Agreement, ...]:
    """The agreements that decide at that time, in a fixed order.

    The caller gives signed agreements only. An amendment replaces its parent, and the parent's
    own parents, from its first day on, also after the amendment itself has ended. What claims to
    amend a version that it may not amend decides nothing.
    """
    by_hash = {agreement.content_hash: agreement for agreement in agreements}
    valid = {h: a for h, a in by_hash.items() if _may_amend(a, by_hash)}
    replaced: set[str] = set()
    for agreement in valid.values():
        if agreement.in_force.started(at):
            replaced |= _ancestors(agreement, valid)
    holding = [a for h, a in valid.items() if h not in replaced and a.in_force.holds(at)]
    return tuple(sorted(holding, key=lambda a: (a.id, a.content_hash)))


def first_instant(agreement: Agreement) -> datetime:
    """The instant at which its first day begins, in its own zone."""
    return _midnight(agreement.in_force.starts, agreement.in_force.zone)


def end_instant(agreement: Agreement) -> datetime | None:
    """`until` is inclusive in the agreement's own zone, so the end is the next midnight there.

    After the last day of the calendar there is none.
    """
    last = agreement.in_force.ends
    if last is None or last == date.max:
        return None
    return _midnight(last + timedelta(days=1), agreement.in_force.zone)


def _midnight(day: date, zone: str) -> datetime:
    there = datetime.combine(day, time.min, ZoneInfo(zone))
    try:
        return there.astimezone(UTC)
    except OverflowError:  # the first day of the calendar, east of Greenwich
        return datetime.min.replace(tzinfo=UTC)


def check_amendment(child: Agreement, parent: Agreement) -> None:
    """Refuses an amendment that another agreement's parties did not all sign up to.

    Without this rule two parties could sign away what protects a third.
    """
    if child.amends != parent.content_hash:
        raise NotAllowed(
            phrase(
                "%(id)s does not name %(id2)s as the version it amends", id=child.id, id2=parent.id
            )
        )
    if child.id != parent.id or child.kind != parent.kind:
        raise NotAllowed(
            phrase(
                "an amendment keeps the id and the kind of what it amends: %(id)s "
                "(%(kind)s), not %(id2)s (%(kind2)s)",
                id=parent.id,
                kind=parent.kind,
                id2=child.id,
                kind2=child.kind,
            )
        )
    absent = sorted(set(parent.parties) - set(child.parties))
    if absent:
        raise NotAllowed(
            phrase(
                "%(absent)s signed the version that this amends and is no party to it",
                absent=", ".join(absent),
            ),
            who_can_change=phrase("the parties of the version in force"),
        )


def _may_amend(child: Agreement, by_hash: Mapping[str, Agreement]) -> bool:
    return amends_rightly(child, by_hash.get(child.amends) if child.amends else None)


def _ancestors(agreement: Agreement, by_hash: Mapping[str, Agreement]) -> set[str]:
    found: set[str] = set()
    current: Agreement | None = agreement
    while current is not None and current.amends and current.amends not in found:
        found.add(current.amends)
        current = by_hash.get(current.amends)
    return found


def verify_signatures(
    agreement: Agreement,
    signatures: Mapping[str, bytes],
    public_keys: Mapping[str, bytes],
) -> None:
    """Refuses an agreement that some party has not signed.

    Steps: (1) every party has a signature; (2) every party has a public key (32 bytes, Ed25519);
    (3) each signature verifies over `Agreement.canonical()`; (4) nobody else signed.
    Left to the caller: that a key was its agency's at the time, and which officer used it.
    """
    payload = agreement.canonical()
    strangers = sorted(set(signatures) - set(agreement.parties))
    if strangers:
        raise NotAllowed(
            phrase(
                "%(strangers)s signed %(id)s but is no party to it",
                strangers=", ".join(strangers),
                id=agreement.id,
            )
        )
    for party in sorted(agreement.parties):
        _check_signature(agreement.id, party, payload, signatures, public_keys)


def amends_rightly(child: Agreement, parent: Agreement | None) -> bool:
    """Whether `check_amendment` admits it; a version without a parent amends nothing wrongly."""
    if parent is None:
        return True
    try:
        check_amendment(child, parent)
    except NotAllowed:
        return False
    return True


def signed_by(
    agreement: Agreement, signatures: Mapping[str, bytes], public_keys: Mapping[str, bytes]
) -> frozenset[str]:
    """The parties whose signature over `Agreement.canonical()` verifies; others count for nothing."""
    payload = agreement.canonical()
    return frozenset(
        party
        for party in agreement.parties
        if party in signatures
        and party in public_keys
        and verifies(public_keys[party], signatures[party], payload)
    )


def check_signature(
    agreement: Agreement, party: str, signature: bytes, public_keys: Mapping[str, bytes]
) -> None:
    """Refuses one party's signature unless it verifies over `Agreement.canonical()`."""
    _check_signature(agreement.id, party, agreement.canonical(), {party: signature}, public_keys)


def _check_signature(
    name: str,
    party: str,
    payload: bytes,
    signatures: Mapping[str, bytes],
    public_keys: Mapping[str, bytes],
) -> None:
    if party not in signatures:
        raise NotAllowed(
            phrase("%(party)s has not signed %(name)s", party=party, name=name),
            who_can_change=party,
        )
    if party not in public_keys:
        raise NotAllowed(
            phrase("no public key is known for %(party)s", party=party), who_can_change=party
        )
    if not verifies(public_keys[party], signatures[party], payload):
        raise NotAllowed(
            phrase(
                "the signature of %(party)s does not fit %(name)s as it is written here",
                party=party,
                name=name,
            ),
            who_can_change=party,
        )
