"""What the database may hold outside row-level security, each with its reason.

tests/isolation/test_catalogue.py compares this file with a live database, both ways: a table,
function, grant or role that is not declared here fails, and so does a line here that is not true.
A table that is not named in OPEN_TABLES stands under forced row-level security, or the test fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Open:
    """A table without row-level security: what the application may do there, and why it is safe."""

    grants: str
    why: str


_DIRECTORY = "the directory: who belongs to which agency is no secret among members"
_TREE = "public by design: hashes and signed heads hold no agency data (docs/decisions/0003)"

OPEN_TABLES: Mapping[str, Open] = MappingProxyType(
    {
        "public.agency": Open("select", _DIRECTORY),
        "public.member": Open("select", _DIRECTORY),
        "public.membership": Open("select", _DIRECTORY),
        "public.certificate": Open("select", _DIRECTORY),
        "public.signin_link": Open(
            "select, update (used_at)", "digests of tokens, spent before anybody is known"
        ),
        "public.api_token": Open("select", "digests of tokens, read before anybody is known"),
        "public.django_session": Open(
            "select, insert, update, delete", "kept under digests, read before anybody is known"
        ),
        "public.label": Open("select, insert", "combinations of vocabulary words, no free text"),
        "public.ledger_leaf": Open(
            "select, insert (entry_id, commitment), update (leaf_index)", _TREE
        ),
        "public.ledger_tile": Open("select, insert, update (hashes)", _TREE),
        "public.ledger_checkpoint": Open("select, insert", _TREE),
        "public.django_migrations": Open("", "the migrate role's own book"),
        "public.django_content_type": Open("", "made by Django, used by nobody"),
        "accord.seal_key": Open("", "read by the seal's functions alone"),
        "accord.policy_epoch": Open("select", "one number"),
        "accord.clock_shift": Open(
            "", "moves the time of accord.clock in tests and exercises; no role may write it"
        ),
        "accord.standing": Open(
            "insert, select (id, member_id, agency_id, roles, epoch, valid_until, created_at, facts)",
            "what somebody might see, not what there is; a row opens nothing without a seal",
        ),
    }
)

READ_BY_ALL: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("public.agreement_version", "public.agreement_signature", "public.agreement_state"),
        "agreements bind everybody here and are read by every member; only a party adds to them",
    )
)
"""Tables under row-level security whose rows any reader may have, with the reason."""

UPDATABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "public.agreement_draft": ("name", "revision", "text", "updated_at", "updated_by"),
        "public.access_end": ("held",),
        "public.case_key_holder": ("valid_until",),
        "public.duty": ("closed", "discharged_at", "discharged_by", "held", "how"),
        "public.disclosure_request": (
            "answer_record", "answered_at", "answered_by", "granted_until", "state",
        ),
        "public.hit_spending": ("hits", "queries"),
        "public.intake_run": (
            "done_bytes", "failure", "loaded", "mapping", "mapping_name", "mapping_version",
            "next_row", "quarantined", "remarks", "revised", "source_system", "state", "unchanged",
            "updated_at",
        ),
        "public.joint_case": ("closed_at", "state"),
        "public.ledger_entry": ("body_cipher", "body_key", "erased_by_id"),
        "public.ledger_view": ("body_cipher", "body_key", "erased_by_id", "records"),
        "public.part_key": ("valid_until",),
        "public.placement": ("withdrawn_at",),
        "public.quarantine_entry": ("resolved_at",),
        "public.record": ("legal_hold", "retain_until"),
        "public.webhook_delivery": (
            "attempts", "done_at", "fault", "next_at", "state", "status",
        ),
        "public.webhook_endpoint": ("generation", "seen", "state", "why"),
        "public.requested_part": ("at", "decision"),
        "public.retention_review": ("closed_at", "closed_by", "state"),
        "public.saved_search": ("deleted_at", "sealed", "seen", "seen_at"),
        "public.subscription": ("asked_at", "ended_why", "state"),
        "public.subscription_match": ("level", "noticed_at", "revision", "seen_at"),
    }
)  # fmt: skip
"""Columns that the application may change in tables under row-level security; no others."""

PROBE_WRITES: Mapping[str, str] = MappingProxyType(
    {
        "accord.policy_epoch": "update (epoch)",
        # Deleting is what accord.purge does, and nobody else.
        "public.access_end": "delete",
        "public.part": "delete, update (body, newest_label_id, sealed_body, superseded_at)",
        "public.part_key": "delete, insert, update (valid_until)",
        "public.quarantine_entry": "delete",
        "public.record": "delete, update (content_hash, intelligence, occurred_at, retain_until, "
        "review_on, revision, suspicion_stated, updated_at, validated_on)",
        "public.retention_review": "update (closed_at, closed_by, state)",
        "public.subscription_match": "delete",
        "public.tombstone": "insert",
        "public.outbox": "insert (topic, subject, record_id), delete",
        "public.webhook_delivery": "delete, update (done_at, fault, state)",
        "public.webhook_endpoint": "update (state, why)",
        "public.search_name": "delete",
        "public.search_exact": "delete",
        "public.search_text": "delete",
    }
)
"""What the owner of the definer functions may write, past row-level security; it reads the rest."""


@dataclass(frozen=True, slots=True)
class Definer:
    """A function that runs as accord_probe, past row-level security."""

    callers: frozenset[str]
    asks_the_seal: bool
    why: str


_APP = frozenset({"accord_app"})
_POLICIES = frozenset({"accord_app", "accord_owner"})


def _seal(why: str) -> Definer:
    return Definer(_POLICIES, True, why)


def _own(why: str) -> Definer:
    return Definer(_APP, True, why)


DEFINERS: Mapping[str, Definer] = MappingProxyType(
    {
        "accord.seal_claims()": _seal("checks the seal's MAC, backend, transaction and expiry"),
        "accord.seal_member()": _seal("names the sealed member"),
        "accord.seal_agency()": _seal("names the sealed agency"),
        "accord.seal_roles()": _seal("names the sealed roles"),
        "accord.seal_keys()": _seal("names the keys that the request holds"),
        "accord.bits(text)": _seal("the sealed standing's bytes for one action"),
        "accord.bump_epoch()": Definer(
            _POLICIES, False, "a trigger: moves the policy epoch and reads nothing"
        ),
        "accord.find_case_key(text,text,timestamp with time zone)": Definer(
            _APP,
            False,
            "resolves a case number for one membership, before there is a standing to seal",
        ),
        "accord.emergencies(text,uuid,timestamp with time zone)": Definer(
            _APP,
            False,
            "the emergencies of one agency in one case, before there is a standing to seal",
        ),
        "accord.own_sources(text,text[])": _own("own records by their source's names"),
        "accord.own_parts_of(uuid[])": _own("own current parts, to place or to open a text"),
        "accord.own_revisions(uuid)": _own("own parts of every revision, to take back their keys"),
        "accord.own_parts(uuid)": _own("own current parts, to place or to open a text"),
        "accord.supersede(uuid[],bytea[],timestamp with time zone[],date[],boolean[],boolean[],"
        "timestamp with time zone,uuid[],uuid[])": _own("puts a new revision in place of an old"),
        "accord.bodies_in_clear(uuid[],text[])": _own("older own revisions that must be sealed"),
        "accord.seal_bodies(uuid[],bytea[])": _own(
            "puts an encrypted body in place of a clear one"
        ),
        "accord.find(jsonb,text[],boolean,integer)": _own(
            "search: ids of what is open for view or hit"
        ),
        "accord.record_behind(uuid)": _own("what a hit stands for, while it is open for hit"),
        "accord.latest(text[],timestamp with time zone,uuid,integer)": _own(
            "ids of the latest records that are open for view"
        ),
        "accord.clock()": Definer(
            _APP, False, "the database's time, moved in tests and exercises; reads no agency data"
        ),
        "accord.retention_day()": Definer(_APP, False, "the day of accord.clock()"),
        "accord.keeps_records()": _own("whether the sealed roles keep an agency's records"),
        "accord.own_retention(uuid,date,integer)": _own(
            "days of own records that are to be reviewed, also of those that nobody may read"
        ),
        "accord.own_head(uuid)": _own("kind, hold and parts of an own record that is recalled"),
        "accord.manifest(uuid)": _own("what a purge of an own record would remove, by kind"),
        "accord.revalidate(uuid)": _own("the new days of a record whose review kept it"),
        "accord.purge(uuid,uuid,text)": _own(
            "deletes one own record, which two people decided, past its day and under no hold"
        ),
        "accord.subscriptions_to_ask(timestamp with time zone)": Definer(
            _APP,
            False,
            "names members whose standing questions are due, for a worker that asks them",
        ),
        "accord.duties_come_due(timestamp with time zone)": Definer(
            _APP, False, "names duties whose time has come, for a worker that then takes standing"
        ),
        "accord.unmapped_runs(timestamp with time zone)": Definer(
            _APP, False, "names files nobody mapped, for a worker that then takes standing"
        ),
        "accord.tell()": Definer(
            _POLICIES, False, "a trigger: notes in the outbox that a row changed, by its id"
        ),
        "accord.outbox_moved(pg_snapshot,pg_snapshot)": Definer(
            _APP,
            False,
            "whether anything changed on the node, for a process that then takes standing",
        ),
        "accord.outbox_sweep(timestamp with time zone)": Definer(
            _APP, False, "removes old rows of the outbox and returns how many"
        ),
        "accord.webhooks_waiting(timestamp with time zone)": Definer(
            _APP, False, "names webhooks with something to tell, for a worker that takes standing"
        ),
        "accord.webhooks_stop(timestamp with time zone)": Definer(
            _APP, False, "pauses webhooks of memberships not in force and returns how many"
        ),
        "accord.webhooks_sweep(timestamp with time zone,integer)": Definer(
            _APP, False, "removes webhook messages that ended long ago and returns how many"
        ),
        "accord.waiting_runs(timestamp with time zone)": Definer(
            _APP, False, "names runs of intake that wait, for a worker that then takes standing"
        ),
    }
)

HELPERS: Mapping[str, str] = MappingProxyType(
    {
        "accord.opens(bytea,integer,integer,integer)": "arithmetic over bytes, inlined",
        "accord.kinds_of(uuid,uuid[],boolean)": "the keys of one part, under the caller's own rights",
    }
)
"""Functions with their caller's rights: called by the application they see what it sees.

They may go without a pinned search path, which would forbid inlining, where their body was parsed
when they were made and so looks up no name later.
"""

MOVES_EPOCH = frozenset(
    {
        "public.agency",
        "public.agreement_signature",
        "public.agreement_state",
        "public.agreement_version",
        "public.case_key_holder",
        "public.certificate",
        "public.label",
        "public.member",
        "public.membership",
        "public.statement",
        "public.statement_act",
    }
)
"""Tables that decide access: each statement that changes one moves the policy epoch."""

SEQUENCES = frozenset(
    {
        "public.agreement_signature_id_seq",
        "public.agreement_state_id_seq",
        "public.hit_spending_id_seq",
        "public.search_exact_id_seq",
        "public.search_name_id_seq",
    }
)
"""Sequences that the application may take numbers from."""
