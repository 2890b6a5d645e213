"""Small whole files of each kind, made by code: what a reader must take."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

# -- pictures --------------------------------------------------------------------------------------


def drawn(width: int = 400, height: int = 300) -> Image.Image:
    """Four quarters of different colours."""
    picture = Image.new("RGB", (width, height), (250, 250, 250))
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 0, width // 2, height // 2], fill=(200, 30, 30))
    pen.rectangle([width // 2, height // 2, width, height], fill=(30, 30, 200))
    return picture


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format=form, **options)
    return out.getvalue()


def photo(orientation: int = 1) -> bytes:
    """A JPEG as a telephone makes it: camera, time and place in it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Acme", "Phone 7", orientation
    exif.get_ifd(0x8769)[0x9003] = "2026:11:03 22:14:05"
    exif.get_ifd(0x8769)[0x9011] = "-06:00"
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (41.0, 52.0, 30.0), 3: "W", 4: (87.0, 37.0, 48.0), 6: 181.5}
    )
    return saved(drawn(), "JPEG", exif=exif, quality=90)


def scan_pages() -> bytes:
    """A TIFF of three pages."""
    pages = [Image.new("L", (300, 400), shade) for shade in (250, 200, 150)]
    return saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])


# -- PDF -------------------------------------------------------------------------------------------


def pdf_of(objects: Mapping[int, bytes], *, trailer: bytes = b"", version: bytes = b"1.7") -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out, places = b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n", {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        trailer,
        start,
    )
    return out


def stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), head, data)


SECRET = "Informant Quillfeather"
OPEN = "Report of the third of November"


def report_pdf() -> bytes:
    """Two pages: open text; a secret as text, picture, form field, note, metadata and attachment."""
    picture = zlib.compress(bytes([180, 40, 40]) * 64 * 64)
    words = f"BT /F 18 Tf 72 700 Td ({OPEN}) Tj 0 -100 Td ({SECRET}) Tj ET"
    first = f"{words} q 200 0 0 100 72 400 cm /I Do Q"
    second = b"BT /F 18 Tf 72 700 Td (The second page) Tj ET"
    secret = SECRET.encode()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources 5 0 R "
    appearance = b"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources 5 0 R"
    return pdf_of(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [9 0 R] /DR 5 0 R >> "
            b"/Names << /EmbeddedFiles << /Names [(note.txt) 13 0 R] >> >> "
            b"/OpenAction << /S /JavaScript /JS (app.alert\\('" + secret + b"'\\)) >> >>",
            2: b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
            3: page + b"/Contents 6 0 R /Annots [9 0 R 10 0 R] >>",
            4: page + b"/Contents 7 0 R >>",
            5: b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> "
            b"/XObject << /I 8 0 R >> >>",
            6: stream(first.encode()),
            7: stream(second),
            8: stream(
                picture,
                b"/Type /XObject /Subtype /Image /Width 64 /Height 64 /ColorSpace /DeviceRGB "
                b"/BitsPerComponent 8 /Filter /FlateDecode",
            ),
            9: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (" + secret + b") "
            b"/Rect [72 300 372 320] /DA (/F 12 Tf 0 g) /F 4 /P 3 0 R /AP << /N 11 0 R >> >>",
            10: b"<< /Type /Annot /Subtype /Text /Contents ("
            + secret
            + b") /Rect [72 250 92 270] >>",
            11: stream(b"BT /F 12 Tf 2 4 Td (" + secret + b") Tj ET", appearance),
            12: stream(secret, b"/Type /EmbeddedFile"),
            13: b"<< /Type /Filespec /F (note.txt) /UF (note.txt) /EF << /F 12 0 R >> >>",
            14: b"<< /Title (" + secret + b") /Author (R. Deputy) >>",
        },
        trailer=b"/Info 14 0 R",
    )


def encrypted_pdf() -> bytes:
    """A PDF under a user password (ISO 32000-1, 7.6.3: standard handler, revision 2, 40 bits)."""
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner, user, file_id = (b"boss" + pad)[:32], (b"pass" + pad)[:32], b"0123456789abcdef"
    o = _rc4(hashlib.md5(owner).digest()[:5], user)
    key = hashlib.md5(user + o + struct.pack("<i", -4) + file_id).digest()[:5]
    u = _rc4(key, pad)
    trailer = b"/ID [<%b> <%b>] /Encrypt 4 0 R" % (file_id.hex().encode(), file_id.hex().encode())
    return pdf_of(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
            4: b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>"
            % (o.hex().encode(), u.hex().encode()),
        },
        trailer=trailer,
    )


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def scanned_pdf(words: str) -> bytes:
    """A page that is a picture of words."""
    from PIL import ImageFont

    page = Image.new("L", (1000, 300), 255)
    ImageDraw.Draw(page).text((40, 100), words, fill=0, font=ImageFont.load_default(72))
    return saved(page, "PDF")


