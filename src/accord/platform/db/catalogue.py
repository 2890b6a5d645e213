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
            "done_bytes", "failure", "loaded", "next_row", "quarantined", "revised", "state",
            "unchanged", "updated_at",
        ),
        "public.joint_case": ("closed_at", "state"),
        "public.ledger_entry": ("body_cipher", "body_key", "erased_by_id"),
        "public.ledger_view": ("body_cipher", "body_key", "erased_by_id", "records"),
        "public.part_key": ("valid_until",),
        "public.placement": ("withdrawn_at",),
        "public.quarantine_entry": ("resolved_at",),
        "public.record": ("legal_hold", "retain_until"),
        "public.requested_part": ("at", "decision"),
    }
)  # fmt: skip
"""Columns that the application may change in tables under row-level security; no others."""

PROBE_WRITES: Mapping[str, str] = MappingProxyType(
    {
        "accord.policy_epoch": "update (epoch)",
        "public.part": "update (body, newest_label_id, sealed_body, superseded_at)",
        "public.part_key": "insert, update (valid_until)",
        "public.record": "update (content_hash, intelligence, occurred_at, retain_until, revision, "
        "suspicion_stated, updated_at)",
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
        "accord.duties_come_due(timestamp with time zone)": Definer(
            _APP, False, "names duties whose time has come, for a worker that then takes standing"
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
