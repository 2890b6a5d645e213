"""Every page. The API joins them in accord.api.urls, the root."""

from __future__ import annotations

from django.urls import include, path

from accord.agreements.urls import urlpatterns as agreements
from accord.assistance import urls as assistance
from accord.cases import urls as cases
from accord.desk.views import (
    account,
    account_code,
    agencies,
    allowing,
    chosen,
    clients,
    codes,
    contexts,
    erasures,
    home,
    impact,
    ledger,
    members,
    providers,
    recent,
    set_up,
    sign_in,
    simulator,
    tokens,
    who,
)
from accord.evidence import urls as evidence
from accord.evidence.bundling import urls as bundling
from accord.evidence.custody import urls as custody
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
    path("set-up/", set_up.set_up_links),
    path("set-up/<str:token>", set_up.set_up),
    path("join/", set_up.joined),
    path("join/<str:token>", set_up.join),
    path("sign-in/", sign_in.sign_in),
    path("sign-in/passkey", sign_in.sign_in_passkey),
    path("sign-in/as", sign_in.sign_in_as),
    path("sign-in/code", codes.sign_in_code),
    path("sign-in/recover", codes.sign_in_recover),
    path("sign-in/recover/new", codes.sign_in_recover_new),
    path("sign-in/with/<slug:provider>", providers.provider_sign_in),
    path("sign-in/with/<slug:provider>/callback", providers.provider_callback),
    path("sign-in/with/<slug:provider>/saml", providers.provider_posted),
    path("sign-in/with/<slug:provider>/saml/read", providers.provider_read),
    path("sign-in/<str:token>", sign_in.sign_in_link),
    path("sign-out", sign_in.sign_out),
    path("account/", account.account),
    path("account/code", account_code.account_code),
    path("account/passkeys", account.account_add),
    path("account/passkeys/<uuid:passkey>/revoke", account.account_revoke),
    path("account/passkeys/<uuid:passkey>/name", account.account_rename),
    path("account/prove/<slug:provider>", providers.provider_prove),
    path("account/sessions/<uuid:signin>/end", account.account_end),
    path("account/sessions/others/end", account.account_end_others),
    path("account/tokens", tokens.account_tokens),
    path("account/tokens/<uuid:token_id>/revoke", tokens.account_token_revoke),
    path("clients/", clients.clients),
    path("clients/systems/<uuid:system_id>", clients.system),
    path("clients/<uuid:client_id>", clients.client),
    path("agencies/", agencies.directory),
    path("agencies/changes/<uuid:change_id>", agencies.change),
    path("agencies/changes/<uuid:change_id>/approve", agencies.approve),
    path("agencies/changes/<uuid:change_id>/withdraw", agencies.withdraw),
    path("agencies/<slug:agency_id>", agencies.agency),
    path("agencies/<slug:agency_id>/change", agencies.change_form),
    path("members/", members.members),
    path("members/join", members.join),
    path("members/codes", allowing.members_codes),
    path("members/import", members.import_members),
    path("members/people/<str:membership>", members.member),
    path("members/changes/<uuid:change_id>", members.change),
    path("members/changes/<uuid:change_id>/approve", members.approve),
    path("members/changes/<uuid:change_id>/code", members.code),
    path("members/changes/<uuid:change_id>/withdraw", members.withdraw),
    path("context/", contexts.contexts),
    path("ledger/", ledger.entries),
    path("ledger/disclosures", ledger.disclosed),
    path("ledger/erasures/", erasures.erasures),
    path("ledger/erasures/<uuid:erasure_id>", erasures.erasure),
    path("ledger/erasures/<uuid:erasure_id>/approve", erasures.approve),
    path("ledger/erasures/<uuid:erasure_id>/withdraw", erasures.withdraw),
    path("ledger/<uuid:entry_id>", ledger.entry),
    path("ledger/<uuid:entry_id>/erasure", erasures.propose),
    path("ledger/<uuid:entry_id>/receipt", ledger.receipt),
    path("agreements/simulator", simulator.desk_form),
    path("agreements/simulator/<str:question>", simulator.desk_answer),
    path("agreements/drafts/<uuid:draft_id>/impact", impact.impact_of_draft),
    path("agreements/<str:content_hash>/impact", impact.impact),
    path("agreements/", include(agreements)),
    path("cases/", include(cases.urlpatterns)),
    path("expertise/", include(assistance.expertise_patterns)),
    path("custody/", include(custody.custody_patterns)),
    path("assistance/", include(assistance.assistance_patterns)),
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
        include(
            in_context
            + cases.in_case
            + records.in_context
            + bundling.in_context
            + evidence.in_context
            + assistance.in_context
            + custody.in_context
        ),
    ),
    path("gallery/", include("accord.web.urls")),
    path("look", include(web.look)),
]
