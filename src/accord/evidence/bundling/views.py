"""The page of a bundle: what would be in it, what is left out and why, and taking it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, in_context
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.evidence import screen
from accord.evidence.bundling import actions, queries
from accord.evidence.bundling.domain import MOST_EXHIBITS, REASONS
from accord.evidence.bundling.queries import Offered, Plan
from accord.evidence.handing import download
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import counted, joined, phrase
from accord.platform import downloads
from accord.records import screen as records
from accord.records.views.exports import as_html
from accord.web.components import Option
from accord.web.faults import faults_of

LABELS = {"exhibits": phrase("Exhibits")}


@in_context
def _show(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found, names = queries.plan(scope), agencies.agency_names()
    context = {
        "options": [_option(each, names) for each in found.offered],
        "ticked": _ticked(request, found),
        "total": _total(found),
        "counted": counted(
            len(found.offered), "%(count)s exhibit can be taken", "%(count)s exhibits can be taken"
        ),
        "left_out": [
            (each.number, names.get(each.owner, each.owner), REASONS[each.why])
            for each in found.left_out
        ],
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "faults": faults_of(request, LABELS),
        "handling": records.handling([seen.record for seen in found.seen]),
        "watermark": records.watermark(scope, *[seen.record for seen in found.seen]),
    }
    return render(request, "bundling/bundle.html", context)


def _total(found: Plan) -> str:
    """How much it is, as far as a list may say it."""
    size, sealed = screen.size(found.size_bytes()), found.sealed()
    if not sealed:
        return size
    more = counted(sealed, "%(count)s sealed file", "%(count)s sealed files")
    return phrase("%(size)s and %(more)s", size=size, more=more)


def _option(each: Offered, names: dict[str, str]) -> Option:
    facts = (
        screen.what(each.kind, each.description),
        phrase("sealed") if each.size_bytes is None else screen.size(each.size_bytes),
        names.get(each.owner, each.owner),
    )
    return Option(str(each.record_id), each.number, hint=joined(facts, " · "))


def _ticked(request: Any, found: Plan) -> list[str]:
    """What is chosen: what was sent, what the address names, else as many as a bundle holds."""
    offered = [str(each.record_id) for each in found.offered]
    asked = request.POST.getlist("exhibits") or request.GET.getlist("exhibit")
    if request.method == "POST":
        return list(asked)
    return [each for each in offered if each in asked] or offered[:MOST_EXHIBITS]


@freshly_proven
@in_context
def _take(request: Any) -> HttpResponseBase:
    wanted = _wanted(request.POST.getlist("exhibits"))
    offered = {each.record_id for each in queries.plan(request.scope).offered}
    # Everything that could be ticked is a bundle of the whole case, which names what is left out.
    return bundle_response(request.scope, None if wanted and set(wanted) == offered else wanted)


def _wanted(said: list[str]) -> list[UUID]:
    faults, found = list[InvalidInput](), list[UUID]()
    for each in said:
        try:
            found.append(UUID(each))
        except ValueError:
            rule = phrase("choose from the list")
            faults.append(InvalidInput("bundle", None, "exhibits", rule))
    raise_all(faults[:1])
    return found


def bundle_response(scope: Scope, wanted: list[UUID] | None) -> StreamingHttpResponse:
    """Return a bundle as a download; raises what taking it raises, and Unavailable."""
    with downloads.Place() as place:
        made = actions.take_bundle(scope, wanted, agencies.agency_names(), as_html)
        entry, stamp = made.taken.entry, made.taken.stamp
        zipped = made.chunks()
        return download(
            place, zipped, "application/zip", name=made.file_name, entry=entry, stamp=stamp
        )


bundle = page(get=_show, post=_take, again=_show)
