"""What may differ between two answers to the same question, and why; nothing else may.

PUBLIC is information that everybody may have. DRAWN is drawn at random for each answer and says
nothing; it would differ between two answers of one world.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Allowed:
    """A piece of an answer's body, on the addresses where it may stand."""

    where: str
    what: str
    why: str

    def mask(self, path: str, body: bytes) -> bytes:
        """The body without this piece, each kept apart from what stands around it."""
        if not re.search(self.where, path.partition("?")[0]):
            return body
        return re.sub(self.what.encode(), lambda found: _blank(found), body)


def _blank(found: re.Match[bytes]) -> bytes:
    """Keep the first group, if there is one: what says which piece it was."""
    return (found.group(1) if found.re.groups else b"") + b"<may differ>"


_TREE = "the ledger's size, heads and proofs are public, so that anybody can check them"
_ANY = ""

PUBLIC = (
    Allowed(r"^/(api/v1/)?ledger/(checkpoint|.*receipt)$", r"(?s)^.+$", _TREE),
    Allowed(
        r"^/(api/v1/ledger/records/export|ledger/disclosures)$",
        r'("(?:leaf_index|commitment|salt|slot|path|inclusion|checkpoint|seed)":|\\"root\\":\\")'
        r'(?:"[^"]*"|[0-9a-f]{64}|\d+)',
        _TREE + "; salts, and the roots over salted items, are random each time",
    ),
    Allowed(r"^/ledger/$", r'(?s)(<dt>Entries</dt>).*?(?=id="proves")', _TREE),
    Allowed(
        r"^/ledger/[0-9a-f-]{36}(/erasure)?$",
        r'(?s)(<section class="proof).*?(?=<p class="proof__note)',
        _TREE,
    ),
    Allowed(
        r"^/(api/v1/)?custody/[0-9a-f-]{36}/file$",
        r'("inclusion": ?|"checkpoint": ?)(?:\[[^\]]*\]|"(?:[^"\\]|\\.)*")',  # of its receipts
        _TREE,
    ),
    Allowed(
        r"^/api/v1/ledger/export$",
        r'(?m)(?:^(?!.*"(?:openings|erased)").*\n?)+',  # lines without a body: leaves and heads
        _TREE,
    ),
)

DRAWN = (
    Allowed(
        _ANY, r"(\?shown=)[A-Za-z0-9_-]+", "a mark of the node that says until when it is good"
    ),
    Allowed(
        _ANY,
        r'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}',
        "masked anew for each answer against BREACH",
    ),
    Allowed(
        _ANY,
        r'(?s)(<dt>Reference</dt>|"reference": ?)(?:<dd>.*?</dd>|"[0-9A-F]{8}")',
        "names one line of the server's log",
    ),
    Allowed(
        r"/(member-changes|members/changes)/[0-9a-f-]{36}/code$",
        r'("code": "|<code class="mono">|data-copy=")[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}',
        "the code beside a link, drawn anew and shown to the administrator who proposed the change",
    ),
    Allowed(
        r"/api/v1/systems$",
        r'("proposed_at": ")[^"]*',
        "the database's own moment of a system that the asker proposes, which no test's clock moves",
    ),
)

HEADERS = {
    "Set-Cookie": "compared apart: the cross-site token is drawn, cookies end by the machine's clock",
    "RateLimit": "counts the asker's own requests, and fills again by the machine's clock",
    "Content-Length": "counts the body, which is compared itself",
}
"""Headers that are compared otherwise."""


_PROOFS = re.compile(rb'("inclusion": ?|"checkpoint": ?)(?:\[[^\]]*\]|"(?:[^"\\]|\\.)*")')


def unpacked(body: bytes) -> bytes:
    """A bundle's files one after the other; proofs in its receipts, and what follows from them, apart.

    What follows is the hash and size of each custody file, in the manifest, and the manifest's own
    hash beside it; nothing else of a bundle may differ.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    whole = b"\0".join(
        name.encode() + b"\0" + (_PROOFS.sub(_blank, data) if _is_chain(name) else data)
        for name, data in files.items()
    )
    for name, data in files.items():
        if _is_chain(name) or name == "manifest.json":
            digest = hashlib.sha256(data).hexdigest().encode()
            said = re.compile(re.escape(digest) + rb'(",.{0,200}?"size":%d)?' % len(data))
            whole = said.sub(b"<may differ>", whole)
    return whole


def _is_chain(name: str) -> bool:
    return name.startswith("custody/") and name.endswith(".json")


def normalised(path: str, body: bytes) -> bytes:
    """The body as it is compared."""
    if path.endswith("/exhibits/bundle") and body.startswith(b"PK"):
        return unpacked(body)
    for allowed in (*PUBLIC, *DRAWN):
        body = allowed.mask(path, body)
    return body
