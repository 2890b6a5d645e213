"""What people and programs do to a node while it is killed: send, acquire, take, hand over, read."""

from __future__ import annotations

import hashlib
import io
import queue
import random
import threading
import time
import traceback
from base64 import b64encode
from zipfile import ZipFile

from accord.cli.benches.diary import Context
from faults.book import Book, Sent, Step
from faults.door import API, Door, Reply, Signer

CASE = Context("human-trafficking-investigation", "HT-2026-014")
DESK = Context("case-administration")
MARK = b"FAULTS-CLEAR-TEXT-OF-AN-EXHIBIT"
"""Stands all through each file, so that a clear byte of it on a disk is found."""
PIECES = (256 * 1024, 512 * 1024, 1024 * 1024, 2 * 1024 * 1024)
SMALLEST, LARGEST = 2_000_000, 7_000_000
FINISH_S = 180.0
ABOUT = {
    "kind": "image", "description": "The front desk.", "subject": ["suspect"],
    "collected_at": "2026-09-20 15:04", "zone": "America/Chicago", "collected_by": "M. Alvarez",
    "basis": "warrant", "reference": "2026-SW-0311", "authority": "Riverbend Circuit Court",
}  # fmt: skip
SAYS = {"place": "Property room 2", "reason": "For the examination", "items": 1}


def content(seed: str, size: int) -> bytes:
    """The bytes of a file: made again from its seed whenever they are needed."""
    made = bytearray(random.Random(seed).randbytes(size))
    for at in range(0, size - len(MARK), 64 * 1024):
        made[at : at + len(MARK)] = MARK
    return bytes(made)


class Worker(threading.Thread):
    """Somebody who acts until told to stop; then finishes what they began."""

    def __init__(self, name: str, book: Book, seed: str) -> None:
        super().__init__(name=name, daemon=True)
        self.book, self.dice = book, random.Random(f"{seed}/{name}")
        self.leaving = threading.Event()

    def run(self) -> None:
        """Act until told to leave; what cannot be brought to its end is a fault."""
        while not self.leaving.is_set():
            try:
                self.act()
            except Exception as error:
                self.book.fault(f"{self.name} could not go on: {error!r}")
                traceback.print_exc()

    def act(self) -> None:
        raise NotImplementedError


