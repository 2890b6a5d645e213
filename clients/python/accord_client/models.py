"""The forms of what is sent and what comes back. Made by dev/client/generate.py from /api/v1/openapi.json; not edited by hand."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

AboutKind = Literal["territory", "competence", "duty-desk", "key", "revoke-key"]
"""Which part of an agency's entry a change replaces, or what becomes of its signing key."""


AssistanceState = Literal[
    "sent", "acknowledged", "escalated", "accepted", "declined", "passed-on", "done", "withdrawn"
]
"""Where a request for assistance is in its life."""


AssistanceStep = Literal[
    "acknowledge", "accept", "decline", "pass-on", "escalate", "remark", "complete", "withdraw"
]
"""What either side does about a request."""


Basis = Literal[
    "warrant",
    "court-order",
    "consent",
    "statute",
    "exigency",
    "open-source",
    "partner",
    "tip",
    "unrecorded",
]
"""On which ground it was collected: the words of the label's dimension `basis`."""


CaseState = Literal["open", "closed"]
"""Where a case is in its life."""


ChangeKind = Literal[
    "join",
    "role",
    "clearance",
    "assurance",
    "training",
    "leave",
    "suspend",
    "resume",
    "enrolment",
    "review",
    "nationality",
]
"""What a change changes."""


ChangeState = Literal["proposed", "applied", "withdrawn", "expired"]
"""How far a change has come; EXPIRED is a proposal that nobody decided in time."""


CustodyAct = Literal[
    "acquire",
    "seal",
    "unseal",
    "check-out",
    "check-in",
    "offer",
    "accept",
    "decline",
    "withdraw",
    "return",
    "derive",
    "release",
    "order-disposal",
    "dispose",
]
"""What is done about custody (ISO/IEC 27037, 6.1; NIEM j:EvidenceCustodyTransfer)."""


CustodyState = Literal[
    "none",
    "held",
    "held-sealed",
    "checked-out",
    "checked-out-sealed",
    "offered",
    "offered-sealed",
    "disposal-ordered",
    "disposal-ordered-sealed",
    "released",
    "disposed",
]
"""Where an exhibit is. `-sealed`: its package is under a numbered seal meanwhile."""


DeliveryState = Literal["waiting", "delivered", "dead"]
"""What became of one message."""


DerivationState = Literal["queued", "running", "done", "refused", "cancelled"]
"""Where a derivation is that somebody asked for."""


Due = Literal["later", "due", "overdue"]
"""How a record stands towards its review."""


DutyKind = Literal["notify-owner", "notify-after", "end-access", "return-copy"]
"""What has a moment at which it is due, and so a row that says whether it was done."""


DutyState = Literal["waiting", "due", "overdue", "held", "discharged"]
"""How a duty stands."""


EndpointState = Literal["active", "paused", "removed"]
"""Whether an endpoint is told."""


EntryState = Literal["proposed", "attested", "expired", "withdrawn"]
"""Where an entry of the directory is in its life."""


ErasureState = Literal["proposed", "withdrawn", "erased"]
"""What became of a proposal."""


Kind = Literal[
    "collection",
    "alteration",
    "consultation",
    "disclosure",
    "combination",
    "erasure",
    "agreement",
    "custody",
    "membership",
    "refusal",
    "miss",
]
"""LED art. 25's operations, and what else must be provable."""


Level = Literal["aware", "practitioner", "expert", "court-qualified"]
"""How well somebody knows a discipline; each is above those before it."""


ReadingState = Literal["waiting", "reading", "read", "set-apart"]
"""How far the reading of a file has come."""


RecallState = Literal["sent", "escalated", "held", "answered", "closed"]
"""How a notice stands."""


RequestState = Literal["open", "granted", "partly-granted", "refused", "withdrawn", "revoked"]
"""Where a disclosure request is in its life."""


ReviewState = Literal["kept", "proposed", "withdrawn", "purged"]
"""What became of a review."""


State = Literal[
    "draft",
    "proposed",
    "signed",
    "in-force",
    "suspended",
    "superseded",
    "expired",
    "terminated",
    "withdrawn",
]
"""What a version is."""


StatementState = Literal[
    "unsigned", "awaiting-second-person", "active", "revoked", "void", "expired"
]
"""Where a statement is in its life."""


Step = Literal[
    "draft", "propose", "withdraw", "sign", "activate", "amend", "suspend", "resume", "terminate"
]
"""What somebody does with a version."""


SubscriptionState = Literal["active", "paused", "ended"]
"""Whether a question is asked."""


UploadState = Literal["receiving", "hashing", "complete", "failed"]
"""Where a file is on its way in."""


Urgency = Literal["routine", "soon", "urgent"]
"""How soon an answer is needed."""


Via = Literal["page", "api", "csv", "scim"]
"""The way in which a change was asked for."""


WhyLeftOut = Literal["no-clause", "file-closed", "does-not-open", "chain-unreadable"]
"""Why an exhibit that the taker sees is not in the bundle."""


class Acceptance(TypedDict):
    """What happens next, and which entries of your agency come."""

    text: str
    comes: NotRequired[list[str]]


class AcquireIn(TypedDict):
    """What a whole upload is, and how it was collected."""

    upload: str
    kind: str
    description: str
    subject: list[str]
    """Categories of the persons in it (LED art. 6)."""
    sensitivity: NotRequired[str]
    handling: NotRequired[str]
    offence: NotRequired[str]
    flag: NotRequired[list[str]]
    """`minor`, `sealed`."""
    collected_at: str
    """Day and time in `zone`, or an instant with its offset."""
    zone: NotRequired[str]
    collected_by: str
    collected_from: NotRequired[str | None]
    place: NotRequired[str | None]
    tool: NotRequired[str | None]
    tool_version: NotRequired[str | None]
    basis: Basis
    reference: NotRequired[str | None]
    """The warrant's number, the section ..."""
    authority: NotRequired[str | None]
    """Who issued a warrant or an order."""
    document: NotRequired[str | None]
    """Number of your exhibit that holds the document."""


class Acquired(TypedDict):
    """The exhibit; it is a record of your agency as well."""

    record: str
    number: str


class ActOut(TypedDict):
    """What happened to a statement."""

    act: str
    by: str
    at: str
    word: str | None
    """Why it was revoked or how judged."""


class AdmitMember(TypedDict):
    """A membership to admit."""

    membership: str


class Agency(TypedDict):
    """An agency in the directory, which every member may read."""

    id: str
    name: str
    kind: str
    country: str
    ori: str
    """Originating agency identifier."""
    zone: str
    territory: list[PlaceOut]
    territory_words: str
    """What it answers for, where it is said in words alone."""
    offences: list[str]
    """Offence groups that it may act on."""
    courts: list[str]
    """Levels of courts before which it acts."""
    duty_desk: Desk
    suspended: bool
    light: bool
    """A light member of the node: hits, requests and tips, no other records."""


class AgencyChangeIn(TypedDict):
    """Another text for one part of your agency's entry: the whole of that part."""

    kind: Literal["territory", "competence", "duty-desk", "key", "revoke-key"]
    territory: NotRequired[list[PlaceOut]]
    offences: NotRequired[list[str]]
    courts: NotRequired[list[str]]
    duty_desk: NotRequired[DeskIn | None]
    successor: NotRequired[SuccessorIn | None]
    """Of `key`."""
    key: NotRequired[str | None]
    """Of `revoke-key`: the public half, in hexadecimal."""
    since: NotRequired[str | None]
    """Of `revoke-key`: since when others have it; null for now, at once. Of a key that is revoked already: earlier than was said."""
    reason: NotRequired[str]
    """Of `revoke-key`."""


class AgencyChangeOut(TypedDict):
    """A change of your agency's entry: in force, or waiting for a second administrator."""

    id: str
    agency: str
    kind: AboutKind
    facts: dict[str, Any]
    state: ChangeState
    proposed_by: str
    proposed_at: str
    expires_at: str
    decided_by: str | None
    decided_at: str | None
    via: Via


class AgencyKeyOut(TypedDict):
    """A key with which an agency signed or signs (Ed25519)."""

    key: str
    """The public half, in hexadecimal."""
    since: str | None
    """Null for the first: it counts for what was signed before."""
    retired_at: str | None
    revoked_at: str | None
    revoked_from: str | None
    """What it opened from this moment on does not count; what it suspended or terminated until `revoked_at` does."""
    reason: str
    predecessor: str | None
    signature: str | None
    """The predecessor's, over this key (RFC 8785)."""


class AgreementLine(TypedDict):
    """One version of one agreement."""

    content_hash: str
    agreement: str
    kind: str
    title: str
    parties: list[str]
    parent_hash: str | None
    """The version that it amends."""
    effective_from: str
    effective_until: str | None
    """The instant after its last day."""
    state: State
    """Worked out from signatures, steps and time."""
    signed_by: list[SignatureOut]


