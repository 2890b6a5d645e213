"""Routes under /agreements/."""

from __future__ import annotations

from django.urls import path

from accord.agreements import views

urlpatterns = [
    path("", views.versions),
    path("<str:content_hash>", views.version),
    path("<str:content_hash>/text", views.text),
]
