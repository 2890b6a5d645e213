"""Take a bundle out of the node: a disclosure of each exhibit in it, listed and logged like a copy."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.evidence.bundling import manifest as listing
from accord.evidence.bundling import queries
from accord.evidence.bundling.archive import Entry, archive
from accord.evidence.bundling.domain import (
    CERTIFICATE,
    CERTIFICATE_TEXT,
    COPY_FORMAT,
    DISCLOSURE,
    GRAPH,
    MANIFEST,
    MOST_EXHIBITS,
    README,
    SUMS,
    Custody,
    Included,
    LeftOut,
    Listed,
    Names,
    Signed,
    Taken,
    WhyLeftOut,
    folders,
    once,
    safe_name,
)
from accord.evidence.bundling.graph import graph
from accord.evidence.custody import queries as custody
from accord.evidence.domain import CONTENT_PART
from accord.evidence.files import FileReader
from accord.evidence.queries import exhibits
from accord.evidence.queries.exhibits import Seen
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.ledger import keys
from accord.ledger.proving import receipt_of
from accord.records import screen
from accord.records.actions.exports import Draw, keep_copy, open_for_export
from accord.records.copies import Copy, stamp_of
from accord.records.queries.records import RecordView
from accord.records.sealing import CannotOpen

RECEIPT_WAIT_S = 5.0
"""How long the end of a bundle waits for its entry's place in the ledger."""
RECEIPT_STEP_S = 0.1


@dataclass(frozen=True)
class Bundle:
    """A bundle on its way out: everything but the files of exhibits is made."""

    taken: Taken
    manifest: bytes
    small: tuple[Entry, ...]
    files: tuple[Entry, ...]
    scope: Scope

    @property
    def manifest_sha256(self) -> str:
        """What the ledger's entry names it by."""
        return _sha256(self.manifest)

    @property
    def file_name(self) -> str:
        """What the ZIP is called."""
        (folder,) = folders([self.taken.case_number])
        return f"{folder}-bundle-{str(self.taken.entry)[-12:]}.zip"

    def chunks(self, wait_s: float | None = None) -> Iterator[bytes]:
        """The ZIP as it is read, once the transaction is over.

        Its end waits so long for the receipt, RECEIPT_WAIT_S if nothing is said. Raises CannotOpen
        where a stored file is not what was recorded.
        """
        wait = RECEIPT_WAIT_S if wait_s is None else wait_s
        return archive(iter((*self.small, *self.files)), self.taken.at, lambda: self._receipt(wait))

    def _receipt(self, wait_s: float) -> Entry | None:
        """The receipt of the disclosure; None while its entry waits for its place in the ledger.

        It waits for the agencies' cosignatures too, as the receipt stays in the bundle as it is; where
        they do not come in time, the node's own signature has to do.
        """
        ends = time.monotonic() + wait_s
        while self.scope.opening is not None:
            late = time.monotonic() >= ends
            try:
                proof = receipt_of(self.taken.entry, self.scope.opening, vouched=not late)
            except Conflict:
                if late:
                    return None
                time.sleep(RECEIPT_STEP_S)
                continue
            return _entry(DISCLOSURE, _json(proof))
        return None


@dataclass(frozen=True)
class _Ready:
    """An exhibit that goes along: what is open of it, its sheet, and what reads its file."""

    record: RecordView
    exhibit: Included
    sheet: Copy
    reader: FileReader


