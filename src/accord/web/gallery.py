"""Made-up values that show every component in every state. No person here exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accord.web import components as c
from accord.web.handling import highest
from accord.web.shell import (
    ContextChoice,
    Destination,
    Me,
    Shell,
    WorkingContextBar,
    standard_nav,
)

NOW = datetime(2026, 3, 3, 20, 5, tzinfo=UTC)
ZONE = "America/Chicago"
_HASH = "9c1f4d7be02a6f35d8017c44b9e3a2f05b6d1188e7caa9b0437f52ce6d10ab93"
_ROOT = "31e8a07c5d42bb96f0a1c7d3e84f6b2590d7ac11f3386e9bd2045c7fa8e1607d"
_MOU = c.Link("Riverbend joint task force", "#mou")

_PLACED = "The part is placed in case HT-2026-014"

_WHY = c.Why(
    agreement=_MOU,
    clause="4.2",
    prose=(
        "In a joint case, what its owner placed there about suspects may be read by the case's "
        "investigators and prosecutors."
    ),
    because=(_PLACED, "You are an investigator of that case"),
    obligations=(
        c.Obligation("Do not pass it on without the owner", state="pending"),
        c.Obligation("Access ends", due=NOW + timedelta(days=365)),
        c.Obligation(
            "Tell the owner of use in court", due=NOW - timedelta(days=2), state="overdue"
        ),
    ),
    until=datetime(2028, 12, 31, 23, 59, tzinfo=UTC),
    version=_HASH,
)


def parts() -> tuple[c.PartPanel, ...]:
    """A part as a fact, as an assessment, open from the seal, and withheld."""
    return (
        c.PartPanel(
            "p-identity",
            "Identity",
            c.PartLabel("Harlan County Sheriff", ("suspect",), "official", "H1"),
            properties=(
                c.Property("Name", ("Dariusz Kowalczyk", "Darek Kowalcyk")),
                c.Property("Birth date", ("1987-11-04",)),
                c.Property("ID number", (c.Code("HS-88-204419"),)),
                c.Property("Nationality", ()),
            ),
            grading=c.Grading("3x5x2", "1", "B", "Reliable", "Known directly to the source"),
            why=_WHY,
            source="rms HS-004512, revision 2",
            recorded_at=NOW - timedelta(days=12),
        ),
        c.PartPanel(
            "p-narrative",
            "Narrative",
            c.PartLabel(
                "State Bureau",
                ("suspect", "contact"),
                "sensitive",
                "H2",
                basis="partner",
                offence="human-trafficking",
                intelligence=True,
            ),
            text=(
                "Believed to arrange rooms at two motels on Route 9 and to hold the travel papers "
                "of those who work there. The vehicle was seen at both on 21 and 24 February."
            ),
            grading=c.Grading("Admiralty", "B", "2", "Usually reliable", "Probably true"),
            assertion="assessment",
            why=_WHY,
            source="intel SB-1187",
            recorded_at=NOW - timedelta(days=3),
        ),
        c.PartPanel(
            "p-victim",
            "Contact",
            c.PartLabel("Safe Harbor", ("victim",), "secret", "C", "consent", minor=True),
            properties=(
                c.Property("Phone", ("+1 512 555 0142",)),
                c.Property("Best time", ("Weekdays after 16:00",)),
            ),
            sealed_note="Sealed. Open to you as her advocate, with her consent until 1 Jun 2026.",
            why=_WHY,
        ),
        c.PartPanel(
            "p-withheld",
            "Location",
            c.PartLabel("Harlan County Sheriff", ("suspect",), "sensitive"),
            withheld="Granted after disclosure. The duty desk of the owner decides.",
            ask=c.Link("Ask for disclosure", "#ask"),
        ),
    )


def results() -> tuple[c.Result, ...]:
    """Results with several facts, with few, and under a pseudonym."""
    return (
        c.Result(
            "#r1",
            "Dariusz Kowalczyk",
            "Person",
            "Harlan County Sheriff",
            "HS-004512",
            ("born 4 Nov 1987", "suspect", "Human trafficking"),
            ("name (one letter differs)", "birth date"),
            (c.Chip("Sensitive", "warn"), c.Chip("In this case", "info")),
            NOW - timedelta(days=12),
            id="r1",
            ask_href="#ask",
        ),
        c.Result(
            "#r2",
            "White Ford Transit, 7KLM 204",
            "Vehicle",
            "Riverbend Police",
            "RB-000871",
            ("registered 2019", "seen 24 Feb 2026"),
            ("plate",),
            (),
            NOW - timedelta(days=7),
        ),
        c.Result(
            "#r3",
            "Person 7F3A-C2",
            "Person",
            "Safe Harbor",
            None,
            ("victim", "referred 19 Feb 2026"),
            (),
            (c.Chip("Sealed", "sealed"),),
            NOW - timedelta(days=12),
            pseudonym=True,
        ),
        c.Result(
            "#r4",
            "دلال الحسن (Dalal al-Hassan)",
            "Person",
            "State Bureau",
            "SB-20931",
            ("contact", "born 1991"),
            ("name (transliterated)",),
            (),
            NOW - timedelta(hours=5),
        ),
    )


def hits() -> tuple[c.Hit, ...]:
    """A hit that may be followed up, one that was, and one that may not."""
    desk = c.DutyDesk(
        "Harlan County duty desk",
        "+15125550178",
        "duty@harlan-so.example",
        "every day, 06:00 to 22:00",
        open_now=True,
        next="until 22:00 CST",
        otherwise=("Captain Rasmussen, +1-512-555-0121, after 15 minutes",),
    )
    closed = c.DutyDesk("State Bureau single point of contact", "+15125550190", open_now=False)
    return (
        c.Hit("H-4KQ7-92XD", "Harlan County Sheriff", "Person, suspect", desk, "H1", "#ask"),
        c.Hit(
            "H-8TRC-11ZB",
            "State Bureau",
            "Vehicle",
            closed,
            "none",
            request=c.Link("Request 26-0031", "#req"),
            request_state=c.Chip("Waiting", "info"),
        ),
        c.Hit(
            "H-02MW-77PA",
            "State Bureau",
            "Phone",
            closed,
            "H2",
            cannot_ask="Your CJIS training ended on 28 Feb 2026; your training officer renews it.",
        ),
    )


def proofs() -> tuple[c.Proof, ...]:
    """A checked proof with its cosigners, and one that does not hold."""
    signed = (
        c.Cosignature("Harlan County Sheriff", "signed", "harlan-so+4be1", NOW, "4be1f0ac22c9"),
        c.Cosignature("State Bureau", "signed", "state-bi+77a0", NOW, "77a0de5512b4"),
        c.Cosignature("Tri-County DA", "missing"),
    )
    return (
        c.Proof(
            48_211,
            "disclosure",
            _HASH,
            51_904,
            _ROOT,
            16,
            "verified",
            NOW,
            signed,
            c.Link("Download the receipt", "#receipt"),
        ),
        c.Proof(48_212, "consultation", _ROOT, 51_904, _HASH, 16, "failed"),
    )


def events() -> tuple[c.Event, ...]:
    """A short history."""
    return (
        c.Event(NOW, "Disclosure granted in part", "R. Okafor, Harlan", tone="good", tag="Granted"),
        c.Event(
            NOW - timedelta(hours=3),
            "Request 26-0031 sent",
            "M. Alvarez, Riverbend",
            "Needed to establish who rents the rooms on Route 9.",
            "#req",
            "info",
        ),
        c.Event(NOW - timedelta(days=1), "Agreement amended", tone="warn", tag="Narrower"),
        c.Event(NOW - timedelta(days=30), "Case opened", "J. Whitfield, Riverbend"),
    )


def jobs() -> tuple[c.Progress, ...]:
    """Imports in each state."""
    counts = (("Loaded", 3120), ("Set aside", 14), ("Already here", 66))
    return (
        c.Progress("riverbend-rms-2026-03.csv", 3200, 5000, counts=counts),
        c.Progress("harlan-jail.jsonl", 0, None, state="waiting", note="Waits for a worker."),
        c.Progress("state-intel.csv", 900, 900, state="done", counts=(("Loaded", 900),)),
        c.Progress(
            "plates.csv",
            412,
            2000,
            state="failed",
            note="Line 413 ends inside a quoted field. Mend it and resume; nothing after was read.",
        ),
    )


DIFF = (
    c.DiffRow("Until", "changed", "31 Dec 2028", "30 Jun 2027"),
    c.DiffRow("Clause 4.4", "removed", "A party may export what it may view."),
    c.DiffRow("Clause 6.2", "added", None, "No party shows another a minor's narrative."),
    c.DiffRow(
        "Parties", "same", "Riverbend, Harlan, State Bureau", "Riverbend, Harlan, State Bureau"
    ),
)

COLUMNS = (
    c.Column("number", "Request"),
    c.Column("from", "From"),
    c.Column("state", "State"),
    c.Column("due", "Due", narrow=False),
    c.Column("records", "Records", align="end"),
)
ROWS: tuple[dict[str, c.Cell], ...] = (
    {"number": "26-0031", "from": "Riverbend Police", "state": c.Chip("Waiting", "info"),
     "due": c.Moment(NOW + timedelta(days=2), ZONE), "records": 3, "href": "#26-0031"},
    {"number": "26-0029", "from": "State Bureau", "state": c.Chip("Overdue", "bad"),
     "due": c.Moment(NOW - timedelta(days=1), ZONE), "records": 1204, "href": "#26-0029"},
    {"number": "26-0027", "from": "Tri-County DA", "state": c.Chip("Granted in part", "good"),
     "due": None, "records": 12, "href": "#26-0027"},
)  # fmt: skip

CHOICES = (
    c.Choice("Side by side", "beside", "v", "two"),
    c.Choice("Place in a case", "place", "p", "one or more", "You are working without a case."),
)
REASONS = {"stop": "Stop on the road or on foot", "call": "Call for service"}
STEPS = (
    c.Step("Open a case", "It gives the reason for all you ask in it.", True, "#case"),
    c.Step("Search for somebody", "Spelling is forgiven.", href="#search", keys=("/",)),
    c.Step("Read what you did", "Every step is in the ledger.", href="#ledger", keys=("g", "l")),
)
COUNTED = 1204

OPTIONS = (
    c.Option("warrant", "Warrant", "Number and issuing court are asked for next"),
    c.Option("statute", "Statute"),
    c.Option("court-order", "Court order", disabled_reason="No clause of this case accepts it"),
)
ERRORS = (
    c.FieldError("f-reason-bad", "Say why you ask, in at least 20 characters"),
    c.FieldError("f-born-bad", "Birth date must be a date that exists, such as 1990-02-01"),
)


def shell() -> Shell:
    """A frame with everything in it."""
    nav = standard_nav(search_href="#search", requests=4)
    marks = [("sensitive", "H1"), ("official", "H2")]
    return Shell(
        now=NOW,
        zone=ZONE,
        me=Me("Maria Alvarez", "Riverbend Police", "investigator"),
        context=WorkingContextBar(
            "human-trafficking-investigation", "warrant", "HT-2026-014", "Route 9 motels", "#case"
        ),
        contexts=(
            ContextChoice("HT-2026-014", "#c1", "Human trafficking investigation, warrant", True),
            ContextChoice("DR-2026-003", "#c2", "Drug investigation, statute"),
        ),
        context_href="#contexts",
        quick_href="#quick",
        nav=nav,
        destinations=(
            *(Destination(n.label, n.href, key=f"g {n.key}") for n in nav),
            Destination("HT-2026-014", "#case", "Case", "Route 9 motels"),
            Destination("Quick check", "#quick", "Do", "A plate or a name, without a case"),
        ),
        search_href="/gallery/",
        demo="Made-up people and records. Anything you enter is deleted when the demo ends.",
        handling=highest(marks),
    )
