"""Reading agreements: the list, and one version with its plain language, signatures and changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import queries
from accord.agreements.comparison import compare
from accord.agreements.domain import Agreement, Clause
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.plain import clause_rows
from accord.agreements.queries import IN_FORCE
from accord.agreements.scope import Scope
from accord.agreements.terms import check_signature
from accord.agreements.versions import VersionEntry
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.web.components import Chip, Column, Cosignature, Tone
from accord.web.filters import as_date, listing, words

COLUMNS = (
    Column("title", "Agreement"),
    Column("kind", "Kind", narrow=False),
    Column("parties", "Parties", narrow=False),
    Column("state", "State"),
    Column("until", "Until"),
)
STATES: dict[str, tuple[str, Tone]] = {
    "in force": ("In force", "good"),
    "coming": ("Not yet in force", "info"),
    "ended": ("Ended", "neutral"),
    "superseded": ("Replaced", "neutral"),
    "proposed": ("Waits for signatures", "warn"),
}


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause: the parties' prose, and what the system makes of it."""

    id: str
    effect: str
    prose: str
    rows: tuple[tuple[str, str], ...]


@own_desk("case-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    names = {a.id: a.name for a in agencies.agencies()}
    everything = request.GET.get("view") == "all"
    rows = [
        _row(version, names)
        for version in sorted(queries.versions(), key=lambda v: (v.kind, v.title, v.content_hash))
        if everything or _is_current(version)
    ]
    ours = [r for r in rows if scope.actor.agency in r["party_ids"]]
    others = [r for r in rows if scope.actor.agency not in r["party_ids"]]
    context = {"columns": COLUMNS, "ours": ours, "others": others, "everything": everything}
    return render(request, "agreements/list.html", context)


def _is_current(version: VersionEntry) -> bool:
    return _state(version, now()) not in ("superseded", "ended")


def _row(version: VersionEntry, names: Mapping[str, str]) -> dict[str, Any]:
    parties = [names.get(p, p) for p in version.parties]
    return {
        "href": f"/agreements/{version.content_hash}",
        "title": version.title,
        "kind": words(version.kind),
        "parties": listing(parties),
        "party_ids": version.parties,
        "state": _chip(version),
        "until": as_date(end) if (end := version.parsed.in_force.ends) else "No end",
    }


def _state(version: VersionEntry, at: datetime) -> str:
    """What the version is now: activation, supersession and time together."""
    if version.state != IN_FORCE:
        return version.state
    if version.effective_from > at:
        return "coming"
    if version.effective_until is not None and version.effective_until <= at:
        return "ended"
    return "in force"


def _chip(version: VersionEntry) -> Chip:
    text, tone = STATES.get(_state(version, now()), (words(version.state), "neutral"))
    return Chip(text, tone)


@own_desk("case-administration")
def _version(request: Any, content_hash: str) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.version(content_hash)
    agreement = found.parsed
    names = {a.id: a.name for a in agencies.agencies()}
    same = [v for v in queries.versions() if v.agreement == found.agreement]
    parent = next((v for v in same if v.content_hash == found.parent_hash), None)
    context = {
        "found": found,
        "agreement": agreement,
        "state": _chip(found),
        "parties": [names.get(p, p) for p in agreement.parties],
        "permits": _clauses(agreement, agreement.stated_permits),
        "forbids": _clauses(agreement, agreement.forbids),
        "signatures": _signatures(found, names),
        "parent": parent,
        "changes": compare(parent.parsed, agreement) if parent else (),
        "versions": [(v, _chip(v)) for v in same],
        "zone": scope.actor.zone,
    }
    return render(request, "agreements/version.html", context)


def _clauses(agreement: Agreement, clauses: tuple[Clause, ...]) -> tuple[ClauseText, ...]:
    rows = clause_rows(agreement)
    return tuple(ClauseText(c.id, c.effect, c.prose, rows[c.id]) for c in clauses)


def _signatures(found: VersionEntry, names: Mapping[str, str]) -> list[Cosignature]:
    """Every party with its signature, verified here and now under the agency's public key."""
    given = {s.agency: s for s in found.signatures}
    keys = agencies.public_keys()
    people = agencies.names({s.officer for s in found.signatures})
    lines = []
    for party in found.parsed.parties:
        signed = given.get(party)
        state = _signature_state(found.parsed, party, signed.signature if signed else None, keys)
        lines.append(
            Cosignature(
                party=names.get(party, party),
                state=state,
                by=people.get(signed.officer, signed.officer) if signed else None,
                at=signed.signed_at if signed else None,
                key=keys[party].hex() if signed and party in keys else None,
            )
        )
    return lines


def _signature_state(
    agreement: Agreement, party: str, signature: bytes | None, keys: Mapping[str, bytes]
) -> Literal["signed", "missing", "invalid"]:
    if signature is None:
        return "missing"
    try:
        check_signature(agreement, party, signature, keys)
    except NotAllowed:  # the page says that it does not match, which is all there is to say
        return "invalid"
    return "signed"


@own_desk("case-administration")
def _text(request: Any, content_hash: str) -> HttpResponseBase:
    """The document as its parties wrote and signed it."""
    if not content_hash.isalnum():
        raise NotFound()
    context = {"found": queries.version(content_hash)}
    return render(request, "agreements/text.html", context)


versions = page(get=_list)
version = page(get=_version)
text = page(get=_text)
