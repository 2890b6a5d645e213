"""Routes of records: within a working context, under /requests/, /statements/ and /import/."""

from __future__ import annotations

from django.urls import path

from accord.records.views import (
    exports,
    imports,
    obligations,
    record,
    requests,
    search,
    statements,
    stating,
)

in_context = [
    path("search", search.search_page),
    path("search/<str:question>", search.results),
    path("records/", search.latest_page),
    path("records/<uuid:record_id>", record.record),
    path("records/<uuid:record_id>/history", record.record_history),
    path("records/<uuid:record_id>/hold", record.legal_hold),
    path("records/<uuid:record_id>/export", exports.export),
    path("records/<uuid:record_id>/consent", stating.consent),
    path("records/<uuid:record_id>/determination", stating.determination),
    path("emergency", stating.emergency),
    path("hits/<str:handle>", requests.hit),
    path("hits/<str:handle>/ask", requests.ask),
]

request_patterns = [
    path("", requests.requests),
    path("<uuid:request_id>", requests.request),
    path("<uuid:request_id>/answer", requests.answer),
    path("<uuid:request_id>/withdraw", requests.withdraw),
    path("<uuid:request_id>/revoke", requests.revoke),
]

statement_patterns = [
    path("", statements.statements),
    path("<uuid:statement_id>", statements.statement),
    path("<uuid:statement_id>/sign", statements.sign),
    path("<uuid:statement_id>/confirm", statements.confirm),
    path("<uuid:statement_id>/revoke", statements.revoke),
    path("<uuid:statement_id>/review", statements.review),
    path("<uuid:statement_id>/extend", statements.extend),
]

obligation_patterns = [
    path("", obligations.obligations),
    path("<uuid:duty_id>", obligations.obligation),
    path("<uuid:duty_id>/discharge", obligations.discharge),
]

export_patterns = [
    path("", obligations.exports),
]

import_patterns = [
    path("", imports.imports),
    path("<uuid:run_id>", imports.run),
    path("<uuid:run_id>/progress", imports.progress),
    path("<uuid:run_id>/cancel", imports.cancel),
    path("<uuid:run_id>/rows/<uuid:entry_id>", imports.mended),
]
