"""`accord agency-key-successor` on any machine; `accord agency-key-put` on the node, by its operator."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from accord.agencies.keys import successor_payload
from accord.cli import node
from accord.cli.options import data_dir_option
from accord.kernel.errors import InvalidInput
from accord.kernel.signatures import KEY_BYTES

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("agency")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
def successor(agency: str, old: Path, new: Path) -> None:
    """Print what lets the key in NEW take the place of the one in OLD, for AGENCY.

    Both are files of `accord agency-key`. Runs where the keys are kept; what it prints is no secret, and
    an administrator of the agency brings it to the node.
    """
    before, after = _private(old), _private(new)
    first, second = (key.public_key().public_bytes_raw() for key in (before, after))
    if first == second:
        raise InvalidInput(str(new), None, "", "is the old key: every key is new")
    payload = successor_payload(agency, first, second)
    said = {
        "agency": agency,
        "predecessor": first.hex(),
        "key": second.hex(),
        "signature": before.sign(payload).hex(),
        "proof": after.sign(payload).hex(),
    }
    click.echo(json.dumps(said, indent=1))


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as fault:
        raise InvalidInput(str(path), None, "", f"cannot be read: {fault.strerror}") from fault
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise InvalidInput(str(path), None, "", "is no private key in PEM") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(str(path), None, "", "is no Ed25519 key")
    return key


@click.command()
@click.argument("agency")
@click.argument("key")
@click.option("--reason", required=True, help="Why no key signs this one, and who said so.")
@data_dir_option
def put(agency: str, key: str, reason: str, data_dir: Path) -> None:
    """Give AGENCY the public KEY (base64), where its last one was revoked and signs no successor."""
    try:
        public = base64.b64decode(key, validate=True)
    except ValueError:
        public = b""
    if len(public) != KEY_BYTES:
        raise InvalidInput("key", None, "", "must be an Ed25519 public key: 32 bytes in base64")
    with node.existing(data_dir):
        from accord.agencies.actions import bring_key

        bring_key(agency, public, reason)
    click.echo(f"{agency} signs with this key from now on.")
