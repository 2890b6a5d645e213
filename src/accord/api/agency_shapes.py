"""What the API says of agencies, and what an agency's administrators send."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from accord.agencies.about.domain import AboutKind
from accord.agencies.directory.domain import ChangeState, Via
from accord.api.directory import FIRST

COUNTY = {"scheme": "us-fips", "code": "99003", "name": "Harlan County", "within": None}
ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "08:00", "closes": "18:00"}
CLOSED = {"day": "2026-12-25", "opens": None, "closes": None, "why": "Christmas Day"}
CAPTAIN = {"name": "Captain Rasmussen", "phone": "+1-312-555-0121", "after_min": 15}


class PlaceOut(Schema):
    """A place by a published code."""

    scheme: str = Field(
        description="`iso-3166-1`, `iso-3166-2`, `us-fips` (state or county) or `us-place` (city).",
        examples=["us-fips"],
    )
    code: str = Field(examples=["99003"])
    name: str = Field(examples=["Harlan County"])
    within: str | None = Field(
        None, description="Of a city: the county that it lies in.", examples=[None]
    )


class ShiftOut(Schema):
    """Hours on some days of every week, in the agency's zone; they may end on the next day."""

    days: list[str] = Field(examples=[["mon", "tue", "wed", "thu", "fri"]])
    opens: str = Field(examples=["08:00"])
    closes: str = Field(examples=["18:00"])


class DifferentDay(Schema):
    """A day whose hours differ; without hours the desk is closed."""

    day: date = Field(examples=["2026-12-25"])
    opens: str | None = Field(None, examples=[None])
    closes: str | None = Field(None, examples=[None])
    why: str = Field("", examples=["Christmas Day"])


class RungOut(Schema):
    """Whom to call when nobody answered for so many minutes."""

    name: str = Field(examples=["Captain Rasmussen"])
    phone: str = Field(examples=["+1-312-555-0121"])
    after_min: int = Field(examples=[15])


class Desk(Schema):
    """Who answers for an agency now, the single point of contact after a hit."""

    name: str = Field(examples=["Records and duty desk"])
    phone: str = Field(examples=["+1-312-555-0111"])
    hours: str = Field(description="In words.", examples=["at all hours"])
    escalation: str = Field(description="In words.", examples=["the shift commander"])
    weekly: list[ShiftOut] = Field([], examples=[[ALWAYS]])
    exceptions: list[DifferentDay] = Field([], examples=[[CLOSED]])
    ladder: list[RungOut] = Field([], examples=[[CAPTAIN]])
    open_now: bool | None = Field(
        description="Whether somebody answers now; null where the hours are words alone.",
        examples=[True],
    )
    closes_at: datetime | None = Field(
        description="When a desk that is open closes next.", examples=[None]
    )
    opens_at: datetime | None = Field(
        description="When a desk that is closed opens next.", examples=[None]
    )


class Agency(Schema):
    """An agency in the directory, which every member may read."""

    id: str = Field(examples=["harlan-so"])
    name: str = Field(examples=["Harlan County Sheriff's Office"])
    kind: str = Field(examples=["sheriff"])
    country: str = Field(examples=["US"])
    ori: str = Field(description="Originating agency identifier.", examples=["ZZ0440000"])
    zone: str = Field(examples=["America/Chicago"])
    territory: list[PlaceOut] = Field(examples=[[COUNTY]])
    territory_words: str = Field(
        description="What it answers for, where it is said in words alone.", examples=[""]
    )
    offences: list[str] = Field(
        description="Offence groups that it may act on.", examples=[["human-trafficking"]]
    )
    courts: list[str] = Field(
        description="Levels of courts before which it acts.", examples=[["trial"]]
    )
    duty_desk: Desk
    suspended: bool
    light: bool = Field(
        description="A light member of the node: hits, requests and tips, no other records."
    )


class DeskIn(Schema):
    """A duty desk, whole; hours and escalation in words only where they are not given as facts."""

    name: str = Field(max_length=200, examples=["Harlan Communications"])
    phone: str = Field(max_length=40, examples=["+1-312-555-0120"])
    hours: str = Field("", max_length=200, examples=[""])
    escalation: str = Field("", max_length=200, examples=[""])
    weekly: list[ShiftOut] = Field([], max_length=200, examples=[[ALWAYS]])
    exceptions: list[DifferentDay] = Field([], max_length=200, examples=[[CLOSED]])
    ladder: list[RungOut] = Field([], max_length=10, examples=[[CAPTAIN]])


class SuccessorIn(Schema):
    """A new signing key as `accord agency-key-successor` prints it; everything in hexadecimal."""

    predecessor: str = Field(max_length=64, examples=["00" * 32])
    key: str = Field(max_length=64, examples=["11" * 32])
    signature: str = Field(
        max_length=128, description="By the old key over the new one.", examples=["22" * 64]
    )
    proof: str = Field(max_length=128, description="By the new key itself.", examples=["33" * 64])


class AgencyKeyOut(Schema):
    """A key with which an agency signed or signs (Ed25519)."""

    key: str = Field(description="The public half, in hexadecimal.", examples=["11" * 32])
    since: datetime | None = Field(
        description="Null for the first: it counts for what was signed before.", examples=[None]
    )
    retired_at: datetime | None = Field(examples=[None])
    revoked_at: datetime | None = Field(examples=[None])
    revoked_from: datetime | None = Field(
        description="What it opened from this moment on does not count; what it suspended or "
        "terminated until `revoked_at` does.",
        examples=[None],
    )
    reason: str = Field(examples=[""])
    predecessor: str | None = Field(examples=[None])
    signature: str | None = Field(
        description="The predecessor's, over this key (RFC 8785).", examples=[None]
    )


class AgencyChangeIn(Schema):
    """Another text for one part of your agency's entry: the whole of that part."""

    kind: Literal["territory", "competence", "duty-desk", "key", "revoke-key"] = Field(
        examples=["duty-desk"]
    )
    territory: list[PlaceOut] = Field([], max_length=200, examples=[[]])
    offences: list[str] = Field([], examples=[[]])
    courts: list[str] = Field([], examples=[[]])
    duty_desk: DeskIn | None = Field(
        None,
        examples=[
            {
                "name": "Harlan Communications", "phone": "+1-312-555-0120", "weekly": [ALWAYS],
                "exceptions": [CLOSED], "ladder": [CAPTAIN],
            }
        ],
    )  # fmt: skip

    successor: SuccessorIn | None = Field(None, description="Of `key`.", examples=[None])
    key: str | None = Field(
        None, description="Of `revoke-key`: the public half, in hexadecimal.", examples=[None]
    )
    since: datetime | None = Field(
        None,
        description="Of `revoke-key`: since when others have it; null for now, at once. Of a key that "
        "is revoked already: earlier than was said.",
        examples=[None],
    )
    reason: str = Field("", max_length=200, description="Of `revoke-key`.", examples=[""])


class AgencyChangeOut(Schema):
    """A change of your agency's entry: in force, or waiting for a second administrator."""

    id: UUID
    agency: str = Field(examples=["harlan-so"])
    kind: AboutKind = Field(examples=["territory"])
    facts: dict[str, Any] = Field(examples=[{"places": [COUNTY]}])
    state: ChangeState = Field(examples=["proposed"])
    proposed_by: str = Field(examples=[FIRST])
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = Field(examples=[None])
    decided_at: datetime | None = Field(examples=[None])
    via: Via = Field(examples=["api"])
