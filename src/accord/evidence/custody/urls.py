"""Routes under /custody/, and the chain of an exhibit within a working context."""

from __future__ import annotations

from django.urls import path

from accord.evidence.custody.views import alarms, chains, steps

custody_patterns = [
    path("", chains.custody),
    path("alarms/<uuid:alarm_id>", alarms.alarm),
    path("<uuid:exhibit_id>", chains.chain),
    path("<uuid:exhibit_id>/file", chains.file),
    path("<uuid:exhibit_id>/take/<slug:act>", steps.step),
]

in_context = [
    path("exhibits/<uuid:record_id>/custody", chains.chain_in_case),
]
