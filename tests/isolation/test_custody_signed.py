"""On a node for real work no step that is signed stands without its signature, in SQL too."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from webauthn.helpers import bytes_to_base64url

from accord.agreements.membersigning import Given
from accord.agreements.scope import Scope
from accord.evidence.custody import actions, queries
from accord.evidence.custody.actions import Said
from accord.evidence.custody.domain import SIGNED, CustodyAct, Event
from accord.evidence.custody.domain import CustodyAct as Act
from accord.identity.actions import membersignatures
from accord.identity.actions.passkeys import Assertion, Proven
from accord.identity.relying import Relying
from accord.identity.signed import Signs, ToSign
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict
from accord.platform.db import nodeword
from isolation.contributing import acting, superuser
from isolation.custodying import ALVAREZ, DESK, OKAFOR, PLACE, acquired

REASON = "for the examination"
KEY = b"a public key"


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    """The database as that of a node for real work, whatever the application thinks of itself."""
    with superuser(world) as db:
        db.execute("delete from accord.demonstration")
        yield db
        db.execute("insert into accord.demonstration values (1)")
        db.execute("delete from member_signature where kind = 'custody'")
        db.execute("delete from passkey where name = 'custody'")


@pytest.fixture
def passkey(admin: Any) -> UUID:
    return passkey_of(admin, ALVAREZ)


def passkey_of(admin: Any, member: str) -> UUID:
    made = uuid4()
    admin.execute(
        "insert into passkey (id, member_id, credential_id, public_key, sign_count, aaguid,"
        " device_bound, attested, mac, name, created_at)"
        " select %s, m.member_id, %s, %s, 0, %s, false, false, %s, 'custody', now()"
        " from membership m where m.id = %s",
        [made, os.urandom(16), KEY, uuid4(), b"0" * 32, member],
    )
    return made


def offer(scope: Scope, exhibit: UUID) -> Event:
    return actions.prepared(scope, exhibit, Act.OFFER, Said(PLACE, REASON, to="state-bi"), now())


def shown(scope: Scope, event: Event) -> ToSign:
    who = scope.actor
    return ToSign(
        Signs.CUSTODY, event.exhibit, event.text(), who.member, who.membership, who.agency, event.at
    )


def assertion(to_sign: ToSign, passkey: UUID, key: bytes = KEY) -> Assertion:
    """What verifying a passkey's answer to this gave."""
    said = {"challenge": bytes_to_base64url(to_sign.challenge())}
    return Assertion(
        proven=Proven(to_sign.member, passkey, 2, "digest of the key"),
        party=Relying("testserver", "https://testserver"),
        credential_id=b"credential",
        public_key=key,
        authenticator_data=b"data",
        client_data=json.dumps(said).encode(),
        signature=b"signature",
    )