class AgreementOut(TypedDict):
    """One version whole: its text, clauses, plain language, and the bytes that parties sign."""

    content_hash: str
    agreement: str
    kind: str
    title: str
    parties: list[str]
    parent_hash: str | None
    """The version that it amends."""
    effective_from: str
    effective_until: str | None
    """The instant after its last day."""
    state: State
    """Worked out from signatures, steps and time."""
    signed_by: list[SignatureOut]
    authority: list[str]
    text: str
    """The YAML as it was proposed."""
    plain_language: str
    """Markdown."""
    clauses: list[ClauseOut]
    canonical: str
    """The canonical form (RFC 8785) in base64: what Ed25519 signs."""
    history: list[StepOut]
    """Every step, as it was stored."""
    steps: list[StepChoice]
    """What you may do with it now, and why not."""


class AlarmActOut(TypedDict):
    """What somebody of the owner said of an alarm."""

    act: str
    """explain, or confirm"""
    membership: str
    at: str
    reason: str


class AlarmOut(TypedDict):
    """A stored file that was found altered or missing; other agencies do not get it meanwhile."""

    id: str
    exhibit: str
    exhibit_number: str
    owner: str
    custodian: str
    found: str
    """altered, missing, or unreadable"""
    at: str
    closed_at: str | None
    acts: list[AlarmActOut]


class AlarmReason(TypedDict):
    """What happened to the file, and how it was put right."""

    reason: str


class Answer(TypedDict):
    """What may be seen, ranked, and hits, in no order of likeness."""

    visible: list[FoundRecord]
    hits: list[HitOut]
    narrow: bool
    """There is more than is shown: ask more narrowly."""
    too_broad: str | None
    """Why other agencies were not asked."""
    quota: QuotaOut


class Answering(TypedDict):
    """A person's answer: the kinds of part that open, until when, and why. None of them refuses."""

    granted: list[str]
    until: NotRequired[str | None]
    """When the access ends."""
    text: str


class Approval(TypedDict):
    """What the second person has seen of what goes."""

    seen: list[str]
    """Every part of `parts`, as it was read."""


class AreaIn(TypedDict):
    """A rectangle in ten-thousandths of the width and height of a page as it is seen, from top left."""

    page: NotRequired[int]
    left: int
    top: int
    width: int
    height: int


class Ask(TypedDict):
    """One question: a line of text as typed into the search box, or a form with named fields."""

    q: NotRequired[str | None]
    """`dob:`, `name:`, `plate:`, `phone:`, `id:`, `vin:`, `email:`, `text:` and "quoted words" say what is meant; the rest is told by its form."""
    fields: NotRequired[dict[str, str] | None]
    """Instead of `q`: name, birthDate, plate, phone, identifier, vin, email, text, phrase."""
    schemas: NotRequired[list[str] | None]
    """Only these kinds of record."""
    reason: NotRequired[str | None]
    """Why, of a quick check (general policing without a case): `stop`, `call`, `safety`, `property`, `custody`; else `why`."""
    why: NotRequired[str | None]
    """The reason in your own words."""


class Asked(TypedDict):
    """The request that was made."""

    id: str


class AssertionOut(TypedDict):
    """The passkey's answer (WebAuthn level 3), each part in base64."""

    authenticatorData: str
    clientDataJSON: str
    signature: str


class AssistanceActOut(TypedDict):
    """A step of either side. Who took it is told to their own agency."""

    act: AssistanceStep
    agency: str
    by: str | None
    at: str
    text: str
    who_comes: list[str]
    passed_to: str | None


class AssistanceAsked(TypedDict):
    """The requests that were made, one for each agency."""

    ids: list[str]


class AssistanceLine(TypedDict):
    """A request in a list, without its texts."""

    id: str
    asker: str
    asked: str
    discipline: str
    languages: list[str]
    urgency: Urgency
    state: AssistanceState
    overdue: bool
    sent_at: str
    due_at: str


class AssistanceNeed(TypedDict):
    """What is needed, in the context of this request; its case stays with your agency."""

    discipline: str
    agency: NotRequired[str | None]
    """Whom to ask; without it, each agency that offers it now."""
    languages: NotRequired[list[str]]
    urgency: NotRequired[str]
    need: str
    place: NotRequired[str]
    until: NotRequired[str | None]
    """The last moment at which it helps."""
    no_victim: bool
    """That nobody who may be a victim is named in it."""


class AssistanceOut(TypedDict):
    """A request as your side reads it."""

    id: str
    asker: str
    asked: str
    discipline: str
    languages: list[str]
    urgency: Urgency
    state: AssistanceState
    overdue: bool
    sent_at: str
    due_at: str
    purpose: str
    legal_basis: str
    need: str
    place: str
    needed_until: str | None
    case: str | None
    """For the asking agency."""
    asked_by: str | None
    """For the asking agency."""
    beside: list[str]
    """What went out with it, for the asking agency."""
    acts: list[AssistanceActOut]


class AssistanceText(TypedDict):
    """What the other side reads."""

    text: str


class Attest(TypedDict):
    """When the agency takes the step, and its signature over step, time and reason."""

    at: NotRequired[str | None]
    """The time that the signature names, at most a day ago; now when left out."""
    signature: NotRequired[str | None]
    """Base64 of 64 bytes over what `/canonical` gives. A demonstration, whose agencies' keys lie on the node, signs by itself when it is left out. An agency that has no key in force can only suspend, and leaves it out."""


class Attestation(TypedDict):
    """Until when the agency attests an entry; three years at most."""

    until: str


class Attested(TypedDict):
    """A fact that clauses can ask for: your agency attests it, on the word of whom `by` names."""

    kind: ChangeKind
    value: str
    agency: str
    by: list[str]
    """Memberships of the administrators; empty where it came with the membership."""
    since: str
    until: str | None
    """Its own end; null without one."""
    valid: bool


class AudienceOut(TypedDict):
    """Who can see a record of your agency, of the parts that you see."""

    record: str
    exposures: list[ExposureOut]
    """Where some action is open, and nowhere else."""
    unknown_cases: list[str]
    """Cases in which it is placed and whose people you may not know."""


class BasisIn(TypedDict):
    """On which ground it was collected; `unrecorded` where the ground fell away."""

    basis: Basis
    reference: NotRequired[str | None]
    authority: NotRequired[str | None]
    document: NotRequired[str | None]


class BatchAnswer(TypedDict):
    """One answer for each record, in their order."""

    rows: list[RowAnswer]


class Because(TypedDict):
    """The same, with the reason, which every member reads."""

    at: NotRequired[str | None]
    """The time that the signature names, at most a day ago; now when left out."""
    signature: NotRequired[str | None]
    """Base64 of 64 bytes over what `/canonical` gives. A demonstration, whose agencies' keys lie on the node, signs by itself when it is left out. An agency that has no key in force can only suspend, and leaves it out."""
    reason: str


class BundleAsked(TypedDict):
    """Which exhibits of the case the bundle is to hold."""

    exhibits: NotRequired[list[str] | None]
    """Their records; all that you see, if none are named."""


class BundlePlan(TypedDict):
    """What a bundle of this case would hold now; the export judges each exhibit anew."""

    exhibits: list[BundledExhibit]
    left_out: list[LeftOutExhibit]
    size: int
    """Bytes of all files together that are not sealed."""


class BundledExhibit(TypedDict):
    """An exhibit that can go into the bundle."""

    record: str
    number: str
    owner: str
    kind: str
    size: int | None
    """Bytes; null of a sealed file."""


class CaseLine(TypedDict):
    """A case in a list."""

    number: str
    lead_agency: str
    purposes: list[str]
    state: CaseState
    opened_at: str
    opened_by: str


class CaseMemberOut(TypedDict):
    """Somebody with a need to know the case."""

    membership: str
    name: str
    agency: str
    agency_name: str
    title: str
    roles: list[str]
    since: str
    until: str | None


class CaseOut(TypedDict):
    """A case with its title, where a clause lets the member read it, and who works on it."""

    number: str
    lead_agency: str
    purposes: list[str]
    state: CaseState
    opened_at: str
    opened_by: str
    title: str | None
    title_closed: bool
    """It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."""
    members: list[CaseMemberOut]


class CautionOut(TypedDict):
    """Something that is valid and probably not meant."""

    clause: str
    line: int | None
    text: str


class ChangeOut(TypedDict):
    """What some roles of an agency gain, lose or owe, and over how much of your own."""

    agency: str
    direction: str
    """gains, loses or owes"""
    roles: list[str]
    purposes: list[str]
    lacks: str | None
    """Only for people without this."""
    keys: list[str]
    """When a part carries these."""
    before: str | None
    """The highest action before."""
    after: str | None
    """The highest action after."""
    labels: int
    """How many labels."""
    parts: int
    """How many of your parts have one."""
    parts_with_keys: int
    """How many carry such keys now."""
    records: int
    """How many of your records have such a part."""
    clauses: list[CitationOut]


class Checked(TypedDict):
    """What is wrong with a text, and what is valid and probably not meant."""

    faults: list[Fault]
    cautions: list[CautionOut]


class CitationOut(TypedDict):
    """A clause of one version of an agreement."""

    agreement: str
    agreement_hash: str
    clause: str


class ClauseNamed(TypedDict):
    """A clause in force that names such a statement."""

    agreement: str
    agreement_hash: str
    clause: str
    effect: Literal["permit", "forbid"]


