"""What a cosigner says of itself: the logs it vouches for, and the alarms that nobody has settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from accord.cosign.state import Folder


def public_facts(folder: Folder) -> dict[str, Any]:
    """What anybody may ask over HTTP: which logs are cosigned here, and how far. It reads no proof.

    Alarms are the agency's: they go to its command, its log and `accord cosign status`.
    """
    with folder.heads() as heads:
        latest = {key.name: heads.latest(key.name) for key in folder.logs()}
    return {
        "key": folder.key().cosigner.text,
        "logs": [
            {
                "origin": origin,
                "size": kept.head.size if kept else None,
                "cosigned_at": _instant(kept.at) if kept else None,
            }
            for origin, kept in latest.items()
        ],
    }


def status_facts(folder: Folder) -> dict[str, Any]:
    """All that the agency asks of its own cosigner, with the alarms that nobody has settled."""
    return {
        **public_facts(folder),
        "alarms": [
            {"file": path.name, **{name: facts[name] for name in ("kind", "origin", "at")}}
            for path in folder.alarms()
            for facts in [json.loads(path.read_text("utf-8"))]
        ],
    }


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
