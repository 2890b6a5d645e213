"""App registration."""

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    name = "accord.assistance"
    label = "assistance"
    default_auto_field = "django.db.models.BigAutoField"
