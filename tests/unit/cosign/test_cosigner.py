"""A cosigner vouches for one growing history, whatever it is sent, and keeps what proves another."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.cli.main import run
from accord.cosign import state
from accord.cosign.domain import (
    MAX_PROOF_LINES,
    Alarm,
    BadRequest,
    parse_request,
    request_body,
)
from accord.cosign.state import Folder, Heads
from accord.cosign.witness import Answer, Witness
from accord.kernel import clock, merkle
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.signednote import (
    Checkpoint,
    Note,
    NoteError,
    SigningKey,
    check_note,
    parse_note,
    sign_note,
)

LOG = SigningKey("accord.ledger/test", bytes(range(32)))
STRANGER = SigningKey(LOG.name, bytes(32))
LARGEST = 40
START = datetime(2026, 3, 1, tzinfo=UTC)


class History:
    """A log whose leaves from `forked_at` on are others than those of the honest one."""

    def __init__(self, forked_at: int = LARGEST, name: str = "b") -> None:
        honest = [merkle.leaf_hash(b"a%d" % n) for n in range(forked_at)]
        other = [merkle.leaf_hash(f"{name}{n}".encode()) for n in range(forked_at, LARGEST)]
        self.leaves = honest + other
        self.fetch = merkle.nodes_of(self.leaves)

    def head(self, size: int, key: SigningKey = LOG) -> Note:
        return sign_note(Checkpoint(LOG.name, size, merkle.root(self.leaves[:size])).text, key)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return merkle.consistency_proof(old, size, self.fetch) if old <= size else ()

    def body(self, old: int, size: int) -> bytes:
        return request_body(old, self.proof(old, size), str(self.head(size)))


HONEST = History()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return made(tmp_path / "cosigner")


def made(path: Path) -> Folder:
    folder = Folder(path)
    folder.create("harlan-so.example/cosigner")
    folder.trust(LOG.public.text)
    return folder


def signed(answer: Answer, witness: Witness, note: Note) -> int:
    """The time of a cosignature that holds."""
    assert answer.status == 200
    whole = parse_note(str(note) + answer.body)
    (found,) = check_note(whole, [witness.key.cosigner])
    assert found.time is not None
    return found.time


def conflict(size: int) -> Answer:
    return Answer(409, f"{size}\n", "text/x.tlog.size")


def test_a_log_that_grows_is_cosigned_at_each_size(folder: Folder) -> None:
    witness, old = Witness(folder), 0
    for size in (0, 1, 2, 2, 5, 8, 13, LARGEST):
        note = HONEST.head(size)
        body = request_body(old, HONEST.proof(old, size), str(note))
        signed(witness.add_checkpoint(body), witness, note)
        old = size
    assert folder.alarms() == []


def test_the_first_head_may_have_any_size_and_no_proof(folder: Folder) -> None:
    witness = Witness(folder)
    assert witness.add_checkpoint(HONEST.body(0, 7)).status == 200
    assert Witness(folder).add_checkpoint(HONEST.body(0, 9)) == conflict(7)
    with_proof = request_body(7, (bytes(32),), str(HONEST.head(7)))
    assert witness.add_checkpoint(with_proof).status == 422
    fresh = made(folder.path.parent / "fresh")
    body = request_body(0, (bytes(32),), str(HONEST.head(7)))
    assert Witness(fresh).add_checkpoint(body).status == 422
    false_empty = request_body(0, (), str(sign_note(Checkpoint(LOG.name, 0, bytes(32)).text, LOG)))
    assert Witness(fresh).add_checkpoint(false_empty).status == 422
    assert [*folder.alarms(), *fresh.alarms()] == []


def test_each_refusal_has_the_status_of_the_specification(folder: Folder) -> None:
    witness = Witness(folder)
    elsewhere = SigningKey("accord.ledger/other", bytes(range(32)))
    unknown = sign_note(Checkpoint(elsewhere.name, 3, bytes(32)).text, elsewhere)
    cases: list[tuple[bytes, int]] = [
        (request_body(0, (), str(unknown)), 404),
        (request_body(0, (), str(HONEST.head(3, STRANGER))), 403),
        (request_body(0, (), str(HONEST.head(3, SigningKey("x", bytes(32))))), 403),
        (request_body(4, (), str(HONEST.head(3))), 400),
        (HONEST.body(2, 3), 409),
        (b"", 400),
        (request_body(0, (bytes(31),), str(HONEST.head(3))), 400),
        (request_body(0, (bytes(32),) * (MAX_PROOF_LINES + 1), str(HONEST.head(3))), 400),
        (request_body(0, (), str(HONEST.head(3))).replace(b"old 0", b"old 00"), 400),
        (request_body(0, (), str(HONEST.head(3))).replace(b"old 0\n", b"old 0\r\n"), 400),
        (request_body(0, (), str(HONEST.head(3))).replace(b"\n3\n", b"\n" + b"9" * 5000 + b"\n"), 400),
        (request_body(0, (), str(HONEST.head(3)))[:-1], 400),
    ]  # fmt: skip
    for body, status in cases:
        assert witness.add_checkpoint(body).status == status, body
    with folder.heads() as heads:
        assert heads.latest(LOG.name) is None


def test_signatures_of_others_are_ignored_and_not_kept(folder: Folder) -> None:
    witness = Witness(folder)
    other = SigningKey("somebody.example", bytes(32))
    note = HONEST.head(3).with_signature(other.sign(HONEST.head(3).text))
    signed(witness.add_checkpoint(request_body(0, (), str(note))), witness, HONEST.head(3))
    with folder.heads() as heads:
        kept = heads.latest(LOG.name)
    assert kept is not None
    assert {s.name for s in parse_note(kept.note).signatures} == {LOG.name, witness.key.name}


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),  # which history: the honest one, or one of three others
        st.integers(0, LARGEST),  # the size submitted
        st.one_of(st.none(), st.integers(0, LARGEST)),  # an old size; None: the right one
        st.sampled_from(["right", "none", "other", "cut", "long"]),
        st.sampled_from([0, 30, 90]),  # seconds until then
    ),
    max_size=12,
)
HISTORIES = (HONEST, History(5), History(8), History(20, "c"))


def _proof(history: History, old: int, size: int, kind: str) -> tuple[bytes, ...]:
    proof = history.proof(old, size)
    match kind:
        case "none":
            return ()
        case "other":
            return tuple(bytes(32) for _ in proof)
        case "cut":
            return proof[:-1]
        case "long":
            return (*proof, bytes(32))
    return proof


@settings(max_examples=60)
@given(STEPS)
def test_it_answers_like_a_cosigner_that_holds_every_leaf(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int | None, str, int]]
) -> None:
    """The reference keeps the leaves and compares prefixes; it knows no proofs and no trees."""
    folder = made(tmp_path_factory.mktemp("c") / "cosigner")
    witness, at = Witness(folder), START
    seen: list[bytes] = []  # the leaves up to the last cosigned size
    roots: dict[int, bytes] = {}
    forks = 0
    for which, size, given_old, kind, later_s in steps:
        history, at = HISTORIES[which], at + timedelta(seconds=later_s)
        old = len(seen) if given_old is None else given_old
        leaves, proof = history.leaves[:size], _proof(history, old, size, kind)
        with clock.taken_from(clock.FixedClock(at)):
            answer = witness.add_checkpoint(request_body(old, proof, str(history.head(size))))
        root = merkle.root(leaves)
        grown = leaves[: len(seen)] == seen and len(leaves) >= len(seen)
        expected = 200
        if old > size:
            expected = 400
        elif roots.get(size, root) != root or size < len(seen) or old != len(seen):
            expected = 409
        elif not grown or proof != history.proof(old, size):
            expected = 422
        if answer.status == 200:
            signed(answer, witness, history.head(size))
        assert answer.status == expected
        if expected == 409:
            assert answer == conflict(len(seen))
            forks += roots.get(size, root) != root
        if expected == 200:
            seen, roots[size] = leaves, root
    assert forks == 0 or any(path.name.startswith("fork") for path in folder.alarms())


def alarms(folder: Folder) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in folder.alarms()]


def test_another_root_at_a_cosigned_size_is_a_fork_that_is_proven(folder: Folder) -> None:
    witness, forked = Witness(folder), History(5)
    for old, size in ((0, 9), (9, 12)):
        assert witness.add_checkpoint(HONEST.body(old, size)).status == 200
    for old, size in ((12, 12), (9, 12), (0, 9)):
        assert witness.add_checkpoint(forked.body(old, size)) == conflict(12)
    kept = alarms(folder)
    assert [each["kind"] for each in kept] == ["fork", "fork"]
    assert {parse_note(each["refused"]).text for each in kept} == {
        forked.head(12).text, forked.head(9).text,
    }  # fmt: skip
    for each in kept:
        cosigned = parse_note(each["cosigned"])
        assert len(check_note(cosigned, [LOG.public, witness.key.cosigner])) == 2
    assert witness.add_checkpoint(HONEST.body(12, 13)).status == 200


@pytest.mark.parametrize("size", [*range(6, LARGEST)])
def test_a_longer_fork_is_proven_by_its_own_proof(folder: Folder, size: int) -> None:
    """Except where the old size is a power of two: there RFC 6962 leaves the old root out."""
    witness, forked = Witness(folder), History(5)
    assert witness.add_checkpoint(HONEST.body(0, size)).status == 200
    assert witness.add_checkpoint(forked.body(size, LARGEST)).status == (
        422 if size < LARGEST else 409
    )
    kind = Alarm.INCONSISTENT if size & (size - 1) == 0 else Alarm.FORK
    assert [each["kind"] for each in alarms(folder)] == [kind]


def test_a_smaller_head_is_a_rollback_unless_it_was_overtaken_or_seen(folder: Folder) -> None:
    witness, standing = Witness(folder), clock.FixedClock(START)
    with clock.taken_from(standing):
        for old, size in ((0, 5), (5, 12)):
            assert witness.add_checkpoint(HONEST.body(old, size)).status == 200
        assert witness.add_checkpoint(HONEST.body(5, 9)) == conflict(12)
        standing.advance(timedelta(minutes=2))
        assert witness.add_checkpoint(HONEST.body(0, 5)) == conflict(12)
        assert alarms(folder) == []
        assert witness.add_checkpoint(HONEST.body(5, 9)) == conflict(12)
        assert witness.add_checkpoint(HONEST.body(9, 9)) == conflict(12)
    assert [each["kind"] for each in alarms(folder)] == ["rolled-back"]


def false_proof(of: History, size: int, salt: int = 0, old: int = 9) -> bytes:
    return request_body(old, (bytes([salt]) * 32,) * 3, str(of.head(size)))


def test_false_proofs_of_strangers_over_one_head_are_one_question(folder: Folder) -> None:
    witness = Witness(folder)
    witness.add_checkpoint(HONEST.body(0, 9))
    for salt in range(10):
        assert witness.add_checkpoint(false_proof(HONEST, 15, salt)).status == 422
    witness.add_checkpoint(HONEST.body(9, 10))
    assert witness.add_checkpoint(false_proof(HONEST, 15, old=10)).status == 422
    assert [each["kind"] for each in alarms(folder)] == ["inconsistent"]
    folder.settle(folder.alarms()[0].name, "the published tiles give both heads their roots")
    assert witness.add_checkpoint(false_proof(HONEST, 15, 77, old=10)).status == 422
    assert folder.alarms() == []
    assert witness.add_checkpoint(HONEST.body(10, 20)).status == 200


def test_every_different_inconsistent_head_is_kept_up_to_a_number(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one may be a stranger's false proof, and the second what a fork left."""
    monkeypatch.setattr(state, "MOST_INCONSISTENT", 4)
    witness, other = Witness(folder), History(5)
    witness.add_checkpoint(HONEST.body(0, 9))
    for body in (false_proof(HONEST, 15), false_proof(other, 15), false_proof(other, 17)):
        assert witness.add_checkpoint(body).status == 422
    kept = [each["refused"].partition("\n\n")[0] for each in alarms(folder)]
    assert sorted(kept) == sorted(
        str(each).partition("\n\n")[0] for each in (HONEST.head(15), other.head(15), other.head(17))
    )
    for size in range(18, 30):
        witness.add_checkpoint(false_proof(other, size))
    assert len(alarms(folder)) == 4


