"""App registration of the platform."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """The plumbing: seal, row-level functions, policy epoch."""

    name = "accord.platform"
    label = "platform"
    default_auto_field = "django.db.models.BigAutoField"