class ClauseOut(TypedDict):
    """A clause: what the parties wrote, and what the system makes of it."""

    id: str
    effect: Literal["permit", "forbid"]
    action: str
    prose: str
    plain: list[Term]
    facts: dict[str, Any]
    """The clause as it is signed, with every default made explicit."""


class ClientCredentialOut(TypedDict):
    """A secret or a key of a client; a secret itself was shown once."""

    id: str
    is_key: bool
    made_by: str
    made_at: str
    approved_by: str | None
    """Another administrator; null until then, and it opens nothing."""
    expires_at: str
    valid: bool
    waits: bool
    """For another administrator, for seven days."""


class ClientIn(TypedDict):
    """A client to register."""

    name: str
    purposes: list[str]
    actions: list[str]


class ClientOut(TypedDict):
    """A client of a system, with the most that it may ask a token for."""

    id: str
    """The `client_id` of OAuth."""
    name: str
    purposes: list[str]
    actions: list[str]
    registered_by: str
    registered_at: str
    revoked_at: str | None
    credentials: list[ClientCredentialOut]


class ColumnOut(TypedDict):
    """One column of a file that waits."""

    name: str
    kind: str
    """What it looks like."""
    to: str | None
    """The property that is guessed."""
    date: str | None
    """How its dates are written."""
    sample: list[str]


class Columns(TypedDict):
    """What a file that waits looks like."""

    said: str
    schema_name: str
    """The schema that is guessed."""
    columns: list[ColumnOut]
    fitting: str | None
    """A saved mapping with this header."""


class ComparisonOut(TypedDict):
    """What one version allows against another: over every question, with an example for each way."""

    content_hash: str
    against: str
    """The version it is compared with."""
    verdict: Literal["narrower", "wider", "equal", "incomparable"]
    wider: WitnessOut | None
    """Only this version allows it."""
    narrower: WitnessOut | None
    """Only the other version allows it."""
    forbids: str
    """Whether its forbids bind less or more beside other agreements."""
    term: list[str]
    joined: list[str]
    """Parties that it adds."""
    left: list[str]
    """Parties that it drops."""


class ConsentIn(TypedDict):
    """A person's consent, as the advocate or the custodian of the owning agency records it."""

    recipient: str
    purpose: str
    record: NotRequired[str | None]
    """One own record; without it, every own record in the request's case now."""
    parts: list[str]
    until: str
    """At most a year from now."""
    reason: str


class Contexts(TypedDict):
    """The working contexts in which the member may ask."""

    purposes: list[Word]
    legal_bases: list[Word]
    cases: list[MyCase]


class Contributed(TypedDict):
    """What became of one record."""

    id: str
    outcome: str
    """loaded, revised or unchanged"""


class CopyAsked(TypedDict):
    """Which form the copy takes."""

    format: NotRequired[Literal["html", "json"]]


class CopyOut(TypedDict):
    """A copy of a record that left the node."""

    id: str
    record: str
    owner: str
    holder: str
    taken_by: str
    taken_at: str
    format: str
    parts: list[str]
    handling: str
    sha256: str
    """Of the file, as it was handed over."""
    ledger_entry: str
    destroy_or_return_by: str | None


class CustodyEventOut(TypedDict):
    """One event: its canonical text (RFC 8785) says everything; its SHA-256 is `hash`."""

    number: int
    act: CustodyAct
    agency: str
    membership: str
    at: str
    event: str
    """The event word for word."""
    hash: str
    signed: bool
    """Whether a member signed it with a passkey."""


class CustodyFault(TypedDict):
    """What is wrong with a chain, at which event."""

    code: str
    number: int
    sentence: str


class CustodyFile(TypedDict):
    """A chain with signatures and receipts: save it to a file and give that to `accord-verify`."""

    format: str
    exhibit: str
    exhibit_number: str
    events: int
    """How many there are."""
    head: str
    """The hash of the last one."""
    chain: list[CustodyFileLine]


class CustodyFileLine(TypedDict):
    """One event with what proves it."""

    event: str
    """The event word for word."""
    hash: str
    signature: MemberSignatureBundle | None
    receipt: dict[str, Any] | None
    """As of the ledger's entries; none while the entry waits for its place."""


class CustodyLine(TypedDict):
    """An exhibit in a list: who has it, and to whom it is offered."""

    exhibit: str
    exhibit_number: str
    owner: str
    custodian: str
    state: CustodyState
    offered_to: str | None
    returning: bool
    """That it is offered back to who gave it."""
    at: str
    """The last step."""
    events: int
    """How many there are."""


class CustodyOut(TypedDict):
    """A chain as it was replayed. Where there are faults, nothing may follow it."""

    exhibit: str
    exhibit_number: str
    owner: str
    custodian: str
    state: CustodyState
    offered_to: str | None
    returning: bool
    """That it is offered back to who gave it."""
    at: str
    """The last step."""
    events: int
    """How many there are."""
    content: str | None
    """SHA-256 of the file."""
    seal: str | None
    items: int | None
    read_again_at: str | None
    """When its stored file was last read again."""
    chain: list[CustodyEventOut]
    faults: list[CustodyFault]


class CustodyStep(TypedDict):
    """A step of custody. Which of these it needs depends on the step."""

    act: Literal[
        "seal",
        "unseal",
        "check-out",
        "check-in",
        "offer",
        "accept",
        "decline",
        "withdraw",
        "return",
        "derive",
        "release",
        "order-disposal",
        "dispose",
    ]
    place: str
    reason: str
    items: int
    """How many items were counted, now."""
    seal: NotRequired[str | None]
    to: NotRequired[str | None]
    """To offer."""
    receiver: NotRequired[str | None]
    """To check out or release."""
    tool: NotRequired[UsedTool | None]
    derived: NotRequired[str | None]
    """To derive: the exhibit that was made of it."""
    order: NotRequired[DisposalOrder | None]
    """To order disposal."""


class DerivationOut(TypedDict):
    """A derivation of yours: the worker makes it."""

    id: str
    source: str
    way: str
    state: DerivationState
    reason: str | None
    """Why it was not made."""
    sentence: str | None
    result: str | None
    """The record of the new exhibit."""
    lost: int
    """How often the worker ended while it was at it; three times at most."""
    asked_at: str
    done_at: str | None


class DeriveIn(TypedDict):
    """What is to be made. Labels that are left out are the source's."""

    way: str
    """`redaction`, `clip`, `extraction`, `copy`."""
    description: str
    areas: NotRequired[list[AreaIn] | None]
    """Of a redaction."""
    start_ms: NotRequired[int | None]
    """Of a clip."""
    end_ms: NotRequired[int | None]
    """Of a clip."""
    attachment: NotRequired[int | None]
    """Of an extraction; 0 is all text."""
    kind: NotRequired[str | None]
    subject: NotRequired[list[str] | None]
    sensitivity: NotRequired[str | None]
    handling: NotRequired[str | None]
    flag: NotRequired[list[str] | None]
    """`minor`, `sealed`."""


class DerivedOut(TypedDict):
    """An exhibit that was made of another one."""

    record: str
    number: str
    owner: str


class Desk(TypedDict):
    """Who answers for an agency now, the single point of contact after a hit."""

    name: str
    phone: str
    hours: str
    """In words."""
    escalation: str
    """In words."""
    weekly: NotRequired[list[ShiftOut]]
    exceptions: NotRequired[list[DifferentDay]]
    ladder: NotRequired[list[RungOut]]
    open_now: bool | None
    """Whether somebody answers now; null where the hours are words alone."""
    closes_at: str | None
    """When a desk that is open closes next."""
    opens_at: str | None
    """When a desk that is closed opens next."""


class DeskIn(TypedDict):
    """A duty desk, whole; hours and escalation in words only where they are not given as facts."""

    name: str
    phone: str
    hours: NotRequired[str]
    escalation: NotRequired[str]
    weekly: NotRequired[list[ShiftOut]]
    exceptions: NotRequired[list[DifferentDay]]
    ladder: NotRequired[list[RungOut]]


class DeskOut(TypedDict):
    """Who answers for an agency now."""

    name: str
    phone: str
    hours: str
    escalation: str


class DeterminationIn(TypedDict):
    """What a supervisor determines over own records."""

    kind: str
    recipient: str
    record: NotRequired[str | None]
    """One own record; without it, every own record in the request's case now."""
    parts: list[str]
    until: str
    """At most 90 days from now."""
    reason: str


class DifferentDay(TypedDict):
    """A day whose hours differ; without hours the desk is closed."""

    day: str
    opens: NotRequired[str | None]
    closes: NotRequired[str | None]
    why: NotRequired[str]


class DirectoryMember(TypedDict):
    """One membership of your agency, with what it holds and how long."""

    membership: str
    member: str
    name: str
    title: str
    nationality: str | None
    roles: list[str]
    clearance: str
    assurance: int
    """No sign-in counts for more than this."""
    attested: list[Attested]
    """Each fact, also one whose end has come."""
    since: str
    until: str | None
    in_force: bool
    suspended: bool
    training: list[TrainingHeld]
    first_end: str | None
    """When the first of these ends by itself."""
    reviewed_at: str
    reviewed_by: str | None
    review_due: str