# -- office ----------------------------------------------------------------------------------------


def zipped(files: Mapping[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, how)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:creator>R. Deputy</dc:creator>'
    "<dcterms:created>2026-11-03T10:00:00Z</dcterms:created></cp:coreProperties>"
)
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="p"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def docx(body: str = "<w:p><w:r><w:t>Seen at the motel</w:t></w:r></w:p>", **more: bytes) -> bytes:
    deleted = "<w:p><w:del><w:r><w:delText>struck out</w:delText></w:r></w:del></w:p>"
    document = f"<w:document {W}><w:body>{body}{deleted}</w:body></w:document>"
    comment = f"<w:comments {W}><w:p><w:r><w:t>ask again</w:t></w:r></w:p></w:comments>"
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": document,
        "word/comments.xml": comment,
        "docProps/core.xml": CORE,
        "word/media/image1.png": saved(drawn(20, 20), "PNG"),
    }
    return zipped({**files, **more})


def pptx() -> bytes:
    def slide(words: str) -> str:
        return f"<p:sld {A}><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>"

    return zipped(
        {
            "ppt/presentation.xml": "<p:presentation xmlns:p='p'/>",
            **{f"ppt/slides/slide{n}.xml": slide(f"Slide {n}") for n in (1, 2, 10)},
            "ppt/notesSlides/notesSlide1.xml": slide("Say it slowly"),
        }
    )


def odt() -> bytes:
    content = (
        f"<office:document-content {ODF}><office:body><office:text><text:h>Heading</text:h>"
        "<text:p>One<text:tab/>two</text:p></office:text></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": "<m/>"})


def xlsx(rows: list[list[str]], sheet: str = "People", **more: bytes | str) -> bytes:
    """A spreadsheet with one sheet of texts."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    cells = "".join(f"<row>{''.join(cell.format(v) for v in row)}</row>" for row in rows)
    files: dict[str, bytes | str] = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    return zipped({**files, **more})


def ole(streams: Mapping[tuple[str, ...], bytes]) -> bytes:
    """An OLE file (MS-CFB, version 3) of small streams, each at a path of storage names."""
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "kind": 5, "kids": []}]
    mini = bytearray()
    mini_fat: list[int] = []

    def storage(path: tuple[str, ...]) -> int:
        if not path:
            return 0
        parent = storage(path[:-1])
        for kid in entries[parent]["kids"]:
            if entries[kid]["name"] == path[-1]:
                return int(kid)
        entries.append({"name": path[-1], "kind": 1, "kids": []})
        entries[parent]["kids"].append(len(entries) - 1)
        return len(entries) - 1

    for path, data in streams.items():
        parent, start = storage(path[:-1]), len(mini_fat)
        count = -(-len(data) // 64)
        mini += data.ljust(count * 64, b"\0")
        mini_fat += [start + i + 1 for i in range(count - 1)] + [0xFFFFFFFE] * bool(count)
        entry = {"name": path[-1], "kind": 2, "kids": [], "start": start, "size": len(data)}
        entries.append(entry)
        entries[parent]["kids"].append(len(entries) - 1)
    return _compound(entries, bytes(mini), mini_fat)


def _compound(entries: list[dict[str, Any]], mini: bytes, mini_fat: list[int]) -> bytes:
    none, end = 0xFFFFFFFF, 0xFFFFFFFE
    right = {
        kid: following for entry in entries for kid, following in pairwise([*entry["kids"], none])
    }
    places = [-(-len(entries) * 128 // 512), -(-len(mini_fat) * 4 // 512), -(-len(mini) // 512)]
    first = [1, 1 + places[0], 1 + places[0] + places[1]]
    directory = b""
    for number, entry in enumerate(entries):
        start, size = entry.get("start", 0), entry.get("size", 0)
        if number == 0:
            start, size = first[2], len(mini)
        name = entry["name"].encode("utf-16-le") + b"\0\0"
        directory += name.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ", len(name), entry["kind"], 1, none, right.get(number, none),
            entry["kids"][0] if entry["kids"] else none, b"", 0, 0, 0, start, size,
        )  # fmt: skip
    fat = [0xFFFFFFFD]
    for begin, count in zip(first, places, strict=True):
        fat += [begin + i + 1 for i in range(count - 1)] + [end] * bool(count)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack(
        "<16sHHHHH6sIIIIIIIII", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, first[0], 0, 4096,
        first[1], places[1], end, 0,
    )  # fmt: skip
    head += struct.pack("<I", 0) + struct.pack("<I", none) * 108
    fat_bytes = b"".join(struct.pack("<I", each) for each in fat).ljust(512, b"\xff")
    mini_bytes = b"".join(struct.pack("<I", each) for each in mini_fat)
    body = directory.ljust(places[0] * 512, b"\0") + mini_bytes.ljust(places[1] * 512, b"\xff")
    return head + fat_bytes + body + mini.ljust(places[2] * 512, b"\0")


def xls() -> bytes:
    """An Excel 97 file of one cell (MS-XLS), in records of type, length and data."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begins(what: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0, 0, 0, 0))

    end, name = record(0x000A, b""), b"Cars"
    label = struct.pack("<HHHHB", 0, 0, 0, 3, 0) + b"7KX"
    sheet = begins(0x0010) + record(0x0204, label) + end
    bound = struct.pack("<IHBB", 0, 0, len(name), 0) + name
    start = len(begins(0x0005) + record(0x0085, bound) + end)
    bound = struct.pack("<I", start) + bound[4:]
    return ole({("Workbook",): begins(0x0005) + record(0x0085, bound) + end + sheet})


