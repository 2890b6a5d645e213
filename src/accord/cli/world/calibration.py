"""Reads what a world is drawn from: counts, names and places in its calibration folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.kernel.errors import InvalidInput

FILES = (
    "thefts",
    "homicides",
    "trafficking",
    "networks",
    "exhibits",
    "names",
    "places",
)


@dataclass(frozen=True)
class Calibration:
    """Published counts (see `sources` in world.yaml) and the world's own names and places."""

    thefts: dict[str, Any]
    homicides: dict[str, Any]
    trafficking: dict[str, Any]
    networks: dict[str, Any]
    exhibits: dict[str, Any]
    names: dict[str, Any]
    places: dict[str, Any]


def read_calibration(world: Path) -> Calibration:
    return Calibration(**{name: _read(world / "calibration" / f"{name}.json") for name in FILES})


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidInput(str(path), None, "", "the generator needs this file") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(str(path), error.lineno, "", f"is not JSON: {error.msg}") from error
    if not isinstance(data, dict):
        raise InvalidInput(str(path), 1, "", "holds an object")
    return data
