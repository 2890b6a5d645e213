"""A member signs what a page shows with a passkey, beside the agency; others check it offline."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.demokeys import signing_key
from accord.agreements import actions, queries
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.identity.models import MemberSignature
from accord.identity.signed import key_digest
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import NotAllowed
from accord.records.actions import statements
from authenticator import Authenticator
from isolation.contributing import acting
from isolation.direct import Asker, administrator, reseal_signins, sealed
from unit.identity.conftest import enrolled, options_in, sign_in

pytestmark = pytest.mark.usefixtures("real")
KOWALSKI, MERCER = "state-bi.r.kowalski", "state-bi.h.mercer"
ASSESSING, CASE = "intelligence-assessment", "HT-2025-108"
OKAFOR, RASMUSSEN = "riverbend-pd.d.okafor", "harlan-so.e.rasmussen"
DESK = "case-administration"
YAML = """\
id: {name}
kind: mou
title: Shared stolen vehicles
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {{from: 2026-01-01, until: 2031-12-31, zone: America/Chicago}}
vocabulary: 1
clauses:
  - id: "1"
    prose: A party may learn that another holds a stolen vehicle, and whom to ask.
    permit: hit
    to: {{role: [investigator], assurance: 3, training: [cjis-security]}}
    for: {{purpose: [property-crime-investigation]}}
    of: {{schema: [Vehicle], subject: [none], part: [core]}}
"""


@pytest.fixture
def proposed(world: Path) -> str:
    """A version that waits for its signatures."""
    with acting(OKAFOR, DESK) as scope:
        return actions.propose(scope, YAML.format(name=f"mou-{secrets.token_hex(4)}"), "a.yaml")


@pytest.fixture
def okafor(device: Authenticator) -> Client:
    """A supervisor of Riverbend, signed in with a passkey."""
    return enrolled(device, OKAFOR)


def of_agency(world: Path, payload: bytes, agency: str = "riverbend-pd") -> str:
    """The agency's own signature, which its officer brings from where the key is."""
    return base64.b64encode(signing_key(world, agency).sign(payload)).decode()


def field(page: bytes, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.decode())
    assert found, page.decode()
    return html.unescape(found[1])


def shown(page: bytes) -> tuple[str, str]:
    """The text that a page shows to be signed, and the digest beside it."""
    text = re.search(r"<pre[^>]*data-signed-text>(.*?)</pre>", page.decode(), re.S)
    digest = re.search(r"data-signed-digest>([0-9a-f]{64})<", page.decode())
    assert text, page.decode()
    assert digest
    return html.unescape(text[1]), digest[1]


def filled(world: Path, page: bytes, device: Authenticator, **wrong: Any) -> dict[str, str]:
    """The form of a page as it is sent: both signatures over what the page shows."""
    text, _ = shown(page)
    return {
        "signature": of_agency(world, text.encode()),
        "accord-signature": device.get(options_in(page), **wrong),
        "accord-shown-at": field(page, "accord-shown-at"),
    }


def kept(subject: str) -> list[MemberSignature]:
    return list(MemberSignature.objects.filter(subject=subject))


def rows(world: Path, subject: str) -> int:
    with administrator(world) as db:
        row = db.execute("select count(*) as n from member_signature where subject = %s", [subject])
        found: int = row.fetchone()["n"]
        return found


