"""The stage on which episodes play: agencies by duty, places, numbers, and people already known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accord.cli.world.calibration import Calibration
from accord.cli.world.dice import Dice
from accord.cli.world.moments import draw_moment
from accord.cli.world.people import (
    Someone,
    Written,
    as_rewritten,
    as_written,
    draw_born,
    draw_name,
    with_second_name,
)
from accord.cli.world.scribe import Marking, Parts, Scribe

VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
POOL = 300
"""How many suspects stay in mind, to turn up again in a later episode."""


@dataclass
class Known:
    """A person who has appeared: who, under which number in the answer key, and where."""

    id: str
    someone: Someone
    agencies: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """What all episodes of one world share."""

    counts: Calibration
    scribe: Scribe
    agencies: Sequence[Mapping[str, Any]]
    as_of: date
    seed: str
    pool: list[Known] = field(default_factory=list)
    phones: int = 0
    crowded: bool = False

    def of_kind(self, *kinds: str) -> list[str]:
        """Agencies of those kinds; all agencies where the world has none."""
        found = [a["id"] for a in self.agencies if a["kind"] in kinds]
        return found or [a["id"] for a in self.agencies]

    def policing(self, dice: Dice) -> tuple[str, str]:
        """An agency that takes reports, and one of its towns."""
        towns = self.counts.places["towns"]
        town = dice.weighted(towns, [t["weight"] for t in towns])
        return dice.pick(self.of_kind(town["agency_kind"])), town["name"]

    def other_police(self, dice: Dice, agency: str) -> str:
        others = [a for a in self.of_kind("police", "sheriff", "state-bureau") if a != agency]
        return dice.pick(others or [agency])

    def moment(self, dice: Dice, counts: Mapping[str, Any], *, years: int = 3) -> str:
        return draw_moment(
            dice,
            counts,
            self.as_of - timedelta(days=365 * years),
            self.as_of - timedelta(days=2),
        )

    def phone(self) -> str:
        """The next number of the range reserved for fiction; only a very large world repeats."""
        codes = self.counts.places["area_codes"]
        step = self.phones * 37 % (len(codes) * 100)
        self.phones += 1
        return f"+1{codes[step // 100]}55501{step % 100:02d}"

    def address(self, dice: Dice) -> str:
        places = self.counts.places
        street = f"{dice.pick(places['streets'])} {dice.pick(places['street_kinds'])}"
        return f"{dice.between(1, 220) * 10 + dice.below(10)} {street}"

    def point(self, dice: Dice) -> tuple[str, str]:
        box = self.counts.places["box"]
        latitude = box["south"] + dice.share() * (box["north"] - box["south"])
        longitude = box["west"] + dice.share() * (box["east"] - box["west"])
        return f"{latitude:.5f}", f"{longitude:.5f}"

    def plate(self, dice: Dice) -> str:
        return f"ZZ{dice.pick('ABCDEFGHJKLMNPRSTUVWXYZ')}{dice.digits(4)}"

    def vin(self, dice: Dice) -> str:
        return "ZZ0" + "".join(dice.pick(VIN_LETTERS) for _ in range(14))

    def meet(
        self,
        dice: Dice,
        *,
        gender: str | None = None,
        culture: str | None = None,
        ages: tuple[int, int] = (18, 62),
        town: str | None = None,
    ) -> Known:
        """Somebody who has not appeared before."""
        sex = gender or dice.weighted(["male", "female"], [72, 28])
        name = draw_name(dice, self.counts.names, sex, culture)
        if self.crowded:
            name = with_second_name(dice, self.counts.names, sex, name)
        abroad = name["culture"] != "english" and dice.chance(0.35)
        someone = Someone(
            **{**name, "country": name["country"] if abroad else "us"},
            gender=sex,
            born=draw_born(dice, self.as_of, *ages),
            phones=(self.phone(),),
            street=self.address(dice),
            town=town or self.counts.places["towns"][0]["name"],
            licence=f"ZZ{dice.digits(7)}",
        )
        return Known(self.scribe.new_person(), someone)

    def suspect(self, dice: Dice, town: str) -> Known:
        """Somebody known from before, or somebody new who may turn up again."""
        if self.pool and dice.chance(0.22):
            return dice.pick(self.pool)
        known = self.meet(dice, town=town)
        self.pool.append(known)
        del self.pool[:-POOL]
        return known

    def written(self, dice: Dice, known: Known, agency: str) -> Written:
        """As this agency has the person: right in the first system, with slips in the next."""
        first = not known.agencies
        known.agencies.append(agency)
        if first:
            return as_written(dice, known.someone)
        return as_rewritten(dice, known.someone, self.counts.names["nicknames"], self.phone())

    def person(
        self,
        dice: Dice,
        agency: str,
        known: Known,
        when: str,
        marking: Marking,
        category: str,
        *,
        extra: Parts | None = None,
        **more: Any,
    ) -> str:
        """Writes one agency's record of a person."""
        parts = self.person_parts(dice, known.someone, self.written(dice, known, agency), category)
        for part, properties in (extra or {}).items():
            parts.setdefault(part, {}).update(properties)
        return self.scribe.write(agency, "Person", when, marking, parts, person=known.id, **more)

    def person_parts(self, dice: Dice, someone: Someone, written: Written, category: str) -> Parts:
        latitude, longitude = self.point(dice)
        identity: dict[str, list[str]] = {
            "name": written.names,
            "gender": [someone.gender],
        }
        if written.born:
            identity["birthDate"] = [written.born]
        if someone.country != "us":
            identity["nationality"] = [someone.country]
        if someone.licence and dice.chance(0.4):
            identity["driverLicenceNumber"] = [someone.licence]
        if someone.language != "eng":
            identity["language"] = [someone.language]
        return {
            "core": {
                "category": [category],
                "status": [dice.pick(["open", "closed", "open"])],
            },
            "identity": identity,
            "contact": {"phone": written.phones} if written.phones else {},
            "location": {
                "address": [someone.street],
                "city": [someone.town],
                "latitude": [latitude],
                "longitude": [longitude],
            },
        }

    def place_parts(
        self, dice: Dice, town: str, address: str | None = None
    ) -> dict[str, list[str]]:
        latitude, longitude = self.point(dice)
        return {
            "address": [f"{address or self.address(dice)}, {town}"],
            "latitude": [latitude],
            "longitude": [longitude],
        }
