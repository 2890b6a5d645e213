"""App registration."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    name = "accord.agencies"
    label = "agencies"
    default_auto_field = "django.db.models.BigAutoField"