def verify(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "accord_verify", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def member_keys(*files: Path) -> list[str]:
    """The words that name whose keys signed these files, as the ledger's entries of them do."""
    digests = [json.loads(file.read_text("utf-8"))["key"]["digest"] for file in files]
    return [word for digest in digests for word in ("--member-key", digest)]


def bundle_of(client: Client, base: str) -> str:
    """The file that the page of an agreement or a statement gives for its first signature."""
    page = client.get(base).content.decode()
    found = re.search(rf'href="({base}/signatures/[0-9a-f-]+)"', page)
    assert found, page
    answer = client.get(found[1])
    assert "attachment" in answer.headers["Content-Disposition"]
    return str(answer.content.decode())


def test_a_signature_goes_from_the_page_to_the_verifier(
    world, okafor, device, proposed, tmp_path
) -> None:
    path = f"/agreements/{proposed}"
    page = okafor.get(f"{path}/sign").content
    text, digest = shown(page)
    assert text.encode() == queries.version(proposed).parsed.canonical()
    assert digest == hashlib.sha256(text.encode()).hexdigest() == proposed
    answer = okafor.post(f"{path}/sign", filled(world, page, device))
    assert answer.status_code == 303, answer.content.decode()
    assert [s.agency for s in queries.version(proposed).signatures] == ["riverbend-pd"]

    file = tmp_path / "one.signature.json"
    file.write_text(bundle_of(okafor, path), encoding="utf-8")
    bundle = json.loads(file.read_text("utf-8"))
    assert base64.b64decode(bundle["document"]) == text.encode()
    named = ("--origin", "http://localhost", "--member-key", bundle["key"]["digest"])
    whole = verify(file, *named)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert f"as {OKAFOR} of riverbend-pd) signed agreement {proposed}" in whole.stdout

    file.write_text(json.dumps(bundle | {"document": base64.b64encode(b"{}").decode()}), "utf-8")
    tampered = verify(file)
    assert tampered.returncode == 1
    assert "document-mismatch" in tampered.stdout


def test_the_ledger_names_the_key_when_it_is_made_and_when_it_signs(
    world, okafor, device, proposed
) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    bundle = json.loads(bundle_of(okafor, f"/agreements/{proposed}"))
    digest = bundle["key"]["digest"]
    assert digest == key_digest(base64.b64decode(bundle["key"]["cose"]))
    from accord.ledger import queries as ledger

    with acting(OKAFOR, DESK):
        lines = ledger.own_entries(limit=20)
        bodies = [ledger.entry(line.id).body or {} for line in lines]
    said = [b["detail"] for b in bodies if b["detail"].get("key") == digest]
    assert {"made a passkey", "signed"} <= {d["step"] for d in said}


def test_without_the_member_s_passkey_nobody_signs_for_an_agency(world, okafor, proposed) -> None:
    payload = queries.version(proposed).parsed.canonical()
    answer = okafor.post(f"/agreements/{proposed}/sign", {"signature": of_agency(world, payload)})
    assert answer.status_code == 403
    assert b"This is signed with your passkey" in answer.content
    assert not queries.version(proposed).signatures


def test_a_program_signs_nothing_on_a_node_for_real_work(world, proposed) -> None:
    signature = signing_key(world, "riverbend-pd").sign(
        queries.version(proposed).parsed.canonical()
    )
    with pytest.raises(NotAllowed, match="passkey") as refused, acting(OKAFOR, DESK) as scope:
        actions.sign(scope, proposed, signature)
    assert refused.value.who_can_change
    assert not queries.version(proposed).signatures


def test_a_session_that_no_passkey_opened_signs_nothing(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    sent = filled(world, page, device)
    with administrator(world) as db:
        reseal_signins(db, "method = 'oidc'", "method = 'passkey'")
    refused = okafor.get(f"/agreements/{proposed}/sign").content
    assert b"You did not sign in with a passkey" in refused
    assert b"data-options" not in refused
    answer = okafor.post(f"/agreements/{proposed}/sign", sent)
    assert answer.status_code == 403
    assert b"You did not sign in with a passkey" in answer.content
    assert not queries.version(proposed).signatures


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp": "evil.example"},
        {"flags": 0},
        {"type": "webauthn.create"},
        {"cross_origin": True},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_an_answer_that_does_not_hold_signs_nothing(world, okafor, device, proposed, wrong) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    answer = okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device, **wrong))
    assert answer.status_code == 403
    assert not queries.version(proposed).signatures
    assert rows(world, proposed) == 0


def test_what_was_signed_for_one_document_is_none_for_another(
    world, okafor, device, proposed
) -> None:
    with acting(OKAFOR, DESK) as scope:
        other = actions.propose(scope, YAML.format(name=f"mou-{secrets.token_hex(4)}"), "a.yaml")
    page = okafor.get(f"/agreements/{proposed}/sign").content
    sent = filled(world, page, device)
    sent["signature"] = of_agency(world, queries.version(other).parsed.canonical())
    answer = okafor.post(f"/agreements/{other}/sign", sent)
    assert answer.status_code == 403
    assert b"did not sign this very text" in answer.content
    assert not queries.version(other).signatures