class Discharge(TypedDict):
    """How an obligation was discharged."""

    how: Literal["told", "destroyed", "returned", "noted"]


class DisposalOrder(TypedDict):
    """The order under which an exhibit is disposed of."""

    authority: str
    number: str
    sha256: str


class DraftIn(TypedDict):
    """An agreement that the member's agency is writing; nobody else sees it."""

    name: str
    """What the agency calls it."""
    text: str
    """YAML, whole or not."""


class DraftLine(TypedDict):
    """One draft of the member's agency."""

    id: str
    name: str
    revision: int
    """Counts the edits."""
    created_by: str
    created_at: str
    updated_by: str
    updated_at: str


class DraftOut(TypedDict):
    """One draft with its text."""

    id: str
    name: str
    revision: int
    """Counts the edits."""
    created_by: str
    created_at: str
    updated_by: str
    updated_at: str
    text: str


class Edit(TypedDict):
    """An edit of the revision that its writer read."""

    name: str
    """What the agency calls it."""
    text: str
    """YAML, whole or not."""
    based_on: int
    """The revision that was read."""


class EmergencyIn(TypedDict):
    """An emergency in the case of this request; a second person has to confirm it."""

    until: str
    """At most 72 hours from now."""
    reason: str


class ErasureIn(TypedDict):
    """Why what your agency holds of an entry is to be erased."""

    basis: str
    """One of `court-order`, `statute`."""
    reference: str
    """Which order, or which section of which law; it stands in the erasure's entry."""
    reason: str


class ErasureOut(TypedDict):
    """A proposal to erase what your agency holds of one entry, and what became of it."""

    id: str
    entry: str
    """The entry whose body is to be erased."""
    view: str
    """`acting` (the complete body) or `owning` (your view as owner)."""
    state: ErasureState
    basis: str
    reference: str
    reason: str
    by: str
    at: str
    closed_by: str | None
    closed_at: str | None
    erasure: str | None
    """The entry under which it was erased; else null."""


class ExhibitOut(TypedDict):
    """An exhibit as far as it is open to you; null stands for what is not."""

    record: str
    number: str
    owner: str
    kind: str
    basis: Basis
    acquired_at: str
    collected_at: str | None
    collected_by: str | None
    place: str | None
    description: str | None
    file_name: str | None
    media_type: str | None
    size: int | None
    """Bytes."""
    sha256: str | None
    sha512: str | None
    closed: bool
    """Something in it is sealed and not open here: never in a list, and alone only while the proof behind your token is not older than ten minutes."""


class ExpertiseOut(TypedDict):
    """One entry. Whose it is stands in it only where the member agreed, or for who attests."""

    id: str
    agency: str
    who: str
    named: bool
    """Whether the member agreed to be named to other agencies."""
    discipline: str
    level: Level
    languages: list[str]
    note: str
    state: EntryState
    listed: bool
    """Whether others find it now."""
    until: str | None
    """When what is attested runs out."""


class ExpertiseProposal(TypedDict):
    """What you offer, or what a unit does; a unit's is proposed by who attests."""

    discipline: str
    level: str
    languages: NotRequired[list[str]]
    note: NotRequired[str]
    unit: NotRequired[str | None]
    """Its name, where a unit offers it."""
    named: NotRequired[bool]
    """Show your name to other agencies."""


class ExpertiseProposed(TypedDict):
    """The entry that was proposed."""

    id: str


class ExposureOut(TypedDict):
    """One part towards one agency."""

    part: str
    agency: str
    action: str | None
    """The highest that a clause opens."""
    ways: list[WayOut]
    people: list[SeenOut]


class ExtensionIn(TypedDict):
    """A later end, in a new statement."""

    until: str
    reason: str


class FactOut(TypedDict):
    """What the file says of itself: a claim, not a finding."""

    name: str
    value: str


class Fault(TypedDict):
    """One thing wrong with what was sent, and where."""

    file: NotRequired[str | None]
    """The file or part that was read."""
    line: NotRequired[int | None]
    """The line in it, from 1."""
    field: NotRequired[str | None]
    """The field, header, clause or column."""
    rule: str
    """The rule that it breaks."""


class FileAsked(TypedDict):
    """How the file is to leave."""

    format: NotRequired[str]
    """`zip` with its sheet, or the `file` alone."""


class FoundRecord(TypedDict):
    """A record that answers a question, and why."""

    id: str
    schema_name: str
    caption: str
    pseudonym: bool
    """No part that holds a name is open to you."""
    owner: str
    parts: list[str]
    """Open to you."""
    sensitivity: list[str]
    handling: list[str]
    occurred_at: str | None
    updated_at: str
    score: float
    """0 to 1: a reason to look, no finding."""
    reasons: list[str]
    snippet: str | None
    handle: str | None
    """A part you may only ask for matched: ask its owner with this."""


class GoingOut(TypedDict):
    """One part that a purge removes."""

    part: str
    kind: str
    revision: int
    subjects: list[str]
    sealed: bool
    """Encrypted; the key that opens it goes too."""
    keys: int
    search_rows: int


class GroundedOut(TypedDict):
    """The exhibit on its new ground, and what was made of it where that fell away."""

    record: str
    number: str
    owner: str
    kind: str
    basis: Basis
    acquired_at: str
    collected_at: str | None
    collected_by: str | None
    place: str | None
    description: str | None
    file_name: str | None
    media_type: str | None
    size: int | None
    """Bytes."""
    sha256: str | None
    sha512: str | None
    closed: bool
    """Something in it is sealed and not open here: never in a list, and alone only while the proof behind your token is not older than ten minutes."""
    lost_with_it: list[str]
    """Yours, by number, that stood on the same ground and stand on none now."""
    kept: list[str]
    """Yours that stand on it still: a colleague who may read all of them revises them."""


class Held(TypedDict):
    """Which proceeding of the recipient needs the copies; the owner reads it."""

    reason: str


class HitOut(TypedDict):
    """That a record exists and whom to ask; nothing of its content."""

    handle: str
    """Means something to your agency alone."""
    schema_name: str
    category: str
    handling: str
    owner: str
    owner_name: str
    desk: DeskOut
    why: WhyOut


class HoldAsked(TypedDict):
    """A legal hold, or its end, and which proceeding asks for it."""

    on: bool
    reason: str


class ImpactOut(TypedDict):
    """What would be different for your agency's records that you see."""

    content_hash: str
    """Of the version, or of the draft as it stands."""
    against: str | None
    """The version it replaces."""
    in_force: bool
    """It decides already: what it changed."""
    verdict: str | None
    """narrower, wider, equal or incomparable; null where nothing is proven."""
    records: int
    """Of your agency, as you see them."""
    parts: int
    changes: list[ChangeOut]


class InsideOut(TypedDict):
    """A file inside the file, by the number under which it can be extracted."""

    number: int
    name: str
    kind: str
    size: int
    """Bytes."""
    sha256: str


class InvariantOut(TypedDict):
    """What must never follow: proven, or the chain by which it would."""

    id: str
    proven: bool
    text: str
    """The question that breaks it."""
    chain: list[LinkOut]
    """Empty where it is proven."""


class KeptOut(TypedDict):
    """How long one own record is kept."""

    record: str
    schema_name: str
    retention_class: str
    rule: str
    received_on: str
    validated_on: str | None
    review_on: str
    retain_until: str | None
    """Its last day; null where no rule sets one."""
    legal_hold: bool
    state: Due


class KeyIn(TypedDict):
    """A public key to keep."""

    key: str
    """A JWK: Ed25519 or P-256, its public half."""
    days: NotRequired[int]


class LabelAsked(TypedDict):
    """The whole new label of a part; owner, schema and part stay as they are."""

    label: dict[str, Any]


class LastDay(TypedDict):
    """The last day of a record; null takes it away where no law asks for one."""

    retain_until: str | None


class LedgerEntry(TypedDict):
    """One entry with its body, which names each record, part and clause."""

    id: str
    view: str
    """`acting` (complete) or `owning`."""
    at: str
    kind: Kind
    actor: str
    agency: str
    purpose: str | None
    case: str | None
    leaf_index: int | None
    """Its place; null for about a second."""
    erased: bool
    records: list[str]
    """The records that it names; a hit of one's own by its handle."""
    clauses: list[str]
    """Agreements cited, and after a slash their clauses."""
    body: dict[str, Any] | None
    """Null when it was erased; the place in the tree remains."""


class LedgerLine(TypedDict):
    """One entry. A view of your own records has no purpose and no case of whoever asked."""

    id: str
    view: str
    """`acting` (complete) or `owning`."""
    at: str
    kind: Kind
    actor: str
    agency: str
    purpose: str | None
    case: str | None
    leaf_index: int | None
    """Its place; null for about a second."""
    erased: bool
    records: list[str]
    """The records that it names; a hit of one's own by its handle."""
    clauses: list[str]
    """Agreements cited, and after a slash their clauses."""


class LeftOutExhibit(TypedDict):
    """An exhibit that you see and that cannot go along."""

    record: str
    number: str
    owner: str
    why: WhyLeftOut
    sentence: str


class LinkCode(TypedDict):
    """The code that belongs to a link, beside it."""

    code: str
    """Told this once."""


