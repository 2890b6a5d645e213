"""Children are started again, and all end with their supervisor, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.kernel.errors import AccordError, Conflict
from accord.platform import supervisor
from accord.platform.db.privileges import command_as, server_user
from accord.platform.supervisor import Service, Supervisor

FAKES = {
    "fake_steady": "import time\nprint('up', flush=True)\ntime.sleep(60)\n",
    "fake_brief": "raise SystemExit(7)\n",
    "fake_stubborn": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True)\ntime.sleep(60)\n"
    ),
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for name, text in FAKES.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "logs").mkdir()
    return {"PYTHONPATH": str(tmp_path)}


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return b"\0" in Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True
    )
    pairs = (line.split() for line in listing.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def test_a_child_that_is_killed_starts_again_and_somebody_is_told(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.05)
    said: list[str] = []
    with Supervisor(tmp_path, [Service("one", "fake_steady")], environment, said.append) as it:
        wait_for(lambda: "up" in it.log("one").read_text())
        first = it._children[0].process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        it.run(until=lambda: it.log("one").read_text().count("up") == 2)
        assert it.is_up("one")
    assert "one ended (signal 9)" in said[0]
    assert first.poll() == -signal.SIGKILL


def test_pauses_double_for_a_child_that_ends_at_once(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    said: list[str] = []
    with Supervisor(tmp_path, [Service("one", "fake_brief")], environment, said.append) as it:
        it.run(until=lambda: it.quick_ends("one") >= 3)
    assert [line.split(" in ")[1].split(".  ")[0][:6] for line in said] == [
        "0.01 s",
        "0.02 s",
        "0.04 s",
    ]
    assert all("exit code 7" in line for line in said)


def test_stopping_ends_even_a_stubborn_child(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_GRACE_S", 0.3)
    services = [Service("soft", "fake_steady"), Service("hard", "fake_stubborn")]
    with Supervisor(tmp_path, services, environment, print) as it:
        wait_for(lambda: all("up" in it.log(s.name).read_text() for s in services))
        pids = [child.process.pid for child in it._children if child.process]
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


def test_children_end_when_the_supervisor_is_killed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    program = (
        "import pathlib, sys; from accord.platform.supervisor import *;"
        "s = Supervisor(pathlib.Path(sys.argv[1]), [Service('one', 'fake_steady'),"
        " Service('two', 'fake_steady')], {'PYTHONPATH': sys.argv[1]}, print);"
        "s.__enter__(); s.run(until=lambda: False)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    logs = [tmp_path / "logs" / f"{name}.log" for name in ("one", "two")]
    wait_for(lambda: all(log.exists() and "up" in log.read_text() for log in logs))
    pids = children_of(parent.pid)
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(alive(pid) for pid in pids), 5)


def test_the_watch_is_called(tmp_path: Path, environment: dict[str, str]) -> None:
    calls: list[float] = []
    with Supervisor(
        tmp_path, [], environment, print, watch=lambda: calls.append(time.monotonic())
    ) as it:
        it.run(until=lambda: bool(calls))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_stoppable_block_quietly(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with supervisor.stoppable():
        os.kill(os.getpid(), number)
        time.sleep(5)
        pytest.fail("the signal did not end the block")
    assert signal.getsignal(number) is before


def test_a_second_node_on_the_same_data_is_refused(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from accord.platform.supervisor import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with (
        pytest.raises(Conflict, match=rf"already runs .* \(process {holder.pid}\)"),
        supervisor.only_one(tmp_path),
    ):
        pytest.fail("two nodes at once")
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with supervisor.only_one(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's server")
def test_a_node_in_an_open_folder_keeps_no_capability() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / ".accord"
        with supervisor.only_one(data_dir):
            user = server_user(data_dir / "postgres" / "data")
            assert "drop" in command_as(user, ["x"], passing=[data_dir])
            assert data_dir.stat().st_mode & 0o777 == 0o711


def test_the_next_free_port_is_taken() -> None:
    with supervisor.listen("127.0.0.1", 18400) as first:
        port = first.getsockname()[1]
        with supervisor.listen("127.0.0.1", port) as second:
            assert second.getsockname()[1] > port


def test_no_free_port_is_said() -> None:
    with supervisor.listen("127.0.0.1", 18450) as first:
        port = first.getsockname()[1]
        with pytest.raises(AccordError, match=f"No port from {port} to {port} is free"):
            supervisor.listen("127.0.0.1", port, tries=1)


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(AccordError, match=r"Cannot listen on 192\.0\.2\.1"):
        supervisor.listen("192.0.2.1", 18500, tries=1)


def test_the_web_server_answers_on_the_socket_it_is_given(tmp_path: Path) -> None:
    from accord.platform import webserver

    program = (
        "import sys, types; m = types.ModuleType('accord.platform.wsgi');"
        "m.application = lambda e, s: (s('200 OK', []), [b'hello'])[1];"
        "sys.modules['accord.platform.wsgi'] = m;"
        "from accord.platform import webserver; webserver.main(sys.argv[1:])"
    )
    assert webserver.THREADS > 1
    with supervisor.listen("127.0.0.1", 18550) as listener:
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,
        )
        with socket.create_connection(listener.getsockname(), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        child.terminate()
        assert child.wait(10) == 0
    assert answer.startswith(b"HTTP/1.0 200 OK")
    assert answer.endswith(b"hello")
    assert b"Server:" not in answer
