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
        "public.agency_key": Open(
            "select", "public keys, by which everybody judges what agencies signed"
        ),
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
        "public.passkey": Open(
            "select, insert, update (sign_count, last_used_at, revoked_at, name)",
            "public keys, each row under a MAC of the node; read before anybody is known",
        ),
        "public.ceremony": Open(
            "select, insert, update (session, used_at), delete",
            "random challenges, given and answered before anybody is known",
        ),
        "public.signin": Open(
            "select, insert, update (assurance, credentials, ended_at, ended_why, mac, proven_at, "
            "seen_at, session)",
            "read before anybody is known; each row under a MAC of the node, and opens nothing "
            "without the session's signed data",
        ),
        "public.access_token": Open(
            "select, insert, update (revoked_at)",
            "digests of tokens, each row under a MAC of the node; read before anybody is known",
        ),
        "public.service_member": Open("select", "which members are programs, and whose"),
        "public.oauth_client": Open("select", "read before a client is known"),
        "public.client_credential": Open(
            "select", "digests of secrets and public keys, read before a client is known"
        ),
        "public.object_litter": Open(
            "select, delete", "names of encrypted pieces that nothing refers to: hashes alone"
        ),
        "public.used_assertion": Open(
            "select, insert, delete", "digests of what was used once, before a client is known"
        ),
        "public.identity_provider": Open(
            "select",
            "read before anybody is known; each row under a MAC of the node, its secret sealed",
        ),
        "public.provider_link": Open(
            "select", "read before anybody is known; each row under a MAC of the node"
        ),
        "public.code_allowance": Open(
            "select", "what an agency says of codes, read before anybody is known"
        ),
        "public.code_device": Open(
            "select, insert, update (failures, last_step, last_used_at, mac, password, "
            "password_at, revoked_at, version)",
            "each row under a MAC of the node, its secret encrypted; read before anybody is known",
        ),
        "public.known_device": Open(
            "select, insert, update (failures, known_at), delete",
            "browsers that came in, by numbers that count beside a cookie under a MAC of the node",
        ),
        "public.recovery_code": Open(
            "select, insert, update (failures, revoked_at, used_at)",
            "digests, each row under a MAC of the node; read before anybody is known",
        ),
        "public.signin_miss": Open(
            "select, insert, update (misses, since), delete",
            "counts of wrong answers under digests that name nobody and no place",
        ),
        "public.node_setup": Open("select", "that the node waits for its first agency"),
        "public.agency_invitation": Open(
            "", "the operator's: digests of links, asked by functions"
        ),
        "public.label": Open("select, insert", "combinations of vocabulary words, no free text"),
        "public.ledger_leaf": Open(
            "select, insert (entry_id, committed), update (leaf_index)", _TREE
        ),
        "public.ledger_tile": Open("select, insert, update (hashes)", _TREE),
        "public.ledger_checkpoint": Open(
            "select, insert, update (note, quorum_at, quorum_policy)",
            _TREE + "; a trigger lets a note gain signatures alone",
        ),
        "public.ledger_timestamp": Open("select, insert", _TREE),
        "public.django_migrations": Open("", "the migrate role's own book"),
        "public.django_content_type": Open("", "made by Django, used by nobody"),
        "accord.seal_key": Open("", "read by the seal's functions alone"),
        "accord.policy_epoch": Open("select", "one number"),
        "accord.clock_shift": Open(
            "", "moves the time of accord.clock in tests and exercises; no role may write it"
        ),
        "accord.demonstration": Open(
            "", "whether nothing here is real; written by the owner when a node is prepared"
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
        "public.expertise_holder": ("named",),
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
        "public.ledger_erasure": ("closed_at", "closed_by", "state"),
        "public.part_key": ("valid_until",),
        "public.placement": ("withdrawn_at",),
        "public.quarantine_entry": ("resolved_at",),
        "public.record": ("legal_hold", "retain_until"),
        "public.webhook_delivery": (
            "attempts", "done_at", "fault", "next_at", "state", "status",
        ),
        "public.webhook_endpoint": ("generation", "seen", "seen_at", "state", "why"),
        "public.exhibit_counter": ("last",),
        "public.exhibit_reading": (
            "asked_at", "case_number", "done_at", "kind", "legal_basis", "lost", "membership_id",
            "next_at", "notes", "purpose", "reading", "reason", "state", "tools", "tries",
        ),
        "public.derivation": (
            "began_at", "done_at", "lost", "reason", "result_record_id", "sealed", "state",
        ),
        "public.upload": (
            "expires_at", "failure", "received_bytes", "sha256", "sha512", "state", "updated_at",
        ),
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
        # The first agency of a node and its two administrators, once (accord.set_up); then what two
        # administrators say of their own (accord.apply_agency_change).
        "public.agency": "insert, update (competence, duty_desk, territory)",
        "public.agency_key": "insert, update (reason, retired_at, revoked_at, revoked_from, sayings)",
        "public.agency_change": "update (decided_at, decided_by, held, state)",
        "public.member": "insert, update (nationality)",
        # Systems and their clients, by an agency's administrators.
        "public.service_member": "insert, update (approved_at, approved_by, ended_at, next_owner_at, "
        "next_owner_by, next_owner_id, owner_id)",
        "public.oauth_client": "insert, update (revoked_at)",
        "public.client_credential": "insert, update (approved_at, approved_by, revoked_at)",
        # One-time codes: what two administrators allow, and what ends with an enrolment.
        "public.code_allowance": "insert, update (approved_at, approved_by, ended_at, ended_by)",
        "public.code_device": "update (revoked_at)",
        "public.recovery_code": "update (revoked_at)",
        # What an agency's administrators decide together (accord.apply_directory_change).
        "public.membership": "insert, update (assurance, clearance, ends, roles, title, valid_from, "
        "valid_until)",
        "public.certificate": "insert",
        "public.directory_change": "update (decided_at, decided_by, held, state)",
        "public.passkey": "update (revoked_at)",
        "public.signin": "update (ended_at, ended_why)",
        "public.node_setup": "update (agency_id, opened_at)",
        "public.agency_invitation": "update (used_at)",
        "public.signin_link": "insert, update (code_hash, used_at)",
        # What the operator did to an agency (accord.operator_entry); bodies that two people of the
        # agency erase (accord.erase_body).
        "public.ledger_entry": "insert, update (body_cipher, body_key, case_id, clauses, erased_by_id, "
        "purpose, records)",
        "public.ledger_view": "update (body_cipher, body_key, clauses, erased_by_id, records)",
        "public.ledger_erasure": "update (closed_at, closed_by, erasure_id, state)",
        # What is told of a statement whose key was revoked since before (void_what_a_key_signed).
        "public.statement_notice": "insert",
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
        # Files that nobody mapped, of whoever is not in force any more.
        "public.intake_run": "update (failure, state, updated_at)",
        "public.webhook_delivery": "delete, update (done_at, fault, state)",
        "public.webhook_endpoint": "update (state, why)",
        # Uploads whose time is over, and the pieces of what was purged.
        "public.upload": "delete",
        "public.object_segment": "delete",
        "public.object_litter": "insert",
        # Custody: one function appends to a chain, one notes what was read again.
        "public.custody_alarm": "insert, update",
        "public.custody_alarm_act": "insert",
        "public.custody_event": "insert",
        "public.custody_head": "insert, update",
        "public.custody_reread": "insert, update",
        "public.stored_object": "delete, update (frozen)",
        # Readings whose member has no standing, derivations not made; what binds a copy of a copy.
        "public.exhibit_reading": "update (lost, next_at, state)",
        "public.derivation": "update (done_at, reason, sealed, state)",
        "public.exhibit_source": "insert",
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
        "accord.operator_entry(uuid,timestamp with time zone,text,bytea,bytea)": Definer(
            frozenset({"accord_owner"}),
            False,
            "writes the entry of what the operator did, whom the application's role cannot be",
        ),
        "accord.erasure_view(uuid)": _own(
            "which body of an entry the own agency holds, for those who may decide to erase it"
        ),
        "accord.erasure_kept(uuid,uuid[])": _own(
            "one word: what keeps an entry of the own agency from being erased"
        ),
        "accord.erase_body(uuid,uuid,uuid[])": _own(
            "erases what the own agency holds of one entry, as two people decided"
        ),
        "accord.ledger_erasure_says()": Definer(
            frozenset({"accord_owner"}), False, "a trigger: a body is erased under an erasure alone"
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
        "accord.seal_together()": _own(
            "agencies that share an agreement in force with the sealed one"
        ),
        "accord.listed_expertise()": _own(
            "entries of the directory of expertise that the sealed member finds now"
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
        "accord.setting_up()": Definer(_APP, False, "one bit: whether the node has its agency"),
        "accord.add_agency(bytea,jsonb,boolean)": Definer(
            frozenset(), False, "the insertion of the two functions that ask for an operator's link"
        ),
        "accord.invited(bytea)": Definer(
            _APP, False, "what the holder of an operator's link is invited as"
        ),
        "accord.join_node(bytea,bytea,jsonb)": Definer(
            _APP, False, "asks the operator's one-time link instead, of that agency alone"
        ),
        "accord.set_up(bytea,bytea,jsonb)": Definer(
            _APP,
            False,
            "asks the operator's one-time link instead; works once, while there is nobody",
        ),
        "accord.open_node()": Definer(
            _APP, False, "ends the set-up when two administrators hold passkeys, and says one bit"
        ),
        "accord.administered()": _own("the agency of a sealed system administrator"),
        "accord.propose_system(uuid,jsonb)": _own("asks for a member that is a program"),
        "accord.approve_system(uuid)": _own(
            "makes a program a member, whom another administrator asked for"
        ),
        "accord.propose_system_owner(uuid,text)": _own("names who is to answer for an own system"),
        "accord.approve_system_owner(uuid,text)": _own(
            "lets somebody answer for an own system, whom another administrator named"
        ),
        "accord.withdraw_system_owner(uuid)": _own("takes back who was named for an own system"),
        "accord.end_system(uuid)": _own("ends a member that is a program"),
        "accord.register_client(uuid,uuid,text,text[],text[])": _own("a client of an own system"),
        "accord.add_client_credential(uuid,uuid,bytea,jsonb,timestamp with time zone)": _own(
            "a secret's digest or a key of an own client, two at a time"
        ),
        "accord.approve_client_credential(uuid)": _own(
            "makes a secret or a key count, which another administrator of the agency made"
        ),
        "accord.revoke_client_credential(uuid)": _own("ends a secret or a key of an own client"),
        "accord.revoke_client(uuid)": _own("ends an own client"),
        "accord.propose_codes(uuid)": _own("asks for one-time codes to be allowed"),
        "accord.approve_codes(uuid)": _own("allows them, whom another administrator asked"),
        "accord.end_codes(uuid)": _own("ends what the own agency allows, or asks for"),
        "accord.end_codes_of_enrolled()": Definer(
            frozenset({"accord_owner"}),
            False,
            "a trigger: ends the codes of a member whom two administrators enrol anew",
        ),
        "accord.directory_words(text)": Definer(
            _APP, False, "words of the vocabulary; reads no agency data"
        ),
        "accord.administers()": _own("the person behind the seal, who administers the agency now"),
        "accord.directory_gives(text,text,jsonb)": Definer(
            _APP, False, "one bit: whether a change gives more than the directory says"
        ),
        "accord.acts_elsewhere(text,text,timestamp with time zone)": Definer(
            _APP, False, "one bit: whether a person is another agency's as well"
        ),
        "accord.other_administrators(text,text,timestamp with time zone)": Definer(
            _APP, False, "a count over the directory, which is open"
        ),
        "accord.withdraw_directory_change(uuid)": _own("takes back a proposal of the own agency"),
        "accord.apply_directory_change(uuid)": _own(
            "puts in force what two administrators decided, or what takes away by one"
        ),
        "accord.held_roles(membership,timestamp with time zone)": Definer(
            _APP, False, "arithmetic over one row, for the functions beside it"
        ),
        "accord.in_force(membership,timestamp with time zone)": Definer(
            _APP, False, "one bit over a row of the directory, which is open"
        ),
        "accord.held_level(membership,text,integer,timestamp with time zone)": Definer(
            _APP, False, "arithmetic over one row, for the functions beside it"
        ),
        "accord.with_end(jsonb,text,jsonb)": Definer(
            _APP, False, "arithmetic over values, for the functions beside it"
        ),
        "accord.administrator_by(text,text)": Definer(
            _APP,
            False,
            "the person who administers an agency by a membership; asked by those beside it",
        ),
        "accord.put_link_code(uuid,bytea)": _own(
            "puts the proposer's code beside the link that the other administrator has"
        ),
        "accord.agency_facts_fit(text,jsonb)": Definer(
            _APP, False, "one bit: whether facts of an agency have their form; reads no agency data"
        ),
        "accord.is_light()": _own("one bit: whether the sealed agency is a light member"),
        "accord.key_counted(text,timestamp with time zone)": Definer(
            frozenset(), False, "one bit: whether an agency had a key; asked by the two below"
        ),
        "accord.statement_stands(uuid)": Definer(
            frozenset(), False, "one bit of a statement; asked by those who close what it opened"
        ),
        "accord.statement_opens(uuid)": _own("one bit: whether an own statement opens anything"),
        "accord.void_what_a_key_signed()": Definer(
            frozenset({"accord_owner"}),
            False,
            "a trigger: closes what statements opened whose key was revoked since before",
        ),
        "accord.carry_part_key()": Definer(
            frozenset({"accord_owner"}),
            True,
            "a trigger: a new revision takes over no key whose statement stands no more",
        ),
        "accord.withdraw_agency_change(uuid)": _own(
            "takes back a proposal about the own agency's entry"
        ),
        "accord.apply_agency_change(uuid)": _own(
            "puts in force what two administrators say of their own agency"
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
        "accord.subscriptions_to_ask(timestamp with time zone,text[])": Definer(
            _APP,
            False,
            "names members whose standing questions are due, for a worker that asks them",
        ),
        "accord.duties_come_due(timestamp with time zone,text[])": Definer(
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
        "accord.uploads_to_hash(timestamp with time zone)": Definer(
            _APP, False, "names uploads, for the node's own hashing, which then takes standing"
        ),
        "accord.expire_uploads(timestamp with time zone)": Definer(
            _APP, False, "removes uploads whose time is over and returns how many"
        ),
        "accord.evidence_room()": _own(
            "sums of what the sealed member and agency keep, for limits"
        ),
        "accord.drop_segments()": Definer(
            frozenset(), False, "a trigger: the pieces of a file that goes"
        ),
        "accord.litter_segment()": Definer(
            frozenset(), False, "a trigger: notes the name of a piece that may be removed"
        ),
        "accord.check_exhibit_basis()": Definer(
            frozenset(), False, "a trigger: refuses an exhibit whose basis is not recorded whole"
        ),
        "accord.refuse_unrecorded_key()": Definer(
            frozenset(), False, "a trigger: refuses keys on what has no recorded basis"
        ),
        "accord.refuse_unrecorded_standing()": Definer(
            frozenset(), False, "a trigger: refuses standings that open what has no recorded basis"
        ),
        "accord.append_custody(uuid,text,text,uuid,text,uuid)": _own(
            "appends one event to a chain of custody, if it is one and follows"
        ),
        "accord.add_custody(uuid,text,text,uuid,text,uuid)": Definer(
            frozenset(), True, "whether an event follows, for the function above alone"
        ),
        "accord.named_pieces(text[])": Definer(
            _APP, False, "which stored pieces a row names, for the node's own sweep alone"
        ),
        "accord.node_says(text)": Definer(
            frozenset(), False, "whether the program says a thing, under the key of the seal"
        ),
        "accord.only_for(text)": Definer(
            frozenset(), False, "raises unless the program says that its own job asks"
        ),
        "accord.is_demonstration()": Definer(
            frozenset(), False, "one bit: whether nothing here is real"
        ),
        "accord.custody_signed()": Definer(
            frozenset(), False, "which steps of custody are signed; reads no row"
        ),
        "accord.custody_signature_fits(jsonb,text,uuid)": Definer(
            frozenset(), False, "whether a signature is over this event and no other"
        ),
        "accord.custody_event_fits(text)": Definer(
            frozenset(), False, "whether a text is an event of custody; reads no row"
        ),
        "accord.custody_text(jsonb)": Definer(
            frozenset(), False, "the canonical form of an event; reads no row"
        ),
        "accord.refuse_stored_name()": Definer(
            frozenset(), False, "a trigger: refuses an upload under the id of a stored file"
        ),
        "accord.keep_what_others_have()": Definer(
            frozenset(), False, "a trigger: retention ends no exhibit whose chain goes on"
        ),
        "accord.count_by_one()": Definer(
            frozenset(), False, "a trigger: numbers of exhibits grow by one; reads no row"
        ),
        "accord.exhibits_to_read(timestamp with time zone)": Definer(
            _APP, False, "names files to be read, for a worker that then takes standing"
        ),
        "accord.put_off_reading(uuid,timestamp with time zone)": Definer(
            _APP, False, "lets a reading wait whose member has no standing"
        ),
        "accord.derivations_to_make(timestamp with time zone)": Definer(
            _APP, False, "names derivations to be made, for a worker that then takes standing"
        ),
        "accord.own_closed(uuid[])": Definer(
            _APP, False, "which of the own agency's records an alarm has closed to others"
        ),
        "accord.refuse_derivation(uuid,text)": Definer(
            _APP, False, "says why the worker does not make a derivation, with or without standing"
        ),
        "accord.refuse_other_reader()": Definer(
            frozenset(), True, "a trigger: a file is read in the name of who asks for it"
        ),
        "accord.inherit_sources()": Definer(
            frozenset(), False, "a trigger: what a copy of a copy is bound by"
        ),
        "accord.custody_rules()": Definer(
            frozenset(), False, "the tables of custody, for the function above alone"
        ),
        "accord.end_alarm(uuid,uuid,text)": _own("ends an alarm that a second person confirms"),
        "accord.frozen_exhibits()": Definer(
            frozenset(),
            False,
            "ids of exhibits whose file was found altered, for add_custody alone",
        ),
        "accord.freeze_files()": Definer(
            frozenset(), False, "a trigger: marks the files of an exhibit that an alarm has closed"
        ),
        "accord.freeze_new_file()": Definer(
            frozenset(),
            False,
            "a trigger: the same for a file that comes meanwhile; and none beside a file that is gone",
        ),
        "accord.refuse_frozen_key()": Definer(
            frozenset(), False, "a trigger: refuses keys on what an alarm has closed"
        ),
        "accord.files_to_reread(timestamp with time zone,integer)": Definer(
            _APP, False, "names stored pieces by hashes, for the node's own rereading alone"
        ),
        "accord.note_reread(uuid,text,uuid)": Definer(
            _APP, False, "notes what the node's own rereading found, and raises an alarm"
        ),
        "accord.webhooks_waiting(timestamp with time zone)": Definer(
            _APP, False, "names webhooks with something to tell, for a worker that takes standing"
        ),
        "accord.webhooks_stop(timestamp with time zone)": Definer(
            _APP,
            False,
            "pauses webhooks of memberships not in force, gives up what waits; returns how many",
        ),
        "accord.webhooks_sweep(timestamp with time zone,integer)": Definer(
            _APP, False, "removes webhook messages that ended long ago and returns how many"
        ),
        "accord.end_unmapped_runs(timestamp with time zone,text)": Definer(
            _APP, False, "ends files that nobody mapped, of members not in force; returns which"
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
        "accord.newest_of(bytea,uuid[],text,integer,timestamp with time zone,uuid,"
        "timestamp with time zone,uuid,integer)": "one label's parts, under the caller's own rights",
    }
)
"""Functions with their caller's rights: called by the application they see what it sees.

They may go without a pinned search path, which would forbid inlining, where their body was parsed
when they were made and so looks up no name later.
"""

MOVES_EPOCH = frozenset(
    {
        "public.agency",
        "public.agency_key",
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
        "public.object_segment_id_seq",
        "public.search_exact_id_seq",
        "public.search_name_id_seq",
    }
)
"""Sequences that the application may take numbers from."""
