"""Signatures as they come to the node: 64 bytes in base64, made where the agency's key is."""

from __future__ import annotations

import base64
import binascii

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

SIGNATURE_BYTES = 64


def signature_of(text: str, file: str) -> bytes:
    """The 64 bytes that a text in base64 says; raises InvalidInput."""
    try:
        signature = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(file, None, "signature", phrase("must be base64")) from error
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidInput(
            file,
            None,
            "signature",
            phrase("must be %(signature_bytes)s bytes", signature_bytes=SIGNATURE_BYTES),
        )
    return signature