def take_bundle(
    scope: Scope, wanted: Sequence[UUID] | None, names: Mapping[str, str], draw: Draw
) -> Bundle:
    """Return a bundle of these exhibits of the case, of all that the actor sees if none are named.

    From here the rows are judged by `export`. `names` has the names of agencies, `draw` makes the
    sheet of a copy. Raises NotAllowed outside of a case, or where nothing of it may be taken;
    NotFound for an exhibit that is not seen in this case; InvalidInput for an empty choice and for
    more than a bundle holds.
    """
    seen = queries.seen_in_case(scope)
    asked = queries.chosen(seen, wanted)
    _check_asked(seen, asked, wanted)
    ready, left_out = _gather(scope, asked, names)
    if not ready:
        raise _nothing(left_out, names)
    included = [each.exhibit for each in ready]
    taken = _taken(scope, ready, whole=len(asked) == len(seen))
    known = Names(names, agencies.names(_memberships(included)))
    small = _papers(taken, ready, left_out, known, draw)
    files = [_file(each) for each in ready]
    listed = [entry.listed for entry in (*small, *files)]
    made = listing.manifest(taken, included, left_out, listed)
    scope.did(
        "disclosure",
        step="took a bundle",
        format=COPY_FORMAT,
        digest=_sha256(made),
        exhibits=len(ready),
        custody={str(e.record_id): e.custody.facts["head"] for e in included if e.custody},
    )
    sums = listing.sums(_sha256(made), listed)
    first = (_entry(MANIFEST, made), _entry(SUMS, sums))
    return Bundle(taken, made, (*first, *small), tuple(files), scope)


def _check_asked(
    seen: Sequence[Seen], asked: Sequence[Seen], wanted: Sequence[UUID] | None
) -> None:
    if wanted is not None and not wanted:
        rule = phrase("choose at least one exhibit")
        raise InvalidInput("bundle", None, "exhibits", rule)
    if wanted is not None and len(asked) < len(set(wanted)):
        raise NotFound("There is no such exhibit for you.")
    if not seen:
        raise NotAllowed(phrase("No exhibit of this case is open to you."))


def _nothing(left_out: Sequence[LeftOut], names: Mapping[str, str]) -> NotAllowed:
    owners = ", ".join(once(names.get(each.owner, each.owner) for each in left_out))
    return NotAllowed(
        phrase(
            "Of what you chose nothing may be taken now: no clause allows it, or no file opens."
        ),
        who_can_change=phrase("%(names)s, by an agreement or its policy", names=owners),
    )


def _gather(
    scope: Scope, asked: Sequence[Seen], names: Mapping[str, str]
) -> tuple[list[_Ready], list[LeftOut]]:
    """What goes along, and what does not and why; what is only named stays noted as seen."""
    items, disclosed = dict(scope.items), dict(scope.disclosed)
    opened = {r.record_id: r for r in open_for_export(scope, [s.exhibit.record_id for s in asked])}
    found = exhibits.with_files([*opened.values()])
    ready, left_out = list[_Ready](), list[LeftOut]()
    place = dict(
        zip(
            [s.exhibit.record_id for s in asked],
            folders([s.exhibit.number for s in asked]),
            strict=True,
        )
    )
    for each in asked:
        record_id = each.exhibit.record_id
        made = _one(scope, found.get(record_id), place[record_id], names)
        if isinstance(made, WhyLeftOut):
            left_out.append(queries.left_out(each, made))
        else:
            ready.append(made)
        if len(ready) > MOST_EXHIBITS:  # what is left out takes no room
            rule = phrase("a bundle holds at most %(most)s; take several", most=MOST_EXHIBITS)
            raise InvalidInput("bundle", None, "exhibits", rule)
    only = {str(each.record_id) for each in left_out}
    scope.renote(only, items, disclosed)
    return ready, left_out


def _one(
    scope: Scope, seen: Seen | None, folder: str, names: Mapping[str, str]
) -> _Ready | WhyLeftOut:
    """One exhibit as it leaves, or why it does not."""
    if seen is None or seen.record.part(CONTENT_PART) is None or seen.exhibit.hashes is None:
        return WhyLeftOut.NO_CLAUSE
    if seen.original is None or queries.is_alarmed(seen.exhibit.record_id):
        return WhyLeftOut.FILE_CLOSED
    try:
        reader = exhibits.reader(seen.original.id)
    except CannotOpen:
        return WhyLeftOut.DOES_NOT_OPEN
    try:
        chain = _custody(seen.exhibit.record_id)
    except (NotFound, NotAllowed, Conflict):  # a row that does not hold any more what it held
        return WhyLeftOut.CHAIN_UNREADABLE
    found, digests = seen.exhibit, seen.exhibit.hashes
    sheet = keep_copy(scope, seen.record, "zip", digests.sha256, names)
    name = found.file_name or "exhibit.bin"
    included = Included(
        record_id=found.record_id,
        number=found.number,
        owner=found.owner,
        folder=folder,
        file_name=name,
        path=f"exhibits/{folder}/{safe_name(name)}",
        media_type=found.media_type or "application/octet-stream",
        size_bytes=reader.size_bytes,
        hashes=digests,
        said=_said(seen),
        stamp=sheet.stamp,
        custody=chain,
    )
    return _Ready(seen.record, included, sheet, reader)