class Sender(Worker):
    """Sends files in pieces, makes exhibits of them, takes them out, and keeps their custody."""

    def __init__(
        self, name: str, book: Book, seed: str, case: Door, desk: Door, offers: queue.Queue[str]
    ) -> None:
        super().__init__(name, book, seed)
        self.case, self.desk, self.offers = case, desk, offers
        self.turn = 0

    def act(self) -> None:
        self.turn += 1
        seed, size = f"{self.name}/{self.turn}", self.dice.randint(SMALLEST, LARGEST)
        data = content(seed, size)
        upload = self._begin(seed, data)
        if upload is None:
            return
        self._send(upload, data)
        record = self._acquire(upload)
        self._take(upload, record)
        for _ in range(self.dice.randint(1, 5)):
            self._step(record)
        if self.dice.random() < 0.5:
            self.offers.put(record)

    # -- sending

    def _begin(self, seed: str, data: bytes) -> str | None:
        """A new upload; None where nothing said that it began."""
        said = b64encode(f"{seed.replace('/', '-')}.bin".encode()).decode()
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {said}",
        }  # fmt: skip
        reply = self.case.ask("POST", f"{API}/exhibits/uploads", headers=headers)
        if reply.status == 201:
            upload = reply.headers["location"].rpartition("/")[2]
            self.book.began(upload, Sent(seed, len(data), hashlib.sha256(data).hexdigest()))
            return upload
        if 0 < reply.status < 500:
            self.book.fault(f"a new upload was refused: {reply.status} {reply.body[:200]!r}")
        time.sleep(0.2)
        return None

    def _send(self, upload: str, data: bytes) -> None:
        sent, at = self.book.files[upload], 0
        while at < len(data):
            piece = data[at : at + self.dice.choice(PIECES)]
            headers = {
                "Tus-Resumable": "1.0.0", "Upload-Offset": str(at),
                "Content-Type": "application/offset+octet-stream",
            }  # fmt: skip
            reply = self.case.ask("PATCH", self._at(upload), piece, headers=headers)
            if reply.status == 204:
                at = int(reply.headers["upload-offset"])
                sent.acknowledged = max(sent.acknowledged, at)
                continue
            sent.resumed += 1
            at = self._where(upload)

    def _at(self, upload: str) -> str:
        return f"{API}/exhibits/uploads/{upload}"

    def _where(self, upload: str) -> int:
        """Where it goes on; never below what was acknowledged."""
        sent = self.book.files[upload]
        reply = self.case.until("HEAD", self._at(upload), headers={"Tus-Resumable": "1.0.0"})
        if reply.status != 200:
            raise RuntimeError(f"upload {upload} cannot be asked for: {reply.status}")
        at = int(reply.headers["upload-offset"])
        if at < sent.acknowledged:
            self.book.fault(
                f"upload {upload} is at {at}, and {sent.acknowledged} were acknowledged"
            )
        return at

    # -- acquiring and taking

    def _acquire(self, upload: str) -> str:
        """The exhibit that an upload became; where the answer was lost it is looked for."""
        sent, deadline_s = self.book.files[upload], time.monotonic() + FINISH_S
        while time.monotonic() < deadline_s:
            found = self.case.until("GET", self._at(upload), what="an upload")
            if found.status == 404:  # it became an exhibit, and the answer was lost
                return self._found(sent)
            if found.status == 200 and found.facts["state"] == "complete":
                if found.facts["sha256"] != sent.sha256:
                    self.book.fault(f"upload {upload} has another SHA-256 than was sent")
                reply = self.case.ask(
                    "POST", f"{API}/exhibits", ABOUT | {"upload": upload}, what="acquire"
                )
                if reply.status == 201 and reply.whole:
                    sent.record, sent.number = reply.facts["record"], reply.facts["number"]
                    return sent.record
                if 400 <= reply.status < 500 and reply.status != 404:
                    self.book.fault(f"not acquired: {reply.status} {reply.body[:300]!r}")
            time.sleep(0.2)
        raise RuntimeError(f"upload {upload} did not become an exhibit")

    def _found(self, sent: Sent) -> str:
        after = ""
        while True:
            path = f"{API}/exhibits?limit=100{after}"
            page = self.case.until("GET", path, what="exhibits").facts
            for one in page["items"]:
                if one["sha256"] == sent.sha256:
                    sent.record, sent.number = one["record"], one["number"]
                    return sent.record
            if not page["next"]:
                raise RuntimeError(f"file {sent.seed} is neither an upload nor an exhibit")
            after = f"&after={page['next']}"

    def _take(self, upload: str, record: str) -> None:
        """Take the file out; one that came whole is what was sent."""
        sent, form = self.book.files[upload], self.dice.choice(["file", "zip"])
        reply = self.case.ask(
            "POST", f"{API}/exhibits/{record}/file", {"format": form}, what="take a file"
        )
        if reply.status == 200 and reply.whole:
            self._compare(sent, form, reply)
        elif 400 <= reply.status < 500:
            self.book.fault(f"not taken: {reply.status} {reply.body[:300]!r}")

    def _compare(self, sent: Sent, form: str, reply: Reply) -> None:
        body = reply.body
        if form == "zip":
            with ZipFile(io.BytesIO(body)) as archive:
                name = next(n for n in archive.namelist() if n != "accord-sheet.html")
                body = archive.read(name)
        if hashlib.sha256(body).hexdigest() != sent.sha256:
            self.book.fault(f"exhibit {sent.number} came back as something else")
        else:
            sent.taken += 1

    # -- custody

    def _step(self, record: str) -> None:
        chain = self.desk.until("GET", f"{API}/custody/{record}", what="custody").facts
        if chain["faults"]:
            self.book.fault(f"the chain of {record} shows {chain['faults']}")
        state, out = chain["state"], chain["state"].startswith("checked-out")
        acts = [("check-in", {}) if out else ("check-out", {"receiver": "A. Desai, analyst"})]
        if state.endswith("-sealed"):
            acts.append(("unseal", {}))
        else:
            acts.append(("seal", {"seal": f"S-{self.dice.randint(1000, 9999)}"}))
        act, more = self.dice.choice(acts)
        said = SAYS | more | {"act": act}
        reply = self.desk.ask("POST", f"{API}/custody/{record}/steps", said, what="a step")
        if reply.status == 201 and reply.whole:
            self.book.stepped(Step(record, act, reply.facts["number"], reply.facts["hash"]))
        elif (
            400 <= reply.status < 500 and reply.status != 409
        ):  # 409: a step before it was kept after all
            self.book.fault(f"{act} in {state} is refused: {reply.body[:300]!r}")


