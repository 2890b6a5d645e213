"""`accord exhibit show`, `text` and `derive`: what was read of a file, and what is made of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli.exhibit_acting import Acting, acting_as, facts_of, find_exhibit, who
from accord.kernel.errors import Conflict

if TYPE_CHECKING:
    from accord.evidence.queries.derivations import DerivationView

LOOK_AGAIN_S = 2.0


@click.command()
@click.argument("number")
@who
def show(number: str, data_dir: Path, member: str, case: str, purpose: str, as_json: bool) -> int:
    """What was read of the exhibit NUMBER: its kind, what it says of itself, what is inside."""
    with acting_as(data_dir, member, purpose, case) as acting, acting.step() as scope:
        from accord.evidence.queries import exhibits, readings

        seen = exhibits.exhibit(scope, find_exhibit(scope, number))
        read = readings.reading(seen.exhibit.record_id)
        kept = readings.kept(seen.exhibit.record_id)
    facts = facts_of(seen) | {
        "reading": str(read.state) if read else None,
        "content": read.kind.name if read and read.kind else None,
        "why": str(read.refusal.sentence) if read and read.refusal else None,
        "facts": {fact.name: fact.value for fact in kept.facts},
        "notes": [str(note.sentence) for note in kept.notes],
        "previews": [
            *({"kind": str(p.use), "type": "image/webp"} for p in kept.pictures),
            *({"kind": "played", "type": p.media_type, "ms": p.length_ms} for p in kept.played),
        ],
        "text_chars": sum(len(passage.text) for passage in kept.passages),
        "inside": [{"number": part.number, "name": part.name} for part in kept.attachments],
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return 0
    for name, value in facts.items():
        click.echo(f"{name}\t{json.dumps(value) if isinstance(value, dict | list) else value}")
    return 0


@click.command()
@click.argument("number")
@who
@click.option("--find", help="Only the places where this stands, whatever its case.")
def text(
    number: str, data_dir: Path, member: str, case: str, purpose: str, as_json: bool,
    find: str | None,
) -> int:  # fmt: skip
    """The text that was read of the exhibit NUMBER, by page, sheet or message."""
    with acting_as(data_dir, member, purpose, case) as acting, acting.step() as scope:
        from accord.evidence import readingscreen
        from accord.evidence.queries import exhibits, readings

        record = find_exhibit(scope, number)
        exhibits.exhibit(scope, record)
        kept = readings.kept(record)
    if find:
        hits = readingscreen.find(kept, find)
        listed = [(hit.place, f"{hit.before}{hit.found}{hit.after}") for hit in hits]
    else:
        listed = [(passage.place, passage.text) for passage in kept.passages]
    if as_json:
        click.echo(json.dumps([{"place": place, "text": said} for place, said in listed]))
        return 0
    for place, said in listed:
        click.echo(f"{place}\n{said}" if place else said)
    return 0


@click.command()
@click.argument("number")
@who
@click.option("--way", required=True, help="redaction, clip, extraction or copy.")
@click.option("--description", required=True)
@click.option("--area", multiple=True, help="'PAGE LEFT TOP WIDTH HEIGHT' in ten-thousandths.")
@click.option("--from", "start_ms", type=int, help="Of a clip, in milliseconds.")
@click.option("--to", "end_ms", type=int, help="Of a clip, in milliseconds.")
@click.option("--attachment", type=int, help="Of an extraction: its number; 0 is all text.")
@click.option("--subject", multiple=True, help="Whom it concerns; the source's if left out.")
@click.option("--sensitivity", help="The source's if left out.")
def derive(
    number: str, data_dir: Path, member: str, case: str, purpose: str, as_json: bool, way: str,
    description: str, subject: tuple[str, ...], sensitivity: str | None, area: tuple[str, ...],
    **said: Any,
) -> int:  # fmt: skip
    """Make an exhibit of the exhibit NUMBER; that one is only read. Waits until it is made."""
    from dataclasses import replace

    with acting_as(data_dir, member, purpose, case) as acting:
        from accord.evidence import derivationforms, ways
        from accord.evidence.actions import derivations
        from accord.evidence.jobs import make_derivation
        from accord.evidence.queries import exhibits

        asked = {"way": way} | {name: value for name, value in said.items() if value is not None}
        if way == "redaction":
            asked["areas"] = derivationforms.areas(list(area))
        wished = ways.way_of(asked)
        with acting.step() as scope:
            seen = exhibits.exhibit(scope, find_exhibit(scope, number))
            about = derivations.about_of(seen, description)
            about = replace(
                about,
                subjects=frozenset(subject) or about.subjects,
                sensitivity=sensitivity or about.sensitivity,
            )
            made = derivations.ask(scope, seen.exhibit.record_id, wished, about)
        make_derivation(made, (member, purpose, "statute", case))
        done = _over(acting, made)  # a worker that was quicker may still be at it
        with acting.step() as scope:
            result = exhibits.exhibit(scope, done.result) if done.result else None
    if result is None:
        raise Conflict(done.sentence or "It was cancelled meanwhile.")
    facts = {"record": str(done.result), "number": result.exhibit.number}
    click.echo(json.dumps(facts) if as_json else facts["number"])
    return 0


def _over(acting: Acting, derivation: UUID) -> DerivationView:
    from accord.evidence.queries import derivations as queries

    while True:
        with acting.step():
            found = queries.derivation(derivation)
        if found.over:
            return found
        time.sleep(LOOK_AGAIN_S)
