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
Maker = TypeVar("Maker", bound=Callable[..., str])
_MAKERS: dict[str, Callable[..., str]] = {}
"""What makes a phrase again, by the name that the phrase says it was made under."""


def remakes(name: str) -> Callable[[Maker], Maker]:
    """Let `unpacked` call this function with what a phrase of that name was made of."""

    def noted(maker: Maker) -> Maker:
        _MAKERS[name] = maker
        return maker

    return noted


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
    """The name of what makes it again, and what that takes: texts, numbers, lists and mappings."""

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
        return Phrase(str.lower(self), lambda code: self.in_language(code).lower(), ("lower", self))

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
            message,
            lambda code: message and _catalogue(code).gettext(message),
            ("phrase", message),
        )

    def tell(code: str) -> str:
        return filled(_catalogue(code).gettext(message), message, values, code)

    return Phrase(message % values, tell, ("phrase", message, values))


def counted(count: int, one: str, many: str, /, **values: object) -> Phrase:
    """A sentence with a number, `%(count)s`, in the form that the number asks for."""
    said = ("counted", one, many, count, dict(values))
    values = {"count": thousands(count), **values}
    plain = one if count == 1 else many

    def tell(code: str) -> str:
        return filled(_catalogue(code).ngettext(one, many, count), plain, values, code)

    return Phrase(plain % values, tell, said)


@remakes("joined")
def joined(items: Iterable[str], between: str) -> Phrase:
    """Texts and phrases one after another, each still in its reader's language."""
    kept = tuple(items)
    return Phrase(
        between.join(str.__str__(item) for item in kept),
        lambda code: str(told(between, code)).join(str(told(item, code)) for item in kept),
        ("joined", kept, between),
    )


@remakes("number")
def thousands(value: int) -> Phrase:
    """A count with its thousands marked."""
    from accord.kernel.languages import number_in

    return Phrase(f"{value:,}", lambda code: number_in(value, code), ("number", value))


def filled(message: Text, otherwise: Text, values: Mapping[str, object], code: str) -> Text:
    """The message with its values; English where a translation asks for others than there are.

    Markup stays markup, and escapes what is none among its values.
    """
    spoken = {name: told(value, code) for name, value in values.items()}
    try:
        return message % spoken
    except (KeyError, ValueError, TypeError):
        return otherwise % spoken


@remakes("headed")
def headed(text: str) -> str:
    """The text with a capital first letter; a phrase stays one."""
    if not isinstance(text, Phrase):
        return text[:1].upper() + text[1:]
    return Phrase(
        _headed(str.__str__(text)),
        lambda code: _headed(text.in_language(code)),
        ("headed", text),
    )


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
    """A text as JSON can keep it until the next page, read back by `unpacked`."""
    plain = str.__str__(text)
    said = text.said if isinstance(text, Phrase) else ()
    return {"said": _kept(said), "plain": plain} if said else plain


def unpacked(kept: Any) -> str | None:
    """What `packed` made, as a phrase again; its plain text where it has another shape.

    A session may hold what another version of the program packed: then the page says it in English,
    or says nothing, but it is drawn.
    """
    if not isinstance(kept, dict):
        return kept if isinstance(kept, str) else None
    plain = kept.get("plain")
    if not isinstance(plain, str):
        return None
    try:
        name, *parts = kept["said"]
        made = _MAKERS[name](*[_again(part) for part in parts])
    except (KeyError, TypeError, ValueError, AttributeError):
        return plain
    return made if isinstance(made, Phrase) and str.__str__(made) == plain else plain


def _kept(part: Any) -> Any:
    """Texts as themselves or packed; a mapping as pairs, since an object means a packed text."""
    if isinstance(part, str):
        return packed(part)
    if isinstance(part, Mapping):
        return [[name, _kept(value)] for name, value in part.items()]
    if isinstance(part, tuple | list):
        return [_kept(each) for each in part]
    return part if type(part) is int else str(part)


def _again(part: Any) -> Any:
    if isinstance(part, dict):
        return unpacked(part) or ""
    if isinstance(part, list):
        return [_again(each) for each in part]
    return part


@remakes("phrase")
def _phrase_again(message: str, values: Iterable[tuple[str, Any]] = ()) -> Phrase:
    return phrase(message, **dict(values))


@remakes("counted")
def _counted_again(one: str, many: str, count: int, values: Iterable[tuple[str, Any]]) -> Phrase:
    return counted(count, one, many, **dict(values))


@remakes("lower")
def _lower_again(text: str) -> str:
    return text.lower()


def _catalogue(code: str) -> NullTranslations:
    from accord.kernel.languages import catalogue

    return catalogue(code)
