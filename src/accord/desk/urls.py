"""Every page. The API joins them in accord.api.urls, the root."""

from __future__ import annotations

from django.urls import include, path

from accord.agreements.urls import urlpatterns as agreements
from accord.cases import urls as cases
from accord.desk.views import contexts, home, impact, ledger, sign_in, simulator, who
from accord.records import urls as records

handler400 = "accord.desk.views.refusals.bad_request"
handler403 = "accord.desk.views.refusals.denied"
handler404 = "accord.desk.views.refusals.not_found"
handler500 = "accord.desk.views.refusals.failed"

in_context = [
    path("simulator", simulator.context_form),
    path("simulator/<str:question>", simulator.context_answer),
    path("records/<uuid:record_id>/who", who.who),
]

urlpatterns = [
    path("", home.home),
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
    path("exports/", include(records.export_patterns)),
    path("statements/", include(records.statement_patterns)),
    path("import/", include(records.import_patterns)),
    path(
        "w/<str:purpose>/<str:basis>/<str:case>/",
        include(in_context + cases.in_case + records.in_context),
    ),
    path("gallery/", include("accord.web.urls")),
]
