"""Routes under /agreements/."""

from __future__ import annotations

from django.urls import path

from accord.agreements.views import clauses, drafts, life, reading

urlpatterns = [
    path("", reading.versions),
    path("drafts", drafts.drafts),
    path("drafts/check", drafts.check),
    path("drafts/<uuid:draft_id>/clause", clauses.clause),
    path("drafts/<uuid:draft_id>", drafts.draft),
    path("<str:content_hash>", reading.version),
    path("<str:content_hash>/text", reading.text),
    path("<str:content_hash>/canonical", reading.canonical),
    path("<str:content_hash>/compare", reading.compare_versions),
    path("<str:content_hash>/proof", reading.proof),
    path("<str:content_hash>/signatures/<uuid:signature>", reading.member_signature),
    path("<str:content_hash>/sign", life.sign),
    path("<str:content_hash>/activate", life.activate),
    path("<str:content_hash>/suspend", life.suspend),
    path("<str:content_hash>/resume", life.resume),
    path("<str:content_hash>/terminate", life.terminate),
    path("<str:content_hash>/withdraw", life.withdraw),
]