def test_many_heads_sent_again_never_keep_out_the_proof_of_a_fork(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_PROOFS", 3)
    witness, standing = Witness(folder), clock.FixedClock(START)
    with clock.taken_from(standing):
        witness.add_checkpoint(HONEST.body(0, 12))
        standing.advance(timedelta(minutes=2))
        for size in range(1, 9):
            assert witness.add_checkpoint(HONEST.body(size, size)) == conflict(12)
        assert witness.add_checkpoint(History(5).body(12, 12)) == conflict(12)
    kept = [each["kind"] for each in alarms(folder)]
    assert sorted(kept) == ["fork", "rolled-back", "rolled-back", "rolled-back"]


def test_a_replay_is_cosigned_again_with_a_later_time(folder: Folder) -> None:
    witness, standing = Witness(folder), clock.FixedClock(START)
    with clock.taken_from(standing):
        first = signed(witness.add_checkpoint(HONEST.body(0, 9)), witness, HONEST.head(9))
        standing.advance(timedelta(days=-3))  # the clock was set back
        again = signed(witness.add_checkpoint(HONEST.body(9, 9)), witness, HONEST.head(9))
        assert again == first
        standing.advance(timedelta(days=4))
        assert signed(witness.add_checkpoint(HONEST.body(9, 9)), witness, HONEST.head(9)) > first


def test_two_at_once_never_make_it_go_back(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[int] = []
    put = Heads.put

    def noted(self: Heads, head: Any) -> None:
        stored.append(head.head.size)
        put(self, head)

    monkeypatch.setattr(Heads, "put", noted)
    witnesses = [Witness(Folder(folder.path)) for _ in range(2)]
    answers: list[Answer] = []

    def submit(seed: int) -> None:
        chance, old = random.Random(seed), 0
        for _ in range(12):
            size = chance.randint(old, LARGEST)
            answer = witnesses[seed % 2].add_checkpoint(HONEST.body(old, size))
            answers.append(answer)
            old = size if answer.status == 200 else int(answer.body)

    threads = [threading.Thread(target=submit, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 72
    assert len(stored) == sum(answer.status == 200 for answer in answers) > 0
    assert all(before <= after for before, after in pairwise(stored))
    assert folder.alarms() == []


KILLED = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from accord.cosign import state, witness
heads = state.Folder.heads
@contextmanager
def dies(self):
    with heads(self) as found:
        yield found
        if sys.argv[2] == "before":
            os.kill(os.getpid(), 9)
    os.kill(os.getpid(), 9)
asked = witness.Witness(state.Folder(Path(sys.argv[1])))
state.Folder.heads = dies
asked.add_checkpoint(sys.stdin.buffer.read())
"""


@pytest.mark.parametrize(("when", "size"), [("before", 0), ("after", 9)])
def test_killed_between_storing_and_answering_it_never_goes_back(
    folder: Folder, when: str, size: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder.path), when],
        input=HONEST.body(0, 9),
        check=False,
    )
    assert ended.returncode == -9
    witness = Witness(folder)
    if size:
        assert witness.add_checkpoint(HONEST.body(0, 9)) == conflict(9)
        assert witness.add_checkpoint(History(5).body(9, 12)).status == 422
    body = HONEST.body(size, 9)
    signed(witness.add_checkpoint(body), witness, HONEST.head(9))


def test_a_full_disk_signs_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from accord.cosign.server import application

    witness = Witness(folder)

    def full(self: Heads, head: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Heads, "put", full)
        assert asked(application(witness), HONEST.body(0, 9)) == (
            "500 Internal Server Error", b"The cosigner cannot answer now.\n",
        )  # fmt: skip
    assert witness.add_checkpoint(HONEST.body(0, 9)).status == 200


def asked(
    app: Callable[..., Any], body: bytes, method: str = "POST", path: str = "/add-checkpoint"
) -> tuple[str, bytes]:
    import io

    said: list[str] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    content = b"".join(app(environ, lambda status, headers: said.append(status)))
    return said[0], content


def test_over_http_it_takes_small_posts_alone(folder: Folder) -> None:
    from accord.cosign.server import application

    app = application(Witness(folder))
    assert asked(app, HONEST.body(0, 9))[0] == "200 OK"
    assert asked(app, bytes(200_000))[0].startswith("413")
    assert asked(app, b"", "GET")[0].startswith("405")
    assert asked(app, b"", "GET", "/key")[0].startswith("404")
    status, body = asked(app, b"", "GET", "/status")
    facts = json.loads(body)
    assert (status, facts["logs"][0]["size"]) == ("200 OK", 9)
    assert "PRIVATE" not in body.decode()


def test_status_over_http_reads_no_proof_and_tells_of_no_alarm(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.cosign.server import application

    witness = Witness(folder)
    witness.add_checkpoint(HONEST.body(0, 9))
    before = asked(application(witness), b"", "GET", "/status")
    witness.add_checkpoint(false_proof(HONEST, 15))
    assert alarms(folder)

    def refuse(_: Folder) -> None:
        raise AssertionError("a proof was read")

    monkeypatch.setattr(Folder, "alarms", refuse)
    assert asked(application(witness), b"", "GET", "/status") == before


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_bytes_of_strangers_are_refused_or_read(noise: bytes, start: int, end: int) -> None:
    """Noise, and a good request with noise in the place of a piece of it."""
    good = HONEST.body(9, 20)
    for body in (noise, good[:start] + noise + good[end:]):
        try:
            request = parse_request(body)
        except BadRequest:
            continue
        assert request_body(request.old, request.proof, str(request.note)) == body


def test_older_heads_are_forgotten(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "REMEMBERED", 3)
    witness = Witness(folder)
    for size in range(1, 7):
        witness.add_checkpoint(HONEST.body(size - 1, size))
    with folder.heads() as heads:
        assert [size for size in range(8) if heads.at(LOG.name, size)] == [4, 5, 6]


def test_the_command_line_keeps_a_cosigner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--dir", str(tmp_path / "c")]
    assert run(["cosign", "status", *place]) == 2
    assert run(["cosign", "init", *place, "--name", "two words"]) == 2
    assert run(["cosign", "init", *place, "--name", "harlan-so.example/cosigner"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert run(["cosign", "init", *place, "--name", "other.example"]) == 1
    assert run(["cosign", "key", *place]) == 0
    assert capsys.readouterr().out.strip() == line
    assert run(["cosign", "trust", *place, line]) == 2
    assert run(["cosign", "trust", *place, LOG.public.text]) == 0
    assert run(["cosign", "trust", *place, LOG.public.text]) == 0
    folder = Folder(tmp_path / "c")
    assert folder.logs() == [LOG.public]
    assert (tmp_path / "c" / "key").stat().st_mode & 0o77 == 0
    assert run(["cosign", "status", *place]) == 0
    Witness(folder).add_checkpoint(HONEST.body(0, 9))
    Witness(folder).add_checkpoint(History(5).body(9, 9))
    capsys.readouterr()
    assert run(["cosign", "status", *place, "--json"]) == 1
    (alarm,) = json.loads(capsys.readouterr().out)["alarms"]
    assert run(["cosign", "status", *place]) == 1
    assert "ALARM fork" in capsys.readouterr().out
    assert run(["cosign", "settle", *place, "none.json", "--reason", "x"]) == 1
    assert run(["cosign", "settle", *place, alarm["file"], "--reason", "both agencies met"]) == 0
    assert run(["cosign", "status", *place]) == 0
    Witness(folder).add_checkpoint(History(5).body(9, 9))
    assert folder.alarms() == []


def test_an_alarm_runs_the_agencys_own_command(folder: Folder, tmp_path: Path) -> None:
    told = tmp_path / "told"
    toml = folder.path / "cosign.toml"
    toml.write_text('alarm_command = "rm"\n')
    with pytest.raises(InvalidInput):
        Witness(folder)
    toml.write_text(
        f'alarm_command = ["sh", "-c", "cat \\"$0\\" > {told}.part; mv {told}.part {told}"]\n'
    )
    witness = Witness(folder)
    witness.add_checkpoint(HONEST.body(0, 9))
    witness.add_checkpoint(History(5).body(9, 9))
    until = time.monotonic() + 20
    while not told.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert json.loads(told.read_text("utf-8")) == alarms(folder)[0]


def test_what_is_made_once_is_not_made_again(folder: Folder) -> None:
    with pytest.raises(Conflict):
        folder.create("other.example")
    with pytest.raises(NotFound):
        folder.settle("../key", "x")
    with pytest.raises(NoteError):
        SigningKey("", bytes(32))
