"""Who may change what the directory says of an agency: every rule with its sentence.

The database asks the same again (accord.apply_agency_change); these say it in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from accord.agencies.about.domain import AboutKind, AgencyChange
from accord.agencies.directory.domain import ADMINISTRATOR, READERS
from accord.agencies.directory.policy import ANOTHER
from accord.agencies.domain import Actor
from accord.agencies.keys import SigningKey, successor_payload
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.kernel.signatures import verifies


def check_own(actor: Actor, agency: str) -> None:
    """Raise NotFound unless the agency is the actor's own, and the actor reads its changes."""
    if actor.agency != agency or not actor.roles & READERS:
        raise NotFound()


def check_administers(actor: Actor) -> None:
    """Only a system administrator changes what the directory says, and of the own agency alone."""
    if ADMINISTRATOR not in actor.roles:
        raise NotAllowed(
            phrase("Only a system administrator changes what the directory says of an agency."),
            who_can_change=phrase("the administrators of your agency"),
        )


def check_successor(agency: str, current: bytes, facts: Mapping[str, Any], known: bool) -> None:
    """Raise InvalidInput unless the key in force signed the new one, and whoever has the new one did.

    Steps: (1) the agency has a key in force; (2) it is the one that is named; (3) its signature over the
    successor verifies; (4) so does the new key's own; (5) the new key is known to nobody yet.
    """
    if not current:
        rule = phrase(
            "no key of your agency is in force; the operator of the node brings the next one"
        )
    elif bytes.fromhex(facts["predecessor"]) != current:
        rule = phrase("is for another key than the one in force")
    elif not _signed(agency, facts, "predecessor", "signature"):
        rule = phrase("is not signed by the key in force")
    elif not _signed(agency, facts, "key", "proof"):
        rule = phrase("is not signed by the new key itself")
    elif known:
        rule = phrase("names a key that the node knows already; every key is new")
    else:
        return
    raise InvalidInput("change", None, "successor", rule)


def _signed(agency: str, facts: Mapping[str, Any], by: str, name: str) -> bool:
    payload = successor_payload(
        agency, bytes.fromhex(facts["predecessor"]), bytes.fromhex(facts["key"])
    )
    return verifies(bytes.fromhex(facts[by]), bytes.fromhex(facts[name]), payload)


def check_revocable(keys: Iterable[SigningKey], facts: Mapping[str, Any]) -> None:
    """Raise InvalidInput unless the key is the agency's and began before that moment.

    One that is revoked already may only be said to be others' since an earlier moment than was said.
    """
    found = next((k for k in keys if k.public.hex() == facts["key"]), None)
    if found is None:
        raise InvalidInput("change", None, "key", phrase("choose one of the list"))
    since = datetime.fromisoformat(facts["since"]) if facts["since"] else None
    known = found.revoked_from
    if known is not None and (since is None or since >= known):
        rule = phrase(
            "must be before %(moment)s UTC: since then the key is revoked already",
            moment=f"{known.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        )
        raise InvalidInput("change", None, "since", rule)
    if since is not None and found.since is not None and since < found.since:
        raise InvalidInput("change", None, "since", phrase("must not be before the key's begin"))


def is_alone(kind: AboutKind, facts: Mapping[str, Any]) -> bool:
    """Whether one administrator is enough: a key that is revoked from now on signs nothing more."""
    return kind is AboutKind.REVOKE and not facts.get("since")


def check_second(actor: Actor, change: AgencyChange, proposer: str | None) -> None:
    """The second person is not the first, whatever membership they use."""
    check_administers(actor)
    if actor.member == proposer:
        raise NotAllowed(
            phrase("You proposed this. It takes a second person."), who_can_change=ANOTHER
        )