def append(event: Event, signature: UUID | None) -> str | None:
    """Append within this scope past the actions: the database alone decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select accord.append_custody(%s, %s, 'sealed', %s, 'opening', %s)",
            [ids.uuid7(), event.text().decode(), ids.uuid7(), signature],
        )
        (code,) = cursor.fetchone()
    return None if code is None else str(code)


def test_the_database_asks_for_a_signature_where_the_tables_do(admin: Any) -> None:
    (signed,) = admin.execute("select accord.custody_signed()").fetchone()
    assert signed == sorted(SIGNED)


@pytest.mark.parametrize("act", sorted(SIGNED))
def test_a_signed_step_without_a_signature_is_refused(admin: Any, act: CustodyAct) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        text = event.text().decode().replace('"act":"offer"', f'"act":"{act}"')
        with connection.cursor() as cursor:
            cursor.execute(
                "select accord.append_custody(%s, %s, 'sealed', %s, 'opening', null)",
                [ids.uuid7(), text, ids.uuid7()],
            )
            assert cursor.fetchone() == ("not-signed",)


def test_the_action_that_forgets_it_is_refused_too(admin: Any) -> None:
    """The program thinks that it is a demonstration: the database knows better."""
    exhibit = acquired()
    with (
        pytest.raises(Conflict, match="The signature is not over this event"),
        acting(ALVAREZ, DESK) as scope,
    ):
        actions.take(scope, exhibit, Act.OFFER, Said(PLACE, REASON, to="state-bi"))
    with acting(ALVAREZ, DESK):
        assert queries.chain(exhibit).chain.position.number == 0


def test_a_step_with_its_signature_stands(passkey: UUID) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        given = Given(event.at, assertion(shown(scope, event), passkey))
        done = actions.take(scope, exhibit, Act.OFFER, Said(PLACE, REASON, to="state-bi"), by=given)
    assert done == event


def test_a_row_that_sql_made_signs_nothing(passkey: UUID) -> None:
    """Everything fits, but the program has checked no passkey."""
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        kept = membersignatures.keep(shown(scope, event), assertion(shown(scope, event), passkey))
        with connection.cursor() as cursor:
            cursor.execute("select set_config('accord.node', '', true)")
        assert append(event, kept) == "not-signed"


def test_a_word_that_sql_made_is_an_error(passkey: UUID) -> None:
    exhibit = acquired()

    def attempt() -> None:
        with acting(ALVAREZ, DESK) as scope, connection.cursor() as cursor:
            event = offer(scope, exhibit)
            to_sign = shown(scope, event)
            kept = membersignatures.keep(to_sign, assertion(to_sign, passkey))
            cursor.execute(
                "select set_config('accord.node', current_setting('accord.node') || '0', true)"
            )
            append(event, kept)

    with pytest.raises(ProgrammingError, match="does not verify"):
        attempt()


def test_the_word_of_another_transaction_is_none(passkey: UUID) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        kept = membersignatures.keep(shown(scope, event), assertion(shown(scope, event), passkey))
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('accord.node')")
            (word,) = cursor.fetchone()

    def attempt() -> None:
        with acting(ALVAREZ, DESK), connection.cursor() as cursor:
            cursor.execute("select set_config('accord.node', %s, true)", [word])
            append(event, kept)

    with pytest.raises(ProgrammingError, match="another transaction"):
        attempt()


def test_a_signature_over_another_event_signs_not_this_one(passkey: UUID) -> None:
    exhibit, other = acquired(), acquired()
    with acting(ALVAREZ, DESK) as scope:
        event, another = offer(scope, exhibit), offer(scope, other)
        to_sign = shown(scope, another)
        kept = membersignatures.keep(to_sign, assertion(to_sign, passkey))
        assert append(event, kept) == "not-signed"
        nodeword.say(f"signature:{kept}:{event.hash}")
        assert append(event, kept) == "not-signed"


def test_a_signature_of_another_member_signs_nothing(admin: Any) -> None:
    exhibit, theirs = acquired(), passkey_of(admin, OKAFOR)
    with acting(OKAFOR, DESK) as scope:
        event = offer(scope, exhibit)
        kept = membersignatures.keep(shown(scope, event), assertion(shown(scope, event), theirs))
    with acting(ALVAREZ, DESK) as scope:
        mine = offer(scope, exhibit)
        nodeword.say(f"signature:{kept}:{mine.hash}")
        assert append(mine, kept) == "not-signed"


def test_a_signature_counts_once(passkey: UUID, admin: Any) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        to_sign = shown(scope, event)
        kept = membersignatures.keep(to_sign, assertion(to_sign, passkey))
        assert append(event, kept) is None
    admin.execute(
        "update custody_event set record_id = %s where signature_id = %s", [uuid4(), kept]
    )
    admin.execute(
        "update custody_head set number = 0, state = 'held', offered_to = null,"
        " hash = %s where id = %s",
        [event.previous, exhibit],
    )
    with acting(ALVAREZ, DESK):
        nodeword.say(f"signature:{kept}:{event.hash}")
        assert append(event, kept) == "not-signed"


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a key that was revoked", "update passkey set revoked_at = now() where id = %s"),
        (
            "a key that is another's",
            "update passkey set member_id = 'harlan-so.c.boone' where id = %s",
        ),
        ("another key under its name", "update passkey set public_key = 'x' where id = %s"),
    ],
    ids=["revoked", "another's", "another key"],
)
def test_a_key_that_is_not_in_force_signs_nothing(
    admin: Any, passkey: UUID, what: str, change: str
) -> None:
    del what
    exhibit = acquired()
    admin.execute(change, [passkey])
    with acting(ALVAREZ, DESK) as scope:
        event = offer(scope, exhibit)
        to_sign = shown(scope, event)
        kept = membersignatures.keep(to_sign, assertion(to_sign, passkey))
        assert append(event, kept) == "not-signed"


def test_what_was_shown_at_another_moment_signs_nothing(passkey: UUID) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event, who = offer(scope, exhibit), scope.actor
        to_sign = ToSign(
            Signs.CUSTODY, event.exhibit, event.text(), who.member, who.membership, who.agency,
            event.at - timedelta(minutes=1),
        )  # fmt: skip
        kept = membersignatures.keep(to_sign, assertion(to_sign, passkey))
        assert append(event, kept) == "not-signed"


def test_the_application_makes_no_demonstration_of_a_node(admin: Any) -> None:
    for statement in (
        "insert into accord.demonstration values (1)",
        "select 1 from accord.demonstration",
        "select accord.is_demonstration()",
        "select accord.node_says('anything')",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting(ALVAREZ, DESK),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("word", ["", "a|b", "Upper", "a b", "a" * 201])
def test_what_came_from_outside_becomes_no_word(world: Path, word: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        nodeword.say(word)
