"""Whatever somebody sends as facts is read, or refused with its field; it is no fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accord.agencies.about.domain import AboutKind
from accord.agencies.about.facts import read_about
from accord.agencies.about.lines import read_lines
from accord.agencies.directory.domain import ChangeKind
from accord.agencies.directory.facts import read_facts
from accord.api.scim.resources import PATCH, USER, new_member, patched
from accord.api.scim.views import MOST_BYTES
from accord.assistance.days import end_of_day
from accord.assistance.disciplines import check_languages
from accord.kernel.errors import AccordError, InvalidInput
from accord.kernel.jsontext import DEEPEST, read_json

LINES = ("territory", "weekly", "exceptions", "ladder")
KEY = "0" * 64
DESK = {
    "name": "Desk", "phone": "+1-312-555-0110", "hours": "", "escalation": "",
    "weekly": "mon-fri 08:00-18:00", "exceptions": "", "ladder": "15 +1-312-555-0111 Okafor",
}  # fmt: skip
MOMENTS = (
    "0001-01-01+05:00", "0001-01-01T00:00+05:00", "0001-01-01T00:00:00+05:00", "0001-01-01",
    "9999-12-31", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59.999999-23:59", "20261225",
    "2026-W52-5", "20261225T0800Z", "1900-01-01T00:00+23:59", "2200-12-31T23:59-23:59",
    "2026-12-25T24:00Z", "2026-13-01", "٢٠٢٦-١٢-٢٥", "2026-12-25\x00", "0٨:00", "99٠٠٣", "",
)  # fmt: skip
WORDS = (
    "us-fips", "us-place", "iso-3166-1", "iso-3166-2", "99003", "9901000", "MX", "US-IL", "MX-NLE",
    "mon", "daily", "08:00", "24:00", "18:00", "closed", "+1-312-555-0110", "15", "drugs", "trial",
    "analyst", "secret", "cjis-security", "Harlan County", '"' * 200, "\\" * 200, "\x01" * 200, "\ud800",
)  # fmt: skip
FIELDS = (
    "territory", "offences", "courts", "name", "phone", "hours", "escalation", "weekly", "exceptions",
    "ladder", "successor", "key", "since", "reason", "scheme", "code", "within", "days", "opens",
    "closes", "day", "why", "after_min", "predecessor", "signature", "proof", "handle", "member",
    "nationality", "title", "roles", "clearance", "assurance", "until", "add", "remove", "to",
    "training", "issued_on", "valid_until", "at", "op", "path", "value", "Operations", "schemas",
    "userName", "displayName", "urn:accord:params:scim:schemas:1.0:Member",
)  # fmt: skip
leaf = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30),
    st.sampled_from((*MOMENTS, *WORDS)), st.datetimes().map(str), st.dates().map(str),
)  # fmt: skip
name = st.sampled_from(FIELDS)
anything = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(name, inner, max_size=6),
    max_leaves=25,
)
said = st.dictionaries(name, anything, max_size=12)


def names_its_fields(refused: AccordError) -> bool:
    return isinstance(refused, InvalidInput) and all(f.field and f.rule for f in refused.faults)


def refusal_of(read: Callable[[], object]) -> AccordError | None:
    """How it is refused; None where it is read, and what was read can be kept."""
    try:
        json.dumps(read(), allow_nan=False, default=str)
    except AccordError as refused:
        return refused
    return None


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(AboutKind), said)
@example(AboutKind.REVOKE, {"key": KEY, "since": "0001-01-01T00:00+05:00", "reason": "x"})
@example(AboutKind.DESK, {**DESK, "weekly": 5, "exceptions": [], "ladder": [{"after_min": 1e400}]})
@example(AboutKind.COMPETENCE, {"offences": True, "courts": 5})
@example(AboutKind.DESK, {"weekly": [{"days": 5}]})
def test_facts_of_an_agency_are_read_or_refused(kind: AboutKind, sent: dict[str, Any]) -> None:
    refused = refusal_of(lambda: read_about(kind, sent))
    assert refused is None or names_its_fields(refused)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(AboutKind),
    st.dictionaries(name, st.sampled_from((*MOMENTS, *WORDS)) | st.text(max_size=60), max_size=12),
)
def test_a_form_about_an_agency_is_read_or_refused(kind: AboutKind, sent: dict[str, str]) -> None:
    refused = refusal_of(lambda: read_about(kind, read_lines(sent, LINES)))
    assert refused is None or names_its_fields(refused)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(ChangeKind), said, st.sampled_from(("UTC", "Pacific/Kiritimati")))
@example(ChangeKind.ROLE, {"add": 5, "remove": True}, "UTC")
@example(ChangeKind.LEAVE, {"at": "0001-01-01T00:00+05:00"}, "UTC")
def test_facts_of_a_member_are_read_or_refused(
    kind: ChangeKind, sent: dict[str, Any], zone: str
) -> None:
    refused = refusal_of(lambda: read_facts(kind, sent, zone=zone))
    assert refused is None or names_its_fields(refused)


@settings(max_examples=100, deadline=None)
@given(said, st.lists(said, max_size=3))
def test_what_scim_sends_is_read_or_refused(sent: dict[str, Any], steps: list[Any]) -> None:
    for read in (
        lambda: read_facts(
            ChangeKind.JOIN, new_member({"schemas": [USER], **sent}, "riverbend-pd"), zone="UTC"
        ),
        lambda: patched({**sent, "schemas": [PATCH], "Operations": steps}, ["analyst"]),
    ):
        refused = refusal_of(read)
        assert refused is None or str(refused)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(MOMENTS) | st.text(max_size=30) | st.dates().map(str))
def test_a_day_of_assistance_is_read_or_refused(text: str) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        refused = refusal_of(lambda zone=zone: end_of_day(text, zone, "assistance").isoformat())
        assert refused is None or names_its_fields(refused)
    refused = refusal_of(lambda: check_languages([text], "expertise"))
    assert refused is None or names_its_fields(refused)


@pytest.mark.parametrize("text", ["20261225", "2026-W52-5", "2026-12-25"])
def test_a_day_is_kept_as_year_month_day_however_it_is_written(text: str) -> None:
    kept = read_about(AboutKind.DESK, read_lines(DESK | {"exceptions": f"{text} closed"}, LINES))
    assert kept["exceptions"] == [{"day": "2026-12-25", "why": ""}]
    issued = {"training": "cjis-security", "issued_on": text, "valid_until": text}
    held = read_facts(ChangeKind.TRAINING, issued, zone="UTC")
    assert held["issued_on"] == "2026-12-25"
    left = read_facts(ChangeKind.LEAVE, {"at": text}, zone="UTC")
    assert left["at"].startswith("2026-12-25T23:59:59")


@pytest.mark.parametrize(
    ("kind", "sent", "field"),
    [
        (AboutKind.DESK, DESK | {"exceptions": "0001-01-01 closed"}, "exceptions"),
        (AboutKind.DESK, DESK | {"exceptions": "2026-12-25 closed a\x01b"}, "exceptions"),
        (AboutKind.DESK, DESK | {"weekly": "mon 0٨:00-18:00"}, "weekly"),
        (AboutKind.DESK, DESK | {"name": "De\x00sk"}, "name"),
        (AboutKind.DESK, DESK | {"ladder": "15 +1-312-555-0111 a\ud800"}, "ladder"),
        (AboutKind.TERRITORY, {"territory": "us-fips 99٠٠٣ Harlan"}, "territory"),
        (AboutKind.TERRITORY, {"territory": "us-fips 99003 Har\x01lan"}, "territory"),
        (AboutKind.REVOKE, {"key": KEY, "since": "0001-01-01T00:00+05:00", "reason": "x"}, "since"),
        (AboutKind.REVOKE, {"key": KEY, "since": "9999-12-31T23:00-05:00", "reason": "x"}, "since"),
        (AboutKind.KEY, {"successor": "[" * 100_000}, "successor"),
        (AboutKind.KEY, {"successor": '{"key":' + "[" * 900 + "]" * 900 + "}"}, "successor"),
    ],
)  # fmt: skip
def test_what_could_never_be_approved_is_refused_with_its_field(
    kind: AboutKind, sent: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_about(kind, read_lines(sent, LINES))
    assert field in {fault.field for fault in refused.value.faults}


def test_json_is_read_no_deeper_than_anybody_writes_it() -> None:
    assert read_json("[" * DEEPEST + "]" * DEEPEST)
    for deep in (DEEPEST + 1, 900, 100_000):
        with pytest.raises(ValueError, match="deep"):
            read_json("[" * deep + "]" * deep)
        with pytest.raises(ValueError, match="deep"):
            read_json('{"a":' * deep + "1" + "}" * deep)
    with pytest.raises(ValueError, match="utf-8"):
        read_json(b"\xff")
    assert read_json('{"day": "2026-12-25"}') == {"day": date(2026, 12, 25).isoformat()}
    assert MOST_BYTES > DEEPEST
