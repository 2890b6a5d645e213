"""Gathers cosignatures on the newest head, beside the sequencer and never in its transaction.

1. a round takes one head, so that all cosigners sign the same one;
2. each cosigner that is free is asked at once, on a thread of its own, which only speaks HTTP;
3. an answer with a size is followed by the proof from there; what is signed is checked and stored;
4. the round ends when nobody is awaited, shortly after the policy is met, or when its time is over.
   Who is slow is awaited by later rounds, and holds nobody up.
"""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from accord.kernel import clock
from accord.kernel.merkle import consistency_proof
from accord.kernel.signednote import Note, parse_note
from accord.kernel.tlogpolicy import Policy, Witness
from accord.ledger import actions, queries, tiles
from accord.ledger.asking import Answer, What, ask, new_client
from accord.platform.files import write_private
from accord.platform.logs import facts

ROUND_S = 2.0
GRACE_S = 0.3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
SIZES_IN_A_ROW = 3
STATE = "cosigners.json"
log = logging.getLogger("accord.ledger.cosigning")


@dataclass
class Cosigner:
    """How one cosigner stands; what `accord ledger status` shows of it."""

    name: str
    size: int | None = None
    """The size that it vouched for last, as far as this node knows."""
    at: str | None = None
    trouble: str | None = None
    """Why it does not sign now; None where it does."""
    since: str | None = None


@dataclass
class _Asked:
    """One cosigner of this process: its thread, and what it is busy with."""

    witness: Witness
    threads: ThreadPoolExecutor
    state: Cosigner
    old: int = 0
    busy: tuple[queries.HeadNote, Future[Answer]] | None = None
    failures: int = 0
    sizes: int = 0
    not_before_s: float = 0.0


class Gatherer:
    """Asks the cosigners of a policy; one a process, closed at its end."""

    def __init__(self, data_dir: Path, policy: Policy) -> None:
        self.policy = policy
        self._data_dir = data_dir
        self._client = new_client()
        known = {state.name: state for state in read_state(data_dir)}
        self._asked = [
            _Asked(w, ThreadPoolExecutor(1), known.get(w.name, Cosigner(w.name)))
            for w in policy.witnesses.values()
            if w.url
        ]
        for each in self._asked:
            each.old = each.state.size or 0
        self._written = ""

    def close(self) -> None:
        """Leave those that are awaited; what they still answer is asked for again next time."""
        for each in self._asked:
            each.threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def round(self, within_s: float = ROUND_S) -> None:
        """Asks for the newest head until the policy is met, or the time of a round is over."""
        head = queries.newest_head()
        if head is None or not self._asked:
            return
        deadline_s = time.monotonic() + within_s
        self._collect(0, head.size)
        met = actions.add_cosignatures(head.size, (), self.policy)
        self._submit(head)
        while self._awaited(head) and (left_s := deadline_s - time.monotonic()) > 0:
            met_before, met = met, self._collect(left_s, head.size) or met
            if met and not met_before:
                deadline_s = min(deadline_s, time.monotonic() + GRACE_S)
            self._submit(head)
        self._write()

    def _awaited(self, head: queries.HeadNote) -> bool:
        return any(each.busy and each.busy[0].size == head.size for each in self._asked)

    def _submit(self, head: queries.HeadNote) -> None:
        note = parse_note(head.note)
        signed = queries.signatures_on(head.size)
        for each in self._asked:
            free = each.busy is None and time.monotonic() >= each.not_before_s
            if free and (each.witness.key.name, each.witness.key.id) not in signed:
                self._ask(each, head, note)

    def _ask(self, each: _Asked, head: queries.HeadNote, note: Note) -> None:
        if each.old > head.size:
            self._trouble(each, f"vouches for size {each.old}, and this ledger ends at {head.size}")
            each.old = 0  # asked anew after the pause
            return
        proof = consistency_proof(each.old, head.size, tiles.fetch_from(queries.load_tile))
        job = each.threads.submit(ask, self._client, each.witness, note, each.old, proof)
        each.busy = (head, job)

    def _collect(self, within_s: float, size: int) -> bool:
        """Take what was answered; whether the head of this size met the policy by it."""
        jobs = [each.busy[1] for each in self._asked if each.busy]
        if jobs:
            wait(jobs, timeout=within_s, return_when=FIRST_COMPLETED)
        met = False
        for each in self._asked:
            if each.busy and each.busy[1].done():
                (head, job), each.busy = each.busy, None
                met |= self._take(each, head, job.result()) and head.size == size
        return met

    def _take(self, each: _Asked, head: queries.HeadNote, answer: Answer) -> bool:
        if answer.what is What.SIGNED and answer.signature is not None:
            each.old, each.failures, each.sizes, each.not_before_s = head.size, 0, 0, 0.0
            each.state.size, each.state.at = head.size, _instant()
            each.state.trouble = each.state.since = None
            return actions.add_cosignatures(head.size, [answer.signature], self.policy)
        if (
            answer.what is What.ELSEWHERE
            and answer.size != each.old
            and each.sizes < SIZES_IN_A_ROW
        ):
            each.old, each.sizes = answer.size, each.sizes + 1
            each.state.size = answer.size
        else:
            each.sizes = 0
            self._trouble(each, f"{answer.what.value}: {answer.said}")
        return False

    def _trouble(self, each: _Asked, said: str) -> None:
        each.failures += 1
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(each.failures - 1, 10))
        each.not_before_s = time.monotonic() + pause_s
        if each.state.trouble != said:
            log.error(
                "a cosigner does not sign", extra=facts(why=said.partition(":")[0].split()[0])
            )
            each.state.trouble, each.state.since = said, each.state.since or _instant()

    def _write(self) -> None:
        text = json.dumps([asdict(each.state) for each in self._asked])
        if text != self._written:
            write_private(self._data_dir / STATE, text)
            self._written = text


