"""The node and its agencies' cosigners, over HTTP: who is silent, slow, false or betrayed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from waitress.server import create_server

from accord.cli.main import run
from accord.cosign.server import application
from accord.cosign.state import Folder
from accord.cosign.witness import Witness
from accord.kernel.errors import InvalidInput
from accord.kernel.merkle import leaf_hash, root
from accord.kernel.signednote import Checkpoint, NoteError, SigningKey, parse_note, sign_note
from accord.kernel.tlogpolicy import Policy
from accord.ledger import actions, checking, cosigning, keys, queries, serving
from accord.ledger.cosigning import Cosigner, Gatherer, quorum, read_state
from accord.ledger.domain import Entry, Kind
from accord.ledger.publishing import publish
from accord.ledger.quorum import load_policy

AGENCIES = ("riverbend-pd", "harlan-so", "state-bi")
MISS = Entry(Kind.MISS, datetime(2026, 3, 1, tzinfo=UTC), "harlan-so.t.cole", "harlan-so")
App = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class House:
    """Three agencies' cosigners; what each answers with can be replaced."""

    folders: dict[str, Folder]
    urls: dict[str, str]
    apps: dict[str, App]
    honest: dict[str, App]

    def policy(self, node: Path, needed: int = 2) -> Policy:
        lines = [f"log {keys.public_key(node).text}"]
        for agency in AGENCIES:
            key = self.folders[agency].key().cosigner.text
            lines.append(f"witness {agency} {key} {self.urls[agency]}")
        lines += [f"group agencies {needed} {' '.join(AGENCIES)}", "quorum agencies", ""]
        raw = "\n".join(lines).encode("utf-8", "surrogateescape")
        (node / "ledger.policy").write_bytes(raw)
        return load_policy(node)


