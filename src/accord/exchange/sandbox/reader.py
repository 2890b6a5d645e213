"""Reads one untrusted file, as a confined process: its argument is the descriptor.

Started by `accord.exchange.sandbox.starter` for one file. It has the encrypted file as an open
descriptor and, on standard input, the key of that file alone: no database, no agency key, no
environment. What it finds it writes to standard output, one message a line.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from accord.exchange.formats import open_file
from accord.exchange.formats.base import Format, Options, Reading, Sitting
from accord.exchange.profile import parse_profile
from accord.exchange.sandbox.wire import Job, Sender, job_from, refusal_facts
from accord.kernel.errors import AccordError, InvalidInput
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.platform.confined.confine import Bounds, confine
from accord.records.intake.drafting import Intake
from accord.records.intake.mapping import Mapped
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import draft_rows
from accord.records.intake.store import open_with_key
from accord.records.ontology import common_ontology

TELL_EVERY_ROWS = 200


def _say(*message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")


def main() -> int:
    """Read the job, confine itself, read the file; returns 0 when everything was said."""
    line = sys.stdin.readline()
    asked = json.loads(line)
    job = job_from(asked["job"])
    raw = os.fdopen(int(sys.argv[1]), "rb")
    common_ontology()
    Vocabulary.load(NEWEST)
    apart = confine(Bounds(int(asked["cpu_s"]))).network
    try:
        source = open_with_key(
            raw, bytes.fromhex(job.data_key), run=UUID(job.run), size_bytes=job.size_bytes
        )
        _read(job, source, apart)
    except InvalidInput as error:
        _say("refused", refusal_facts(error))
    except AccordError as error:  # the stored file is not whole, or was altered
        _say("refused", [[job.file, None, "", str(error)]])
    except MemoryError:
        _say("memory")
    sys.stdout.flush()
    return 0


def _read(job: Job, source: BinaryIO, apart: bool) -> None:
    mapped, label = _meaning(job)
    options = Options()
    if mapped is not None:
        options = Options(mapped.delimiter, mapped.encoding, mapped.sheet)
    chosen, reading = open_file(source, job.file, job.format, options)
    head = {"format": chosen.name, "said": reading.said, "columns": reading.columns}
    _say("head", {**head, "sample": reading.sample, "apart": apart})
    if job.rows:
        _rows(job, chosen, reading, mapped, label)
    _say("end", dict(reading.left))


def _meaning(job: Job) -> tuple[Mapped | None, dict[str, object]]:
    """The mapping of a table, or what was stated of a file that maps itself."""
    if not job.mapping:
        return None, {}
    vocabulary = Vocabulary.load(NEWEST)
    if (profile := parse_profile(job.mapping, vocabulary)) is not None:
        return None, profile
    ontology = common_ontology()
    return parse_mapping(job.mapping, file="mapping", ontology=ontology, vocabulary=vocabulary), {}


def _rows(
    job: Job, chosen: Format, reading: Reading, mapped: Mapped | None, label: dict[str, object]
) -> None:
    intake = Intake(
        owner=job.owner,
        ontology=common_ontology(),
        vocabulary=Vocabulary.load(NEWEST),
        collected=date.fromisoformat(job.collected),
        region=job.region,
    )
    if mapped is not None and chosen.name in ("xlsx", "ods"):
        mapped = mapped.of_typed_cells()
    drawn = reading.draw(Sitting(intake, mapped, label))
    sender = Sender()
    rows = draft_rows(drawn, intake, start_after=job.start_after)
    for number, row in enumerate(islice(rows, job.most_rows or None), 1):
        for message in sender.messages(row):
            _say(*message)
        if number % TELL_EVERY_ROWS == 0:
            _say("at", reading.at())


if __name__ == "__main__":
    sys.exit(main())
