"""What comes in and goes out lies in no file of the web server's: it is in clear there."""

from __future__ import annotations

import pytest
from waitress.buffers import OverflowableBuffer

from accord.evidence.sealing import SEGMENT_BYTES
from accord.platform.webserver import NEVER_ON_DISK


@pytest.mark.parametrize("way", ["inbuf_overflow", "outbuf_overflow"])
def test_two_pieces_of_an_exhibit_wait_in_memory(way: str) -> None:
    piece = bytes(SEGMENT_BYTES)
    waiting = OverflowableBuffer(NEVER_ON_DISK[way])
    for _ in range(2):
        waiting.append(piece)
    assert len(waiting) == 2 * SEGMENT_BYTES
    assert not waiting.overflowed
    waiting.close()


def test_waitress_left_alone_would_write_them_to_a_file() -> None:
    waiting = OverflowableBuffer(1 << 20)
    waiting.append(bytes(SEGMENT_BYTES))
    assert waiting.overflowed
    waiting.close()
