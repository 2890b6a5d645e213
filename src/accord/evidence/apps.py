"""App registration."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "accord.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say of records what ends by disposal alone, what is gone, and what an alarm has closed."""
        from accord.evidence.custody.keeping import disposed_of, in_custody, under_an_alarm
        from accord.records import closing, keeps

        keeps.register(in_custody)
        keeps.register_lost(disposed_of)
        closing.register(under_an_alarm)
