"""Where the database of a data directory is and as whom to enter it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def credentials_path(data_dir: Path) -> Path:
    """Return the file that the launcher writes: {host, port, dbname, roles: {role: password}}."""
    return data_dir / "secrets" / "db.json"


def django_database(data_dir: Path, role: str) -> dict[str, Any]:
    """Return a DATABASES entry for `role`; an unstarted data directory gets one that cannot connect.

    The migrate role creates everything as `accord_owner`, so that nobody who can log in owns a
    table.
    """
    path = credentials_path(data_dir)
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    options: dict[str, Any] = {"application_name": role, "connect_timeout": 10}
    if role == "accord_migrate":
        options["options"] = "-c role=accord_owner"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known.get("dbname", "accord"),
        "USER": role,
        "PASSWORD": known.get("roles", {}).get(role, ""),
        "HOST": known.get("host", "/nonexistent"),
        "PORT": str(known.get("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"MIRROR": None},
    }
