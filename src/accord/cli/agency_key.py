"""`accord agency-key`: make the key pair with which an agency signs, on any machine."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from accord.kernel.errors import InvalidInput


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Write an Ed25519 private key to FILE (PEM, for its owner alone) and print the public half.

    FILE stays with the officer who signs for the agency; a node is given the public half only.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        rule = "is there already: a key is never written over; name another file"
        raise InvalidInput(str(file), None, "", rule) from fault
    except OSError as fault:
        rule = f"cannot be written: {fault.strerror}"
        raise InvalidInput(str(file), None, "", rule) from fault
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(text)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    click.echo(base64.b64encode(public).decode())
    click.echo(f"The private half is in {file}. Take it to where the agency signs.", err=True)
