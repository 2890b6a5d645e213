"""What the rows of providers and links are sealed over, and the secret of a client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from accord.identity.federation.domain import Provider
from accord.identity.rowseal import is_ours, row_mac
from accord.kernel.errors import NotFound
from accord.platform.secrets import secret_bytes

KEY, KEY_BYTES = "provider.key", 64
PROVIDER, LINK = "identity-provider", "provider-link"


def facts_of(provider: Provider) -> dict[str, str]:
    """Everything about a provider that decides whom it can sign in, and how strongly."""
    return {
        "name": provider.name,
        "agency": provider.agency,
        "protocol": provider.kind.value,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "settings": _text(provider.settings),
        "names_member": provider.names_member,
        "assurance": _text(provider.assurance),
        "secret": provider.sealed_secret.hex(),
    }


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def provider_mac(provider: Provider) -> bytes:
    """The seal of a provider's row."""
    return row_mac(PROVIDER, **facts_of(provider))


def check_provider(provider: Provider, mac: bytes | memoryview) -> None:
    """Raise NotFound for a row that this node's operator did not put in."""
    if not is_ours(mac, PROVIDER, **facts_of(provider)):
        raise NotFound()


def link_facts(link: UUID, provider: Provider, subject: str, member: str) -> dict[str, str]:
    """What a link is sealed over: an issuer's subject, not a word that another may also use."""
    return {
        "link": str(link),
        "provider": provider.name,
        "issuer": provider.issuer,
        "names_member": provider.names_member,
        "subject": subject,
        "member": member,
    }


def seal_secret(secret: str, name: str) -> bytes:
    """A client's secret as it is kept, for one provider alone."""
    return AESSIV(_key()).encrypt(secret.encode(), [name.encode()])


def client_secret(provider: Provider) -> str:
    """The secret with which this node names itself to the provider; raises NotFound."""
    try:
        opened = AESSIV(_key()).decrypt(provider.sealed_secret, [provider.name.encode()])
    except (InvalidTag, ValueError) as error:
        raise NotFound() from error
    return opened.decode()


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY, KEY_BYTES)
