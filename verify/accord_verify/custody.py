"""The chain of custody of one exhibit: its events, the passkeys' signatures, the ledger's receipts.

An event is canonical JSON; its hash is the SHA-256 of that text, word for word, so nothing here
writes JSON. The tables below say what the format accord-custody/1 admits; they are stated again and
not imported, so that a mistake in Accord is found here (docs/how-to/custody.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from accord_verify import signature, timestamp
from accord_verify.notes import Trust
from accord_verify.plain import only, read_json, within
from accord_verify.receipt import Receipt, check_receipt, read_receipt
from accord_verify.report import BadFile, Code, Failure, Report, Signer
from accord_verify.signature import Bundle, Expected

FORMAT = "accord-custody/1"
EVENT_FORMAT = "accord-custody-event/1"
FILE = {"format", "exhibit", "exhibit_number", "events", "head", "chain"}
LINE = {"event", "hash", "signature", "receipt"}
MOST_EVENTS = 100_000
LOGGED_WITHIN = timedelta(hours=1)
SIGNED = ("offer", "return", "accept", "decline", "release", "order-disposal", "dispose")
SAYS = {
    "acquire": {"after"},
    "seal": {"before", "after", "seal"},
    "unseal": {"before", "after", "seal"},
    "check-out": {"before", "after", "receiver"},
    "check-in": {"before", "after"},
    "offer": {"before", "after", "to"},
    "return": {"before", "after", "to"},
    "accept": {"before", "after"},
    "decline": {"before", "after"},
    "withdraw": {"before", "after"},
    "derive": {"before", "after", "tool", "derived"},
    "release": {"before", "after", "receiver"},
    "order-disposal": {"before", "after", "order"},
    "dispose": {"before", "order"},
}
_TEXTS = (
    "exhibit", "exhibit_number", "act", "member", "membership", "agency", "at", "zone", "place",
    "reason",
)  # fmt: skip
_SOMETIMES = (
    "before", "after", "seal", "to", "receiver", "tool", "derived", "source", "order",
)  # fmt: skip
_PERHAPS = ("previous", "before", "after", "to")
"""What is a text where it is said at all."""
NAMES = {"format", "number", "previous", "items", *_TEXTS, *_SOMETIMES}


@dataclass(frozen=True)
class Event:
    """One event as it stands in the file; nothing in it is believed yet."""

    text: bytes
    facts: dict[str, Any]
    stated: str
    signature: Bundle | None
    receipt: Receipt | None
    logged: dict[str, Any]

    @property
    def hash(self) -> str:
        return sha256(self.text).hexdigest()

    @property
    def number(self) -> int:
        return int(self.facts["number"])

    @property
    def act(self) -> str:
        return str(self.facts["act"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.facts["at"])


@dataclass(frozen=True)
class CustodyFile:
    """A custody file as read."""

    exhibit: str
    exhibit_number: str
    count: int
    head: str
    events: tuple[Event, ...]

    @property
    def receipts(self) -> list[Receipt]:
        """The receipts of its events that have one."""
        return [event.receipt for event in self.events if event.receipt is not None]


def compare_chains(chains: Sequence[tuple[str, CustodyFile]]) -> Report | None:
    """Whether several files show one chain of each exhibit; None where none shows the same exhibit."""
    first: dict[tuple[str, int], tuple[str, str]] = {}
    failures = list[Failure]()
    for source, chain in chains:
        for event in chain.events:
            place = (chain.exhibit, event.number)
            other, digest = first.setdefault(place, (source, event.hash))
            if digest != event.hash and other != source:
                sentence = (
                    f"{other} and {source} show different events {event.number} of"
                    f" {chain.exhibit_number}. Keep both: together they prove two chains."
                )
                failures.append(Failure(Code.CHAIN_FORKED, sentence))
    if len(chains) == len({chain.exhibit for _, chain in chains}):
        return None
    report = Report("all chains of custody together")
    report.step("no two files show different chains of one exhibit", failures)
    return report


def read_custody(sent: dict[str, Any], where: str) -> CustodyFile:
    """Step 1: the file is whole. Raises BadFile."""
    exhibit, number, head = sent.get("exhibit"), sent.get("exhibit_number"), sent.get("head")
    count, chain = sent.get("events"), sent.get("chain")
    if not all(isinstance(each, str) for each in (exhibit, number, head)):
        raise BadFile(f"{where}: a custody file has `exhibit`, `exhibit_number` and `head`.")
    if type(count) is not int or not 0 <= count <= MOST_EVENTS or not isinstance(chain, list):
        raise BadFile(f"{where}: a custody file has `events`, a number, and `chain`, a list.")
    with within(where):
        only(sent, FILE, "a custody file")
        events = tuple(_event(each, f"{where}: event {at}") for at, each in enumerate(chain))
    return CustodyFile(str(exhibit), str(number), count, str(head), events)


def _event(sent: object, where: str) -> Event:
    if not isinstance(sent, dict) or not isinstance(sent.get("event"), str):
        raise BadFile(f"{where} has no `event`.")
    with within(where):
        only(sent, LINE, "the line of an event")
    text, stated = sent["event"].encode(), sent.get("hash")
    if not isinstance(stated, str):
        raise BadFile(f"{where} has no `hash`.")
    signed, logged = sent.get("signature"), sent.get("receipt")
    if not all(each is None or isinstance(each, dict) for each in (signed, logged)):
        raise BadFile(f"{where}: signature and receipt are objects, or null.")
    receipt = read_receipt(logged, where) if isinstance(logged, dict) else None
    return Event(
        text,
        _facts(text, where),
        stated,
        signature.read_bundle(signed, where) if isinstance(signed, dict) else None,
        receipt,
        receipt.body.facts() if receipt else {},
    )


def _facts(text: bytes, where: str) -> dict[str, Any]:
    try:
        facts = read_json(text)
    except BadFile as error:
        raise BadFile(f"{where}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{where} is not JSON.") from error
    if not isinstance(facts, dict) or set(facts) != NAMES or facts["format"] != EVENT_FORMAT:
        raise BadFile(f"{where} does not have the names of an event.")
    texts = all(isinstance(facts[name], str) and facts[name] for name in _TEXTS)
    whole = all(type(facts[name]) is int for name in ("number", "items"))
    texts &= all(facts[name] is None or isinstance(facts[name], str) for name in _PERHAPS)
    if not texts or not whole or not 0 <= facts["number"] < MOST_EVENTS:
        raise BadFile(f"{where} is incomplete.")
    try:
        if datetime.fromisoformat(facts["at"]).utcoffset() != timedelta(0):
            raise ValueError
    except ValueError as error:
        raise BadFile(f"{where}: `at` is no moment in UTC.") from error
    return facts


def check_custody(
    read: CustodyFile,
    trust: Trust,
    expected: Expected,
    source: str,
    files: Sequence[str] = (),
    authority: timestamp.Authority | None = None,
) -> Report:
    """Steps 2 to 8; `files` are digests of the files at hand that may be the exhibit."""
    report = Report(source)
    if any(event.receipt is not None for event in read.events):
        report.signer = Signer.NAMED if trust.signers else Signer.IN_FILE
    report.step("the file is whole", [])
    events = tuple(event for event in read.events if _is_of(event, read))
    report.step("every event has its hash and is about this exhibit", list(_each(read)))
    report.step("no event is missing, added or out of its place", list(_places(read, events)))
    report.step("every event names the one before it, and none is dated before it", _links(events))
    broken = not report.verifies
    walk = _Walk()
    if broken:
        report.notes.append(
            "The chain is broken, so nobody can say what its steps led to: they were not checked."
        )
    else:
        report.step(
            "every step is one that custody admits there, by the agency whose it is",
            walk.failures(events),
        )
    report.step("the members whom it takes signed, with their passkeys", _signed(events, expected))
    report.step(
        "every receipt shows its event in the ledger, in this order",
        _logged(events, trust, authority),
    )
    report.step("the file at hand is the exhibit", _content(walk, files))
    report.notes += list(_notes(read, walk, trust, files))
    receipts = [event.receipt for event in events if event.receipt is not None]
    report.notes += timestamp.times([(each.token, each.head) for each in receipts], authority)
    report.notes += list(_believed(events, trust, expected))
    return report


def _each(read: CustodyFile) -> Iterator[Failure]:
    for event in read.events:
        name = _name(event)
        if not _is_of(event, read):
            yield Failure(Code.EVENT_FOREIGN, f"{name} is about another exhibit.")
        elif event.hash != event.stated:
            yield Failure(Code.EVENT_ALTERED, f"{name} does not have the hash beside it.")


def _is_of(event: Event, read: CustodyFile) -> bool:
    facts = event.facts
    return (facts["exhibit"], facts["exhibit_number"]) == (read.exhibit, read.exhibit_number)


def _places(read: CustodyFile, events: Sequence[Event]) -> Iterator[Failure]:
    """Which places have no event, one twice, or several that differ; and the order in the file."""
    hashes = Counter(event.hash for event in events)
    by_number: dict[int, dict[str, Event]] = {}
    for event in events:
        by_number.setdefault(event.number, {})[event.hash] = event
    for number, found in sorted(by_number.items()):
        for event in found.values():
            if hashes[event.hash] > 1:
                yield Failure(Code.EVENT_REPEATED, f"{_name(event)} is there twice.")
        if len(found) > 1:
            yield _rivals(number, list(found.values()))
    yield from _whole(read, by_number)
    order = list(dict.fromkeys(event.number for event in events))
    if order != sorted(order):
        yield Failure(Code.EVENT_SWAPPED, "The events do not stand in their order.")


def _whole(read: CustodyFile, by_number: dict[int, dict[str, Event]]) -> Iterator[Failure]:
    """Whether there are as many events as the file says, and the last is the one that it names."""
    last = max(by_number, default=-1)
    for number in range(max(last + 1, read.count, 1)):  # what was never acquired has no chain
        if number not in by_number:
            yield Failure(Code.EVENT_MISSING, f"Event {number} is missing.")
    if last >= read.count:
        yield Failure(Code.EVENT_ADDED, "There are more events than the file says.")
    elif last >= 0 and last + 1 == read.count and read.head not in by_number[last]:
        yield Failure(Code.EVENT_ALTERED, "The last event is not the one that the file names.")


def _rivals(number: int, found: list[Event]) -> Failure:
    before = {event.facts["previous"] for event in found}
    if len(before) < len(found):
        return Failure(Code.CHAIN_FORKED, f"Two events {number} follow the same one.")
    return Failure(Code.EVENT_ADDED, f"An event {number} was added that follows none.")


def _links(events: Sequence[Event]) -> list[Failure]:
    failures = []
    counts = Counter(number for number, _ in {(event.number, event.hash) for event in events})
    at = {event.number: event for event in events}
    for number, event in sorted(at.items()):
        before = at.get(number - 1)
        if counts[number] > 1 or counts[number - 1] > 1:
            continue
        if before is None:
            if number == 0 and event.facts["previous"] is not None:
                failures.append(Failure(Code.EVENT_MISSING, "The first event names one before it."))
            continue
        if event.facts["previous"] != before.hash:
            sentence = f"{_name(before)} is not the one that {_name(event)} follows."
            failures.append(Failure(Code.EVENT_ALTERED, sentence))
        if event.at < before.at:
            sentence = f"{_name(event)} is dated before {_name(before)}."
            failures.append(Failure(Code.BACK_DATED, sentence))
    return failures


def _name(event: Event) -> str:
    return f"Event {event.number} ({event.act} by {event.facts['agency']})"


@dataclass
class _Walk:
    """Follows a chain event by event: who has the exhibit, and how."""

    owner: str | None = None
    custodian: str | None = None
    place: str = "nowhere"
    offered: str | None = None
    returning: bool = False
    givers: list[str] = field(default_factory=list)
    seal: str | None = None
    content: str | None = None
    items: int = 0
    order: tuple[str, Any] | None = None

    def failures(self, events: Sequence[Event]) -> list[Failure]:
        """What does not hold at the first event where something does not."""
        for event in events:
            found = list(self._check(event))
            if found:
                return [Failure(code, f"{_name(event)}: {said}") for code, said in found]
            self._go(event)
        return []

    def _check(self, event: Event) -> Iterator[tuple[Code, str]]:
        if event.act not in SAYS:
            yield Code.STEP_NOT_ADMITTED, "custody knows no such step."
            return
        if refused := list(self._admitted(event)):
            yield from refused
            return
        yield from _complete(event)
        if event.act == "acquire":
            return
        yield from self._by(event)
        yield from self._unchanged(event)

    def _admitted(self, event: Event) -> Iterator[tuple[Code, str]]:
        needs = {
            "acquire": ("nowhere",),
            "seal": ("held", "out"),
            "unseal": ("held", "out"),
            "derive": ("held", "out"),
            "check-in": ("out",),
            "accept": ("offered",),
            "decline": ("offered",),
            "withdraw": ("offered", "ordered"),
            "dispose": ("ordered",),
        }.get(event.act, ("held",))
        if self.place not in needs:
            if self.offered == event.facts["agency"]:
                yield Code.NOT_ACCEPTED, "the offer was not accepted before this."
            else:
                yield Code.STEP_NOT_ADMITTED, f"the exhibit is {self.place}."
        elif event.act in ("seal", "derive") and self.seal:
            yield Code.STEP_NOT_ADMITTED, "the exhibit is under a seal."
        elif event.act == "unseal" and not self.seal:
            yield Code.STEP_NOT_ADMITTED, "the exhibit is under no seal."

    def _by(self, event: Event) -> Iterator[tuple[Code, str]]:
        facts = event.facts
        whose = self.offered if event.act in ("accept", "decline") else self.custodian
        owns = event.act in ("release", "order-disposal", "dispose")
        if facts["agency"] != whose or (owns and whose != self.owner):
            yield Code.WRONG_CUSTODIAN, "this step is another agency's."
        if event.act in ("offer", "return") and facts["to"] == facts["agency"]:
            yield Code.WRONG_CUSTODIAN, "an exhibit is offered to another agency."
        if event.act == "return" and facts["to"] not in self.givers[-1:]:
            yield Code.WRONG_CUSTODIAN, "it is returned to the agency that gave it."

    def _unchanged(self, event: Event) -> Iterator[tuple[Code, str]]:
        facts = event.facts
        after = self.content if event.act == "dispose" else facts["after"]
        if facts["before"] != self.content or after != self.content:
            yield Code.HASH_MISMATCH, "the exhibit has another content than before."
        if event.act == "unseal" and facts["seal"] != self.seal:
            yield Code.SEAL_MISMATCH, "the seal is not the one that was put on."
        if facts["items"] != self.items:
            yield Code.COUNT_MISMATCH, f"{facts['items']} items were counted, not {self.items}."
        if event.act == "dispose" and self.order:
            if facts["order"] != self.order[1]:
                yield Code.ORDER_MISMATCH, "this is not the order that was given."
            if facts["member"] == self.order[0]:
                yield Code.SAME_PERSON, "whoever ordered the disposal carried it out."

    def _go(self, event: Event) -> None:
        facts, act = event.facts, event.act
        self.content, self.items = facts["after"] or self.content, facts["items"]
        if act == "acquire":
            self.owner = self.custodian = facts["agency"]
        if act in ("seal", "unseal"):
            self.seal = facts["seal"] if act == "seal" else None
        if act in ("offer", "return"):
            self.offered, self.returning = facts["to"], act == "return"
        if act == "accept":
            self._take()
        if act in ("accept", "decline", "withdraw"):
            self.offered, self.order = None, None
        if act == "order-disposal":
            self.order = facts["member"], facts["order"]
        self.place = _PLACES.get(act, self.place)

    def _take(self) -> None:
        if self.returning:
            self.givers.pop()
        else:
            self.givers.append(str(self.custodian))
        self.custodian = self.offered


_PLACES = {
    "acquire": "held", "check-out": "out", "check-in": "held", "offer": "offered",
    "return": "offered", "accept": "held", "decline": "held", "withdraw": "held",
    "release": "released", "order-disposal": "ordered", "dispose": "disposed",
}  # fmt: skip


def _complete(event: Event) -> Iterator[tuple[Code, str]]:
    says = {name for name in _SOMETIMES if event.facts[name] is not None}
    may = {"tool", "source"} if event.act == "acquire" else {"tool"}
    missing, extra = SAYS[event.act] - says, says - SAYS[event.act] - may
    if missing or extra or event.facts["items"] < 1:
        yield Code.EVENT_INCOMPLETE, "it does not say exactly what this step has to say."


def _signed(events: Sequence[Event], expected: Expected) -> list[Failure]:
    failures = []
    for event in events:
        if event.signature is None:
            if event.act in SIGNED:
                failures.append(Failure(Code.NOT_SIGNED, f"{_name(event)} is not signed."))
            continue
        found = signature.check_bundle(event.signature, expected, "").failures
        found += _about(event, event.signature)
        failures += [Failure(each.code, f"{_name(event)}: {each.sentence}") for each in found]
    return failures


def _about(event: Event, signed: Bundle) -> Iterator[Failure]:
    facts = signed.facts
    if signed.document != event.text:
        yield Failure(Code.DOCUMENT_MISMATCH, "Something else than this event was signed.")
    if facts["kind"] != "custody" or facts["subject"] != event.facts["exhibit"]:
        yield Failure(Code.WRONG_SUBJECT, "The signature is for another thing than custody of it.")
    if any(facts[name] != event.facts[name] for name in ("member", "membership", "agency")):
        yield Failure(Code.WRONG_MEMBER, "Somebody else signed than the event names.")
    if facts["at"] != event.facts["at"]:
        yield Failure(Code.BACK_DATED, "It was signed at another moment than the event says.")


def _logged(
    events: Sequence[Event], trust: Trust, authority: timestamp.Authority | None
) -> list[Failure]:
    failures, last = list[Failure](), -1
    for event in events:
        name = _name(event)
        if event.receipt is None:
            if trust.signers:
                failures.append(Failure(Code.NOT_LOGGED, f"{name} has no receipt."))
            continue
        found = check_receipt(event.receipt, trust, "", authority).failures + list(_of_it(event))
        failures += [Failure(each.code, f"{name}: {each.sentence}") for each in found]
        if event.receipt.index <= last:
            failures.append(Failure(Code.ORDER_SWAPPED, f"{name} was logged before the others."))
        last = max(last, event.receipt.index)
    return failures


def _of_it(event: Event) -> Iterator[Failure]:
    body, facts = event.logged, event.facts
    detail = body.get("detail")
    said = {"event": event.hash, **{name: facts[name] for name in ("exhibit", "number", "act")}}
    who = ("custody", facts["membership"], facts["agency"])
    if (
        not isinstance(detail, dict)
        or {name: detail.get(name) for name in said} != said
        or tuple(body.get(name) for name in ("kind", "actor", "agency")) != who
        or body.get("view") != "acting"
    ):
        yield Failure(Code.WRONG_RECEIPT, "The receipt is of another entry.")
        return
    try:
        apart = abs(datetime.fromisoformat(str(body.get("at"))) - event.at)
    except (TypeError, ValueError):
        apart = LOGGED_WITHIN * 2
    if apart > LOGGED_WITHIN:
        yield Failure(Code.BACK_DATED, "It was logged at another time than the event says.")


def _content(walk: _Walk, files: Sequence[str]) -> list[Failure]:
    if files and walk.content not in files:
        return [Failure(Code.HASH_MISMATCH, "No file at hand has the SHA-256 of the exhibit.")]
    return []


def _notes(
    read: CustodyFile, walk: _Walk, trust: Trust, files: Sequence[str]
) -> Iterator[str]:  # fmt: skip
    yield f"Exhibit {read.exhibit_number}: {walk.place}, last in the custody of {walk.custodian}."
    yield f"Its SHA-256 is {walk.content}."
    unsigned = [e.number for e in read.events if e.signature is None and e.act not in SIGNED]
    if unsigned:
        yield f"Nobody signed the steps {unsigned}; a program may have taken them."
    if not trust.signers and (bare := [e.number for e in read.events if e.receipt is None]):
        yield f"The file shows no receipt for the events {bare}: ask for a newer file."
    if not files:
        yield "No file was given, so the exhibit itself was not hashed: --exhibit FILE."
    yield "Events after the last one in this file are not known to it."


def _believed(events: Sequence[Event], trust: Trust, expected: Expected) -> Iterator[str]:
    """What the file says of itself and nobody named: whoever made the file could have made it up."""
    receipts = [event.receipt for event in events if event.receipt is not None]
    signed = [event.signature for event in events if event.signature is not None]
    if receipts and not trust.signers:
        lines = ", ".join(sorted({receipt.key.line for receipt in receipts}))
        yield (
            f"No key was named; those in the file were used: {lines}. Compare them with the ones the "
            "agencies give out, or name them with --key."
        )
    if signed and not expected.origins:
        origins = ", ".join(sorted({each.origin for each in signed}))
        yield f"You named no origin; the file says {origins}."
    if signed and not expected.keys:
        for member, digest in sorted({(each.facts["member"], each.key_digest) for each in signed}):
            yield (
                f"You named no key of a member; compare {digest} with the ledger's entry "
                f"`made a passkey` of {member}."
            )
