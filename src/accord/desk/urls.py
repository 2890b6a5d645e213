"""Every page. The API joins them in accord.api.urls, the root."""

from __future__ import annotations

from django.urls import include, path

from accord.agreements.urls import urlpatterns as agreements
from accord.cases import urls as cases
from accord.desk.views import (
    chosen,
    contexts,
    home,
    impact,
    ledger,
    recent,
    sign_in,
    simulator,
    who,
)
from accord.exchange import urls as exchange
from accord.exchange.webhooks.urls import urlpatterns as webhooks
from accord.platform.http import live
from accord.records import urls as records
from accord.web import urls as web

handler400 = "accord.desk.views.refusals.bad_request"
handler403 = "accord.desk.views.refusals.denied"
handler404 = "accord.desk.views.refusals.not_found"
handler500 = "accord.desk.views.refusals.failed"

in_context = [
    path("simulator", simulator.context_form),
    path("simulator/<str:question>", simulator.context_answer),
    path("records/<uuid:record_id>/who", who.who),
    path("chosen", chosen.chosen),
    path("recent", recent.recent),
]

urlpatterns = [
    path("", home.home),
    path("health/live", live),
    path("sign-in/", sign_in.sign_in),
    path("sign-in/<str:token>", sign_in.sign_in_link),
    path("sign-out", sign_in.sign_out),
    path("context/", contexts.contexts),
    path("ledger/", ledger.entries),
    path("ledger/<uuid:entry_id>", ledger.entry),
    path("ledger/<uuid:entry_id>/receipt", ledger.receipt),
    path("agreements/simulator", simulator.desk_form),
    path("agreements/simulator/<str:question>", simulator.desk_answer),
    path("agreements/drafts/<uuid:draft_id>/impact", impact.impact_of_draft),
    path("agreements/<str:content_hash>/impact", impact.impact),
    path("agreements/", include(agreements)),
    path("cases/", include(cases.urlpatterns)),
    path("requests/", include(records.request_patterns)),
    path("obligations/", include(records.obligation_patterns)),
    path("subscriptions/", include(records.subscription_patterns)),
    path("recalls/", include(records.recall_patterns)),
    path("retention/", include(records.retention_patterns)),
    path("exports/", include(records.export_patterns)),
    path("quick-checks/", include(records.quick_check_patterns)),
    path("statements/", include(records.statement_patterns)),
    path("import/", include(exchange.import_patterns)),
    path("webhooks/", include(webhooks)),
    path(
        "w/<str:purpose>/<str:basis>/<str:case>/",
        include(in_context + cases.in_case + records.in_context),
    ),
    path("gallery/", include("accord.web.urls")),
    path("look", include(web.look)),
]
