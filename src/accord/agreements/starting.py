"""The text with which a draft begins: an empty frame, a usual agreement, or a version to amend."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from accord.agreements import queries
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.library import template
from accord.agreements.versions import VersionEntry
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

FRAME = """\
id: mou-{year}-001
kind: mou
title: What the agreement is called
authority: ["The law that lets the parties agree on this"]
parties: [{agency}, another-agency]
in_force: {{from: {day}, until: {year_after}-12-31, zone: {zone}}}
vocabulary: {vocabulary}
clauses: []
"""
_TOP = re.compile(r"(?m)^(id|kind|title|amends):[^\n]*\n")


def beginning(origin: str, agency: str, zone: str) -> str:
    """The text to begin with; raises InvalidInput for an origin that there is not."""
    kind, _, name = origin.partition(":")
    if kind == "empty":
        today = now().astimezone(ZoneInfo(zone))  # the agreement counts its days there
        return FRAME.format(
            agency=agency,
            day=today.date(),
            year=today.year,
            year_after=today.year + 2,
            zone=zone,
            vocabulary=VOCABULARY_VERSION,
        )
    if kind == "template":
        return template(name).text
    if kind == "amend" and name.isalnum():
        return amendment_of(queries.version(name))
    raise InvalidInput("draft", None, "from", phrase("begin from nothing, a template or a version"))


def amendment_of(version: VersionEntry) -> str:
    """The text of a version, naming that version as its parent."""
    without = re.sub(r"(?m)^amends:[^\n]*\n", "", version.text)
    named = f"amends: sha256:{version.content_hash}\n"
    first = _TOP.search(without)
    at = first.end() if first else 0
    return without[:at] + named + without[at:]
