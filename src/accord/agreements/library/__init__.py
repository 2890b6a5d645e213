"""The usual agreements as texts to fill in: one file each, with prose for every clause.

A file has `name`, `title`, `explains`, `roles` (each with whom it stands for) and `text`, which is
an agreement with places as `<police>` for the parties and `<id>`, `<title>`, `<from>`, `<until>`
and `<zone>` for the rest. `fill` puts values there and reads the result as any agreement is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NoReturn

import yaml

from accord.agreements.parse import parse
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

_PLACE = re.compile(r"<([a-z-]+)>")
_AGENCY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")


@dataclass(frozen=True)
class Template:
    """One usual agreement, not filled yet."""

    name: str
    title: str
    explains: str
    text: str
    roles: tuple[tuple[str, str], ...]
    """The parties to name, each with whom it stands for, in the order of the text."""

    @property
    def role_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.roles)


@cache
def templates() -> tuple[Template, ...]:
    """Every template, by name."""
    folder = files("accord.agreements.library")
    found = [_read(f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda template: template.name))


def template(name: str) -> Template:
    """The template of that name."""
    for found in templates():
        if found.name == name:
            return found
    names = ", ".join(t.name for t in templates())
    raise InvalidInput(
        "templates",
        None,
        "name",
        phrase("no template %(name)s; there are %(names)s", name=f"{name!r}", names=names),
    )


def fill(
    template: Template,
    *,
    id: str,
    title: str,
    parties: Mapping[str, str],
    starts: date,
    until: date | None,
    zone: str,
) -> str:
    """The text of an agreement between these agencies, `parties` by role; refused if not valid.

    INVARIANT: a value is put only where it cannot end the YAML value it stands in: ids, days and
    zones are of a few letters, and a title is quoted.
    """
    _check_parties(template, parties)
    values = {
        "id": _matching(id, _ID, template, "id", "lower-case letters, digits, dots and hyphens"),
        "title": json.dumps(title, ensure_ascii=False),
        "from": starts.isoformat(),
        "until": "" if until is None else until.isoformat(),
        "zone": _matching(zone, _ZONE, template, "zone", "the name of a time zone"),
        **parties,
    }
    left = template.text if until else template.text.replace("until: <until>, ", "")
    text = _PLACE.sub(lambda place: values[place[1]], left)
    parse(text, file=template.name)
    return text


def _check_parties(template: Template, parties: Mapping[str, str]) -> None:
    for role in parties:
        if role not in template.role_names:
            known = ", ".join(template.role_names)
            _refuse(
                template, role, phrase("is no party here; the parties are %(known)s", known=known)
            )
    for role, stands_for in template.roles:
        if role not in parties:
            _refuse(template, role, phrase("is missing: %(stands_for)s", stands_for=stands_for))
        _matching(parties[role], _AGENCY, template, role, "the id of an agency")
    agencies = list(parties.values())
    for role, agency in parties.items():
        if agencies.count(agency) > 1:
            _refuse(
                template,
                role,
                phrase("%(agency)s stands for more than one party", agency=f"{agency!r}"),
            )


def _matching(
    value: str, wanted: re.Pattern[str], template: Template, where: str, rule: str
) -> str:
    if not wanted.fullmatch(value):
        _refuse(template, where, phrase("%(value)s is not %(rule)s", value=f"{value!r}", rule=rule))
    return value


def _refuse(template: Template, where: str, rule: str) -> NoReturn:
    raise InvalidInput(template.name, None, where, rule)


def _read(text: str) -> Template:
    facts = yaml.safe_load(text)
    return Template(
        name=facts["name"],
        title=facts["title"],
        explains=facts["explains"],
        text=facts["text"],
        roles=tuple(facts["roles"].items()),
    )