def msg() -> bytes:
    """An Outlook message with one attachment (MS-OXMSG)."""

    def store(at: tuple[str, ...], head: int, values: Mapping[int, str | bytes]) -> Any:
        properties, found = bytes(head), {}
        for key, value in values.items():
            kind = 0x001F if isinstance(value, str) else 0x0102
            data = value.encode("utf-16-le") if isinstance(value, str) else value
            properties += struct.pack("<HHIII", kind, key, 6, len(data) + 2 * (kind == 31), 0)
            found[(*at, f"__substg1.0_{key:04X}{kind:04X}")] = data
        return {(*at, "__properties_version1.0"): properties, **found}

    subject, body = "The blue van", "It was parked behind the motel."
    headers = "From: Ann <ann@example.org>\r\nTo: bo@example.org\r\nMessage-ID: <1@example.org>\r\n"
    return ole(
        {
            **store((), 32, {0x0037: subject, 0x1000: body, 0x007D: headers}),
            **store(
                ("__attach_version1.0_#00000000",), 8, {0x3707: "van.txt", 0x3701: b"plate 7KX"}
            ),
        }
    )


# -- mail, text, sound -----------------------------------------------------------------------------

MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: bo@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Date: Tue, 3 Nov 2026 10:00:00 -0600\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Meet at <b>nine</b></p>\r\n"
    b'--x\r\nContent-Type: text/plain; name="plan.txt"\r\n'
    b'Content-Disposition: attachment; filename="plan.txt"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b"dGhlIHBsYW4=\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: cy@example.org\r\nSubject: earlier\r\n\r\n"
    b"The earlier message\r\n--x--\r\n"
)
MAILBOX = (
    b"From ann@example.org Tue Nov  3 10:00:00 2026\n"
    + MAIL.replace(b"\r\n", b"\n")
    + b"\n\nFrom bo@example.org Tue Nov  3 11:00:00 2026\nFrom: bo@example.org\nSubject: Re\n\n"
    b"Agreed\n>From now on\n"
)
TINY_HEIC = (Path(__file__).parent / "tiny.heic").read_bytes()
"""96 by 64 pixels in four quarters; nothing that is installed here writes this format."""
PAGE = (
    b"<!doctype html><html><head><title>Listing 7</title><style>p{}</style></head>"
    b"<body><p>Room&nbsp;to let</p><script>alert(1)</script><ul><li>one<li>two</ul></body></html>"
)


def tone(seconds: float = 1.0, rate: int = 8_000, width: int = 2, channels: int = 1) -> bytes:
    """A WAV: silence for its first half, then a tone."""
    out, frames = io.BytesIO(), int(seconds * rate)
    most = 2 ** (8 * width - 1) - 1
    samples = bytearray()
    for i in range(frames):
        value = int(most * 0.8 * math.sin(i / 4)) if i >= frames // 2 else 0
        data = value.to_bytes(width, "little", signed=True) if width > 1 else bytes([value + 128])
        samples += data * channels
    with wave.open(out, "wb") as sound:
        sound.setparams((channels, width, rate, frames, "NONE", "NONE"))
        sound.writeframes(bytes(samples))
    return out.getvalue()
