"""Phrases: English as strings, the reader's language once they become markup (decision 0016).

INVARIANT: as a `str` a `Phrase` is English, whoever reads. What is hashed, signed, logged, stored,
compared or answered as JSON is therefore the same for every reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Any, Self, SupportsIndex, TypeVar

from markupsafe import Markup, escape

ENGLISH = "en"
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
Teller = Callable[[str], str]
Text = TypeVar("Text", str, Markup)


def language() -> str:
    """The language of whoever reads the page that is being drawn; English outside of one."""
    return _language.get()


@contextmanager
def read_in(code: str) -> Iterator[None]:
    """Draw pages in a language meanwhile."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


class Phrase(str):
    """English text that knows how to tell itself in another language."""

    __slots__ = ("_tell", "said")
    _tell: Teller
    said: tuple[Any, ...]
    """The message and its values, as `again` takes them; empty for what is no message."""

    def __new__(cls, english: str, tell: Teller, said: tuple[Any, ...] = ()) -> Self:
        self = super().__new__(cls, english)
        self._tell = tell
        self.said = said
        return self

    def in_language(self, code: str) -> str:
        """The text in that language."""
        return str.__str__(self) if code == ENGLISH else self._tell(code)

    def __html__(self) -> Markup:
        return escape(self.in_language(language()))

    def lower(self) -> Phrase:
        """The same in small letters."""
        return Phrase(str.lower(self), lambda code: self.in_language(code).lower())

    def __add__(self, after: str) -> Phrase:
        return joined((self, after), "")

    def __radd__(self, before: str) -> Phrase:
        return joined((before, self), "")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[str], tuple[str]]:
        """What leaves the process is English."""
        return (str, (str.__str__(self),))


def phrase(message: str, /, **values: object) -> Phrase:
    """A sentence; `%(name)s` stands for a value, which may be a phrase itself."""
    if not values:
        # a catalogue answers "" with its own head
        return Phrase(
            message, lambda code: message and _catalogue(code).gettext(message), (message,)
        )

    def tell(code: str) -> str:
        return filled(_catalogue(code).gettext(message), message, values, code)

    return Phrase(message % values, tell, (message, values))


def counted(count: int, one: str, many: str, /, **values: object) -> Phrase:
    """A sentence with a number, `%(count)s`, in the form that the number asks for."""
    values = {"count": thousands(count), **values}
    plain = one if count == 1 else many

    def tell(code: str) -> str:
        return filled(_catalogue(code).ngettext(one, many, count), plain, values, code)

    return Phrase(plain % values, tell, (one, many, count, values))


def joined(items: Iterable[str], between: str) -> Phrase:
    """Texts and phrases one after another, each still in its reader's language."""
    kept = tuple(items)
    return Phrase(
        between.join(str.__str__(item) for item in kept),
        lambda code: str(told(between, code)).join(str(told(item, code)) for item in kept),
    )


def thousands(value: int) -> Phrase:
    """A count with its thousands marked."""
    from accord.kernel.languages import number_in

    return Phrase(f"{value:,}", lambda code: number_in(value, code))


def filled(message: Text, otherwise: Text, values: Mapping[str, object], code: str) -> Text:
    """The message with its values; English where a translation asks for others than there are.

    Markup stays markup, and escapes what is none among its values.
    """
    spoken = {name: told(value, code) for name, value in values.items()}
    try:
        return message % spoken
    except (KeyError, ValueError, TypeError):
        return otherwise % spoken


def headed(text: str) -> str:
    """The text with a capital first letter; a phrase stays one."""
    if not isinstance(text, Phrase):
        return text[:1].upper() + text[1:]
    return Phrase(_headed(str.__str__(text)), lambda code: _headed(text.in_language(code)))


def _headed(text: str) -> str:
    return text[:1].upper() + text[1:]


def told(value: object, code: str) -> object:
    """A value inside a sentence, in the sentence's language.

    Text of others keeps its own direction in a sentence that runs from right to left (Unicode
    Standard Annex 9, FSI and PDI): a date or a reference would read backwards there.
    """
    if isinstance(value, Phrase):
        return value.in_language(code)
    if type(value) is str and _is_right_to_left(code) and any(c.isalnum() for c in value):
        return f"\u2068{value}\u2069"
    return value


def _is_right_to_left(code: str) -> bool:
    from accord.kernel.languages import direction

    return direction(code) == "rtl"


def packed(text: str) -> Any:
    """A phrase as JSON can keep it until the next page, read back by `unpacked`; English if need be."""
    said = text.said if isinstance(text, Phrase) else ()
    if not said:
        return str.__str__(text)
    return {"said": [_plain(part) for part in said]}


def unpacked(kept: Any) -> str | None:
    """What `packed` made, as a phrase again."""
    if not isinstance(kept, dict):
        return kept if isinstance(kept, str) else None
    return _again([_phrases(part) for part in kept["said"]])


def _plain(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {k: packed(v) if isinstance(v, str) else _number(v) for k, v in part.items()}
    return part


def _number(value: object) -> object:
    return value if type(value) is int else str(value)


def _phrases(part: Any) -> Any:
    if isinstance(part, dict):
        return {k: unpacked(v) if isinstance(v, dict) else v for k, v in part.items()}
    return part


def _again(said: list[Any]) -> Phrase:
    match said:
        case [str(message)]:
            return phrase(message)
        case [str(message), dict(values)]:
            return phrase(message, **values)
        case [str(one), str(many), int(count), dict(values)]:
            return counted(count, one, many, **{k: v for k, v in values.items() if k != "count"})
    raise ValueError("not a phrase that was packed")


def _catalogue(code: str) -> NullTranslations:
    from accord.kernel.languages import catalogue

    return catalogue(code)
