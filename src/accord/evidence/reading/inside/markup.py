"""Text of pages of the web, and of plain text in whatever encoding."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from accord.evidence.reading.inside.job import Job, Message, fact, note, passage
from accord.evidence.reading.results import Lack

HIDDEN = frozenset({"script", "style", "template", "noscript", "head"})
BREAKS = frozenset(
    {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section",
     "article", "blockquote", "pre", "ul", "ol", "hr", "dt", "dd", "option"}
)  # fmt: skip
CELLS = frozenset({"td", "th"})
SAMPLE_BYTES = 256 * 1024


class _Page(HTMLParser):
    """Keeps what is seen of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self._hidden: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag in HIDDEN and tag not in self._hidden:
            self._hidden.append(tag)
        elif tag == "body":
            self._hidden.clear()
        self.pieces.append("\n" if tag in BREAKS else "\t" if tag in CELLS else "")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        if tag in self._hidden:
            self._hidden.remove(tag)
        if tag in BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._hidden:
            self.pieces.append(data)


def text_of_page(markup: str) -> tuple[str, str]:
    """The text that is seen of a page, and its title."""
    page = _Page()
    page.feed(markup)
    page.close()
    lines = (" ".join(part.split(" ")).strip() for part in "".join(page.pieces).splitlines())
    kept = "\n".join(line for line in lines if line)
    return kept, " ".join("".join(page.title).split())


def read_web(job: Job) -> Iterator[Message]:
    """A page of the web, of which nothing is loaded."""
    text, encoding, cut = decoded(job)
    seen, title = text_of_page(text)
    yield from fact("title", title)
    yield from fact("encoding", encoding)
    yield from passage("", seen)
    if cut:
        yield note(Lack.TEXT_CUT)
    yield note(Lack.NO_PREVIEW)


def read_text(job: Job) -> Iterator[Message]:
    """Plain text."""
    text, encoding, cut = decoded(job)
    yield from fact("encoding", encoding)
    yield from fact("lines", text.count("\n") + (not text.endswith("\n")))
    yield from passage("", text)
    if cut:
        yield note(Lack.TEXT_CUT)
    yield note(Lack.NO_PREVIEW)


def decoded(job: Job) -> tuple[str, str, bool]:
    """The text of the file's beginning, its encoding, and whether there is more."""
    with job.path.open("rb") as source:
        data = source.read(job.limits.text_bytes + 1)
    cut = len(data) > job.limits.text_bytes
    text, encoding = decode(data[: job.limits.text_bytes])
    return text, encoding, cut


def decode(data: bytes) -> tuple[str, str]:
    """Text and its encoding: what it says, UTF-8, or what is most likely."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding.removesuffix("-sig")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4:  # cut in the middle of a character
            return data[: error.start].decode("utf-8"), "utf-8"
    likely = _likely(data[:SAMPLE_BYTES])
    return data.decode(likely, "replace"), likely


def _likely(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None else "latin-1"
