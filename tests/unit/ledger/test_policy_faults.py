"""A policy that cannot be read is the operator's to mend, and shuts no reader out."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from accord.ledger import proving, quorum


def test_a_faulty_policy_leaves_cosigners_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ACCORD_DATA_DIR", tmp_path, raising=False)
    monkeypatch.delenv(quorum.SETTING, raising=False)
    (tmp_path / quorum.FILE).write_text("quorum of-nobody\n", "utf-8")
    assert proving.cosigner_keys() == ()
