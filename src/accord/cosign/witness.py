"""Answers `add-checkpoint`: verifies, compares and stores in one transaction, then cosigns."""

from __future__ import annotations

import logging
import subprocess
import threading
from dataclasses import dataclass

from accord.cosign.domain import (
    BadRequest,
    Kept,
    Request,
    Verdict,
    judge,
    parse_request,
    proof_facts,
)
from accord.cosign.state import Folder
from accord.kernel import clock
from accord.kernel.signednote import NoteError, NoteKey, SigningKey, check_note
from accord.platform.logs import facts

TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
COMMAND_WITHIN_S = 60
log = logging.getLogger("accord.cosign")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    kind: str = TEXT


class Witness:
    """One cosigner on its folder."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.key: SigningKey = folder.key()
        folder.command()  # a mistake there shows at the start and not at the first alarm

    def add_checkpoint(self, body: bytes) -> Answer:
        """What C2SP tlog-witness says, in its order: 400, 404, 403, then the log's state."""
        try:
            request = parse_request(body)
        except BadRequest as error:
            return Answer(400, f"{error}\n")
        keys = [key for key in self.folder.logs() if key.name == request.head.origin]
        if not keys:
            return Answer(404, "This log is not cosigned here.\n")
        try:
            signer = check_note(request.note, keys)[0].key
        except NoteError:
            return Answer(403, "No key that is trusted for this log signed the checkpoint.\n")
        return self._decide(request, signer)

    def _decide(self, request: Request, signer: NoteKey) -> Answer:
        head, now = request.head, int(clock.now().timestamp())
        with self.folder.heads() as heads:
            latest = heads.latest(head.origin)
            verdict = judge(request, latest, heads.at(head.origin, head.size), now)
            if verdict.status == 200:
                # A clock that was set back does not make an earlier statement the later one.
                now = max(now, latest.at if latest else 0)
                line = self.key.cosign(request.note.text, now)
                signed = request.note.with_signature(line)
                own = [
                    s for s in signed.signatures if (s.name, s.key_id) == _id(signer) or s is line
                ]
                heads.put(Kept(head, request.note.text + "\n" + "".join(s.line for s in own), now))
        size = latest.head.size if latest else 0
        if verdict.status == 200:
            return Answer(200, line.line)
        self._alarm(verdict, request, signer)
        return _refusal(verdict, size)

    def _alarm(self, verdict: Verdict, request: Request, signer: NoteKey) -> None:
        if verdict.alarm is None or verdict.against is None:
            return
        said = facts(why=verdict.alarm.value)
        log.error("a log contradicts what is vouched for: refused, both heads are kept", extra=said)
        proof = proof_facts(
            verdict.alarm,
            verdict.against,
            request,
            key=signer.text,
            cosigner=self.key.cosigner.text,
            at=clock.now().isoformat(timespec="seconds"),
        )
        path = self.folder.keep(proof)
        command = self.folder.command()
        if path is not None and command:
            threading.Thread(target=_run, args=([*command, str(path)],), daemon=True).start()


def _id(key: NoteKey) -> tuple[str, bytes]:
    return key.name, key.id


def _refusal(verdict: Verdict, size: int) -> Answer:
    match verdict.status:
        case 409:
            return Answer(409, f"{size}\n", SIZE)
        case 400:
            return Answer(400, "The old size is larger than the checkpoint.\n")
        case _:
            return Answer(422, "The proof does not lead from the cosigned head to this one.\n")


def _run(command: list[str]) -> None:
    try:
        ended = subprocess.run(  # noqa: S603 - the operator's own, from cosign.toml
            command, stdin=subprocess.DEVNULL, timeout=COMMAND_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the alarm's command could not be run", extra=facts(kind=type(error).__name__))
        return
    if ended.returncode:
        log.error("the alarm's command failed", extra=facts(code=ended.returncode))
