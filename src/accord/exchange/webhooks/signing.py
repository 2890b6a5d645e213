"""Secrets and signatures of messages, after Standard Webhooks 1.0.0.

An endpoint's secret is derived from the node's own key, the endpoint and its generation: none is stored,
a new generation makes a new one, and one endpoint's secret says nothing of another's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

from accord.exchange.webhooks.domain import MISSED, TEST, Delivery
from accord.platform.secrets import secret_bytes

KEY = "webhook.key"
PREFIX = "whsec_"


def secret_of(data_dir: Path, endpoint: UUID, generation: int) -> str:
    """Return the secret as receivers keep it."""
    key = secret_bytes(data_dir, KEY, 32)
    made = hmac.new(key, f"{endpoint}|{generation}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def body_of(delivery: Delivery) -> bytes:
    """Return what is sent: kind, time and ids."""
    kind = delivery.topic if delivery.topic in (TEST, MISSED) else f"{delivery.topic}.changed"
    data = {"id": str(delivery.subject)}
    if delivery.record is not None:
        data["record"] = str(delivery.record)
    message = {"type": kind, "timestamp": delivery.made_at.isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def headers_of(secret: str, message_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers by which a receiver knows the node, the message and its age."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": f"msg_{message_id}",
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + signature(secret, f"msg_{message_id}", seconds, body),
    }


def signature(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    """Return HMAC-SHA-256 over id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
