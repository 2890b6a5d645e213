"""Bundles for tests, made of the real parts around a small ledger: two exhibits with their chains."""

from __future__ import annotations

import io
import json
import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256, sha512
from typing import Any
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from accord.evidence.bundling import manifest as listing
from accord.evidence.bundling.archive import Entry, archive
from accord.evidence.bundling.certificate import certificate_paper, certificate_text
from accord.evidence.bundling.custodypaper import custody_paper
from accord.evidence.bundling.domain import (
    CERTIFICATE,
    CERTIFICATE_TEXT,
    DISCLOSURE,
    GRAPH,
    MANIFEST,
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
    safe_name,
)
from accord.evidence.bundling.graph import graph
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Event
from accord.evidence.domain import Hashes
from accord.kernel import merkle
from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
from accord.ledger.domain import Committed, Kind, build_leaf, commit
from accord.ledger.domain import Entry as Logged
from accord.ledger.receipts import Place, build_receipt
from unit.evidence.chaining import Made, relinked, signed

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ENTRY = UUID("01985e2c-0000-7000-8000-0000000000e1")
NODE = SigningKey("accord.ledger/0123456789abcdef", bytes(range(32)))
OTHER_NODE = SigningKey("accord.ledger/fedcba9876543210", bytes(range(1, 33)))
FILES = {
    "RPD-2026-17/alpha/1": ("front desk.jpg", b"the first exhibit" * 500),
    "RPD-2026-17/alpha/2": ("../../etc/Пластинка é.wav", b"the second exhibit" * 300),
}
NAMES = Names({"alpha": "Alpha Police", "lab": "State Laboratory"}, {})


@dataclass
class Ledger:
    """A log that grows; each entry has its receipt under the head that it has then."""

    key: SigningKey = NODE
    leaves: list[bytes] = None  # type: ignore[assignment]  # made below

    def __post_init__(self) -> None:
        self.leaves = [merkle.leaf_hash(bytes([n])) for n in range(5)]

    def add(self, entry: Logged, entry_id: UUID) -> Committed:
        """One more entry at the end of the log."""
        made = commit(entry, entry_id, random.Random(str(entry_id)))
        self.leaves.append(merkle.leaf_hash(build_leaf(made.commitment)))
        return made

    def receipt(self, made: Committed, at: int) -> dict[str, Any]:
        """The receipt of an entry under the newest head."""
        root = merkle.root(self.leaves)
        path = merkle.inclusion_proof(at, len(self.leaves), merkle.nodes_of(self.leaves))
        note = str(sign_note(Checkpoint(self.key.name, len(self.leaves), root).text, self.key))
        return build_receipt(made.acting, Place(at, path, note, self.key.public.text))


def chain(number: str, record: str, content: str) -> list[Event]:
    """Acquired at alpha, handed to the laboratory, derived from, and given back."""
    made = Made()
    made.take(Act.ACQUIRE, "alpha")
    made.take(Act.OFFER, "alpha")
    made.take(Act.ACCEPT, "lab")
    made.take(Act.RETURN, "lab", to="alpha")
    made.take(Act.ACCEPT, "alpha")
    own = {"exhibit": record, "exhibit_number": number}
    return relinked(
        [
            replace(e, **own, before=content if e.before else None, after=content)
            for e in made.events
        ]
    )


def custody(ledger: Ledger, events: list[Event]) -> Custody:
    """The chain as it leaves: signed, with a receipt for each event."""
    first = len(ledger.leaves)
    logged = [
        ledger.add(
            Logged(
                kind=Kind.CUSTODY,
                at=e.at,
                actor=e.membership,
                agency=e.agency,
                detail={
                    "event": e.hash, "exhibit": e.exhibit, "number": e.number, "act": str(e.act)
                },
            ),
            UUID(int=UUID(e.exhibit).int + (e.number + 1 << 32)),
        )
        for e in events
    ]  # fmt: skip
    lines = [
        {
            "event": e.text().decode(),
            "hash": e.hash,
            "signature": signed(e),
            "receipt": ledger.receipt(made, first + place),
        }
        for place, (e, made) in enumerate(zip(events, logged, strict=True))
    ]
    facts = {
        "format": "accord-custody/1",
        "exhibit": events[0].exhibit,
        "exhibit_number": events[0].exhibit_number,
        "events": len(events),
        "head": events[-1].hash,
        "chain": lines,
    }
    signatures = {e.number: Signed(line["signature"]["key"]["digest"], "https://node.example")
                  for e, line in zip(events, lines, strict=True)}  # fmt: skip
    return Custody(
        facts, tuple(events), (), signatures, {e.number: first + e.number for e in events}
    )


def exhibits(ledger: Ledger) -> list[Included]:
    """The two exhibits of the bundle."""
    made = []
    for place, (number, (name, data)) in enumerate(FILES.items()):
        record = UUID(int=0x01985E2C000070008000000000000001 + place)
        digests = Hashes(sha256(data).hexdigest(), sha512(data).hexdigest())
        (folder,) = folders([number])
        made.append(
            Included(
                record_id=record,
                number=number,
                owner="alpha",
                folder=folder,
                file_name=name,
                path=f"exhibits/{folder}/{safe_name(name)}",
                media_type="image/jpeg",
                size_bytes=len(data),
                hashes=digests,
                said={
                    "description": "What was found: \u202elemaC \u4e2d.",
                    "collectedAt": "2026-11-16T14:00:00Z",
                    "collectedBy": "Ольга Петрова",
                    "address": "غرفة 12",
                    "tool": "imager",
                    "toolVersion": "4.2",
                    "legalBasis": "warrant",
                    "basisReference": "2026-SW-0311",
                    "issuingAuthority": "Circuit Court",
                },
                stamp="Official",
                custody=custody(ledger, chain(number, str(record), digests.sha256)),
            )
        )
    return made


