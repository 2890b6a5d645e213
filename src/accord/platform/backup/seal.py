"""Ties a backup to its keys: inside the closed keys stands the digest of the backup's manifest.

The manifest names every file of the backup with its size and SHA-256 (FIPS 180-4), and the keys are
closed by an AEAD: whoever does not know the passphrase can change, swap, add or take away nothing.

INVARIANT: a recipient's key is public, so everybody can close keys to it; such a backup is believed
only when its seal is also known from elsewhere (`accord restore --seal`). The seal covers the keys, so
that nobody who knows it can close others under it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from accord.kernel.errors import InvalidInput
from accord.platform.backup import archive


@dataclass(frozen=True)
class Seal:
    """What the keys say of the backup that they were written with."""

    manifest_sha256: str
    made_at: str
    keys_sha256: str


def of(folder: Path, manifest: archive.Manifest, keys: bytes) -> Seal:
    """The seal of a backup whose manifest is written, and of the keys that go with it."""
    return Seal(
        archive.digest(folder / archive.MANIFEST).sha256,
        manifest.made_at,
        hashlib.sha256(keys).hexdigest(),
    )


def join(seal: Seal, keys: bytes) -> bytes:
    """What is closed: the seal as a line of JSON, then the archive of keys."""
    return json.dumps(asdict(seal), sort_keys=True).encode() + b"\n" + keys


def part(content: bytes, name: str) -> tuple[Seal | None, bytes]:
    """Seal and keys of an opened file; no seal where an earlier version wrote the keys alone.

    Raises InvalidInput for what is no seal, and for keys that are not those it was written with.
    """
    if not content.startswith(b"{"):  # an archive begins with the name of its first file
        return None, content
    line, _, keys = content.partition(b"\n")
    try:
        seal = Seal(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise InvalidInput(name, 1, "", "does not begin with the seal of a backup") from error
    said = (seal.manifest_sha256, seal.made_at, seal.keys_sha256)
    if not all(isinstance(text, str) and text.isascii() for text in said):
        raise InvalidInput(name, 1, "", "does not begin with the seal of a backup")
    if not hmac.compare_digest(hashlib.sha256(keys).hexdigest(), seal.keys_sha256):
        raise InvalidInput(name, None, "", "holds other keys than those that its seal was made for")
    return seal, keys


def check(folder: Path, seal: Seal | None, keys: Path, *, unsealed: bool) -> None:
    """Raise InvalidInput unless the backup's manifest is the one that these keys were written with."""
    if seal is None:
        if unsealed:
            return
        rule = (
            "were written before backups were sealed: nothing says that this backup is what the node"
            " wrote. Where nobody else could have written to it, say --unsealed"
        )
        raise InvalidInput(str(keys), None, "", rule)
    place = folder / archive.MANIFEST
    if not place.is_file():
        rule = "is missing: this is no backup, or one that was not finished"
        raise InvalidInput(str(place), None, "", rule)
    if not hmac.compare_digest(archive.digest(place).sha256, seal.manifest_sha256):
        rule = (
            f"is not the one that {keys} was written with: it was changed, or the keys are of another"
            f" backup. They are of the one made at {seal.made_at}; take that one, or its other copy"
        )
        raise InvalidInput(str(place), None, "", rule)


def check_known(seal: Seal | None, said: str | None, keys: Path, *, needed: bool) -> None:
    """Raise InvalidInput unless the seal is the one that was noted when the backup was made."""
    if said is not None and (
        seal is None or not hmac.compare_digest(seal_text(seal).encode(), said.strip().encode())
    ):
        raise InvalidInput(str(keys), None, "--seal", "is not the seal of this backup")
    if needed and said is None:
        rule = (
            "must be given with --identity: everybody can close keys to a public key. It is the word"
            " that accord backup printed as Seal"
        )
        raise InvalidInput(str(keys), None, "--seal", rule)


def seal_text(seal: Seal) -> str:
    """The seal in one word, to note apart from backup and keys."""
    return hashlib.sha256(join(seal, b"")).hexdigest()
