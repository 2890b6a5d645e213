"""Writes the amendment of the task-force memorandum from the memorandum itself.

``python dev/world/amendment.py`` is run after the memorandum changes, so that the hash the
amendment names is that of the version it amends. A test compares the file with what this writes.
"""

# ruff: noqa: E501  # the replaced lines are those of the memorandum

from __future__ import annotations

from pathlib import Path

from accord.agreements.parse import parse

AGREEMENTS = Path(__file__).parents[2] / "worlds" / "riverbend" / "agreements"
PARENT = AGREEMENTS / "mou-2026-007.yaml"
AMENDMENT = AGREEMENTS / "amendments" / "mou-2026-007-amendment-1.yaml"

CHANGES = (
    (
        "title: Riverbend joint task force against human trafficking\n",
        "title: Riverbend joint task force against human trafficking, first amendment\n",
    ),
    (
        "      A party may learn that another holds a record on a suspect, a person who was with one, a\n"
        "      vehicle, a telephone, an account or an organisation, and whom to ask. It learns nothing else.\n",
        "      A party may learn that another holds a record on a suspect, a vehicle, a telephone, an account\n"
        "      or an organisation, and whom to ask. People who were merely with a suspect are searched no more.\n",
    ),
    (
        "      subject: [none, suspect, convicted, contact]\n      part: [core, identity, contact]\n",
        "      subject: [none, suspect, convicted]\n      part: [core, identity, contact]\n",
    ),
    (
        "      What the owner releases in answer to a reasoned request may be read by the asking\n"
        "      investigators and analysts, for the time and the parts the owner named.\n",
        "      Of what the owner releases in answer to a reasoned request, the asking investigators and\n"
        "      analysts read category, dates and identity, for thirty days. The rest is read in a joint case\n"
        "      once its owner has placed it there.\n",
    ),
    (
        "      part: [core, identity, contact, location, narrative, attachment]\n"
        "      intelligence: false\n      sealed: false\n    when: [grant]\n"
        "    obligations: [notify-owner, {end-access: P90D}, no-onward, watermark]\n",
        "      part: [core, identity]\n"
        "      intelligence: false\n      sealed: false\n    when: [grant]\n"
        "    obligations: [notify-owner, {end-access: P30D}, no-onward, watermark]\n",
    ),
)


def amended(text: str) -> str:
    parent = parse(text, file=str(PARENT), agencies=None)
    for old, new in CHANGES:
        if text.count(old) != 1:
            raise SystemExit(f"the memorandum has not exactly one: {old!r}")
        text = text.replace(old, new)
    head, kind, rest = text.partition("kind: mou\n")
    return f"{head}{kind}amends: {parent.content_hash}\n{rest}"


if __name__ == "__main__":
    AMENDMENT.write_text(amended(PARENT.read_text("utf-8")), "utf-8")