def taken(ledger: Ledger) -> Taken:
    """Who takes it."""
    return Taken(
        name="Marisol Alvarez",
        membership="alpha.m.alvarez",
        agency="alpha",
        agency_name="Alpha Police",
        purpose="human-trafficking-investigation",
        legal_basis="statute",
        case_number="RPD-2026-17",
        whole_case=True,
        at=AT,
        entry=ENTRY,
        ledger=ledger.key.public.text,
        stamp="Official",
        watermark="Marisol Alvarez · Alpha Police",
        duties=("Use it for this case alone.",),
        ends_at=None,
    )


LEFT_OUT = (LeftOut(UUID(int=7), "RPD-2026-17/lab/9", "lab", WhyLeftOut.NO_CLAUSE),)


def files(*, receipt: bool = True, ledger: Ledger | None = None) -> dict[str, bytes]:
    """Every file of a sound bundle by its path."""
    ledger = ledger or Ledger()
    included, who = exhibits(ledger), taken(ledger)
    small: dict[str, tuple[bytes, str | None]] = {
        README: (listing.readme(who, included, LEFT_OUT), None),
        GRAPH: (graph(who, included, NAMES), None),
        CERTIFICATE: (certificate_paper(who, included, LEFT_OUT), None),
        CERTIFICATE_TEXT: (certificate_text(who, included, LEFT_OUT), None),
    }
    for each in included:
        assert each.custody is not None
        small[each.custody_path] = (json.dumps(each.custody.facts).encode(), each.number)
        paper = custody_paper(who, each, each.custody, NAMES)
        small[each.paper_path] = (paper, each.number)
        small[each.sheet_path] = (b"<p>the sheet</p>", each.number)
    listed = [
        Listed(p, len(data), sha256(data).hexdigest(), None, n) for p, (data, n) in small.items()
    ]
    listed += [
        Listed(e.path, e.size_bytes, e.hashes.sha256, e.hashes.sha512, e.number) for e in included
    ]
    made = listing.manifest(who, included, LEFT_OUT, listed)
    digest = sha256(made).hexdigest()
    found = {MANIFEST: made, SUMS: listing.sums(digest, listed)}
    found |= {path: data for path, (data, _) in small.items()}
    found |= {e.path: FILES[e.number][1] for e in included}
    if receipt:
        found[DISCLOSURE] = json.dumps(disclosure(ledger, digest)).encode()
    return found


def disclosure(ledger: Ledger, digest: str, entry: UUID = ENTRY) -> dict[str, Any]:
    """The receipt of the entry that names a manifest."""
    logged = Logged(
        kind=Kind.DISCLOSURE,
        at=AT,
        actor="alpha.m.alvarez",
        agency="alpha",
        purpose="human-trafficking-investigation",
        case="RPD-2026-17",
        legal_basis="statute",
        detail={"step": "took a bundle", "format": "bundle", "digest": digest},
    )
    return ledger.receipt(ledger.add(logged, entry), len(ledger.leaves) - 1)


def streamed(found: dict[str, bytes]) -> bytes:
    """A ZIP as Accord writes it."""
    entries = iter([Entry(Listed(p, len(d), sha256(d).hexdigest()), d) for p, d in found.items()])
    return b"".join(archive(entries, AT, lambda: None))


def zipped(found: Sequence[tuple[str, bytes]], method: int = ZIP_STORED) -> bytes:
    """A ZIP as anybody writes it; names may stand in it twice."""
    sink = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(sink, "w", method) as whole:
        warnings.simplefilter("ignore")  # of names that stand there twice
        for path, data in found:
            info = ZipInfo(path, AT.timetuple()[:6])
            info.compress_type = method
            whole.writestr(info, data)
    return sink.getvalue()


def relisted(found: dict[str, bytes], *paths: str) -> dict[str, bytes]:
    """What a careful forger does after changing files: a manifest and sums that fit them."""
    facts = json.loads(found[MANIFEST])
    for each in facts["files"]:
        if each["path"] in paths:
            data = found[each["path"]]
            each["sha256"], each["size"] = sha256(data).hexdigest(), len(data)
            each["sha512"] = each["sha512"] and sha512(data).hexdigest()
            for exhibit in facts["exhibits"]:
                if exhibit["file"] == each["path"]:
                    exhibit.update({n: each[n] for n in ("sha256", "sha512", "size")})
    return remade(found, facts)


def remade(found: dict[str, bytes], facts: dict[str, Any]) -> dict[str, bytes]:
    """The same files under another manifest, whose sums fit it."""
    made = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    listed = [
        Listed(f["path"], f["size"], f["sha256"], f["sha512"], f["exhibit"]) for f in facts["files"]
    ]
    sums = listing.sums(sha256(made).hexdigest(), listed)
    return found | {MANIFEST: made, SUMS: sums}
