"""The reference of `accord bench ledger`: pymerkle, in an interpreter and a process of its own.

pymerkle is under the GPL, so nothing of Accord imports it and no requirements name it:
python3 -m venv PLACE && PLACE/bin/pip install pymerkle==7.0.0
PLACE/bin/python dev/bench_pymerkle.py FOLDER APPENDS PROOFS

Prints one JSON object: durable single appends and proofs a second, and the root over all entries.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pymerkle import SqliteTree  # type: ignore[import-not-found]  # installed apart, see above


def main(folder: Path, appends: int, proofs: int) -> None:
    entries = [number.to_bytes(8, "big") * 9 for number in range(appends)]
    with SqliteTree(str(folder / "pymerkle.db")) as tree:
        begun = time.perf_counter()
        for entry in entries:
            tree.append_entry(entry)
        appended_s = time.perf_counter() - begun
        begun = time.perf_counter()
        for number in range(proofs):
            tree.prove_inclusion(number * 7919 % appends + 1)
        proven_s = time.perf_counter() - begun
        root = tree.get_state().hex()
    found = {"appends": appends / appended_s, "proofs": proofs / proven_s, "root": root}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
