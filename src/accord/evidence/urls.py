"""Routes of exhibits within a working context."""

from __future__ import annotations

from django.urls import path

from accord.evidence import views, views_derivations, views_reading

in_context = [
    path("exhibits", views.exhibits),
    path("exhibits/new", views.new),
    path("exhibits/uploads", views.begin),
    path("exhibits/uploads/<uuid:upload_id>", views.piece),
    path("exhibits/uploads/<uuid:upload_id>/acquire", views.acquire),
    path("exhibits/uploads/<uuid:upload_id>/discard", views.let_go),
    path("exhibits/<uuid:record_id>", views.exhibit),
    path("exhibits/<uuid:record_id>/basis", views.record_basis),
    path("exhibits/<uuid:record_id>/file", views.file),
    path("exhibits/<uuid:record_id>/text", views_reading.text),
    path("exhibits/<uuid:record_id>/pages/<int:picture>", views_reading.one_page),
    path("exhibits/<uuid:record_id>/previews/<int:picture>", views_reading.preview),
    path("exhibits/<uuid:record_id>/thumbnail", views_reading.preview),
    path("exhibits/<uuid:record_id>/reading", views_reading.read_again),
    path("exhibits/<uuid:record_id>/derive/<slug:way>", views_derivations.derive),
    path("exhibits/derivations/<uuid:derivation_id>", views_derivations.derivation),
    path("exhibits/derivations/<uuid:derivation_id>/cancel", views_derivations.cancel),
]