def _said(seen: Seen) -> dict[str, str]:
    return {
        name: values[0]
        for part in seen.record.parts
        for name, values in part.values.items()
        if values and name != "contentText"
    }


def _custody(exhibit: UUID) -> Custody | None:
    """The chain of an exhibit with what proves it; None where there is none for this reader."""
    if not custody.has_chain(exhibit):
        return None
    facts, kept = custody.custody_file(exhibit), custody.chain(exhibit)
    proofs = list(zip(kept.chain.events, facts["chain"], strict=False))
    return Custody(
        facts=facts,
        events=kept.chain.events,
        faults=tuple(str(fault.sentence) for fault in kept.chain.faults),
        signed={
            event.number: Signed(line["signature"]["key"]["digest"], line["signature"]["origin"])
            for event, line in proofs
            if line["signature"]
        },
        leaves={
            event.number: line["receipt"]["leaf_index"] for event, line in proofs if line["receipt"]
        },
    )


def _taken(scope: Scope, ready: Sequence[_Ready], *, whole: bool) -> Taken:
    sheets = [each.sheet for each in ready]
    taker = sheets[0].taker
    ends = [sheet.ends_at for sheet in sheets if sheet.ends_at is not None]
    return Taken(
        name=taker.name,
        membership=scope.actor.membership,
        agency=scope.actor.agency,
        agency_name=taker.agency,
        purpose=taker.purpose,
        legal_basis=taker.legal_basis,
        case_number=taker.case_number or "",
        whole_case=whole,
        at=taker.at,
        entry=taker.entry_id,
        ledger=keys.public_key(Path(settings.ACCORD_DATA_DIR)).text,
        stamp=stamp_of(screen.handling([each.record for each in ready])),
        watermark=taker.watermark,
        duties=once(duty for sheet in sheets for duty in sheet.duties),
        ends_at=min(ends, default=None),
    )


def _memberships(included: Sequence[Included]) -> set[str]:
    chains = [each.custody for each in included if each.custody]
    return {event.membership for chain in chains for event in chain.events}


def _papers(
    taken: Taken,
    ready: Sequence[_Ready],
    left_out: Sequence[LeftOut],
    names: Names,
    draw: Draw,
) -> list[Entry]:
    """Everything but the manifest, what speaks of it, and the files of exhibits."""
    # fpdf2, fontTools and numpy take a quarter of a web process's start; few processes draw a bundle.
    from accord.evidence.bundling.certificate import certificate_paper, certificate_text
    from accord.evidence.bundling.custodypaper import custody_paper

    included = [each.exhibit for each in ready]
    made = [
        _entry(README, listing.readme(taken, included, left_out)),
        _entry(GRAPH, graph(taken, included, names)),
        _entry(CERTIFICATE, certificate_paper(taken, included, left_out)),
        _entry(CERTIFICATE_TEXT, certificate_text(taken, included, left_out)),
    ]
    for each in ready:
        exhibit, chain = each.exhibit, each.exhibit.custody
        made.append(_entry(exhibit.sheet_path, draw(each.sheet), exhibit.number))
        if chain is not None:
            paper = custody_paper(taken, exhibit, chain, names)
            made.append(_entry(exhibit.custody_path, _json(chain.facts), exhibit.number))
            made.append(_entry(exhibit.paper_path, paper, exhibit.number))
    return made


def _file(each: _Ready) -> Entry:
    found = each.exhibit
    listed = Listed(
        found.path,
        found.size_bytes,
        found.hashes.sha256,
        found.hashes.sha512 or None,
        found.number,
    )
    return Entry(listed, each.reader)


def _entry(path: str, content: bytes, exhibit: str | None = None) -> Entry:
    return Entry(Listed(path, len(content), _sha256(content), exhibit=exhibit), content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, ensure_ascii=False) + "\n").encode()
