"""Reading agreements: the list, one version with clauses side by side, its proofs, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import queries, verdicts
from accord.agreements.comparison import compare
from accord.agreements.domain import Agreement, Clause
from accord.agreements.entry import own_desk
from accord.agreements.life import State, Step, step_payload
from accord.agreements.memberbundles import bundle_file, kept_for
from accord.agreements.pages import page
from accord.agreements.plain import clause_rows, invariant_lines
from accord.agreements.scope import Scope
from accord.agreements.screen import (
    OVER,
    clause_sources,
    history,
    moment_of,
    state_chip,
    step_buttons,
)
from accord.agreements.terms import check_signature
from accord.agreements.versions import VersionEntry
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.web.components import Column, Cosignature, Option
from accord.web.filters import as_date, listing, named, words

COLUMNS = (
    Column("title", phrase("Agreement")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("parties", phrase("Parties"), narrow=False),
    Column("state", phrase("State")),
    Column("until", phrase("Until")),
)
VERDICTS = {
    "narrower": (
        phrase("Gives less"),
        "good",
        phrase("Whatever this version allows, the other allows too."),
    ),
    "wider": (
        phrase("Gives more"),
        "warn",
        phrase("Whatever the other version allows, this one allows too."),
    ),
    "equal": (phrase("Gives the same"), "info", phrase("Both versions allow exactly the same.")),
    "incomparable": (
        phrase("Gives more and less"),
        "warn",
        phrase("Each allows something that the other refuses."),
    ),
}


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause: the parties' prose, what the system makes of it, and how it was written."""

    id: str
    effect: str
    prose: str
    rows: tuple[tuple[str, str], ...]
    yaml: str


