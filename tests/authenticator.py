"""The authenticator in software, which the bench of sign-ins uses too."""

from accord.cli.benches.authenticator import Authenticator, b64, unb64

__all__ = ["Authenticator", "b64", "unb64"]
