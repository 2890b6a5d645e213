"""Routes of webhooks."""

from __future__ import annotations

from django.urls import path

from accord.exchange.webhooks import views

urlpatterns = [
    path("", views.webhooks),
    path("<uuid:webhook_id>", views.webhook),
    path("<uuid:webhook_id>/messages/<uuid:message_id>/retry", views.retry),
]
