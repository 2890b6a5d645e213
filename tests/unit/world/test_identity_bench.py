"""The figures of sign-ins: what is said of them is what was measured."""

from __future__ import annotations

from accord.cli.benches.identity import Crowd, lines
from accord.cli.benches.times import Figure


def test_sign_ins_a_second_are_those_that_were_answered_over_the_time_it_took() -> None:
    crowd = Crowd(lasted_s=2.0, times_ms=[10.0] * 70, refused=["RuntimeError: x"], load_before=1.5)
    assert crowd.a_second == 35
    said = lines(
        [Figure("check", [0.5, 0.5])], [Figure("trip", [20.0])], crowd, people=3, web_processes=2
    )
    assert "| check | 2 | 500 µs | 500 µs |" in said
    assert "| trip | 1 | 20 ms | 20 ms |" in said
    assert "**35 sign-ins a second**" in said[-1]
    assert "1 refused" in said[-1]
    assert "load of 1.5" in said[-1]
