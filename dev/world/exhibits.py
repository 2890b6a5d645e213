"""Makes the files of worlds/riverbend/exhibits: ``python dev/world/exhibits.py``. All are fictitious.

Same bytes every time: a picture, a sound, a table, a text, a page, a message; a few lines of code each.
"""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "worlds" / "riverbend" / "exhibits"
WIDTH, HEIGHT = 480, 270


def picture() -> bytes:
    """A front desk as a camera of few colours sees it (PNG, ISO/IEC 15948)."""
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            rows += bytes(_colour(x, y))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _colour(x: int, y: int) -> tuple[int, int, int]:
    if y > 190:
        return (96, 66, 44) if y < 200 else (128, 88, 58)  # the desk
    if 60 < x < 170 and 40 < y < 150:
        return (176, 196, 214)  # the window
    if 330 < x < 420 and 60 < y < 150:
        return (70, 74, 82) if (y // 15 + x // 18) % 2 else (150, 152, 158)  # pigeon-holes
    shade = 205 - y // 6
    return (shade, shade - 6, shade - 22)


def sound() -> bytes:
    """Two tones, one after the other: a call that rings and is taken (WAVE, 8 kHz)."""
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        for pitch, seconds in ((440, 1.0), (0, 0.5), (440, 1.0), (620, 0.5)):
            for n in range(int(8000 * seconds)):
                level = int(9000 * math.sin(2 * math.pi * pitch * n / 8000))
                out.writeframesraw(struct.pack("<h", level))
    return target.getvalue()


def page(lines: list[str]) -> bytes:
    """One page of text (PDF 1.4, ISO 32000-1)."""
    text = "".join(f"({line}) Tj 0 -18 Td\n" for line in lines)
    content = f"BT /F1 12 Tf 72 720 Td\n{text}ET\n".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, text_of in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text_of)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return (
        body
        + tail
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            len(objects) + 1,
            len(body),
        )
    )


WARRANT = [
    "RIVERBEND CIRCUIT COURT",
    "SEARCH WARRANT 2026-SW-0311",
    "",
    "To any officer of the Riverbend Police Department:",
    "you may search the front desk and the office of the Lockside Inn",
    "and seize recordings of its cameras, its register and its telephones,",
    "within ten days of 18 September 2026.",
    "",
    "Fictitious. No such court, place or matter exists.",
]
TICKETS = [
    "MARROW CREEK COACHES",
    "Passenger list, coach 41, 3 November 2025",
    "",
    "seat 7    paid in cash by the man in seat 8",
    "seat 8    telephone +1-312-555-0161",
    "seat 9    paid in cash by the man in seat 8",
    "",
    "Fictitious. No such line, coach or passenger exists.",
]
CALLS = """\
time,line,direction,number
2026-09-20T01:12:00-05:00,front desk,out,+1-312-555-0142
2026-09-20T01:15:00-05:00,front desk,in,+1-312-555-0142
2026-09-20T03:40:00-05:00,office,out,+1-312-555-0177
"""
NOTE = "Room 6 and 7 until Friday. He pays for both. Keep the cards in the drawer.\n"
MAIL = """From: Night manager <night@lockside-inn.example>
To: Owner <owner@silver-weir.example>
Subject: Rooms for next week
Date: Sat, 19 Sep 2026 23:48:00 -0500
Message-ID: <20260919.2348@lockside-inn.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

Six and seven stay taken until Friday, he pays for both in cash. The list is attached.

--part
Content-Type: text/csv; name="rooms.csv"
Content-Disposition: attachment; filename="rooms.csv"

room,until,paid by
6,2026-09-25,the same
7,2026-09-25,the same
--part--
"""
FILES = {
    "warrant-2026-SW-0311.pdf": lambda: page(WARRANT),
    "coach-41.pdf": lambda: page(TICKETS),
    "front-desk.png": picture,
    "night-calls.csv": CALLS.encode,
    "note-in-drawer.txt": NOTE.encode,
    "call-to-dispatch.wav": sound,
    "rooms-for-next-week.eml": MAIL.encode,
}


def main() -> None:
    """Write every file anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (FOLDER / name).write_bytes(make())


if __name__ == "__main__":
    main()