def test_one_answer_signs_once(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    sent = filled(world, page, device)
    refused = okafor.post(f"/agreements/{proposed}/sign", sent | {"signature": "AAAA"})
    assert refused.status_code == 400
    assert okafor.post(f"/agreements/{proposed}/sign", sent).status_code == 403
    assert not queries.version(proposed).signatures


def test_another_moment_than_the_one_shown_is_refused(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    for moment in ("2026-01-01T00:00:00Z", "nonsense", "2026-01-01T00:00:00", ""):
        sent = filled(world, page, device) | {"accord-shown-at": moment}
        assert okafor.post(f"/agreements/{proposed}/sign", sent).status_code == 403
    assert not queries.version(proposed).signatures


def test_the_answer_to_a_step_up_signs_nothing(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    sent = filled(world, page, device)
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        asked = okafor.post("/account/sessions/others/end", {})
        asked = okafor.post(f"/agreements/{proposed}/sign", {"x": "1"})
        assert asked.status_code == 401
        sent["accord-signature"] = device.get(options_in(asked.content))
        assert okafor.post(f"/agreements/{proposed}/sign", sent).status_code == 401
    assert not queries.version(proposed).signatures


def test_a_weaker_key_signs_nothing_in_a_stronger_session(
    world, okafor, device, proposed, monkeypatch
) -> None:
    from accord.identity.actions import passkeys

    monkeypatch.setattr(passkeys, "assurance_of", lambda **_: 3)
    okafor = sign_in(device, okafor)
    monkeypatch.setattr(passkeys, "assurance_of", lambda **_: 2)
    page = okafor.get(f"/agreements/{proposed}/sign").content
    refused = okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    assert refused.status_code == 403
    assert b"proves less" in refused.content
    assert not queries.version(proposed).signatures


def test_the_passkey_of_somebody_else_signs_nothing(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    stranger = Authenticator()
    enrolled(stranger, RASMUSSEN)
    refused = okafor.post(f"/agreements/{proposed}/sign", filled(world, page, stranger))
    assert refused.status_code == 403
    assert not queries.version(proposed).signatures


def test_a_signature_counts_as_the_new_proof_and_an_old_page_signs_nothing(
    world, okafor, device, proposed
) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        answer = okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
        assert answer.status_code == 303, answer.content.decode()
    path = f"/agreements/{proposed}/withdraw"
    page = okafor.get(f"/agreements/{proposed}/sign").content
    assert okafor.get(path).status_code == 200
    assert b"Signed by members" in okafor.get(f"/agreements/{proposed}").content
    assert len(kept_of_okafor(world, proposed)) == 1


def kept_of_okafor(world: Path, subject: str) -> list[Any]:
    asker = Asker(OKAFOR, DESK)
    with sealed(world, asker) as db:
        return db.execute(
            "select id from member_signature where subject = %s", [subject]
        ).fetchall()


def test_a_page_that_was_left_open_for_half_an_hour_signs_nothing(
    world, okafor, device, proposed
) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    with taken_from(FixedClock(now() + timedelta(minutes=29))):
        okafor.get("/")
    with taken_from(FixedClock(now() + timedelta(minutes=31))):
        answer = okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
        assert answer.status_code == 401
    assert not queries.version(proposed).signatures


def test_a_step_is_signed_with_its_time_and_its_reason(
    world, okafor, device, proposed, tmp_path, monkeypatch
) -> None:
    path = f"/agreements/{proposed}"
    okafor.post(f"{path}/sign", filled(world, okafor.get(f"{path}/sign").content, device))
    monkeypatch.setattr(settings, "ACCORD_DEMO", True)
    with acting(RASMUSSEN, DESK) as scope:
        theirs = signing_key(world, "harlan-so").sign(queries.version(proposed).parsed.canonical())
        actions.sign(scope, proposed, theirs)
        actions.activate(scope, proposed)
    monkeypatch.setattr(settings, "ACCORD_DEMO", False)
    asked = {"prepare": "1", "reason": "An audit found accounts that nobody owns."}
    page = okafor.get(f"{path}/suspend", asked).content
    said = json.loads(shown(page)[0])
    assert (said["hash"], said["step"], said["reason"]) == (proposed, "suspend", asked["reason"])
    sent = filled(world, page, device) | {"at": field(page, "at"), "prepare": "1"}
    other = okafor.post(f"{path}/suspend", sent | {"reason": "Another reason."})
    assert other.status_code == 403
    page = okafor.get(f"{path}/suspend", asked).content
    sent = filled(world, page, device) | {"at": field(page, "at"), **asked}
    answer = okafor.post(f"{path}/suspend", sent)
    assert answer.status_code == 303, answer.content.decode()
    assert queries.version(proposed).state == "suspended"
    file = tmp_path / "step.json"
    file.write_text(bundle_of(okafor, path), encoding="utf-8")
    assert "agreement-step" in verify(file, "--origin", "http://localhost").stdout
    assert verify(file).returncode == 3, "nobody named whose key it is"
    assert verify(file, *member_keys(file)).returncode == 0
    monkeypatch.setattr(settings, "ACCORD_DEMO", True)
    with acting(OKAFOR, DESK) as scope:
        actions.terminate(scope, proposed, reason="The test is over.")


def test_a_demonstration_asks_for_no_passkey_and_says_so(world, proposed, monkeypatch) -> None:
    monkeypatch.setattr(settings, "ACCORD_DEMO", True)
    client = Client()
    client.post("/sign-in/", {"membership": OKAFOR})
    page = client.get(f"/agreements/{proposed}/sign").content
    assert b"No passkey is asked for" in page
    assert b"data-options" not in page
    assert client.post(f"/agreements/{proposed}/sign", {}).status_code == 303
    assert b"No member signed this with a passkey" in client.get(f"/agreements/{proposed}").content


# -- statements ------------------------------------------------------------------------------------


def test_an_emergency_is_declared_and_confirmed_by_two_passkeys(world, tmp_path) -> None:
    with acting(KOWALSKI, ASSESSING, CASE) as scope:
        until = datetime.now(UTC) + timedelta(hours=20)
        made = statements.declare(scope, until=until, reason="A message names the house.")
    path = f"/statements/{made}"
    for member, step in ((KOWALSKI, "sign"), (MERCER, "confirm")):
        device = Authenticator()
        client = enrolled(device, member)
        page = client.get(path).content
        sent = filled(world, page, device)
        sent["signature"] = of_agency(world, shown(page)[0].encode(), "state-bi")
        without = {"signature": sent["signature"]}
        assert client.post(f"{path}/{step}", without).status_code == 403
        answer = client.post(f"{path}/{step}", sent)
        assert answer.status_code == 303, answer.content.decode()
    assert b"Signatures checked" in client.get(path).content
    assert b"Waits for a second person" not in client.get(path).content
    found = re.findall(rf'href="({path}/signatures/[0-9a-f-]+)"', client.get(path).content.decode())
    assert len(found) == 2
    for number, href in enumerate(found):
        file = tmp_path / f"{number}.json"
        file.write_bytes(client.get(href).content)
    named = member_keys(*sorted(tmp_path.glob("*.json")))
    whole = verify(tmp_path, "--origin", "http://localhost", *named)
    assert whole.returncode == 0, whole.stdout
    assert f"signed statement {made}" in whole.stdout
    assert f"signed statement-confirmation {made}" in whole.stdout
    assert rows(world, str(made)) == 2
    with sealed(world, Asker(OKAFOR, DESK)) as db:
        seen = db.execute("select id from member_signature where subject = %s", [str(made)])
        assert not seen.fetchall(), "another agency reads neither the statement nor who signed it"
    okafor = enrolled(Authenticator(), OKAFOR)
    assert okafor.get(found[0]).status_code == 404
    with acting(MERCER) as scope:
        statements.revoke(scope, made, "no-longer-needed")


# -- the rows --------------------------------------------------------------------------------------


def test_nobody_keeps_a_signature_in_another_s_name_or_alters_one(
    world, okafor, device, proposed
) -> None:
    import psycopg

    page = okafor.get(f"/agreements/{proposed}/sign").content
    okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    columns = (
        "kind, subject, document, signed, member_id, shown_at, kept_at, passkey, credential_id, "
        "public_key, authenticator_data, client_data, signature, rp_id, origin, mac"
    )
    copy = (
        f"insert into member_signature (id, membership_id, agency, {columns}) "
        f"select gen_random_uuid(), %s, %s, {columns} from member_signature where subject = %s"
    )
    for statement, values in (
        (copy, [RASMUSSEN, "riverbend-pd", proposed]),
        (copy, [OKAFOR, "harlan-so", proposed]),
        ("update member_signature set subject = 'x'", []),
        ("delete from member_signature", []),
    ):
        with (
            sealed(world, Asker(OKAFOR, DESK)) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(statement, values)


def test_a_row_that_was_altered_is_shown_so_and_not_given_out(
    world, okafor, device, proposed
) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    with administrator(world) as db:
        row = db.execute(
            "update member_signature set origin = 'https://evil.example' "
            "where subject = %s returning id",
            [proposed],
        ).fetchone()
    altered = row["id"]
    assert b"Altered since" in okafor.get(f"/agreements/{proposed}").content
    assert okafor.get(f"/agreements/{proposed}/signatures/{altered}").status_code == 403


def test_a_signature_is_found_under_its_own_subject_alone(world, okafor, device, proposed) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    made = re.search(
        rf"/agreements/{proposed}(/signatures/[0-9a-f-]+)",
        okafor.get(f"/agreements/{proposed}").content.decode(),
    )
    assert made
    other = next(v.content_hash for v in queries.versions() if v.content_hash != proposed)
    assert okafor.get(f"/agreements/{other}{made[1]}").status_code == 404


def test_a_member_who_reads_the_agreement_reads_its_signatures(
    world, okafor, device, proposed
) -> None:
    page = okafor.get(f"/agreements/{proposed}/sign").content
    okafor.post(f"/agreements/{proposed}/sign", filled(world, page, device))
    actor = agencies.actor("safe-harbor.c.adeyemi")
    from accord.identity import queries as identity

    with open_scope(actor, resolve(actor, DESK, "statute", None)):
        found = identity.kept_for(proposed)
    assert [k.membership for k in found] == [OKAFOR]