class LinkOut(TypedDict):
    """One step of a chain."""

    agreement: str
    clause: str
    text: str


class ListedCopy(TypedDict):
    """A copy that left the node before the recall."""

    id: str
    taken_at: str
    taken_by: str
    format: str
    parts: list[str]
    sha256: str


class MappingIn(TypedDict):
    """A mapping to be kept."""

    name: str
    text: str
    """YAML."""
    based_on: NotRequired[int | None]
    """The version you edited; 0 for none. Another one in between is a 409."""


class MappingOut(TypedDict):
    """One version of a saved mapping."""

    name: str
    version: int
    text: str
    """YAML."""
    columns: list[str]
    """The header that it fits."""
    by: str
    created_at: str


class Me(TypedDict):
    """The membership that the token stands for, as far as its facts are in force now."""

    membership: str
    member: str
    name: str
    title: str
    agency: str
    agency_name: str
    agency_kind: str
    country: str
    zone: str
    roles: list[str]
    clearance: str
    nationality: str | None
    assurance: int
    """How sure the sign-in was, 1 to 3."""
    training: list[TrainingHeld]
    holds_until: str | None
    """The earliest moment at which one of these facts ends."""


class MemberChangeApplied(TypedDict):
    """A change in force, with the one-time link that it brings."""

    id: str
    kind: ChangeKind
    membership: str
    member: str
    """The person that it is about."""
    facts: dict[str, Any]
    state: ChangeState
    proposed_by: str
    proposed_at: str
    expires_at: str
    decided_by: str | None
    decided_at: str | None
    via: Via
    link: str | None
    """The path of a link for the member; told this once."""


class MemberChangeIn(TypedDict):
    """A change of one membership; which of the fields it takes depends on its kind."""

    kind: Literal[
        "role",
        "clearance",
        "assurance",
        "training",
        "leave",
        "suspend",
        "resume",
        "enrolment",
        "review",
        "nationality",
    ]
    add: NotRequired[list[str]]
    """Of `role`."""
    remove: NotRequired[list[str]]
    """Of `role`."""
    to: NotRequired[str | int | None]
    """Of `clearance` and `assurance` the level; of `nationality` the country."""
    until: NotRequired[str | None]
    """Of `role`, `clearance`, `assurance` and `nationality`: when what is given ends by itself; null without an end of its own."""
    training: NotRequired[str | None]
    """Of `training`."""
    issued_on: NotRequired[str | None]
    """Of `training`."""
    valid_until: NotRequired[str | None]
    """Of `training`."""
    at: NotRequired[str | None]
    """Of `leave`: the moment; null for now."""


class MemberChangeOut(TypedDict):
    """A change: in force, or waiting for a second person until it expires."""

    id: str
    kind: ChangeKind
    membership: str
    member: str
    """The person that it is about."""
    facts: dict[str, Any]
    state: ChangeState
    proposed_by: str
    proposed_at: str
    expires_at: str
    decided_by: str | None
    decided_at: str | None
    via: Via


class MemberKeyOut(TypedDict):
    """The public key that made it."""

    cose: str
    """COSE (RFC 9052), in base64."""
    digest: str
    """Its SHA-256, as the ledger's entry of its making names it."""
    credential: str


class MemberSignatureBundle(TypedDict):
    """Everything that proves one signature; `accord-verify FILE` checks it."""

    format: str
    document: str
    """What was shown, in base64."""
    signed: str
    """The text whose SHA-256 the passkey answered."""
    assertion: AssertionOut
    key: MemberKeyOut
    rp: str
    origin: str


class MemberSignatureLine(TypedDict):
    """One signature of a member."""

    id: str
    name: str
    """Who signed."""
    agency: str
    """For whom."""
    says: str
    """What it does, in words."""
    kept_at: str
    holds: bool
    """Whether it is as the node kept it."""


class Message(TypedDict):
    """One message: kind and ids, and how it went."""

    id: str
    topic: str
    """One of the kinds; test; or missed, where changes may have gone by unread."""
    subject: str
    record: str | None
    made_at: str
    state: DeliveryState
    attempts: int
    next_at: str
    status: int | None
    """What the receiver last answered."""
    fault: str | None
    """Why there was no answer: name, connection, timeout, tls, refused; withheld where it was not sent, since you may not fetch the thing; while it waits, that is asked again."""


class MyCase(TypedDict):
    """A case of the member: give its number in `Accord-Case`, one of its purposes in the other."""

    number: str
    purposes: list[str]
    state: str


class NameIn(TypedDict):
    """Another name."""

    name: str


class Naming(TypedDict):
    """Whether your name is shown to other agencies; false takes it off everywhere."""

    named: bool


class NewAnswer(TypedDict):
    """The answer of this moment, and which of it you had not seen."""

    visible: list[FoundRecord]
    hits: list[HitOut]
    narrow: bool
    """There is more than is shown: ask more narrowly."""
    too_broad: str | None
    """Why other agencies were not asked."""
    quota: QuotaOut
    new: list[str]
    """Ids of records and handles of hits, of what is open to you now."""


class NewMemberIn(TypedDict):
    """A new member, as one administrator proposes it."""

    handle: str
    """Follows your agency's name in the id of the membership."""
    name: str
    nationality: str
    title: NotRequired[str]
    roles: list[str]
    clearance: NotRequired[str]
    assurance: NotRequired[int]
    until: NotRequired[str | None]
    member: NotRequired[str | None]
    """Somebody whom the node knows from another agency."""


class NoteOut(TypedDict):
    """One revision of a note."""

    note: str
    revision_id: str
    author: str
    author_name: str
    agency: str
    at: str
    text: str | None
    closed: bool
    """It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."""
    revision: int
    """1 is the first."""
    concurrent: bool
    """Another revision started from the same one."""


class NoteWritten(TypedDict):
    """The id of the revision that was written."""

    revision_id: str


class NoticeOut(TypedDict):
    """What another agency stated for yours: never about which record, nor in which case."""

    statement: str
    by_agency: str
    kind: str
    purpose: str | None
    starts: str
    ends: str
    state: StatementState


class ObligationOut(TypedDict):
    """What one agency owes another for one record, under one clause."""

    id: str
    kind: DutyKind
    asks: str
    owes: str
    owner: str
    record: str
    parts: list[str]
    agreement: str
    agreement_hash: str
    clause: str
    ledger_entry: str
    """The entry of the disclosure."""
    made_at: str
    due_at: str | None
    """Null where no day is set."""
    state: DutyState
    discharged_at: str | None
    how: str | None
    noted: bool
    """Done, and a notice taken note of by the owner."""


class OpenCase(TypedDict):
    """A case to open; its purposes are fixed from then on."""

    number: str
    title: str
    purposes: list[str]
    members: NotRequired[list[str]]


class OwnerIn(TypedDict):
    """Who is to answer for a system."""

    owner: str
    """The membership of a person of the agency."""


