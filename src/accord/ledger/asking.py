"""Asks one cosigner for its cosignature (C2SP tlog-witness); touches no database.

What comes back is a stranger's: it is held short in size and time, and nothing of it is believed but
a signature that holds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import httpx

from accord.cosign.domain import request_body
from accord.kernel.signednote import MAX_SIZE, Note, NoteError, Signature, check_note, parse_note
from accord.kernel.tlogpolicy import Witness

CONNECT_S = 3.0
READ_S = 5.0
WITHIN_S = 10.0
MAX_ANSWER_BYTES = 16 * 1024
SIZE_TYPE = "text/x.tlog.size"


_REFUSALS = {
    403: "it does not trust the key of this ledger",
    404: "it does not cosign this ledger",
    422: "this ledger does not lead on from the head that it vouches for",
}


class What(StrEnum):
    """How a cosigner answered."""

    SIGNED = "signed"
    ELSEWHERE = "elsewhere"
    """It vouches for a head of another size, which it names."""
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True)
class Answer:
    """What one cosigner said of one head."""

    what: What
    said: str
    signature: Signature | None = None
    size: int = 0


def ask(
    client: httpx.Client, witness: Witness, note: Note, old: int, proof: Sequence[bytes]
) -> Answer:
    """Submits a head with its proof from the size that the cosigner vouched for."""
    url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
    try:
        status, kind, body = _post(client, url, request_body(old, proof, str(note)))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Answer(What.SILENT, f"no answer ({type(error).__name__})")
    if status == 200:
        return _signed(witness, note, body)
    if status == 409 and kind == SIZE_TYPE:
        return _elsewhere(body)
    return Answer(What.REFUSED, _REFUSALS.get(status, f"answered {status}"))


def new_client() -> httpx.Client:
    """A client that follows nobody elsewhere and asks no proxy of the environment."""
    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)


def _post(client: httpx.Client, url: str, content: bytes) -> tuple[int, str, bytes]:
    deadline_s, body = time.monotonic() + WITHIN_S, b""
    with client.stream("POST", url, content=content) as response:
        for part in response.iter_raw(1024):
            body += part
            if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline_s:
                raise TimeoutError
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return response.status_code, kind, body


def _signed(witness: Witness, note: Note, body: bytes) -> Answer:
    try:
        whole = parse_note(f"{note}{body.decode()}")
        check_note(whole, [witness.key])
    except (NoteError, UnicodeDecodeError):
        return Answer(What.REFUSED, "answered with a signature that is not its own")
    wanted = (witness.key.name, witness.key.id)
    own = [each for each in whole.signatures if (each.name, each.key_id) == wanted]
    return Answer(What.SIGNED, "cosigned", own[-1])


def _elsewhere(body: bytes) -> Answer:
    said = body.removesuffix(b"\n")
    if not said.isdigit() or len(said) > 19 or int(said) > MAX_SIZE:
        return Answer(What.REFUSED, "answered with a size that is no number")
    return Answer(What.ELSEWHERE, f"vouches for size {int(said)}", size=int(said))
