"""Reduces the published sets that world.yaml names to the compact counts a world is drawn from.

Run once, by hand, where the sets lie: ``python dev/world/calibrate.py FOLDER
worlds/riverbend/calibration``. Only counts are kept: no coordinate, date, address, name or row of
a set reaches the repository. Sets marked GPL, and sets with names of real people (the Czech
corruption network), are not opened.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

AGE_BANDS = ("unknown", "0-8", "9-17", "18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+")
MEANS = {
    "Means Debt Bondage Earnings": "debt-or-withheld-earnings",
    "Means Threats": "threats",
    "Means Abuse": "abuse",
    "Means False Promises": "false-promises",
    "Means Drugs Alcohol": "drugs-or-alcohol",
    "Means Deny Basic Needs": "denied-basic-needs",
    "Means Excessive Work Hours": "excessive-hours",
    "Means Withhold Docs": "withheld-documents",
}
RECRUITER = {
    "Recruiter Relation Intimate Partner": "intimate-partner",
    "Recruiter Relation Friend": "friend",
    "Recruiter Relation Family": "family",
    "Recruiter Relation Other": "other",
}
NETWORKS = ("10_caviar", "12_cielnet", "21_heroin_dealing_natarajan", "41_siren", "47_togo")
CASE_FILES = ("owl_trafficking", "urgent_evidence", "Oresteia", "call_log")


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def window_h(row: dict[str, str]) -> float:
    """Hours between the last time seen and the time found missing; unknown is no window at all."""
    if not (row["date_start"] and row["date_end"]):
        return float("inf")
    return (when(row["date_end"]) - when(row["date_start"])).total_seconds() / 3600


def sorted_counts(counter: Counter[str]) -> dict[str, int]:
    return {word: counter[word] for word in sorted(counter)}


def hours_and_days(path: Path, *, max_window_h: float | None = None) -> dict[str, Any]:
    """Counts by hour, weekday (Monday first), month and kind of place.

    A theft is known by a window; only windows up to ``max_window_h`` say anything about the hour.
    """
    hours, days, months, places = [0] * 24, [0] * 7, [0] * 12, Counter[str]()
    total = timed = 0
    for row in rows(path):
        total += 1
        at = when(row["date_single"])
        months[at.month - 1] += 1
        places[row["location_category"] or "unknown"] += 1
        if max_window_h is not None and window_h(row) > max_window_h:
            continue
        timed += 1
        hours[at.hour] += 1
        days[at.weekday()] += 1
    return {
        "rows": total,
        "rows_timed": timed,
        "hour": hours,
        "weekday": days,
        "month": months,
        "place": sorted_counts(places),
    }


def trafficking(path: Path) -> dict[str, Any]:
    bands = {"labour": Counter[str](), "sexual": Counter[str](), "both": Counter[str]()}
    means = {kind: Counter[str]() for kind in bands}
    recruiter = {kind: Counter[str]() for kind in bands}
    woman, citizen, size = Counter[str](), Counter[str](), Counter[str]()
    for row in rows(path):
        labour, sexual = row["isForcedLabour"] == "1", row["isSexualExploit"] == "1"
        if not (labour or sexual):
            continue
        kind = "both" if labour and sexual else "labour" if labour else "sexual"
        size[kind] += 1
        bands[kind][AGE_BANDS[int(row["Age Band"])]] += 1
        woman[kind] += row["Woman"] == "1"
        citizen[kind] += row["Is Citizen of Country"] == "1"
        means[kind].update(word for column, word in MEANS.items() if row[column] == "1")
        relations = [word for column, word in RECRUITER.items() if row[column] == "1"]
        recruiter[kind].update(relations or ["unknown"])
    return {
        kind: {
            "rows": size[kind],
            "age_band": {band: bands[kind][band] for band in AGE_BANDS},
            "woman": woman[kind],
            "citizen_of_country": citizen[kind],
            "means_of_control": sorted_counts(means[kind]),
            "recruiter_relation": sorted_counts(recruiter[kind]),
        }
        for kind in sorted(bands)
    }


def networks(folder: Path) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in NETWORKS:
        network = json.loads((folder / f"covert_{name}.json").read_text("utf-8"))["networks"][0]
        degree: Counter[int] = Counter(dict.fromkeys(range(network["n"]), 0))
        edges = {tuple(sorted(edge[:2])) for edge in network["edges"] if edge[0] != edge[1]}
        for one, other in edges:
            degree[one] += 1
            degree[other] += 1
        spread = Counter(degree.values())
        out[name.split("_", 1)[1]] = {
            "nodes": network["n"],
            "edges": len(edges),
            "degree": {str(k): spread[k] for k in sorted(spread)},
        }
    return out


def exhibits(folder: Path) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    for name in CASE_FILES:
        text = (folder / f"case_{name}.json").read_text("utf-8")
        kinds.update(re.findall(r'"@type": "uco-observable:([A-Za-z]+)"', text))
    plain = {k: n for k, n in kinds.items() if not k.endswith(("Facet", "Relationship"))}
    return {"observables": {k: plain[k] for k in sorted(plain)}}


def main(shared: Path, out: Path) -> None:
    incidents = shared / "incidents"
    made = {
        "thefts": hours_and_days(incidents / "nyc_vehicle_theft_2014-2016.csv.gz", max_window_h=12),
        "homicides": hours_and_days(incidents / "homicides_2015_nine_cities.csv.gz"),
        "trafficking": trafficking(shared / "trafficking" / "ctdc_dp_synthetic_na_91043x19.csv.gz"),
        "networks": networks(shared / "networks"),
        "exhibits": exhibits(shared / "exchange"),
    }
    for name, counts in made.items():
        text = json.dumps(counts, indent=1, ensure_ascii=False) + "\n"
        (out / f"{name}.json").write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