def read_state(data_dir: Path) -> list[Cosigner]:
    """How the cosigners stood after the last round that changed something."""
    try:
        return [Cosigner(**each) for each in json.loads((data_dir / STATE).read_text("utf-8"))]
    except FileNotFoundError:
        return []


@dataclass(frozen=True)
class Quorum:
    """How far the agencies vouch for the ledger."""

    needed: int
    agencies: tuple[str, ...]
    size: int
    """The newest head that met the policy."""
    behind: int
    behind_since: datetime | None
    """When the first head was signed that they have not vouched for."""
    cosigners: tuple[Cosigner, ...]
    same_policy: bool | None = None
    """Whether that head was met under the policy in force; None where nobody knows, or none was."""
    holds: bool = True
    """Whether its cosignatures are enough under the policy in force, however it was met."""

    @property
    def shared(self) -> int:
        """How many agencies any two quorums share: so many would have to sign two histories."""
        return max(0, 2 * self.needed - len(self.agencies))


def quorum(data_dir: Path, policy: Policy) -> Quorum | None:
    """How far the policy is met; None where it asks for nobody."""
    agencies = policy.agencies()
    if agencies is None:
        return None
    met, newest = queries.newest_head(quorum=True), queries.newest_head()
    size = met.size if met else 0
    ahead = queries.oldest_head_above(met.size if met else -1)
    known = {state.name: state for state in read_state(data_dir)}
    return Quorum(
        needed=agencies.threshold,
        agencies=agencies.members,
        size=size,
        behind=max(0, (newest.size if newest else 0) - size),
        behind_since=ahead.created_at if ahead else None,
        cosigners=tuple(known.get(name, Cosigner(name)) for name in policy.witnesses),
        same_policy=met.quorum_policy == policy.digest if met and met.quorum_policy else None,
        holds=met is None or policy.met_by(policy.cosigners_of(parse_note(met.note))),
    )


def _instant() -> str:
    return clock.now().isoformat(timespec="seconds")
