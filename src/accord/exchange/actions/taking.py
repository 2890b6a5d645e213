"""Take a file in: keep it encrypted, have it looked at by the confined reader, write its run.

A file that is refused is not kept. What a table's columns mean is given with it, or is found by its
header among the agency's saved mappings, or waits for somebody to say it on screen.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from accord.agreements.scope import Scope
from accord.exchange import queries
from accord.exchange.actions.mappings import read_mapping
from accord.exchange.domain import NOTHING_STATED, Stated
from accord.exchange.formats import FORMATS
from accord.exchange.profile import check_basis, parse_profile
from accord.exchange.sandbox.starter import Reader
from accord.exchange.sandbox.wire import Head, Job
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.actions import intake
from accord.records.actions.contribute import check_contribute
from accord.records.actions.intake import Meaning, Taken
from accord.records.actions.quarantine import row_label
from accord.records.intake import store
from accord.records.nodekeys import keys


def take_file(
    scope: Scope,
    *,
    file_name: str,
    source: BinaryIO,
    stated: Stated = NOTHING_STATED,
    may_wait: bool = False,
) -> UUID:
    """Take a file for import and return the run's id; `source` must be seekable.

    `may_wait` lets a table without a mapping wait for one. Raises InvalidInput with every fault found
    in the file's form, its mapping or its header, and then keeps nothing; NotAllowed where no clause
    lets the actor contribute; NotFound where no mapping has the stated name.
    """
    check_contribute(scope, row_label(scope.actor.agency, "core"))
    name = intake.check_file_name(file_name)
    if stated.format is not None and stated.format not in FORMATS:
        raise InvalidInput(
            name, None, "format", phrase("is one of %(formats)s", formats=", ".join(FORMATS))
        )
    meaning = _stated_meaning(scope, stated)
    run_id = ids.uuid7()
    path = intake.stored_path(intake.stored_name(run_id))
    try:
        kept = store.store(path, source, run=run_id, owner=scope.actor.agency, keys=keys())
        head = look(
            scope,
            run_id,
            kept.size_bytes,
            name,
            stated.format or "",
            meaning.text if meaning else None,
        )
        meaning = _settled(scope, head, meaning, name, may_wait)
        intake.create_run(scope, Taken(run_id, name, kept, head.format, head.said), meaning)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return run_id


def _stated_meaning(scope: Scope, stated: Stated) -> Meaning | None:
    if stated.mapping and stated.mapping_name:
        raise InvalidInput(
            "mapping", None, "", phrase("give a mapping, or the name of one, not both")
        )
    if stated.basis and not (stated.mapping or stated.mapping_name):
        return _meaning_of(f"label: {{basis: {_word(stated.basis)}}}\n")
    if stated.mapping_name:
        saved = queries.mapping(scope, stated.mapping_name)
        return _meaning_of(saved.text, saved)
    return _meaning_of(stated.mapping) if stated.mapping else None


def _word(basis: str) -> str:
    if not basis.replace("-", "").isalpha():
        raise InvalidInput("mapping", None, "basis", phrase("is one word of the vocabulary"))
    return basis


def _meaning_of(text: str, saved: queries.MappingView | None = None) -> Meaning:
    if parse_profile(text, Vocabulary.load(NEWEST)) is not None:
        return Meaning(text)
    system = read_mapping(text).source_system
    return Meaning(text, system, saved.name if saved else None, saved.version if saved else None)


def _settled(
    scope: Scope, head: Head, meaning: Meaning | None, file: str, may_wait: bool
) -> Meaning | None:
    """The meaning under which a file comes in; None for one that waits. Raises InvalidInput."""
    chosen = FORMATS[head.format]
    profile = _profile(meaning)
    if not chosen.tabular:
        if meaning is not None and profile is None:
            rule = phrase("%(file)s maps itself; it needs no mapping of columns", file=head.said)
            raise InvalidInput(file, None, "mapping", rule)
        if not chosen.states_basis:
            check_basis(profile or {}, head.said, file)
        return meaning or Meaning()
    if meaning is not None and profile is not None:
        rule = phrase("a table needs a mapping of its columns; the basis is said there")
        raise InvalidInput(file, None, "mapping", rule)
    if meaning is None:
        saved = queries.fitting(scope, head.columns)
        meaning = _meaning_of(saved.text, saved) if saved and not may_wait else None
    if meaning is None and not may_wait:
        rule = phrase("a CSV file or spreadsheet needs a mapping, and no saved one fits its header")
        raise InvalidInput(file, None, "mapping", rule)
    if meaning is not None and meaning.text is not None:
        read_mapping(meaning.text).check_header(head.columns, file)
    return meaning


def _profile(meaning: Meaning | None) -> dict[str, object] | None:
    if meaning is None or meaning.text is None:
        return None
    return parse_profile(meaning.text, Vocabulary.load(NEWEST))


def job_for(
    scope: Scope, run_id: UUID, size_bytes: int, file: str, format: str, mapping: str | None
) -> Job:
    """What the confined reader is asked for a stored file of the actor's agency."""
    owner = scope.actor.agency
    path = intake.stored_path(intake.stored_name(run_id))
    return Job(
        file=file,
        size_bytes=size_bytes,
        run=str(run_id),
        data_key=store.data_key(path, run=run_id, owner=owner, keys=keys()).hex(),
        format=format,
        mapping=mapping,
        owner=owner,
        collected=now().date().isoformat(),
        region=scope.actor.country,
        rows=False,
    )


def look(
    scope: Scope, run_id: UUID, size_bytes: int, file: str, format: str, mapping: str | None
) -> Head:
    """What a stored file is, its form checked to the end; raises InvalidInput."""
    job = job_for(scope, run_id, size_bytes, file, format, mapping)
    with Reader(intake.stored_path(intake.stored_name(run_id)), job) as reader:
        head = reader.head()
        reader.finish()
    return head