class PageAgencyChangeOut(TypedDict):
    """PageAgencyChangeOut"""

    items: list[AgencyChangeOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageAgencyKeyOut(TypedDict):
    """PageAgencyKeyOut"""

    items: list[AgencyKeyOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageAgency(TypedDict):
    """PageAgency"""

    items: list[Agency]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageAgreementLine(TypedDict):
    """PageAgreementLine"""

    items: list[AgreementLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageAlarmOut(TypedDict):
    """PageAlarmOut"""

    items: list[AlarmOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageAssistanceLine(TypedDict):
    """PageAssistanceLine"""

    items: list[AssistanceLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageCaseLine(TypedDict):
    """PageCaseLine"""

    items: list[CaseLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageCopyOut(TypedDict):
    """PageCopyOut"""

    items: list[CopyOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageCustodyLine(TypedDict):
    """PageCustodyLine"""

    items: list[CustodyLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageDerivedOut(TypedDict):
    """PageDerivedOut"""

    items: list[DerivedOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageDirectoryMember(TypedDict):
    """PageDirectoryMember"""

    items: list[DirectoryMember]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageDraftLine(TypedDict):
    """PageDraftLine"""

    items: list[DraftLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageErasureOut(TypedDict):
    """PageErasureOut"""

    items: list[ErasureOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageExhibitOut(TypedDict):
    """PageExhibitOut"""

    items: list[ExhibitOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageExpertiseOut(TypedDict):
    """PageExpertiseOut"""

    items: list[ExpertiseOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageKeptOut(TypedDict):
    """PageKeptOut"""

    items: list[KeptOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageLedgerLine(TypedDict):
    """PageLedgerLine"""

    items: list[LedgerLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageMappingOut(TypedDict):
    """PageMappingOut"""

    items: list[MappingOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageMemberChangeOut(TypedDict):
    """PageMemberChangeOut"""

    items: list[MemberChangeOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageMemberSignatureLine(TypedDict):
    """PageMemberSignatureLine"""

    items: list[MemberSignatureLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageMessage(TypedDict):
    """PageMessage"""

    items: list[Message]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageNoteOut(TypedDict):
    """PageNoteOut"""

    items: list[NoteOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageNoticeOut(TypedDict):
    """PageNoticeOut"""

    items: list[NoticeOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageObligationOut(TypedDict):
    """PageObligationOut"""

    items: list[ObligationOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PagePartOut(TypedDict):
    """PagePartOut"""

    items: list[PartOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PagePassageOut(TypedDict):
    """PagePassageOut"""

    items: list[PassageOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PagePlaced(TypedDict):
    """PagePlaced"""

    items: list[Placed]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageQuickCheckOut(TypedDict):
    """PageQuickCheckOut"""

    items: list[QuickCheckOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageRecallOut(TypedDict):
    """PageRecallOut"""

    items: list[RecallOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageRecordLine(TypedDict):
    """PageRecordLine"""

    items: list[RecordLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageRefusedRow(TypedDict):
    """PageRefusedRow"""

    items: list[RefusedRow]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageRequestLineOut(TypedDict):
    """PageRequestLineOut"""

    items: list[RequestLineOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageReviewOut(TypedDict):
    """PageReviewOut"""

    items: list[ReviewOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageRunOut(TypedDict):
    """PageRunOut"""

    items: list[RunOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageSavedOut(TypedDict):
    """PageSavedOut"""

    items: list[SavedOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageStatementLine(TypedDict):
    """PageStatementLine"""

    items: list[StatementLine]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageSubscriptionNoticeOut(TypedDict):
    """PageSubscriptionNoticeOut"""

    items: list[SubscriptionNoticeOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageSubscriptionOut(TypedDict):
    """PageSubscriptionOut"""

    items: list[SubscriptionOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageSystemOut(TypedDict):
    """PageSystemOut"""

    items: list[SystemOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageTokenOut(TypedDict):
    """PageTokenOut"""

    items: list[TokenOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageTombstoneOut(TypedDict):
    """PageTombstoneOut"""

    items: list[TombstoneOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageUploadOut(TypedDict):
    """PageUploadOut"""

    items: list[UploadOut]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PageWebhook(TypedDict):
    """PageWebhook"""

    items: list[Webhook]
    next: NotRequired[str | None]
    """Give it as `after` for what follows; null at the end."""


class PartIn(TypedDict):
    """A described part: the label that clauses read."""

    owner: str
    schema_name: NotRequired[str]
    part: NotRequired[str]
    subjects: NotRequired[list[str]]
    sensitivity: NotRequired[str]
    handling: NotRequired[str]
    basis: NotRequired[str]
    offence: NotRequired[str]
    minor: NotRequired[bool]
    sealed: NotRequired[bool]
    intelligence: NotRequired[bool]


class PartOut(TypedDict):
    """One field group of a record, and why it is open to you."""

    id: str
    kind: str
    revision: int
    values: dict[str, list[str]]
    label: dict[str, Any]
    """The attributes on which sharing turns."""
    sealed: bool
    """Kept encrypted under its own key (victims and minors). Its values are empty in lists, and where the proof behind your token is older than ten minutes."""
    grading: dict[str, str] | None
    """In the source's own scheme."""
    assertion: str
    """fact or assessment (LED art. 7)"""
    created_at: str
    superseded_at: str | None
    open_until: str | None
    """When the keys that open it end."""
    why: WhyOut


class PassageOut(TypedDict):
    """A piece of text and where it stands."""

    place: str
    text: str


class PassingOn(TypedDict):
    """Another agency that should be asked; nothing is sent there."""

    text: str
    to: str


class PersonIn(TypedDict):
    """Somebody described: what clauses can ask of a person."""

    agency: str
    roles: list[str]
    training: NotRequired[list[str]]
    assurance: NotRequired[int]
    """1 to 3: how strongly signed in."""
    clearance: NotRequired[str]
    nationality: NotRequired[str | None]


class PictureOut(TypedDict):
    """A preview: its bytes are at `previews/{picture}`, by its number, whole or by range."""

    number: int
    use: str
    """`page`, `frame`, `waveform`; `played` is to be listened to or watched."""
    media_type: str
    """`image/webp`, `audio/ogg`, `video/webm`."""
    of: int
    """Of the page or picture, from 1."""
    width: int
    """Pixels; 0 of sound, as is the height."""
    height: int
    length_ms: int | None
    """How much of the beginning is played."""


class PlaceOut(TypedDict):
    """A place by a published code."""

    scheme: str
    """`iso-3166-1`, `iso-3166-2`, `us-fips` (state or county) or `us-place` (city)."""
    code: str
    name: str
    within: NotRequired[str | None]
    """Of a city: the county that it lies in."""


class PlaceRecord(TypedDict):
    """A record of the member's own agency to place."""

    record: str


class Placed(TypedDict):
    """A record in the case; read it part by part at `/records/{record}`."""

    record: str
    owner: str
    placed_by: str
    placed_at: str


class Problem(TypedDict):
    """What went wrong (RFC 9457), for the officer who reads it."""

    type: NotRequired[str]
    title: str
    status: int
    detail: str
    who_can_change: NotRequired[str | None]
    """Who can change the answer."""
    reference: NotRequired[str | None]
    """Say it when you ask for help."""
    errors: NotRequired[list[Fault] | None]
    """Every fault found."""


class ProofOut(TypedDict):
    """The invariants of one version, each proven or broken beside all that is in force."""

    content_hash: str
    invariants: list[InvariantOut]


class Proposal(TypedDict):
    """A record is to be purged, and what whoever says so has seen of it."""

    reason: str
    seen: list[str]
    """Every part of `parts`, as it was read."""


class Propose(TypedDict):
    """An agreement, or an amendment that names its parent's hash."""

    text: str
    """The agreement in YAML."""
    file: NotRequired[str]
    """What faults call it."""


class Proposed(TypedDict):
    """The version that was stored, not yet signed by anybody."""

    content_hash: str
    agreement: str
    canonical: str
    """Base64 of what to sign."""
    cautions: list[CautionOut]


class ProposedDraft(TypedDict):
    """The version that the draft became."""

    content_hash: str


class Pushed(TypedDict):
    """Records of your agency, each in the form of one record."""

    records: list[dict[str, Any]]
    """1 to 500; the same fields as one contributed record."""


class QuickCheckOut(TypedDict):
    """A look-up without a case, and what its reviewer found; never what came back."""

    id: str
    by: str
    at: str
    legal_basis: str
    reason: str
    asked: str
    ledger_entry: str
    verdict: Literal["justified", "not-justified"] | None
    """Null while nobody has reviewed it."""
    because: str | None
    reviewer: str | None
    reviewed_at: str | None


class QuotaOut(TypedDict):
    """What is left of this hour's questions to other agencies."""

    queries_left: int
    hits_left: int
    frees_at: str


class ReadingNote(TypedDict):
    """What was left out of a reading, or is worth a look."""

    lack: str
    sentence: str
    detail: str


class ReadingOut(TypedDict):
    """How far the reading of a file has come, and what was learned."""

    state: ReadingState
    asked_at: str
    done_at: str | None
    kind: str | None
    """By content."""
    reason: str | None
    """Why it was set apart, or why the last try failed."""
    sentence: str | None
    readings: int
    """How often it was read to an end."""
    lost: int
    """How often the worker ended while it was at it; three times at most."""
    tools: list[ToolOut]
    facts: list[FactOut]
    notes: list[ReadingNote]
    previews: list[PictureOut]
    inside: list[InsideOut]


class Reason(TypedDict):
    """Why the record is needed; the answering person reads it."""

    reason: str


class RecallAsked(TypedDict):
    """Why everything that was given of a record is withdrawn."""

    because: Literal[
        "inaccurate",
        "court-order",
        "source-at-risk",
        "consent-withdrawn",
        "given-in-error",
        "no-longer-needed",
    ]


class RecallOut(TypedDict):
    """One notice to one recipient, for both sides."""

    id: str
    owner: str
    recipient: str
    record: str
    schema_name: str
    parts: list[str]
    what: str
    because: str
    sent_at: str
    due_at: str
    signed: bool
    """By the owner's key; else the ledger entry stands for it."""
    ledger_entry: str
    copies: list[ListedCopy]
    state: RecallState
    overdue: bool
    said: list[SaidOut]


class RecallReceiptIn(TypedDict):
    """What became of copies."""

    outcome: Literal["nothing-held", "destroyed", "returned"]


class Recalled(TypedDict):
    """Which agencies have their notices."""

    told: list[str]


class Receipt(TypedDict):
    """The proof of one entry: save it to a file and give that to `accord-verify`. Under 4 KB."""

    format: str
    """`accord-receipt/3`; `/2` and `/1` for entries of before."""
    key: str
    """Whose it is; trust it only from elsewhere."""
    leaf_index: int
    commitment: str
    opening: dict[str, Any]
    """The body and what shows it to be the one committed to."""
    pieces: NotRequired[dict[str, Any] | None]
    """All items of the body, and its detail, where they fit."""
    shown: NotRequired[list[dict[str, Any]] | None]
    """Else those that were asked for, each with its own proof."""
    inclusion: str | list[str]
    """The path to the root: hashes one after the other; a list in `/1`."""
    checkpoint: str
    timestamp: NotRequired[str | None]
    """A token (RFC 3161) over the head, where there is one that fits."""


class RecordIn(TypedDict):
    """One record of your agency, in the form of a line of a world."""

    source_system: str
    source_ref: str
    schema: str
    occurred_at: NotRequired[str | None]
    label: dict[str, Any]
    part_labels: NotRequired[dict[str, dict[str, Any]]]
    parts: dict[str, dict[str, list[str]]]
    grading: NotRequired[dict[str, str] | None]
    assertion: NotRequired[str | None]
    """fact or assessment"""
    retain_until: NotRequired[str | None]
    basis_of_suspicion: NotRequired[str | None]
    """Required of criminal intelligence (28 CFR 23.20)."""


class RecordLine(TypedDict):
    """A record in a list, as far as you may see it."""

    id: str
    schema_name: str
    caption: str
    pseudonym: bool
    """No part that holds a name is open to you."""
    owner: str
    parts: list[str]
    """Open to you."""
    sensitivity: list[str]
    handling: list[str]
    occurred_at: str | None
    updated_at: str


class RecordOut(TypedDict):
    """A record with every part that is open to you; others do not show."""

    id: str
    schema_name: str
    caption: str
    pseudonym: bool
    owner: str
    source_system: str
    source_ref: str
    revision: int
    occurred_at: str | None
    created_at: str
    updated_at: str
    retain_until: str | None
    legal_hold: bool
    parts: list[PartOut]


class RefusedRow(TypedDict):
    """A row that broke a rule; its text is the narrative part of the record."""

    id: str
    line: int
    field: str
    rule: str
    reason: str
    record: str
    resolved_at: str | None


class Relabelled(TypedDict):
    """The part that stands in the place of the old one."""

    part: str


class RequestLineOut(TypedDict):
    """A disclosure request in a list."""

    id: str
    requester_agency: str
    requester: str
    owner: str
    schema_name: str
    purpose: str
    case: str | None
    state: RequestState
    created_at: str
    due_at: str


class RequestOut(TypedDict):
    """A disclosure request with what was said, as far as you may read it."""

    id: str
    requester_agency: str
    requester: str
    owner: str
    schema_name: str
    purpose: str
    case: str | None
    state: RequestState
    created_at: str
    due_at: str
    handle: str | None
    """For the agency that asked."""
    legal_basis: str
    reason: str | None
    reason_closed: bool
    """It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."""
    answer: str | None
    answer_closed: bool
    """It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."""
    answered_at: str | None
    answered_by: str | None
    granted: list[str]
    granted_until: str | None
    record: str | None
    """For its owner, and once something of it is open."""


class ReviewIn(TypedDict):
    """How an emergency that took effect is judged by a third person."""

    judged: Literal["justified", "too-wide", "not-justified"]


class ReviewOut(TypedDict):
    """One review of one record."""

    id: str
    record: str
    schema_name: str
    state: ReviewState
    by: str
    at: str
    closed_by: str | None
    closed_at: str | None


class ReviewedOut(TypedDict):
    """How long a record is kept, and all that a purge of it removes."""

    record: str
    schema_name: str
    retention_class: str
    rule: str
    received_on: str
    validated_on: str | None
    review_on: str
    retain_until: str | None
    """Its last day; null where no rule sets one."""
    legal_hold: bool
    state: Due
    parts: list[GoingOut]
    latest: str | None
    """The last day that a validation today may set."""
    kept_by: str | None
    """What must end first, in words: an exhibit is disposed of by order. Else null."""
    gone: str | None
    """What of it is gone and no legal hold keeps, in words: the file of an exhibit that was disposed of. Else null."""


class Revision(TypedDict):
    """The revision that was read, so that nobody's edit is overwritten unseen."""

    based_on: int


class RevocationIn(TypedDict):
    """Why it is taken back."""

    because: Literal["withdrawn-by-the-person", "no-longer-needed", "given-in-error"]


class RevokedKey(TypedDict):
    """The agency's key that signed a statement and was revoked since before that."""

    key: str
    """The public half, in hexadecimal."""
    since: str
    """Since when others had it."""
    revoked_at: str
    """When the agency first said so."""
    reason: str


class RowAnswer(TypedDict):
    """What became of one record of a batch."""

    row: int
    """Its place in the batch, from 1."""
    outcome: str
    """loaded, revised, unchanged or refused"""
    id: str | None
    """The record; null when refused."""
    problems: NotRequired[list[RowProblem]]


class RowProblem(TypedDict):
    """One broken rule."""

    field: str
    rule: str
    reason: str


class RunOut(TypedDict):
    """A file on its way in, or arrived."""

    id: str
    file_name: str
    format: str
    said: str
    """The format in words."""
    mapping_name: str | None
    """A saved mapping."""
    mapping_version: int | None
    remarks: str | None
    """What was left out, by kind."""
    state: str
    """unmapped, queued, running, done, failed or cancelled"""
    by: str
    percent: int
    rows: int
    """Rows read so far."""
    loaded: int
    revised: int
    unchanged: int
    quarantined: int
    """Rows set apart to be mended."""
    failure: str | None
    sender_away: bool
    """It stands aside: who sent it does not act for the agency at present."""
    created_at: str
    updated_at: str


class RungOut(TypedDict):
    """Whom to call when nobody answered for so many minutes."""

    name: str
    phone: str
    after_min: int


class SaidOut(TypedDict):
    """What was done about a notice."""

    act: str
    by: str
    at: str
    outcome: str | None
    signed: bool
    """By the agency's key; else the ledger entry stands for it."""
    ledger_entry: str


class SaveIn(TypedDict):
    """A question to keep, and what to call it."""

    q: NotRequired[str | None]
    """`dob:`, `name:`, `plate:`, `phone:`, `id:`, `vin:`, `email:`, `text:` and "quoted words" say what is meant; the rest is told by its form."""
    fields: NotRequired[dict[str, str] | None]
    """Instead of `q`: name, birthDate, plate, phone, identifier, vin, email, text, phrase."""
    schemas: NotRequired[list[str] | None]
    """Only these kinds of record."""
    reason: NotRequired[str | None]
    """Why, of a quick check (general policing without a case): `stop`, `call`, `safety`, `property`, `custody`; else `why`."""
    why: NotRequired[str | None]
    """The reason in your own words."""
    name: NotRequired[str]


class SavedOut(TypedDict):
    """A saved search; its member alone reads it."""

    id: str
    name: str
    question: str
    saved_at: str
    seen_at: str
    """Since when lines count as new."""
    deleted_at: str | None
    """Set for a day, while it can come back."""


class SecretIn(TypedDict):
    """A secret to make."""

    days: NotRequired[int]


class SecretOut(TypedDict):
    """A secret, shown this once."""

    id: str
    client: str
    secret: str


class SeenIn(TypedDict):
    """What is no longer new."""

    shown: list[str]
    """Ids of records, and handles of hits, of an answer."""


class SeenOut(TypedDict):
    """Somebody who has a way in now, as far as you may know."""

    membership: str
    action: str
    """The highest that it reaches."""
    purposes: list[str]


class SetUp(TypedDict):
    """An endpoint to set up."""

    url: str
    """https; the node does not go into private networks unless its operator allows it."""
    topics: list[str]
    """Kinds of change: case, record, request, duty, run, statement, notice, custody."""
    membership: NotRequired[str | None]
    """Yours: only what you may fetch in records administration is told."""


class ShiftOut(TypedDict):
    """Hours on some days of every week, in the agency's zone; they may end on the next day."""

    days: list[str]
    opens: str
    closes: str


class Sign(TypedDict):
    """An Ed25519 signature over the canonical form; the key never comes to the node."""

    signature: str
    """64 bytes in base64."""


class SignatureIn(TypedDict):
    """The agency's signature, where it is made off the node; a demonstration makes it itself."""

    signature: NotRequired[str | None]
    """64 bytes in base64."""


class SignatureOut(TypedDict):
    """A party's signature over the canonical form, made off the node by a named officer."""

    agency: str
    officer: str
    signed_at: str


class SignedHead(TypedDict):
    """The newest signed head of the ledger: public, so that anybody can hold it against another."""

    size: int
    """How many entries it covers."""
    root: str
    """The Merkle root (RFC 6962), base64."""
    note: str
    """The head as a signed note (C2SP)."""
    key: str
    """The line to give to `accord-verify --key`."""
    created_at: str


class SimulationIn(TypedDict):
    """A question that nobody has asked: a person, a reason, and a part or a record."""

    member: NotRequired[str | None]
    """A membership of your agency; without it and `person`, you."""
    person: NotRequired[PersonIn | None]
    purpose: NotRequired[str | None]
    """Without it, that of the header."""
    legal_basis: NotRequired[str | None]
    case: NotRequired[str | None]
    """One of your cases; the person is taken to work on it."""
    part: NotRequired[PartIn | None]
    record: NotRequired[str | None]
    """Instead of `part`: a record of your agency, by id or reference."""
    keys: NotRequired[list[str] | None]
    """Kinds of key; without it, those that the record carries."""
    version: NotRequired[str | None]
    """As if this version were in force."""


class SimulationOut(TypedDict):
    """The whole answer."""

    person: str
    purpose: str
    version: str | None
    """The version supposed in force."""
    parts: list[TrialsOut]


class StatementLine(TypedDict):
    """One statement of your agency in a list."""

    id: str
    kind: str
    by: str
    recipient: str
    purpose: str | None
    case: str | None
    parts: list[str]
    starts: str
    ends: str
    state: StatementState
    signed: bool
    """Whether every signature it needs verifies now."""
    review_due: str | None
    """For an emergency nobody has reviewed."""


class StatementOut(TypedDict):
    """One statement whole, with the bytes that are signed."""

    id: str
    kind: str
    by: str
    recipient: str
    purpose: str | None
    case: str | None
    parts: list[str]
    starts: str
    ends: str
    state: StatementState
    signed: bool
    """Whether every signature it needs verifies now."""
    review_due: str | None
    """For an emergency nobody has reviewed."""
    reason: str | None
    """As far as clauses let you read it."""
    reason_closed: bool
    """It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."""
    record: str | None
    """Where you see it for this purpose."""
    extends: str | None
    void_because: RevokedKey | None
    """Why it is void, where a key was revoked."""
    told: list[str]
    acts: list[ActOut]
    clauses: list[ClauseNamed]
    canonical: str
    """Base64 of what the agency signs (RFC 8785)."""
    confirmation: str | None
    """Base64 of what the agency signs when you are the second person."""


class StepChoice(TypedDict):
    """Whether the asking member may take a step now."""

    step: Step
    why_not: str | None
    """Null where it may be taken."""


class StepOut(TypedDict):
    """A step that an agency took with a version; the reason is read by every member."""

    step: Step
    agency: str
    member: str
    at: str
    reason: str
    signature: str | None
    """Base64 of the agency's Ed25519 signature over the step."""
    counts: bool
    """False for a stored step that the rules refuse or whose signature is false: it decides nothing."""


class SubscriptionAsked(TypedDict):
    """What to ask from now on, until when, and why."""

    kind: Literal["plate", "phone", "name"]
    value: str
    """A whole number, or a full name."""
    until: str
    """At most 90 days from now."""
    reason: str


class SubscriptionMade(TypedDict):
    """The subscription that was made."""

    id: str


class SubscriptionNoticeOut(TypedDict):
    """A record that met a subscription, while it is open to you."""

    subscription: str
    at: str
    read: bool
    level: Literal["view", "hit"]
    owner: str
    schema_name: str
    record: str | None
    """Where it is open to you."""
    handle: str | None
    """Where you may ask its owner: what to ask with."""


class SubscriptionOut(TypedDict):
    """One subscription of yours in this context."""

    id: str
    kind: str
    value: str
    purpose: str
    case: str
    state: SubscriptionState
    ended_because: str | None
    made_at: str
    until: str


class SubscriptionStep(TypedDict):
    """What to do with it."""

    do: Literal["pause", "resume", "end"]


class SuccessorIn(TypedDict):
    """A new signing key as `accord agency-key-successor` prints it; everything in hexadecimal."""

    predecessor: str
    key: str
    signature: str
    """By the old key over the new one."""
    proof: str
    """By the new key itself."""


class SystemIn(TypedDict):
    """A system that an administrator asks for."""

    handle: str
    """After the agency's name."""
    name: str
    owner: str
    """The membership of a person of the agency."""
    roles: list[str]
    clearance: NotRequired[str]
    days: NotRequired[int]
    """After so many days it ends."""


class SystemOut(TypedDict):
    """A member that is a program, with the person who answers for it."""

    id: str
    membership: str
    name: str
    owner: str
    roles: list[str]
    clearance: str
    valid_until: str
    proposed_by: str
    proposed_at: str
    approved_by: str | None
    """Another administrator; null while it waits."""
    ended_at: str | None
    answered_for: bool
    """Whether its owner acts for the agency now; else it gets no token."""
    next_owner: str | None
    """Who is to answer for it, once another administrator approves."""
    next_owner_by: str | None
    next_owner_at: str | None
    """When they were named; it is approved within seven days."""
    clients: list[ClientOut]


class Term(TypedDict):
    """One thing that a clause says, in plain language."""

    term: str
    says: str


class TextIn(TypedDict):
    """A text to look at; nothing is stored."""

    text: str


class ToSign(TypedDict):
    """The bytes that an agency signs, and the hash of the version."""

    content_hash: str
    canonical: str
    """Base64 of RFC 8785."""
    at: str | None
    """The time that they name, for a step; send it with the signature."""


class TokenOut(TypedDict):
    """A token of yours; the token itself was shown once."""

    id: str
    name: str
    purposes: list[str]
    actions: list[str]
    assurance: int
    """Of the session that made it."""
    made_at: str
    expires_at: str
    revoked_at: str | None


class TombstoneOut(TypedDict):
    """That a record was here, who ended it and under which rule."""

    record: str
    schema_name: str
    rule: str
    proposed_by: str
    approved_by: str
    parts: int
    at: str
    ledger_entry: str


class ToolOut(TypedDict):
    """A program or library that took part."""

    name: str
    version: str


class TrainingHeld(TypedDict):
    """A certificate of the member."""

    training: str
    issued_on: str
    valid_until: str
    """The last day, inclusive."""
    attested_by: str
    valid: bool


class TrialOut(TypedDict):
    """The answer to one action."""

    action: str
    allowed: bool
    clauses: list[CitationOut]
    """The permit and its chain, or the forbid."""
    obligations: list[str]
    missing: list[str]
    """What a refused question lacks."""


class TrialsOut(TypedDict):
    """Every action of the ladder on one part."""

    part: str
    keys: list[str]
    highest: str | None
    """The highest action allowed."""
    actions: list[TrialOut]


class Tried(TypedDict):
    """What the first 20 rows of a file would become."""

    rows: list[TriedRow]


class TriedPart(TypedDict):
    """A part that a row would become."""

    part: str
    subjects: list[str]
    sealed: bool
    minor: bool
    values: dict[str, str]


class TriedRow(TypedDict):
    """One of the first rows under the mapping."""

    line: int
    reference: str
    comes_in: bool
    parts: list[TriedPart]
    problems: list[dict[str, str]]
    """field, rule, reason"""


class Try(TypedDict):
    """A mapping to be tried on a file that waits."""

    mapping: str
    """YAML."""


class UploadOut(TypedDict):
    """A file of yours on its way in."""

    id: str
    file_name: str
    media_type: str
    size: int
    """Bytes."""
    received: int
    """Bytes that are here, durably."""
    state: UploadState
    sha256: str | None
    """Once it is whole."""
    sha512: str | None
    """Once it is whole."""
    expires_at: str
    """Without a new byte until then it is removed."""


class Use(TypedDict):
    """A mapping under which a file comes in."""

    mapping: str
    """YAML."""
    name: NotRequired[str | None]
    """Kept under this name too."""
    based_on: NotRequired[int | None]


class UsedTool(TypedDict):
    """What a step was done with."""

    name: str
    version: str


class Validation(TypedDict):
    """A record is kept: its new days, and why."""

    review_on: str
    retain_until: NotRequired[str | None]
    """Needed where the law sets a maximum."""
    reason: str


class VerdictIn(TypedDict):
    """Whether a check was justified, and why."""

    verdict: Literal["justified", "not-justified"]
    because: str


class WayOut(TypedDict):
    """A way in: who may, for what, with which keys, by which clauses."""

    action: str
    roles: list[str]
    purposes: list[str]
    training: list[str]
    assurance: int | None
    clearance: str | None
    keys: list[str]
    cases: list[str]
    clauses: list[CitationOut]
    """The permit, then those that pass it on."""
    obligations: list[str]


class Webhook(TypedDict):
    """An endpoint of your agency."""

    id: str
    url: str
    topics: list[str]
    membership: str
    state: EndpointState
    reason: NotRequired[str | None]
    """Why the node itself paused it; null where it did not."""
    created_at: str


class WebhookSecret(TypedDict):
    """An endpoint with the secret by which its receiver checks the signature."""

    id: str
    url: str
    topics: list[str]
    membership: str
    state: EndpointState
    reason: NotRequired[str | None]
    """Why the node itself paused it; null where it did not."""
    created_at: str
    secret: str


class WhyOut(TypedDict):
    """The clause that allows it, and what it asks in return."""

    action: str
    agreement: str | None
    agreement_hash: str | None
    clause: str | None
    obligations: list[str]


class Withdraw(TypedDict):
    """Why what was proposed is taken back; every member reads it."""

    reason: str


class WitnessOut(TypedDict):
    """One question that one version allows and the other refuses."""

    text: str
    """The question in words."""
    action: str
    keys: list[str]
    allowed_by: list[dict[str, str]]
    """The clauses that allow it, with agreement and hash."""
    because: str
    """Why the other version refuses it."""


class Word(TypedDict):
    """A word of the shared vocabulary with its meaning."""

    word: str
    meaning: str


class WriteNote(TypedDict):
    """A note, or a new revision of one."""

    text: str
    based_on: NotRequired[str | None]
    """The revision before your eyes when you edit. If somebody replaced it meanwhile, both revisions stand side by side: nothing is overwritten."""
