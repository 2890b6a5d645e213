"""E-mail: fields, bodies, and attachments with their hashes (RFC 5322, 2045; MS-OXMSG)."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.message import Message as Part
from email.parser import BytesParser
from itertools import count, islice
from typing import Any

from accord.evidence.reading.inside.job import (
    Job,
    Message,
    Refused,
    attachment,
    fact,
    note,
    passage,
)
from accord.evidence.reading.inside.markup import decode, text_of_page
from accord.evidence.reading.results import Lack, SetAside

FIELDS = ("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To",
          "Return-Path", "X-Originating-IP", "User-Agent", "X-Mailer")  # fmt: skip
HEADS = ("From", "To", "Date", "Subject")
_BETWEEN = re.compile(rb"(?:^|\n)From [^\n]*\n")
BROKEN = (ValueError, LookupError, AttributeError, TypeError, MessageError, AssertionError)
"""What the standard library raises of mail that breaks the rules, besides its own errors."""


def read_mail(job: Job) -> Iterator[Message]:
    """A message, its attachments listed and hashed, messages in it followed."""
    if job.kind.name == "msg":
        yield from _outlook(job)
    elif job.kind.name == "mbox":
        yield from _mailbox(job)
    else:
        message = _parsed(job.whole())
        yield from _fields(message)
        yield from _walk(message, job, count(1))
    yield note(Lack.NO_PREVIEW)


def attached(job: Job, number: int) -> bytes:
    """The bytes of one attachment; raises Refused where there is none of that number."""
    found: Iterator[bytes]
    if job.kind.name == "msg":
        found = (bytes(each.file_bytes or b"") for each in _message(job).attachments)
    else:
        leaves = (leaf for message in _messages(job) for leaf in _leaves(message, job))
        found = (_bytes(part) for part, _, begins in leaves if not begins and _is_attached(part))
    data = next(islice(found, number - 1, None), None)
    if data is None:
        raise Refused(SetAside.OUTSIDE, f"there is no attachment {number}")
    return data


def _messages(job: Job) -> Iterator[EmailMessage]:
    """The message, or each of a mailbox (RFC 4155), without its line of separation."""
    data = job.whole()
    if job.kind.name != "mbox":
        yield _parsed(data)
        return
    for one in _BETWEEN.split(data)[1 : job.limits.parts + 1]:
        yield _parsed(one.replace(b"\n>From ", b"\nFrom "))


def _mailbox(job: Job) -> Iterator[Message]:
    numbers, messages = count(1), 0
    for messages, message in enumerate(_messages(job), 1):
        heads = (f"{name}: {_field(message, name)}" for name in HEADS)
        yield from passage(f"message {messages}", "\n".join(heads))
        yield from _walk(message, job, numbers, f"message {messages}")
    yield from fact("messages", messages)
    if messages == job.limits.parts:
        yield note(Lack.PARTS_CUT)


def _parsed(data: bytes) -> EmailMessage:
    try:
        return BytesParser(policy=policy.default).parsebytes(data)
    except RecursionError:
        raise Refused(SetAside.NESTED) from None
    except BROKEN as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None


def _fields(message: Part) -> Iterator[Message]:
    for name in FIELDS:
        yield from fact(name.lower().replace("-", "_"), _field(message, name))
    yield from fact("hops", len(message.get_all("Received", [])) or "")


def _field(message: Part, name: str) -> str:
    """The value of a field, as it stands where it cannot be read."""
    try:
        return str(message.get(name, ""))
    except (*BROKEN, RecursionError):
        found = (v for k, v in getattr(message, "_headers", ()) if k.lower() == name.lower())
        return str(next(found, ""))


def _walk(message: Part, job: Job, numbers: Iterator[int], within: str = "") -> Iterator[Message]:
    for part, depth, begins in _leaves(message, job):
        place = f"{within or 'message'} at depth {depth}" if depth > 1 else within
        if begins:
            heads = (f"{name}: {_field(part, name)}" for name in HEADS)
            yield from passage(place, "\n".join(heads))
        elif _is_attached(part):
            data = io.BytesIO(_bytes(part))
            yield attachment(next(numbers), _filename(part), data, job.limits.whole_bytes)
        else:
            yield from passage(place, _body(part))


def _leaves(message: Part, job: Job) -> Iterator[tuple[Part, int, bool]]:
    """Every part that holds no others, with its depth; and each message inside, as it begins."""
    waiting: list[tuple[Part, int, int, bool]] = [(message, 1, 0, False)]
    most, seen = job.limits.nesting, 0
    while waiting and seen <= job.limits.parts * 4:
        part, depth, folds, begins = waiting.pop()
        seen += 1
        if depth > most or folds > most * 4:
            raise Refused(SetAside.NESTED, f"messages in messages, more than {most}")
        if begins:
            yield part, depth, True
        inner = part.get_payload() if part.is_multipart() else None
        if not isinstance(inner, list):
            yield part, depth, False
            continue
        goes_in = part.get_content_maintype() == "message"
        down = [(p, depth + goes_in, folds + 1, goes_in) for p in inner if isinstance(p, Part)]
        waiting.extend(reversed(down))


def _is_attached(part: Part) -> bool:
    if part.is_multipart() or part.get_content_maintype() == "message":
        return False
    try:
        is_named = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except BROKEN:
        return True
    return is_named or part.get_content_maintype() != "text"


def _filename(part: Part) -> str:
    try:
        return str(part.get_filename() or part.get_content_type())
    except BROKEN:
        return "attachment"


def _bytes(part: Part) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (*BROKEN, RecursionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _body(part: Part) -> str:
    data = _bytes(part)
    try:
        text = data.decode(part.get_content_charset() or "", "strict")
    except (*BROKEN, RecursionError):
        text = decode(data)[0]
    return text_of_page(text)[0] if part.get_content_subtype() == "html" else text


# -- Outlook ---------------------------------------------------------------------------------------


def _message(job: Job) -> Any:
    from oxmsg import Message as Outlook

    logging.disable(logging.CRITICAL)
    job.whole()
    return _told(lambda: Outlook.load(str(job.path)))


def _told(read: Callable[[], Any]) -> Any:
    """What the library reads; its many errors become one."""
    try:
        return read()
    except (*BROKEN, OSError, RecursionError, EOFError) as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None


def _outlook(job: Job) -> Iterator[Message]:
    message = _message(job)
    for name, read in (
        ("from", lambda: message.sender),
        ("subject", lambda: message.subject),
        ("date", lambda: message.sent_date and message.sent_date.isoformat()),
        ("to", lambda: ", ".join(f"{r.name} <{r.email_address}>" for r in message.recipients)),
        ("message_id", lambda: message.message_headers.get("Message-ID", "")),
    ):
        yield from fact(name, _told(read) or "")
    html = _told(lambda: message.html_body)
    body = _told(lambda: message.body) or (text_of_page(html)[0] if html else "")
    yield from passage("", body or "")
    for number, each in enumerate(_told(lambda: list(message.attachments)), 1):
        data, name = _told(lambda: each.file_bytes), _told(lambda: each.file_name)  # noqa: B023 - called at once
        inside = io.BytesIO(data or b"")
        yield attachment(number, name or "attachment", inside, job.limits.whole_bytes)
