"""Routes of records: within a working context, under /requests/ and /statements/."""

from __future__ import annotations

from django.urls import path

from accord.records.views import (
    exports,
    labels,
    obligations,
    quick_checks,
    recalls,
    record,
    requests,
    retention,
    saved,
    search,
    statements,
    stating,
    subscriptions,
)

in_context = [
    path("search", search.search_page),
    path("search/<str:question>", search.results),
    path("subscriptions", subscriptions.subscriptions),
    path("subscriptions/seen", subscriptions.seen),
    path("subscriptions/<uuid:subscription_id>/step", subscriptions.subscription_step),
    path("searches/", saved.searches),
    path("searches/<uuid:search_id>", saved.run),
    path("searches/<uuid:search_id>/name", saved.rename),
    path("searches/<uuid:search_id>/seen", saved.seen),
    path("searches/<uuid:search_id>/delete", saved.delete),
    path("searches/<uuid:search_id>/restore", saved.restore),
    path("records/", search.latest_page),
    path("records/<uuid:record_id>", record.record),
    path("records/<uuid:record_id>/history", record.record_history),
    path("records/<uuid:record_id>/beside/<uuid:other_id>", record.beside),
    path("records/<uuid:record_id>/hold", record.legal_hold),
    path("records/<uuid:record_id>/export", exports.export),
    path("records/<uuid:record_id>/recall", recalls.recall_record),
    path("parts/<uuid:part_id>/label", labels.label),
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
    path("<uuid:statement_id>/signatures/<uuid:signature>", statements.member_signature),
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

subscription_patterns = [
    path("", subscriptions.everywhere),
]

recall_patterns = [
    path("", recalls.recalls),
    path("<uuid:notice_id>", recalls.recall),
    path("<uuid:notice_id>/step", recalls.recall_step),
]

retention_patterns = [
    path("", retention.queue),
    path("records/<uuid:record_id>", retention.record),
    path("records/<uuid:record_id>/validate", retention.revalidate),
    path("records/<uuid:record_id>/last-day", retention.last_day),
    path("records/<uuid:record_id>/propose", retention.propose),
    path("purges/<uuid:review_id>", retention.purge),
    path("purges/<uuid:review_id>/approve", retention.approve),
    path("purges/<uuid:review_id>/withdraw", retention.withdraw),
]

quick_check_patterns = [
    path("", quick_checks.quick_checks),
    path("<uuid:check_id>", quick_checks.quick_check),
]

export_patterns = [
    path("", obligations.exports),
]