@own_desk("case-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    names = agencies.agency_names()
    everything = request.GET.get("view") == "all"
    rows = [
        _row(version, names)
        for version in sorted(queries.versions(), key=lambda v: (v.kind, v.title, v.content_hash))
        if everything or version.state not in OVER
    ]
    ours = [r for r in rows if scope.actor.agency in r["party_ids"]]
    others = [r for r in rows if scope.actor.agency not in r["party_ids"]]
    context = {"columns": COLUMNS, "ours": ours, "others": others, "everything": everything}
    return render(request, "agreements/list.html", context)


def _row(version: VersionEntry, names: Mapping[str, str]) -> dict[str, Any]:
    parties = [names.get(p, p) for p in version.parties]
    return {
        "href": f"/agreements/{version.content_hash}",
        "title": version.title,
        "kind": words(version.kind),
        "parties": listing(parties),
        "party_ids": version.parties,
        "state": state_chip(version),
        "until": _until(version),
    }


def _until(version: VersionEntry) -> str:
    """The last day; a stored text that cannot be read binds nobody and stops no list."""
    try:
        last = version.parsed.in_force.ends
    except InvalidInput:
        return phrase("Cannot be read")
    return as_date(last) if last else phrase("No end")


@own_desk("case-administration")
def _version(request: Any, content_hash: str) -> HttpResponseBase:
    scope: Scope = request.scope
    beside = _beside(content_hash)
    found = next(v for v in beside if v.content_hash == content_hash)
    agreement = found.parsed
    names = agencies.agency_names()
    steps = step_buttons(found, scope.actor)
    context = {
        "found": found,
        "agreement": agreement,
        "state": state_chip(found),
        "parties": [names.get(p, p) for p in agreement.parties],
        "permits": _clauses(found, agreement.stated_permits, names),
        "forbids": _clauses(found, agreement.forbids, names),
        "invariants": invariant_lines(agreement),
        "names": names,
        "signatures": _signatures(found, names),
        "open_steps": [s for s in steps if s.held is None],
        "held_steps": [s for s in steps if s.held is not None],
        "suspended_by": listing([names.get(a, a) for a in found.life.suspended_by]),
        "amendable": found.state is State.IN_FORCE and scope.actor.agency in agreement.parties,
        "events": history(found, beside),
        "versions": [(v, state_chip(v)) for v in beside],
        "member_signatures": kept_for(content_hash),
        "zone": scope.actor.zone,
    }
    return render(request, "agreements/version.html", context)


def _beside(content_hash: str) -> tuple[VersionEntry, ...]:
    if not content_hash.isalnum():
        raise NotFound("No agreement has this hash.")
    beside = queries.versions_beside(content_hash)
    if not beside:
        raise NotFound("No agreement has this hash.")
    return beside


def _clauses(
    found: VersionEntry, clauses: tuple[Clause, ...], names: Mapping[str, str]
) -> tuple[ClauseText, ...]:
    written = clause_sources(found.text)
    rows = {
        clause: tuple((term, named(said, names)) for term, said in lines)
        for clause, lines in clause_rows(found.parsed).items()
    }
    return tuple(
        ClauseText(c.id, c.effect, c.prose, rows[c.id], written.get(c.id, "")) for c in clauses
    )


def _signatures(found: VersionEntry, names: Mapping[str, str]) -> list[Cosignature]:
    """Every party with its signature, verified here under the key that the agency had then."""
    given = {s.agency: s for s in found.signatures}
    ring = agencies.key_ring()
    people = agencies.names({s.officer for s in found.signatures})
    lines = []
    for party in found.parsed.parties:
        signed = given.get(party)
        key = ring.key(party, signed.signed_at) if signed else b""
        state = _signature_state(found.parsed, party, signed.signature if signed else None, key)
        lines.append(
            Cosignature(
                party=names.get(party, party),
                state=state,
                by=people.get(signed.officer, signed.officer) if signed else None,
                at=signed.signed_at if signed else None,
                key=key.hex() or None,
            )
        )
    return lines


def _signature_state(
    agreement: Agreement, party: str, signature: bytes | None, key: bytes
) -> Literal["signed", "missing", "invalid"]:
    if signature is None:
        return "missing"
    try:
        check_signature(agreement, party, signature, {party: key})
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


@own_desk("case-administration")
def _canonical(request: Any, content_hash: str) -> HttpResponseBase:
    """The bytes to sign, as a file: of the version, or of a step with its time and reason."""
    found = _beside(content_hash)
    version = next(v for v in found if v.content_hash == content_hash)
    step, at = request.GET.get("step", ""), moment_of(request.GET.get("at", ""))
    if step in set(Step) and at is not None:
        reason = request.GET.get("reason", "").strip()
        payload, name = step_payload(content_hash, Step(step), at, reason), f"{step}.json"
    else:
        payload, name = version.parsed.canonical(), "agreement.json"
    headers = {
        "Content-Disposition": phrase(
            'attachment; filename="%(content_hash)s-%(name)s"',
            content_hash=content_hash[:12],
            name=name,
        )
    }
    return HttpResponse(payload, content_type="application/json", headers=headers)


@own_desk("case-administration")
def _member_signature(request: Any, content_hash: str, signature: UUID) -> HttpResponseBase:
    """What one member signed about this version, as a file that accord-verify checks."""
    found = _beside(content_hash)[0]
    return bundle_file(request.scope, content_hash, signature, found.agreement)


@own_desk("case-administration")
def _compare(request: Any, content_hash: str) -> HttpResponseBase:
    """Two versions side by side, with the proof of which gives more."""
    beside = _beside(content_hash)
    found = next(v for v in beside if v.content_hash == content_hash)
    everything = {v.content_hash: v for v in queries.versions()}
    chosen = request.GET.get("with") or _usual(found, beside)
    other = everything.get(chosen or "")
    names = agencies.agency_names()
    rows = () if other is None else compare(other.parsed, found.parsed, names)
    context = {
        "found": found,
        "other": other,
        "options": [_option(v) for v in everything.values() if v.content_hash != content_hash],
        "changes": [r for r in rows if r.change != "same"],
        "same": [r for r in rows if r.change == "same"],
        "words": VERDICTS,
        "names": names,
        **_verdict(other, found),
    }
    return render(request, "agreements/compare.html", context)


def _usual(found: VersionEntry, beside: tuple[VersionEntry, ...]) -> str | None:
    """What a version is compared with when nobody chose: its parent, else the one in force."""
    if found.parent_hash:
        return found.parent_hash
    return next(
        (
            v.content_hash
            for v in beside
            if v.state is State.IN_FORCE and v.content_hash != found.content_hash
        ),
        None,
    )


def _option(version: VersionEntry) -> Option:
    chip = state_chip(version)
    label = f"{version.agreement}: {version.title} ({chip.text}, {version.content_hash[:12]})"
    return Option(version.content_hash, label)


def _verdict(other: VersionEntry | None, found: VersionEntry) -> dict[str, Any]:
    if other is None:
        return {"verdict": None, "unproven": None}
    try:
        return {"verdict": verdicts.verdict(other.parsed, found.parsed), "unproven": None}
    except NotAllowed as absent:  # the page says so and shows the two texts all the same
        return {"verdict": None, "unproven": absent}


@own_desk("case-administration")
def _proof(request: Any, content_hash: str) -> HttpResponseBase:
    """Whether what the parties want never to follow can follow beside all that is in force."""
    found = next(v for v in _beside(content_hash) if v.content_hash == content_hash)
    context: dict[str, Any] = {"found": found, "results": (), "unproven": None}
    try:
        context["results"] = verdicts.invariants(found)
    except NotAllowed as absent:  # the page says so
        context["unproven"] = absent
    context["names"] = agencies.agency_names()
    context["never"] = dict(invariant_lines(found.parsed))
    return render(request, "agreements/proof.html", context)


versions = page(get=_list)
version = page(get=_version)
text = page(get=_text)
canonical = page(get=_canonical)
member_signature = page(get=_member_signature)
compare_versions = page(get=_compare)
proof = page(get=_proof)