@pytest.fixture
def house(node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("ACCORD_TLOG_STORE", f"file://{tmp_path / 'tlog'}")
    serving._log.cache_clear()
    made = House({}, {}, {}, {})
    servers = []
    for agency in AGENCIES:
        folder = Folder(tmp_path / agency)
        folder.create(f"{agency}.example/cosigner")
        folder.trust(keys.public_key(node).text)
        made.folders[agency] = folder
        made.apps[agency] = made.honest[agency] = application(Witness(folder))

        def answer(environ: Any, start: Any, agency: str = agency) -> Any:
            return made.apps[agency](environ, start)

        listener = socket.create_server(("127.0.0.1", 0))
        made.urls[agency] = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server = create_server(answer, sockets=[listener], threads=1)
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        servers.append(server)
    grow(1)
    yield made
    for server in servers:
        server.close()
        server.task_dispatcher.shutdown()
    for name in ("ledger.policy", cosigning.STATE):
        (node / name).unlink(missing_ok=True)
    serving._log.cache_clear()


def _serve(server: Any) -> None:
    with suppress(OSError):  # its sockets are closed under it when a test ends
        server.run()


@contextmanager
def gathering(node: Path, policy: Policy) -> Iterator[Gatherer]:
    gatherer = Gatherer(node, policy)
    try:
        yield gatherer
    finally:
        gatherer.close()


def grow(count: int) -> int:
    for _ in range(count):
        actions.append_separately(MISS)
    actions.sequence_all()
    newest = queries.head()
    assert newest is not None
    return newest.size


def signers(size: int, policy: Policy) -> set[str]:
    head = queries.newest_head(above=size - 1)
    assert head is not None
    assert head.size == size
    return set(policy.cosigners_of(parse_note(head.note)))


def states(node: Path) -> dict[str, Cosigner]:
    return {each.name: each for each in read_state(node)}


def plain(status: str, body: bytes, kind: str = "text/plain", wait_s: float = 0) -> App:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"].read()
        time.sleep(wait_s)
        start(status, [("Content-Type", kind)])
        return [body]

    return app


def test_each_new_head_is_cosigned_by_all_and_published(node: Path, house: House) -> None:
    policy = house.policy(node)
    with gathering(node, policy) as gatherer:
        for count in (0, 1, 300, 3):
            size = grow(count)
            gatherer.round()
            assert signers(size, policy) == set(AGENCIES)
            found = quorum(node, policy)
            assert found is not None
            assert (found.size, found.behind, found.behind_since) == (size, 0, None)
            assert publish(node).size == size
    assert {name: state.trouble for name, state in states(node).items()} == dict.fromkeys(AGENCIES)


def test_one_that_is_slow_or_gone_holds_nobody_up_and_joins_later(node: Path, house: House) -> None:
    policy = house.policy(node)
    house.apps["state-bi"] = plain("503 Service Unavailable", b"", wait_s=1.5)
    with gathering(node, policy) as gatherer:
        size = grow(1)
        began_s = time.monotonic()
        gatherer.round(within_s=10)
        assert time.monotonic() - began_s < 1.4
        assert signers(size, policy) == {"riverbend-pd", "harlan-so"}
        larger = grow(1)
        gatherer.round()
        assert {"riverbend-pd", "harlan-so"} <= signers(larger, policy)
        _until(lambda: gatherer.round() or bool(states(node)["state-bi"].trouble))
        assert states(node)["state-bi"].trouble == "refused: answered 503"
        house.apps["state-bi"] = house.honest["state-bi"]
        _until(lambda: gatherer.round() or signers(larger, policy) == set(AGENCIES))
    assert states(node)["state-bi"].trouble is None


def _until(done: Callable[[], Any], within_s: float = 15) -> None:
    deadline_s = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


ANSWERS: dict[str, tuple[str, bytes, str]] = {
    "nonsense": ("200 OK", b"\xff\xfe\n", "text/plain"),
    "nothing": ("200 OK", b"", "text/plain"),
    "far too much": ("200 OK", b"\xe2\x80\x94 a b\n" * 5000, "text/plain"),
    "a size that is none": ("409 Conflict", b"9" * 400 + b"\n", "text/x.tlog.size"),
    "a size without its type": ("409 Conflict", b"3\n", "text/plain"),
    "another size each time": ("409 Conflict", b"1\n", "text/x.tlog.size"),
    "a size beyond ours": ("409 Conflict", b"9000000\n", "text/x.tlog.size"),
    "somewhere else": ("302 Found", b"", "text/plain"),
    "another history": ("422 Unprocessable Entity", b"", "text/plain"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_a_false_cosigner_answers_is_not_believed(
    node: Path, house: House, answer: str
) -> None:
    policy = house.policy(node)
    house.apps["harlan-so"] = plain(*ANSWERS[answer])
    with gathering(node, policy) as gatherer:
        size = grow(2)
        gatherer.round()
        _until(lambda: gatherer.round() or bool(states(node)["harlan-so"].trouble))
        assert signers(size, policy) == {"riverbend-pd", "state-bi"}
    found = quorum(node, policy)
    assert found is not None
    assert found.size == size


def test_a_signature_of_another_or_over_another_head_is_not_stored(
    node: Path, house: House
) -> None:
    policy, size = house.policy(node), grow(1)
    head = queries.newest_head()
    assert head is not None
    text = parse_note(head.note).text
    stranger = SigningKey("stranger.example", bytes(32))
    own = house.folders["harlan-so"].key()
    for line in (stranger.cosign(text, 1), own.cosign("other\n", 1), own.sign(text)):
        with pytest.raises(NoteError):
            actions.add_cosignatures(size, [line], policy)
        house.apps["harlan-so"] = plain("200 OK", line.line.encode())
        with gathering(node, policy) as gatherer:
            gatherer.round()
    assert signers(size, policy) == {"riverbend-pd", "state-bi"}
    assert (
        states(node)["harlan-so"].trouble
        == "refused: answered with a signature that is not its own"
    )


def test_below_the_quorum_nothing_new_is_published_and_receipts_keep_the_older_head(
    node: Path, house: House
) -> None:
    policy = house.policy(node)
    with gathering(node, policy) as gatherer:
        size = grow(1)
        gatherer.round()
        publish(node)
        for agency in ("harlan-so", "state-bi"):
            house.apps[agency] = plain("500 Internal Server Error", b"")
        larger = grow(1)
        gatherer.round()
        assert signers(larger, policy) == {"riverbend-pd"}
        assert publish(node).size == size
        covering, beyond = queries.head_over(size - 1), queries.head_over(larger - 1)
        assert covering is not None and covering.size == size  # noqa: PT018
        assert beyond is not None and beyond.size == larger  # noqa: PT018
        found = quorum(node, policy)
        assert found is not None
        assert (found.size, found.behind) == (size, larger - size)
        assert found.behind_since is not None
    assert run(["ledger", "status", "--data-dir", str(node)]) == 1


def test_a_policy_that_asks_for_less_counts_what_is_signed_already(
    node: Path, house: House
) -> None:
    strict = house.policy(node, needed=3)
    house.apps["state-bi"] = plain("500 Internal Server Error", b"")
    with gathering(node, strict) as gatherer:
        size = grow(1)
        gatherer.round()
    assert publish(node).size < size
    with gathering(node, house.policy(node, needed=2)) as gatherer:
        gatherer.round()
    assert publish(node).size == size


def test_a_second_history_is_refused_and_kept_as_proof(node: Path, house: House) -> None:
    """The operator with all keys signs another head of the size that the agencies vouched for."""
    policy = house.policy(node)
    with gathering(node, policy) as gatherer:
        size = grow(1)
        gatherer.round()
    signer = keys.signing_key(node)
    other = sign_note(Checkpoint(signer.name, size, root([leaf_hash(b"x")])).text, signer)
    import httpx

    body = f"old {size}\n\n{other}".encode()
    for url in house.urls.values():
        assert httpx.post(f"{url}add-checkpoint", content=body, trust_env=False).status_code == 409
    for folder in house.folders.values():
        (alarm,) = folder.alarms()
        assert json.loads(alarm.read_text("utf-8"))["kind"] == "fork"


def test_a_node_that_fell_behind_its_cosigners_says_so(node: Path, house: House) -> None:
    policy = house.policy(node)
    with gathering(node, policy) as gatherer:
        size = grow(1)
        gatherer.round()
        house.apps["harlan-so"] = plain(
            "409 Conflict", f"{size + 50}\n".encode(), "text/x.tlog.size"
        )
        grow(1)
        _until(lambda: gatherer.round() or bool(states(node)["harlan-so"].trouble))
    assert "this ledger ends at" in str(states(node)["harlan-so"].trouble)


def test_status_says_who_is_silent(
    node: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.policy(node)
    house.apps["state-bi"] = plain("500 Internal Server Error", b"")
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 0
    assert run(["ledger", "status", "--data-dir", str(node)]) == 1
    said = capsys.readouterr().out
    assert "Needed: 2 of riverbend-pd, harlan-so, state-bi." in said
    assert "Two histories would need 1 of these agencies" in said
    assert "state-bi vouches for nothing yet; refused: answered 500" in said
    house.apps["state-bi"] = house.honest["state-bi"]
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 0
    capsys.readouterr()
    assert run(["ledger", "status", "--data-dir", str(node), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["cosigned"]["behind"] == 0
    assert facts["well"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "ftp://x", "http://\udcff", "http://[::", "x", "http://a:99999"]
)
def test_an_address_where_nobody_answers_stops_no_other(node: Path, house: House, url: str) -> None:
    house.urls["harlan-so"] = url
    policy = house.policy(node)
    with gathering(node, policy) as gatherer:
        size = grow(1)
        gatherer.round()
        assert signers(size, policy) == {"riverbend-pd", "state-bi"}
        _until(lambda: gatherer.round() or bool(states(node)["harlan-so"].trouble))
    assert str(states(node)["harlan-so"].trouble).startswith("silent: ")


@pytest.mark.parametrize(("needed", "shared"), [(1, 0), (2, 1), (3, 3)])
def test_how_many_would_have_to_sign_twice_is_counted(
    node: Path, house: House, needed: int, shared: int
) -> None:
    found = quorum(node, house.policy(node, needed))
    assert found is not None
    quorums = [set(q) for q in combinations(AGENCIES, needed)]
    assert found.shared == shared == min(len(a & b) for a in quorums for b in quorums)


def test_a_policy_for_another_log_or_with_a_fault_is_said(node: Path, house: House) -> None:
    house.policy(node)
    path = node / "ledger.policy"
    other = SigningKey("accord.ledger/other", bytes(32)).public.text
    path.write_text(path.read_text().replace(keys.public_key(node).text, other))
    with pytest.raises(InvalidInput, match="not among the logs"):
        load_policy(node)
    assert run(["ledger", "status", "--data-dir", str(node)]) == 2
    path.unlink()
    with pytest.raises(InvalidInput, match="names it"):
        load_policy(node, {"ACCORD_LEDGER_POLICY": str(path)})
    assert load_policy(node, {}).quorum == "none"


def test_the_moment_of_the_quorum_is_never_moved(node: Path, house: House) -> None:
    policy, size = house.policy(node), grow(1)
    with gathering(node, policy) as gatherer:
        gatherer.round()
    from django.db import DatabaseError, transaction

    for value in ("null", "now() + interval '1 day'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"update ledger_checkpoint set quorum_at = {value} where size = %s", [size]
            )


def test_a_false_cosignature_in_the_database_is_found(node: Path, house: House) -> None:
    policy, size = house.policy(node), grow(1)
    with gathering(node, policy) as gatherer:
        gatherer.round()
    from django.db import transaction

    assert checking.check_ledger().verifies
    own = house.folders["harlan-so"].key()
    line = own.cosign("another\n1\nhead\n", 1).line
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "update ledger_checkpoint set note = note || %s where size = %s", [line, size]
            )
        assert [each.code for each in checking.check_ledger().findings] == ["cosignature-invalid"]
        transaction.set_rollback(True)