class Handing(Worker):
    """Two people who hand exhibits over with their passkeys, each step in its own session."""

    def __init__(
        self, name: str, book: Book, seed: str, desks: dict[str, Door],
        signers: dict[str, Signer], offers: queue.Queue[str],
    ) -> None:  # fmt: skip
        super().__init__(name, book, seed)
        self.desks, self.signers, self.offers = desks, signers, offers

    def act(self) -> None:
        try:
            record = self.offers.get(timeout=0.5)
        except queue.Empty:
            return
        self.hand_over(record)

    def hand_over(self, record: str) -> None:
        """Until the other agency has it; each try goes on from what the chain says."""
        deadline_s = time.monotonic() + FINISH_S
        while time.monotonic() < deadline_s:
            chain = (
                self.desks["riverbend-pd"]
                .until("GET", f"{API}/custody/{record}", what="custody")
                .facts
            )
            if chain["custodian"] == "state-bi":
                return
            if chain["offered_to"] == "state-bi":
                self._signed("state-bi", record, "accept")
            elif chain["state"].startswith("checked-out"):
                said = SAYS | {"act": "check-in"}
                self.desks["riverbend-pd"].ask(
                    "POST", f"{API}/custody/{record}/steps", said, what="a step"
                )
            else:
                self._signed("riverbend-pd", record, "offer", to="state-bi")
        raise RuntimeError(f"{record} could not be handed over")

    def _signed(self, agency: str, record: str, act: str, **said: str) -> None:
        if self.signers[agency].signs(record, act, **said):
            self.book.stepped(Step(record, act))
        else:
            time.sleep(0.3)


class Looking(Worker):
    """Somebody of any agency who reads records and exhibits of the case."""

    def __init__(self, name: str, book: Book, seed: str, case: Door) -> None:
        super().__init__(name, book, seed)
        self.case, self.known, self.exhibits = case, list[str](), list[str]()

    def act(self) -> None:
        turn = self.dice.random()
        if turn < 0.2 or not self.known:
            self.known = self._list("records", "id") or self.known
        elif turn < 0.4:
            self.exhibits = self._list("exhibits", "record") or self.exhibits
        elif turn < 0.6 and self.exhibits:
            one = self.dice.choice(self.exhibits)
            self.case.ask("GET", f"{API}/exhibits/{one}", what="an exhibit")
        elif turn < 0.7:
            self.case.ask("GET", f"{API}/ledger/entries?limit=20", what="the ledger")
        else:
            one = self.dice.choice(self.known)
            self.case.ask("GET", f"{API}/records/{one}", what="a record")
        self.leaving.wait(self.dice.expovariate(1 / 0.25))

    def _list(self, what: str, name: str) -> list[str]:
        reply = self.case.ask("GET", f"{API}/{what}?limit=30", what=what)
        if reply.status != 200 or not reply.whole:
            return []
        return [str(each[name]) for each in reply.facts["items"] if name in each]
