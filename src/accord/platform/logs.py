"""Lines of the log say what failed and where, and quote nobody's data.

An error of the database quotes the row or the text that it refused, and many others quote the value
that they could not read. So of an exception the log gets its type, PostgreSQL's code and constraint,
and where it was raised; the words stay behind. What is not printable is escaped, so that an address
cannot write a line of its own.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

ExceptionFacts = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class QuotesNothing(logging.Formatter):
    """Formats a record without the words of its exception."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler's rendering, words and all
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode()
            for c in super().formatMessage(record)
        )

    def formatException(self, ei: ExceptionFacts) -> str:
        error, lines = ei[1], []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in frames]
            lines.append(_named(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def _named(error: BaseException) -> str:
    """The type of an exception, and what PostgreSQL says of it that is no value."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    facts = [str(f) for f in (getattr(error, "sqlstate", None), constraint) if f]
    return f"{kind} ({', '.join(facts)})" if facts else kind
