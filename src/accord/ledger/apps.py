"""App registration of the ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The one log of what was done with whose records."""

    name = "accord.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
