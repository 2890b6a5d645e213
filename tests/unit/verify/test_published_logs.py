"""Published logs, policies and cosigners' proofs: whole ones verify, each tampering has its name."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.cosign.domain import request_body
from accord.cosign.state import Folder
from accord.cosign.witness import Witness
from accord.kernel import clock, merkle, tlog
from accord.kernel.errors import AccordError, InvalidInput
from accord.kernel.signednote import Checkpoint, Note, SigningKey, parse_note, sign_note
from accord.kernel.tlogpolicy import parse_policy
from accord.ledger.domain import build_leaf
from accord_verify import main as program
from accord_verify.policy import read_policy
from accord_verify.published import tile_path
from accord_verify.report import BadFile
from accord_verify.tree import roots_by_path

LOG = SigningKey("accord.ledger/test", bytes(range(32)))
COSIGNERS = [SigningKey(f"cosigner-{n}.example", bytes([n]) * 32) for n in (1, 2, 3)]
KEY = ["--key", LOG.public.text]
SIZES = (0, 1, 5, 255, 256, 257, 600)


def leaves_of(size: int, mark: str = "a") -> list[bytes]:
    return [build_leaf(merkle.leaf_hash(f"{mark}{n}".encode())) for n in range(size)]


def head_of(leaves: list[bytes], key: SigningKey = LOG, *cosigners: SigningKey) -> Note:
    root = merkle.root(map(merkle.leaf_hash, leaves))
    note = sign_note(Checkpoint(LOG.name, len(leaves), root).text, key)
    for each in cosigners:
        note = note.with_signature(each.cosign(note.text, 1_767_225_600))
    return note


def write_log(folder: Path, leaves: list[bytes], note: Note | None = None) -> Path:
    fetch = merkle.nodes_of([merkle.leaf_hash(leaf) for leaf in leaves]) if leaves else None
    for tile in tlog.added(0, [len(leaves)]):
        place, start = folder / tile.path, tile.index * 256
        place.parent.mkdir(parents=True, exist_ok=True)
        if tile.entries:
            place.write_bytes(tlog.bundle(leaves[start : start + tile.width]))
        elif fetch:
            each = [fetch(8 * tile.level, start + at) for at in range(tile.width)]
            place.write_bytes(b"".join(each))
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_text(str(note or head_of(leaves)), "utf-8")
    return folder


def codes(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> set[str]:
    capsys.readouterr()
    exit_code = program.main([*map(str, arguments), "--json"])
    said = json.loads(capsys.readouterr().out)
    found = {f["code"] for r in said["files"] for s in r["steps"] for f in s["failures"]}
    assert exit_code == (1 if found else 0)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_log_verifies(
    size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_log(tmp_path / "log", leaves_of(size))
    assert codes(capsys, folder, *KEY) == set()
    assert codes(capsys, folder) == {"unknown-key"}


def test_a_published_leaf_is_one_of_a_ledger_and_versions_do_not_go_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = build_leaf(bytes(32), 1), build_leaf(bytes(32))
    grown = write_log(tmp_path / "grown", [old, old, new])
    assert codes(capsys, grown, *KEY) == set()
    back = write_log(tmp_path / "back", [old, new, old])
    assert codes(capsys, back, *KEY) == {"version-back"}
    for number, leaf in enumerate((b"anything", old + b" ", old.replace(b'"v":1', b'"v":3'))):
        folder = write_log(tmp_path / str(number), [leaf])
        assert codes(capsys, folder, *KEY) == {"leaf-altered"}


def test_names_are_those_of_the_specification() -> None:
    for index in (0, 7, 999, 1000, 1234067, 10**9):
        for width in (1, 17, 256):
            assert tile_path("3", index, width) == tlog.Tile(3, index, width).path
            assert tile_path("entries", index, width) == tlog.Tile(0, index, width, True).path


def test_a_partial_tile_that_went_is_read_from_the_full_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaves = leaves_of(600)
    write_log(tmp_path / "log", leaves[:300])
    folder = write_log(tmp_path / "log", leaves, head_of(leaves[:300]))
    for level in ("0", "entries"):
        (folder / f"tile/{level}/001.p/44").unlink()
    assert codes(capsys, folder, *KEY) == set()


Tamper = Callable[[Path], object]


def edit(name: str, change: Callable[[bytes], bytes]) -> Tamper:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def _flip(content: bytes, at: int = 40) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _leaf_and_tile(folder: Path) -> None:
    """A leaf changed together with its tile, as whoever holds the store would do it."""
    edit("tile/entries/001", _flip)(folder)
    raw = (folder / "tile/entries/001").read_bytes()
    first = merkle.leaf_hash(raw[2 : 2 + int.from_bytes(raw[:2], "big")])
    edit("tile/0/001", lambda tile: first + tile[32:])(folder)


def _checkpoint(note: Note) -> Tamper:
    return lambda folder: (folder / "checkpoint").write_text(str(note), "utf-8")


BIG = leaves_of(600)
TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "a bundle removed": (lambda f: (f / "tile/entries/001").unlink(), "tile-missing"),
    "a tile of leaves removed": (lambda f: (f / "tile/0/002.p/88").unlink(), "tile-missing"),
    "a tile above removed": (lambda f: (f / "tile/1/000.p/2").unlink(), "tile-missing"),
    "a bundle cut off": (edit("tile/entries/001", lambda raw: raw[:-1]), "tile-truncated"),
    "a bundle with a leaf too many": (
        edit("tile/entries/001", lambda raw: raw + b"\0\0"), "tile-truncated",
    ),
    "a tile cut off": (edit("tile/0/001", lambda raw: raw[:-32]), "tile-truncated"),
    "a tile above cut off": (edit("tile/1/000.p/2", lambda raw: raw[:-1]), "tile-truncated"),
    "a leaf edited": (edit("tile/entries/001", _flip), "leaf-altered"),
    "a hash edited": (edit("tile/0/001", _flip), "leaf-altered"),
    "a leaf edited with its tile": (_leaf_and_tile, "root-mismatch"),
    "a tile above edited": (edit("tile/1/000.p/2", _flip), "tile-mismatch"),
    "a forged signature": (
        _checkpoint(Note(head_of(BIG).text, (head_of(BIG[:5]).signatures))), "signature-invalid",
    ),
    "a stranger's key": (
        _checkpoint(head_of(BIG, SigningKey(LOG.name, bytes(32)))), "unknown-key",
    ),
    "a head of another history": (_checkpoint(head_of(leaves_of(600, "b"))), "root-mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_each_tampering_has_its_name(
    tampering: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper, code = TAMPERINGS[tampering]
    folder = write_log(tmp_path / "log", BIG)
    tamper(folder)
    assert code in codes(capsys, folder, *KEY)


def test_a_log_rolled_back_or_forked_shows_against_what_somebody_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.note"
    kept.write_text(str(head_of(leaves_of(300))), "utf-8")
    longer, forked = leaves_of(400), leaves_of(290) + leaves_of(400, "b")[290:]
    assert codes(capsys, write_log(tmp_path / "a", longer), kept, *KEY) == set()
    assert codes(capsys, write_log(tmp_path / "b", forked), kept, *KEY) == {"fork"}


@settings(max_examples=60)
@given(st.data())
def test_no_changed_bit_is_overlooked(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = write_log(
        tmp_path_factory.mktemp("t") / "log", leaves_of(data.draw(st.sampled_from([3, 258])))
    )
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    file = data.draw(st.sampled_from(files))
    raw = bytearray(file.read_bytes())
    at, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    raw[at] ^= 1 << bit
    file.write_bytes(raw)
    assert program.main([str(folder), *KEY]) in (1, 2)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_log_is_checked_from_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_log(tmp_path / "log", BIG)
    with served(folder) as url:
        assert codes(capsys, url, *KEY) == set()
        (folder / "tile/0/001").unlink()
        assert "tile-missing" in codes(capsys, f"{url}/", *KEY)
        (folder / "checkpoint").write_bytes(bytes(200_000))
        assert program.main([url, *KEY]) == 2
        (folder / "checkpoint").unlink()
        assert program.main([url, *KEY]) == 2
    assert program.main([url, *KEY]) == 2


# --- policies


WITNESSES = "".join(f"witness w{n} {key.cosigner.text}\n" for n, key in enumerate(COSIGNERS))
POLICY = f"log {LOG.public.text}\n{WITNESSES}group agencies 2 w0 w1 w2\nquorum agencies\n"


def test_a_policy_counts_agencies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy"
    policy.write_text(POLICY)
    stranger = SigningKey("stranger.example", bytes(32))
    for signed, expected in (
        (COSIGNERS[:2], set()),
        (COSIGNERS, set()),
        (COSIGNERS[:1], {"too-few-cosigners"}),
        ([COSIGNERS[0], COSIGNERS[0], stranger], {"too-few-cosigners"}),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        write_log(folder, leaves_of(3), head_of(leaves_of(3), LOG, *signed))
        assert codes(capsys, folder, "--policy", policy) == expected
    one_agency = WITNESSES + "group x any w0 w1\ngroup q all x w2\nquorum q\n"
    policy.write_text(one_agency)
    write_log(folder, leaves_of(3), head_of(leaves_of(3), LOG, *COSIGNERS[:2]))
    assert codes(capsys, folder, *KEY, "--policy", policy) == {"too-few-cosigners"}


def test_two_cosigners_of_one_agency_count_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_log(tmp_path / "log", leaves_of(3), head_of(leaves_of(3), LOG, *COSIGNERS[:2]))
    lines = [key.cosigner.text for key in COSIGNERS]
    same = [f"--cosigner=harlan-so={line}" for line in lines[:2]]
    other = f"--cosigner=state-bi={lines[2]}"
    assert codes(capsys, folder, *KEY, *same, other, "--quorum=1") == set()
    assert codes(capsys, folder, *KEY, *same, other, "--quorum=2") == {"too-few-cosigners"}
    assert (
        codes(capsys, folder, *KEY, *(f"--cosigner={line}" for line in lines), "--quorum=2")
        == set()
    )
    assert program.main([str(folder), *KEY, *same, "--quorum=2"]) == 2
    policy = tmp_path / "policy"
    policy.write_text(POLICY)
    assert program.main([str(folder), "--policy", str(policy), "--quorum=1"]) == 2


WORDS = st.lists(
    st.lists(
        st.sampled_from(
            ["log", "witness", "group", "quorum", "all", "any", "1", "2", "02", "w0", "w1", "g", "none",
             "#", LOG.public.text, *(key.cosigner.text for key in COSIGNERS[:2])]
        ),
        max_size=5,
    ).map(" ".join),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300)
@given(
    WORDS,
    st.sampled_from(["", WITNESSES, POLICY.partition("quorum")[0]]),
    st.sampled_from(["", "quorum w0\n", "quorum none\n"]),
    st.sets(st.sampled_from(COSIGNERS)),
)
def test_both_programs_read_policies_alike(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    before: str,
    after: str,
    signed: set[SigningKey],
) -> None:
    raw = (before + "".join(f"{line}\n" for line in lines) + after).encode()
    path = tmp_path_factory.getbasetemp() / "a.policy"
    path.write_bytes(raw)
    note = head_of(leaves_of(1), LOG, *signed)
    try:
        ours = parse_policy(raw, "policy")
    except InvalidInput:
        with pytest.raises(BadFile):
            read_policy(path)
        return
    theirs = read_policy(path)
    known = [
        key for key in theirs.witnesses.values() for s in signed if key.public == s.public.public
    ]
    assert theirs.met_by(known) == ours.met_by(ours.cosigners_of(note))
    assert len(theirs.logs) == len(ours.logs)


# --- what cosigners keep


def kept(tmp_path: Path, first: list[bytes], then: list[bytes]) -> list[Path]:
    """What a cosigner keeps that cosigned one log and is then offered another."""
    folder = Folder(tmp_path / "cosigner")
    folder.create("harlan-so.example/cosigner")
    folder.trust(LOG.public.text)
    witness = Witness(folder)
    hashes = [merkle.leaf_hash(leaf) for leaf in then]
    old = min(len(first), len(then))
    proof = merkle.consistency_proof(old, len(then), merkle.nodes_of(hashes))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.taken_from(clock.FixedClock(now)):
        assert witness.add_checkpoint(request_body(0, (), str(head_of(first)))).status == 200
    with clock.taken_from(clock.FixedClock(now + timedelta(hours=1))):
        witness.add_checkpoint(request_body(old, proof, str(head_of(then))))
    return folder.alarms()


FORKED = leaves_of(5) + leaves_of(40, "b")[5:]


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        (leaves_of(9), FORKED[:9], "fork"),
        (leaves_of(9), FORKED[:12], "fork"),
        (leaves_of(8), FORKED[:12], "inconsistent"),
        (leaves_of(12), leaves_of(9), "rolled-back"),
        (leaves_of(12), FORKED[:9], "rolled-back"),
    ],
)
def test_what_a_cosigner_kept_is_called_by_its_name(
    first: list[bytes],
    then: list[bytes],
    code: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (file,) = kept(tmp_path, first, then)
    assert codes(capsys, file, *KEY) - {"fork"} == {code} - {"fork"}
    assert code in codes(capsys, file, *KEY)
    other = SigningKey("accord.ledger/other", bytes(32)).public.text
    assert "unknown-key" in codes(capsys, file, "--key", other)
    published = write_log(tmp_path / "log", leaves_of(20))
    against = codes(capsys, file, published, *KEY)
    assert ("fork" in against) == (then != leaves_of(len(then)))


def test_a_proof_that_was_made_up_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = kept(tmp_path, leaves_of(9), FORKED[:12])
    facts = json.loads(file.read_text("utf-8"))
    forged = parse_note(facts["refused"])
    changes: dict[str, tuple[str, Any]] = {
        "unknown-key": ("refused", str(head_of(FORKED[:12], SigningKey(LOG.name, bytes(32))))),
        "signature-invalid": ("refused", facts["refused"].replace("\n12\n", "\n13\n")),
        "too-few-cosigners": ("cosigned", str(head_of(leaves_of(9)))),
        "inconsistent": ("path", [*facts["path"][:-1], facts["path"][0]]),
    }
    assert len(forged.signatures) == 1
    for code, (name, value) in changes.items():
        file.write_text(json.dumps(facts | {name: value}))
        assert code in codes(capsys, file, *KEY)
    for name in ("path", "cosigned", "refused", "key", "cosigner", "kind"):
        for value in (None, 7, "x", ["x"], [None]):
            file.write_text(json.dumps(facts | {name: value}))
            assert program.main([str(file), *KEY]) in (1, 2)


def test_both_programs_follow_consistency_proofs_alike() -> None:
    hashes = [merkle.leaf_hash(b"%d" % n) for n in range(40)]
    fetch = merkle.nodes_of(hashes)
    for new in range(1, 40):
        for old in range(1, new):
            proof = merkle.consistency_proof(old, new, fetch)
            roots = merkle.root(hashes[:old]), merkle.root(hashes[:new])
            assert roots_by_path(old, new, proof, roots[0]) == roots
            for wrong in (proof[:-1], (*proof, bytes(32)), (bytes(32), *proof[1:])):
                theirs = roots_by_path(old, new, wrong, roots[0])
                try:
                    ours = merkle.roots_from_consistency(old, new, wrong, roots[0])
                except AccordError:
                    assert theirs is None or theirs == roots
                else:
                    assert theirs == ours
