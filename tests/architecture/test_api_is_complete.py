"""Whatever a screen can do, the API can do: every page that takes a POST has its operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from accord.api.document import document

BY_THE_API = {
    "search": "search_ask", "simulator": "agreements_simulate",
    "agreements/simulator": "agreements_simulate",
    "records/<uuid:record_id>/hold": "retention_hold",
    "records/<uuid:record_id>/export": "obligations_take_copy",
    "exhibits/uploads": "exhibits_begin",
    "exhibits/uploads/<uuid:upload_id>/acquire": "exhibits_acquire",
    "exhibits/uploads/<uuid:upload_id>/discard": "exhibits_discard",
    "exhibits/<uuid:record_id>/basis": "exhibits_record_basis",
    "exhibits/<uuid:record_id>/file": "exhibits_take_file",
    "exhibits/<uuid:record_id>/reading": "exhibits_read_again",
    "exhibits/<uuid:record_id>/derive/<slug:way>": "exhibits_derive",
    "exhibits/derivations/<uuid:derivation_id>/cancel": "exhibits_cancel_derivation",
    "exhibits/bundle": "exhibits_take_bundle",
    "records/<uuid:record_id>/consent": "statements_give_consent",
    "records/<uuid:record_id>/determination": "statements_give_determination",
    "records/<uuid:record_id>/place": "cases_place",
    "records/<uuid:record_id>/withdraw": "cases_withdraw",
    "emergency": "statements_declare", "hits/<str:handle>/ask": "requests_ask",
    "expertise/mine": "expertise_propose",
    "expertise/<uuid:expertise_id>/step": "expertise_attest",
    "assistance/ask": "assistance_ask",
    "assistance/<uuid:assistance_id>/step": "assistance_accept",
    "custody/<uuid:exhibit_id>/take/<slug:act>": "custody_take_step",
    "custody/alarms/<uuid:alarm_id>": "custody_explain",
    "case/notes": "cases_write_note", "case/members": "cases_admit",
    "case/members/release": "cases_release", "case/state": "cases_close",
    "cases/open": "cases_open_case",
    "requests/<uuid:request_id>/answer": "requests_answer",
    "requests/<uuid:request_id>/withdraw": "requests_withdraw",
    "requests/<uuid:request_id>/revoke": "requests_revoke",
    "obligations/<uuid:duty_id>/discharge": "obligations_discharge",
    "statements/<uuid:statement_id>/sign": "statements_sign_statement",
    "statements/<uuid:statement_id>/confirm": "statements_confirm",
    "statements/<uuid:statement_id>/review": "statements_review",
    "statements/<uuid:statement_id>/extend": "statements_extend",
    "statements/<uuid:statement_id>/revoke": "statements_revoke_statement",
    "agreements/drafts": "agreements_begin", "agreements/drafts/check": "agreements_check",
    "agreements/drafts/<uuid:draft_id>": "agreements_edit",
    "import/": "intake_send_file", "import/<uuid:run_id>/cancel": "intake_cancel",
    "import/<uuid:run_id>/rows/<uuid:entry_id>": "intake_resolve",
    "chosen": "cases_place", "import/<uuid:run_id>/mapping": "intake_use_mapping",
    "parts/<uuid:part_id>/label": "retention_relabel",
    "quick-checks/<uuid:check_id>": "quick_checks_review",
    "ledger/<uuid:entry_id>/erasure": "ledger_propose_erasure",
    "ledger/erasures/<uuid:erasure_id>/approve": "ledger_approve_erasure",
    "ledger/erasures/<uuid:erasure_id>/withdraw": "ledger_withdraw_erasure",
    "recalls/<uuid:notice_id>/step": "recalls_answer",
    "records/<uuid:record_id>/recall": "recalls_recall_record",
    "retention/purges/<uuid:review_id>/approve": "retention_approve",
    "retention/purges/<uuid:review_id>/withdraw": "retention_withdraw",
    "retention/records/<uuid:record_id>/last-day": "retention_last_day",
    "retention/records/<uuid:record_id>/propose": "retention_propose",
    "retention/records/<uuid:record_id>/validate": "retention_validate",
    "searches/": "search_save_search", "searches/<uuid:search_id>/delete": "search_delete",
    "searches/<uuid:search_id>/name": "search_rename",
    "searches/<uuid:search_id>/restore": "search_restore",
    "searches/<uuid:search_id>/seen": "search_mark_seen",
    "subscriptions": "subscriptions_subscribe",
    "subscriptions/<uuid:subscription_id>/step": "subscriptions_take_step",
    "account/tokens/<uuid:token_id>/revoke": "tokens_revoke",
    "clients/": "systems_propose", "clients/systems/<uuid:system_id>": "systems_register",
    "clients/<uuid:client_id>": "systems_add_secret",
    "webhooks/": "webhooks_set_up", "webhooks/<uuid:webhook_id>": "webhooks_pause",
    "webhooks/<uuid:webhook_id>/messages/<uuid:message_id>/retry": "webhooks_retry",
    "members/join": "directory_propose_member",
    "members/people/<str:membership>": "directory_change_member",
    "members/changes/<uuid:change_id>/approve": "directory_approve_change",
    "members/changes/<uuid:change_id>/code": "directory_make_code",
    "members/changes/<uuid:change_id>/withdraw": "directory_withdraw_change",
    "agencies/<slug:agency_id>/change": "agencies_propose_agency_change",
    "agencies/changes/<uuid:change_id>/approve": "agencies_approve_agency_change",
    "agencies/changes/<uuid:change_id>/withdraw": "agencies_withdraw_agency_change",
    "agreements/<str:content_hash>/sign": "agreements_sign",
    "agreements/<str:content_hash>/activate": "agreements_activate",
    "agreements/<str:content_hash>/suspend": "agreements_suspend",
    "agreements/<str:content_hash>/resume": "agreements_resume",
    "agreements/<str:content_hash>/terminate": "agreements_terminate",
    "agreements/<str:content_hash>/withdraw": "agreements_withdraw",
}  # fmt: skip
"""A page that changes or asks something, and the operation that does the same."""

SCREEN_ONLY = {
    "members/import": "a program proposes one member a call, or keeps them all by SCIM",
    "sign-in/": "a browser's session; programs have tokens",
    "sign-in/<str:token>": "a browser's session; programs have tokens",
    "sign-in/passkey": "a browser's session; programs have tokens",
    "sign-in/as": "a browser's session; programs have tokens",
    "sign-in/code": "a browser's session; programs have tokens",
    "sign-in/recover": "a browser's session; programs have tokens",
    "sign-in/recover/new": "a browser's session; programs have tokens",
    "account/code": "a browser's credentials",
    "members/codes": "how people sign in with browsers; two of them decide it in person",
    "sign-in/with/<slug:provider>/saml": "a browser's session; programs have tokens",
    "sign-in/with/<slug:provider>/saml/read": "a browser's session; programs have tokens",
    "set-up/<str:token>": "the first people of a node, before it has any program",
    "join/<str:token>": "the first people of an agency, before it has any program",
    "account/tokens": "asks for the member in person: a token makes no token",
    "account/passkeys": "made by an authenticator of a browser",
    "account/passkeys/<uuid:passkey>/revoke": "a browser's credentials",
    "account/passkeys/<uuid:passkey>/name": "a browser's credentials",
    "account/sessions/others/end": "a browser's session; programs have tokens",
    "account/sessions/<uuid:signin>/end": "a browser's session; programs have tokens",
    "sign-out": "a browser's session; programs have tokens",
    "subscriptions/seen": "says that a page was looked at; programs keep that themselves",
    "context/": "remembers a choice; programs state theirs in every request",
    "agreements/drafts/<uuid:draft_id>/clause": "writes YAML into a draft; programs write YAML",
}


def _taking_a_post() -> set[str]:
    """Routes of pages that take a POST, without the context before them."""
    found = set()
    for route, view in _views(get_resolver().url_patterns, ""):
        if getattr(view, "accord_takes_post", False):
            found.add(route.rpartition("<str:case>/")[2] or route)
    return found


def _views(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


def test_every_page_that_takes_a_post_has_its_operation() -> None:
    assert _taking_a_post() == set(BY_THE_API) | set(SCREEN_ONLY)


def test_the_operations_named_here_exist() -> None:
    operations = {o["operationId"] for ms in document()["paths"].values() for o in ms.values()}
    assert set(BY_THE_API.values()) <= operations
    assert all(SCREEN_ONLY.values())
