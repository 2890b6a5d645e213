"""Routes under /agreements/."""

from __future__ import annotations

from django.urls import path

from accord.agreements.views import reading

urlpatterns = [
    path("", reading.versions),
    path("<str:content_hash>", reading.version),
    path("<str:content_hash>/text", reading.text),
]
