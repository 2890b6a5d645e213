"""A backup is whole or refused, and its keys open for whoever they were closed to."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from accord.kernel.errors import Conflict, InvalidInput
from accord.platform.backup import archive, seal
from accord.platform.backup.sealedkeys import Lock, close, open_closed

WORDS = Lock(passphrase="correct horse battery")


def _pair() -> tuple[Lock, Lock]:
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Lock(pem=public), Lock(
        pem=private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def test_keys_open_with_what_closed_them_and_with_nothing_else() -> None:
    public, private = _pair()
    assert open_closed(close(b"keys", WORDS), WORDS, "k") == b"keys"
    assert open_closed(close(b"keys", public), private, "k") == b"keys"
    with pytest.raises(InvalidInput, match="does not open"):
        open_closed(close(b"keys", WORDS), Lock(passphrase="another passphrase"), "k")
    with pytest.raises(InvalidInput, match="does not open"):
        open_closed(close(b"keys", public), _pair()[1], "k")
    with pytest.raises(InvalidInput, match="private half"):
        open_closed(close(b"keys", public), WORDS, "k")


def test_keys_that_were_changed_or_are_none_are_refused() -> None:
    closed = close(b"keys", WORDS)
    with pytest.raises(InvalidInput, match="does not open"):
        open_closed(closed[:-1] + bytes([closed[-1] ^ 1]), WORDS, "k")
    with pytest.raises(InvalidInput, match="no file of keys"):
        open_closed(b"-----BEGIN PGP", WORDS, "k")
    with pytest.raises(InvalidInput, match="12 characters"):
        close(b"keys", Lock(passphrase="short"))


def _backup(folder: Path) -> Path:
    folder.mkdir()
    (folder / archive.DATABASE).write_bytes(b"d" * 100)
    with tarfile.open(folder / archive.FILES, "w") as files:
        archive.add(files, "intake/a.intake", b"x")
    archive.write_list(folder / archive.LIST, ["b" * 64, "a" * 64])
    pieces = {n: archive.digest(folder / n) for n in archive.PIECES[archive.FORMAT]}
    manifest = archive.Manifest("2026-01-01", "0.1", "18.1", [], 0, "", pieces)
    archive.write_manifest(folder, manifest)
    return folder


def test_a_cut_changed_or_unfinished_backup_is_refused_by_name(tmp_path: Path) -> None:
    whole = _backup(tmp_path / "whole")
    assert archive.read_manifest(whole).postgresql == "18.1"
    (whole / archive.DATABASE).write_bytes(b"d" * 99)
    with pytest.raises(InvalidInput, match=r"database\.dump.*99 bytes of 100"):
        archive.read_manifest(whole)
    (whole / archive.DATABASE).write_bytes(b"d" * 99 + b"e")
    with pytest.raises(InvalidInput, match="SHA-256"):
        archive.read_manifest(whole)
    (whole / archive.DATABASE).unlink()
    with pytest.raises(InvalidInput, match="missing from the backup"):
        archive.read_manifest(whole)
    (whole / archive.MANIFEST).unlink()
    with pytest.raises(InvalidInput, match="not finished"):
        archive.read_manifest(whole)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "secrets/db.json", "intake/../x"])
def test_an_archive_puts_no_file_outside_its_folders(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as files:
        archive.add(files, name, b"x")
    with pytest.raises(InvalidInput, match="does not belong"):
        archive.unpack(tmp_path / "a.tar", tmp_path / "to", archive.FOLDERS)
    assert not (tmp_path / "to").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="overwrites nothing"):
        archive.check_new(tmp_path, "a backup")


def test_a_backup_is_believed_only_with_the_keys_that_were_written_with_it(tmp_path: Path) -> None:
    first, keys = _backup(tmp_path / "first"), tmp_path / "keys"
    sealed = seal.of(first, archive.read_manifest(first), b"secrets/a\n")
    parted, secrets = seal.part(seal.join(sealed, b"secrets/a\n"), "keys")
    assert (parted, secrets) == (sealed, b"secrets/a\n")
    with pytest.raises(InvalidInput, match="other keys than those"):
        seal.part(seal.join(sealed, b"secrets/b\n"), "keys")
    seal.check(first, sealed, keys, unsealed=False)
    (first / archive.MANIFEST).write_bytes((first / archive.MANIFEST).read_bytes() + b" ")
    for unsealed in (False, True):
        with pytest.raises(InvalidInput, match="keys are of another backup"):
            seal.check(first, sealed, keys, unsealed=unsealed)


@pytest.mark.parametrize(
    "line", [b"{bad", b'{"x": 1}', b'{"manifest_sha256": 1, "made_at": "", "keys_sha256": ""}']
)
def test_what_is_no_seal_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidInput, match="does not begin with the seal"):
        seal.part(line + b"\nsecrets", "keys")


@pytest.mark.parametrize("name", ["secrets/db.json", "", ".", "../x", "/etc/x", "logs/x"])
def test_an_archive_puts_nothing_where_it_has_no_business(tmp_path: Path, name: str) -> None:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w", format=tarfile.USTAR_FORMAT) as made:
        made.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(InvalidInput, match="does not belong"):
        archive.unpack(kept.getvalue(), tmp_path, ("secrets",))
    assert list(tmp_path.iterdir()) == []


def test_keys_closed_to_a_public_key_need_the_seal_that_was_noted(tmp_path: Path) -> None:
    sealed, keys = seal.Seal("0" * 64, "2026-01-01", "1" * 64), tmp_path / "keys"
    seal.check_known(sealed, seal.seal_text(sealed), keys, needed=True)
    with pytest.raises(InvalidInput, match="must be given with --identity"):
        seal.check_known(sealed, None, keys, needed=True)
    with pytest.raises(InvalidInput, match="not the seal"):
        seal.check_known(sealed, "0" * 64, keys, needed=True)


def test_a_piece_that_changes_after_it_was_judged_is_refused(tmp_path: Path) -> None:
    whole = _backup(tmp_path / "whole")
    wanted = archive.digest(whole / archive.DATABASE)
    (whole / archive.DATABASE).write_bytes(b"e" * 100)
    with pytest.raises(InvalidInput, match="was changed while"):
        archive.take(whole / archive.DATABASE, tmp_path / "taken", wanted)
