"""`accord exhibit`: acquire exhibits, list those of a case, read, derive, take a file or a bundle."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli.exhibit_acting import Acting, acting_as, facts_of, find_exhibit, of_case, who
from accord.cli.exhibit_reading import derive, show, text
from accord.kernel.errors import Conflict, NotFound

if TYPE_CHECKING:
    from accord.evidence.bundling.actions import Bundle
    from accord.evidence.domain import Upload

PIECE_BYTES = 16 * 1024 * 1024
LOOK_AGAIN_S = 2.0
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def command() -> None:
    """Exhibits: add a file, list those of a case, show what was read, derive, get a file or a bundle."""


@command.command()
@click.argument("file", type=_FILE)
@who
@click.option("--kind", required=True, help="Such as image, video, document, legal-document.")
@click.option("--description", required=True)
@click.option("--subject", multiple=True, required=True, help="Whom it concerns; may be repeated.")
@click.option("--sensitivity", default="official", show_default=True)
@click.option("--minor", is_flag=True, help="A child is in it.")
@click.option("--collected-at", required=True, help="Day and time in --zone: '2026-09-20 15:04'.")
@click.option("--zone", default="UTC", show_default=True, help="Such as America/Chicago.")
@click.option("--collected-by", required=True)
@click.option("--collected-from")
@click.option("--place")
@click.option("--tool")
@click.option("--tool-version")
@click.option("--basis", required=True, help="warrant, consent, statute ... or unrecorded.")
@click.option("--reference", help="The warrant's number, the section, whose consent ...")
@click.option("--authority", help="Who issued a warrant or an order.")
@click.option("--document", help="The number of your exhibit that holds the document.")
@click.option("--media-type", default="application/octet-stream", show_default=True)
def add(
    file: Path,
    data_dir: Path,
    member: str,
    case: str,
    purpose: str,
    as_json: bool,
    media_type: str,
    minor: bool,
    **said: Any,
) -> int:
    """Send FILE and make an exhibit of it, in a case that the member works on.

    It gets the next number of the member's agency in that case, and is the agency's alone until it is
    placed in the case. Nothing of the file stays behind when this is refused.
    """
    from accord.evidence import forms

    given = {**said, "subject": list(said["subject"]), "flag": ["minor"] if minor else []}
    listed = forms.Listed(given)
    collection = forms.collection(listed)
    with acting_as(data_dir, member, purpose, case) as acting:
        upload = _send(acting, file, media_type, quiet=as_json)
        record, number = _acquire(acting, upload, listed, collection)
    if as_json:
        facts = {"record": str(record), "number": number, "sha256": _sha256(upload)}
        click.echo(json.dumps(facts))
    else:
        click.echo(f"{number}\n{_sha256(upload)}  {file.name}")
    return 0


def _acquire(acting: Acting, upload: Upload, listed: Any, collection: Any) -> tuple[UUID, str]:
    from accord.evidence import forms
    from accord.evidence.actions import exhibits, uploads
    from accord.kernel.errors import AccordError

    try:
        with acting.step() as scope:
            return exhibits.acquire(scope, upload.id, forms.about(listed), collection)
    except AccordError:
        with acting.step() as scope:
            uploads.discard(scope, upload.id)
        raise


def _send(acting: Acting, file: Path, media_type: str, *, quiet: bool) -> Upload:
    from accord.evidence.actions import uploads

    size = file.stat().st_size
    with acting.step() as scope:
        upload = uploads.create(scope, file_name=file.name, media_type=media_type, size_bytes=size)
    with file.open("rb") as source:
        while piece := source.read(PIECE_BYTES):
            upload = acting.send(upload.id, upload.received_bytes, piece)
            if not quiet and sys.stderr.isatty():
                done = upload.percent == 100
                click.echo(f"\r\x1b[K{upload.percent:>3} % of {file.name}", nl=done, err=True)
    if upload.hashes is None:
        raise Conflict("The file changed while it was read; nothing of it was kept.")
    return upload


def _sha256(upload: Upload) -> str:
    return upload.hashes.sha256 if upload.hashes else ""


@command.command(name="list")
@who
def list_(data_dir: Path, member: str, case: str, purpose: str, as_json: bool) -> int:
    """The exhibits of a case, as far as they are open to the member."""
    with acting_as(data_dir, member, purpose, case) as acting, acting.step() as scope:
        found = of_case(scope)
    if as_json:
        click.echo(json.dumps([facts_of(seen) for seen in found], indent=2))
        return 0
    for seen in found:
        shown = seen.exhibit
        digest = shown.hashes.short if shown.hashes else "-"
        click.echo(
            f"{shown.number}\t{shown.kind}\t{shown.basis}\t{shown.size_bytes or '-'}\t{digest}"
        )
    return 0


@command.command()
@click.argument("number")
@click.argument("to", type=click.Path(path_type=Path))
@who
@click.option("--alone", is_flag=True, help="The file alone, without the sheet that stamps it.")
def get(
    number: str, to: Path, data_dir: Path, member: str, case: str, purpose: str, as_json: bool,
    alone: bool,
) -> int:  # fmt: skip
    """Take the file of the exhibit NUMBER out, into the new file TO; a disclosure, logged.

    Without --alone TO is a ZIP that holds the file as it came and the sheet that says who took it.
    """
    if to.exists():
        raise Conflict(f"{to} is there already; nothing is overwritten.")
    with acting_as(data_dir, member, purpose, case) as acting:
        taken = _take(acting, number, "file" if alone else "zip")
        _write_new(to, taken)
    click.echo(
        json.dumps({"number": number, "file": str(to)}) if as_json else f"{number} is in {to}."
    )
    return 0


@command.command()
@click.argument("to", type=click.Path(path_type=Path))
@who
@click.option(
    "--exhibit", "numbers", multiple=True, help="Its number; may be repeated. All, if none."
)
def bundle(
    to: Path, data_dir: Path, member: str, case: str, purpose: str, as_json: bool,
    numbers: tuple[str, ...],
) -> int:  # fmt: skip
    """Take a bundle of the case's exhibits out, into the new file TO; a disclosure, logged.

    TO is a ZIP with the files, their chains of custody, a CASE/UCO graph, a certificate draft and a
    manifest. `accord-verify TO` checks it.
    """
    if to.exists():
        raise Conflict(f"{to} is there already; nothing is overwritten.")
    with acting_as(data_dir, member, purpose, case) as acting:
        taken = _bundle(acting, numbers)
        _placed()
        _write_new(to, taken.chunks())
    included = json.loads(taken.manifest)
    facts = {
        "file": str(to),
        "manifest_sha256": taken.manifest_sha256,
        "ledger_entry": str(taken.taken.entry),
        "exhibits": [each["number"] for each in included["exhibits"]],
        "left_out": [each["number"] for each in included["left_out"]],
    }
    if as_json:
        click.echo(json.dumps(facts))
        return 0
    click.echo(f"{len(facts['exhibits'])} exhibits are in {to}; check it with:")
    click.echo(f"accord-verify {to} --key {taken.taken.ledger}")
    for each in included["left_out"]:
        click.echo(f"{each['number']} is left out. {each['sentence']}")
    return 0


def _bundle(acting: Acting, numbers: tuple[str, ...]) -> Bundle:
    from accord.agencies import queries as agencies
    from accord.evidence.bundling import actions
    from accord.records.views.exports import as_html

    names = agencies.agency_names()
    with acting.step() as scope:
        wanted = None
        if numbers:
            by_number = {s.exhibit.number: s.exhibit.record_id for s in of_case(scope)}
            if missing := [number for number in numbers if number not in by_number]:
                raise NotFound(f"There is no exhibit {missing[0]} for this member.")
            wanted = [by_number[number] for number in numbers]
        return actions.take_bundle(scope, wanted, names, as_html)


def _placed() -> None:
    """Give the entry its place, so that its receipt goes along."""
    from accord.ledger.actions import sequence_all

    sequence_all()


def _write_new(to: Path, pieces: Iterator[bytes]) -> None:
    with to.open("xb") as target:
        try:
            for piece in pieces:
                target.write(piece)
        except BaseException:
            to.unlink()  # half a file is no copy
            raise


def _take(acting: Acting, number: str, form: str) -> Iterator[bytes]:
    from accord.agencies import queries as agencies
    from accord.evidence.actions import copies
    from accord.records.views.exports import as_html

    names = agencies.agency_names()
    with acting.step() as scope:
        taken = copies.take_file(scope, find_exhibit(scope, number), form, names)
    return copies.as_zip(taken, as_html) if form == "zip" else taken.chunks()


for one in (show, text, derive):
    command.add_command(one)
