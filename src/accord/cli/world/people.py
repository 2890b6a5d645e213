"""Fictitious people, and the ways in which two agencies write the same person down."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from accord.cli.world.dice import Dice

Spellings = tuple[str, ...]
"""One name as it may be written: the native form first where there is one, then Latin forms."""


@dataclass(frozen=True)
class Someone:
    """A fictitious person as she or he is, before any agency writes it down."""

    culture: str
    order: str
    given: Spellings
    families: tuple[Spellings, ...]
    native_script: bool
    gender: str
    born: date
    country: str
    language: str
    phones: tuple[str, ...]
    street: str
    town: str
    licence: str


@dataclass(frozen=True)
class Written:
    """The person as one agency's system holds the name, birth date and telephone."""

    names: list[str]
    born: str | None
    phones: list[str]


def _spellings(entry: str | dict[str, Any]) -> Spellings:
    if isinstance(entry, str):
        return (entry,)
    return (entry["native"], *entry["latin"])


def draw_born(dice: Dice, as_of: date, youngest: int, oldest: int) -> date:
    days = dice.between(youngest * 365 + youngest // 4 + 1, oldest * 365 + oldest // 4 + 364)
    return as_of - timedelta(days=days)


def draw_name(
    dice: Dice, names: dict[str, Any], gender: str, culture: str | None = None
) -> dict[str, Any]:
    cultures = names["cultures"]
    weights = {name: float(body["weight"]) for name, body in cultures.items()}
    chosen = culture or dice.from_counts(weights)
    body = cultures[chosen]
    count = body["order"].count("family")
    return {
        "culture": chosen,
        "order": body["order"],
        "given": _spellings(dice.pick(body["female" if gender == "female" else "male"])),
        "families": tuple(_spellings(dice.pick(body["family"])) for _ in range(count)),
        "native_script": "script" in body,
        "country": body["country"],
        "language": body["language"],
    }


def with_second_name(
    dice: Dice, names: dict[str, Any], gender: str, name: dict[str, Any]
) -> dict[str, Any]:
    """The name with another given name or its initial, for most people of a Latin-script culture."""
    if name["native_script"] or not dice.chance(0.7):
        return name
    others = names["cultures"][name["culture"]]["female" if gender == "female" else "male"]
    (first,), (second,) = name["given"], _spellings(dice.pick(others))
    if first == second:
        return name
    written = f"{second[0]}." if dice.chance(0.3) else second
    return {**name, "given": (f"{first} {written}",)}


def full_name(person: Someone, *, form: int = 0, native: bool = False) -> str:
    """The name in the order of its culture; `form` chooses among the Latin spellings."""

    def spell(spellings: Spellings) -> str:
        if not person.native_script:
            return spellings[0]
        return spellings[0] if native else spellings[1 + form % (len(spellings) - 1)]

    given, families = spell(person.given), [spell(f) for f in person.families]
    if native and person.culture == "chinese":
        return families[0] + given
    if person.order.startswith("family"):
        return " ".join([*families, given])
    return " ".join([given, *families])


def plain(text: str) -> str:
    """Without diacritics, as older systems store it."""
    text = text.replace("Đ", "D").replace("đ", "d")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def mistype(dice: Dice, text: str) -> str:
    """One slip of a typist: two letters swapped, one lost, one doubled."""
    letters = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not letters:
        return text
    at = dice.pick(letters)
    slip = dice.below(3)
    if slip == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if slip == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def mistyped_birth(dice: Dice, born: date) -> str | None:
    """A birth date as it comes out wrong: day and month exchanged, digits swapped, left out."""
    slip = dice.below(4)
    if slip == 0 and born.day <= 12:
        return date(born.year, born.day, born.month).isoformat()
    if slip == 1:
        return f"{born.year}"
    if slip == 2:
        return None
    swapped = born.day // 10 + born.day % 10 * 10
    if 1 <= swapped <= 28:
        return date(born.year, born.month, swapped).isoformat()
    return date(born.year - 1, born.month, min(born.day, 28)).isoformat()


def as_written(dice: Dice, person: Someone, *, careful: bool = False) -> Written:
    """The person as the first agency has it: right, with the native form where it was asked for."""
    names = [full_name(person)]
    if person.native_script and (careful or dice.chance(0.4)):
        names.append(full_name(person, native=True))
    return Written(names, person.born.isoformat(), list(person.phones[:1]))


def as_rewritten(
    dice: Dice, person: Someone, nicknames: dict[str, list[str]], new_phone: str
) -> Written:
    """The same person in another agency's system, with the slips that real systems carry."""
    name = full_name(person, form=dice.below(3))
    words = name.split()
    slips = dice.shuffled(["order", "typo", "nickname", "plain", "one-family", "capitals"])
    for slip in slips[: dice.between(1, 2)]:
        name = _slip(dice, slip, name, words, person, nicknames)
        words = name.replace(",", "").split()
    born = mistyped_birth(dice, person.born) if dice.chance(0.3) else person.born.isoformat()
    phones = [new_phone] if dice.chance(0.35) else list(person.phones[:1])
    return Written([name], born, phones)


def _slip(
    dice: Dice,
    slip: str,
    name: str,
    words: list[str],
    person: Someone,
    nicknames: dict[str, list[str]],
) -> str:
    if slip == "typo":
        return mistype(dice, name)
    if slip == "plain":
        return plain(name)
    if slip == "capitals":
        return name.upper()
    if slip == "one-family" and len(person.families) == 2 and len(words) == 3:
        return " ".join(words[:2])
    if slip == "nickname" and words[0] in nicknames:
        return " ".join([dice.pick(nicknames[words[0]]), *words[1:]])
    if slip == "order" and len(words) > 1:
        return f"{words[-1]}, {' '.join(words[:-1])}"
    return name


def relative(person: Someone, given: Spellings, gender: str, born: date) -> Someone:
    """A brother or sister: same family name, telephone and door, another person."""
    return replace(person, given=given, gender=gender, born=born, licence="")
