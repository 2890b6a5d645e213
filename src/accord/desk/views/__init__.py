"""The pages that belong to no single module: sign-in, home, the working context, the ledger."""

from accord.desk.views.refusals import csrf_failure

__all__ = ["csrf_failure"]
