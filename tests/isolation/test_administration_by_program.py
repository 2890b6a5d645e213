"""The directory over the API, from a file and by SCIM: the same two people as on the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import create_api_token
from accord.api.document import document
from accord.api.scim.resources import ERROR, LIST, MEMBER, PATCH, USER
from accord.identity.domain import Method, Proof
from accord.identity.tokens.actions import tokens
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.ids import uuid7
from isolation import administering as those
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    AGENCY,
    BEN,
    CORA,
    FAR,
    NEW,
    OFFICE,
    ROOKIE,
    in_directory,
    signed_in,
    waiting,
)  # fmt: skip

SCIM = "application/scim+json"
HEAD = "handle,name,nationality,title,roles,clearance,assurance,until\n"


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from those.staff(world)


def sent(
    member: str, method: str, path: str, body: Any = None, kind: str = "application/json"
) -> Any:
    headers = {"Authorization": f"Bearer {create_api_token(member)}"}
    data = {} if body is None else {"data": json.dumps(body), "content_type": kind}
    return getattr(Client(), method)(path, headers=headers, **data)


def api(member: str, method: str, path: str, body: Any = None) -> Any:
    return sent(member, method, f"/api/v1{path}", body)


def scim(member: str, method: str, path: str, body: Any = None) -> Any:
    answer = sent(member, method, f"/scim/v2{path}", body, SCIM)
    assert answer.status_code == 204 or answer["Content-Type"] == SCIM
    return answer


# -- the API ---------------------------------------------------------------------------------------


def example(path: str) -> Any:
    described = document()["paths"][f"/api/v1{path}"]["post"]
    return described["requestBody"]["content"]["application/json"]["example"]


def test_the_examples_propose_and_another_administrator_approves() -> None:
    made = api(ADA, "post", "/members", example("/members"))
    assert made.status_code == 202, made.content
    change = made.json()["id"]
    assert api(ADA, "post", f"/member-changes/{change}/approval").status_code == 403
    assert api(ADA_ELSEWHERE, "post", f"/member-changes/{change}/approval").status_code == 404
    given = api(BEN, "post", f"/member-changes/{change}/approval")
    assert given.status_code == 200
    assert given.json()["state"] == "applied"
    assert given.json()["link"].startswith("/sign-in/")
    assert api(BEN, "post", f"/member-changes/{change}/code").status_code == 403
    code = api(ADA, "post", f"/member-changes/{change}/code")
    assert code.status_code == 201
    refused = Client().post(given.json()["link"])
    assert refused.status_code == 400
    assert Client().post(given.json()["link"], {"code": code.json()["code"]}).status_code == 303
    new = made.json()["membership"]
    assert api(CORA, "get", f"/members/{new}").json()["roles"] == ["analyst"]
    with those.administrator(those_world()) as db:  # its id is not one that the tests clear
        for table, column in (
            ("signin", "membership_id"),
            ("signin_link", "membership_id"),
            ("membership", "id"),
            ("member", "id"),
        ):
            db.execute(f"delete from {table} where {column} = %s", [new])


def those_world() -> Path:
    from django.conf import settings

    return Path(settings.ACCORD_DATA_DIR)


def test_a_change_of_the_api_waits_or_counts_at_once() -> None:
    more = api(ADA, "post", f"/members/{ROOKIE}/changes", {"kind": "role", "add": ["analyst"]})
    assert more.status_code == 202, more.content
    assert agencies.actor(ROOKIE).roles == {"investigator"}
    again = api(ADA, "post", f"/members/{ROOKIE}/changes", {"kind": "role", "add": ["analyst"]})
    assert again.status_code == 409
    change = more.json()["id"]
    assert [c["id"] for c in api(BEN, "get", "/member-changes").json()["items"]] == [change]
    assert api(BEN, "post", f"/member-changes/{change}/withdrawal").json()["state"] == "withdrawn"
    assert api(ADA, "get", f"/member-changes/{change}").json()["decided_by"] == BEN
    less = api(ADA, "post", f"/members/{ROOKIE}/changes", example("/members/{membership}/changes"))
    assert less.status_code == 200
    with pytest.raises(NotFound):
        agencies.actor(ROOKIE)


def test_an_administrator_alone_gives_itself_nothing_by_the_api() -> None:
    body = {"kind": "role", "add": ["supervisor"]}
    assert api(ADA, "post", f"/members/{ADA}/changes", body).status_code == 403
    assert agencies.actor(ADA).roles == {"system-administrator"}


@pytest.mark.parametrize("who", [ROOKIE, FAR])
def test_others_find_nothing(who: str) -> None:
    change = api(ADA, "post", f"/members/{ROOKIE}/changes", {"kind": "role", "add": ["analyst"]})
    for method, path in (
        ("get", f"/members/{ROOKIE}"),
        ("get", f"/member-changes/{change.json()['id']}"),
        ("post", f"/member-changes/{change.json()['id']}/approval"),
    ):
        assert api(who, method, path).status_code == 404
    found = api(who, "get", "/member-changes")
    assert found.status_code == 404 or found.json()["items"] == []


# -- a file ----------------------------------------------------------------------------------------


def upload(text: str) -> Any:
    file = SimpleUploadedFile("staff.csv", text.encode(), "text/csv")
    return signed_in(ADA).post("/members/import", {"file": file})


def test_each_row_of_a_file_becomes_a_proposal() -> None:
    rows = "x.new,Nadia New,US,Analyst,analyst,none,2,\n"
    rows += "x.nu,Nu Other,FR,,investigator analyst,none,2,2027-05-01\n"
    assert upload(HEAD + rows).status_code == 303
    assert len(waiting(signed_in(BEN))) == 2
    assert not agencies.names({NEW})


def test_wrong_rows_are_told_by_line_and_field_and_nobody_is_proposed() -> None:
    rows = (
        "x.new,Nadia New,US,,analyst,none,2,\n"
        "X NEW,Nadia,US,,emperor,none,2,\n"
        'x.nu,"=HYPERLINK(""http://x"")",US,,analyst,none,2,\n'
        "x.na,Na,US,,analyst,none\n"
    )
    answer = upload(HEAD + rows)
    page = answer.content.decode()
    assert answer.status_code == 400
    for told in ("staff.csv:3: handle", "staff.csv:3: roles", "staff.csv:4: name", "staff.csv:5"):
        assert told in page
    assert waiting(signed_in(BEN)) == []


def test_a_name_twice_in_a_file_takes_none_of_it() -> None:
    row = "x.new,Nadia New,US,,analyst,none,2,\n"
    answer = upload(HEAD + row + row)
    assert answer.status_code == 400
    assert "staff.csv:3: handle" in answer.content.decode()
    assert waiting(signed_in(BEN)) == []


@pytest.mark.parametrize("text", ["", HEAD, "a,b\n1,2\n", HEAD + "\x00\n"])
def test_a_file_without_members_is_refused(text: str) -> None:
    assert upload(text).status_code == 400


# -- SCIM ------------------------------------------------------------------------------------------


def new_user() -> dict[str, Any]:
    return {
        "schemas": [USER, MEMBER],
        "userName": "x.new",
        "name": {"formatted": "Nadia New"},
        "roles": [{"value": "analyst"}],
        "active": True,
        MEMBER: {"nationality": "US"},
    }


def patch(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(steps)}


def test_a_user_of_scim_is_active_when_a_person_approved() -> None:
    made = scim(ADA, "post", "/Users", new_user())
    assert made.status_code == 201
    assert made.json()["active"] is False
    assert made.json()[MEMBER]["pending"] == ["join"]
    assert made["Location"].endswith(f"/scim/v2/Users/{NEW}")
    assert scim(ADA, "get", f"/Users/{NEW}").json()["active"] is False
    ben = signed_in(BEN)
    assert ben.post(f"/members/changes/{waiting(ben)[-1]}/approve").status_code == 200
    assert scim(ADA, "get", f"/Users/{NEW}").json()["active"] is True
    again = scim(ADA, "post", "/Users", new_user())
    assert again.status_code == 409
    assert again.json()["scimType"] == "uniqueness"
    assert again.json()["schemas"] == [ERROR]


def test_scim_finds_by_user_name_and_pages() -> None:
    found = scim(ADA, "get", f'/Users?filter=userName eq "{ROOKIE}"').json()
    assert found["schemas"] == [LIST]
    assert [u["id"] for u in found["Resources"]] == [ROOKIE]
    assert scim(ADA, "get", '/Users?filter=userName eq "nobody"').json()["totalResults"] == 0
    page = scim(ADA, "get", "/Users?startIndex=2&count=1").json()
    assert page["itemsPerPage"] == 1
    wrong = scim(ADA, "get", '/Users?filter=name co "x"')
    assert wrong.status_code == 400
    assert wrong.json()["scimType"] == "invalidFilter"


def test_scim_takes_away_at_once_and_proposes_the_rest() -> None:
    step = {"op": "add", "path": "roles", "value": [{"value": "analyst"}]}
    answer = scim(ADA, "patch", f"/Users/{ROOKIE}", patch(step)).json()
    assert answer["roles"] == [{"value": "investigator"}]
    assert answer[MEMBER]["pending"] == ["role"]
    assert scim(ADA, "patch", f"/Users/{ROOKIE}", patch(step)).status_code == 200
    assert len(waiting(signed_in(BEN))) == 1
    rookie = signed_in(ROOKIE)
    off = patch({"op": "Replace", "value": {"active": False}})
    assert scim(ADA, "patch", f"/Users/{ROOKIE}", off).json()["active"] is False
    assert rookie.get("/").status_code == 302
    on = patch({"op": "replace", "path": "active", "value": True})
    assert scim(ADA, "patch", f"/Users/{ROOKIE}", on).json()["active"] is False
    ben = signed_in(BEN)
    assert ben.post(f"/members/changes/{waiting(ben)[-1]}/approve").status_code == 303
    assert scim(ADA, "get", f"/Users/{ROOKIE}").json()["active"] is True


@pytest.mark.parametrize(("said", "stays"), [("False", False), ("false", False), ("True", True)])
def test_scim_takes_true_and_false_as_text(said: str, stays: bool) -> None:
    off = patch({"op": "Replace", "path": "active", "value": said})
    assert scim(ADA, "patch", f"/Users/{ROOKIE}", off).json()["active"] is stays


def test_scim_replaces_the_only_role_by_two_people() -> None:
    step = {"op": "replace", "path": "roles", "value": [{"value": "analyst"}]}
    scim(ADA, "patch", f"/Users/{ROOKIE}", patch(step))
    assert agencies.actor(ROOKIE).roles == {"investigator"}
    ben = signed_in(BEN)
    assert ben.post(f"/members/changes/{waiting(ben)[-1]}/approve").status_code == 303
    assert agencies.actor(ROOKIE).roles == {"analyst"}


def test_a_deleted_user_left(world: Path) -> None:
    assert scim(ADA, "delete", f"/Users/{ROOKIE}").status_code == 204
    assert scim(ADA, "get", f"/Users/{ROOKIE}").status_code == 404
    assert in_directory(world, ROOKIE)["valid_until"] is not None
    scim(ADA, "post", "/Users", new_user())
    assert scim(ADA, "delete", f"/Users/{NEW}").status_code == 204
    assert waiting(signed_in(BEN)) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"schemas": [PATCH]}, "invalidSyntax"),
        ({"Operations": []}, "invalidSyntax"),
        (patch({"op": "move", "path": "active"}), "invalidSyntax"),
        (patch({"op": "remove"}), "noTarget"),
        (patch({"op": "replace", "path": "userName", "value": "x"}), "invalidPath"),
        (patch({"op": "replace", "path": "active", "value": "yes"}), "invalidValue"),
        (patch({"op": "add", "path": "roles", "value": [{"value": "emperor"}]}), "invalidValue"),
        (patch({"op": "add", "path": "roles", "value": [7]}), "invalidValue"),
        ([], "invalidSyntax"),
    ],
)
def test_scim_says_what_is_wrong_in_its_own_form(body: Any, kind: str) -> None:
    answer = scim(ADA, "patch", f"/Users/{ROOKIE}", body)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == kind
    assert answer.json()["status"] == "400"
    assert agencies.actor(ROOKIE).roles == {"investigator"}


def test_scim_is_closed_without_a_token_of_an_administrator() -> None:
    nobody = Client().get("/scim/v2/Users")
    assert nobody.status_code == 401
    assert nobody.json()["schemas"] == [ERROR]
    assert signed_in(ADA).get("/scim/v2/Users").status_code == 401
    assert scim(ROOKIE, "get", "/Users").status_code == 404
    assert scim(FAR, "get", f"/Users/{ROOKIE}").status_code == 404
    assert scim(FAR, "delete", f"/Users/{ROOKIE}").status_code == 404
    assert scim(ADA, "put", f"/Users/{ROOKIE}", {}).status_code == 405


def with_token(purpose: str, *actions: str) -> Callable[..., Any]:
    """Ask SCIM by a token that an administrator made, for this purpose and these actions."""
    actor, at = agencies.actor(ADA), now()
    proof = Proof(uuid7(), actor.member, ADA, Method.DEMO, 2, at, at, at)
    _, token = tokens.make(
        actor, proof, name="Provisioning", purposes=[purpose], actions=list(actions), hours=1
    )

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = {} if body is None else {"data": json.dumps(body), "content_type": SCIM}
        headers = {"Authorization": f"Bearer {token}"}
        return getattr(Client(), method)(f"/scim/v2{path}", headers=headers, **data)

    return ask


def test_scim_takes_a_token_that_an_administrator_made_and_no_more_than_it_is_for() -> None:
    off = patch({"op": "replace", "path": "active", "value": False})
    reads = with_token(OFFICE, "view")
    assert reads("get", f"/Users/{ROOKIE}").json()["active"] is True
    refused = reads("patch", f"/Users/{ROOKIE}", off)
    assert refused.status_code == 403
    assert refused.json()["schemas"] == [ERROR]
    elsewhere = with_token("oversight", "view", "step")
    assert elsewhere("get", f"/Users/{ROOKIE}").status_code == 403
    assert elsewhere("patch", f"/Users/{ROOKIE}", off).status_code == 403
    assert agencies.actor(ROOKIE).membership == ROOKIE
    done = with_token(OFFICE, "view", "step")("patch", f"/Users/{ROOKIE}", off)
    assert done.status_code == 200
    assert done.json()["active"] is False
    assert agencies.actor_or_none(ROOKIE) is None


@pytest.mark.parametrize("path", ["ServiceProviderConfig", "Schemas", "ResourceTypes"])
def test_scim_describes_itself(path: str) -> None:
    answer = Client().get(f"/scim/v2/{path}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == SCIM
    assert answer.json()["schemas"]


def test_scim_gives_an_administrator_nothing_alone() -> None:
    step = {"op": "add", "path": "roles", "value": [{"value": "supervisor"}]}
    assert scim(ADA, "patch", f"/Users/{ADA}", patch(step)).status_code == 403
    assert agencies.actor(ADA).roles == {"system-administrator"}
    assert AGENCY in ADA
