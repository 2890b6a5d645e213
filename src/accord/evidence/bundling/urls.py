"""The route of bundles within a working context; it stands before those of single exhibits."""

from __future__ import annotations

from django.urls import path

from accord.evidence.bundling import views

in_context = [
    path("exhibits/bundle", views.bundle),
]
