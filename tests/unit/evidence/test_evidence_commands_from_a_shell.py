"""Commands of evidence in a process of their own, where nothing has set up the database before them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WHO = ["--member", "riverbend-pd.m.alvarez", "--case", "HT-2026-014"]
NUMBER = "HT-2026-014/riverbend-pd/1"
STEP = ["--place", "Store", "--reason", "Examination", "--items", "1"]
SAID = ["--kind", "document", "--description", "A note", "--subject", "suspect", "--basis",
        "statute", "--reference", "46.12", "--collected-by", "Marisol Alvarez",
        "--collected-at", "2026-09-20 15:04"]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["exhibit", "add", __file__, *WHO, *SAID],
        ["exhibit", "list", *WHO],
        ["exhibit", "show", NUMBER, *WHO],
        ["exhibit", "text", NUMBER, *WHO],
        ["exhibit", "derive", NUMBER, *WHO, "--way", "copy", "--description", "A copy"],
        ["exhibit", "get", NUMBER, "copy.zip", *WHO],
        ["exhibit", "bundle", "bundle.zip", *WHO],
        ["custody", "list", "--as", "riverbend-pd.m.alvarez"],
        ["custody", "show", NUMBER, "--as", "riverbend-pd.m.alvarez"],
        ["custody", "step", NUMBER, "seal", *STEP, "--as", "riverbend-pd.m.alvarez"],
        ["custody", "export", NUMBER, "chain.json", "--as", "riverbend-pd.m.alvarez"],
        ["custody", "reread"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_command_gets_as_far_as_the_node(tmp_path: Path, words: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "accord.cli.main", *words, "--data-dir", str(tmp_path / "none")],
        capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60,
    )  # fmt: skip
    assert "there is no node here" in ran.stderr, ran.stderr
