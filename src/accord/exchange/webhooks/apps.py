"""Registers the module with Django."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Endpoints of agencies, and what is sent to them."""

    name = "accord.exchange.webhooks"
    label = "webhooks"
