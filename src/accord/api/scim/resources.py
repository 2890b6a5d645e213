"""What SCIM says of a member, and what it is told of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.agencies.directory.domain import Change, ChangeKind, MemberEntry
from accord.kernel.errors import AccordError

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MEMBER = "urn:accord:params:scim:schemas:1.0:Member"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_FILTER = re.compile(r'(userName|id)\s+eq\s+"([^"\\]{1,200})"', re.IGNORECASE)
_ROLE = re.compile(r'roles\[\s*value\s+eq\s+"([a-z-]{1,60})"\s*\]', re.IGNORECASE)


class ScimFault(AccordError):
    """A request that SCIM itself does not admit, with the word of RFC 7644 table 9."""

    def __init__(self, kind: str, said: str, status: int = 400) -> None:
        super().__init__(said)
        self.kind, self.status = kind, status


def user(entry: MemberEntry, waiting: Sequence[Change], base: str) -> dict[str, Any]:
    """A membership as a SCIM user; `pending` names what waits for a second person."""
    return {
        "schemas": [USER, MEMBER],
        "id": entry.membership,
        "userName": entry.membership,
        "displayName": entry.name,
        "name": {"formatted": entry.name},
        "title": entry.title,
        "active": entry.in_force,
        "roles": [{"value": role} for role in entry.roles],
        MEMBER: {
            "nationality": entry.nationality,
            "clearance": entry.clearance,
            "assurance": entry.assurance,
            "until": entry.until.isoformat() if entry.until else None,
            "pending": [str(c.kind) for c in waiting],
        },
        "meta": _meta(entry.membership, entry.since.isoformat(), base),
    }


def proposed_user(change: Change, base: str) -> dict[str, Any]:
    """A member who is proposed and whom no second administrator approved yet: not active."""
    said = change.facts
    return {
        "schemas": [USER, MEMBER],
        "id": change.membership,
        "userName": change.membership,
        "displayName": said["name"],
        "name": {"formatted": said["name"]},
        "title": said["title"],
        "active": False,
        "roles": [{"value": role} for role in said["roles"]],
        MEMBER: {
            "nationality": said["nationality"],
            "clearance": said["clearance"],
            "assurance": said["assurance"],
            "until": said["until"],
            "pending": [str(ChangeKind.JOIN)],
        },
        "meta": _meta(change.membership, change.at.isoformat(), base),
    }


def _meta(membership: str, created: str, base: str) -> dict[str, str]:
    return {
        "resourceType": "User",
        "created": created,
        "location": f"{base}/Users/{membership}",
    }


def wanted(text: str | None) -> str | None:
    """The id that a filter asks for; None without a filter."""
    if text is None:
        return None
    found = _FILTER.fullmatch(text.strip())
    if found is None:
        raise ScimFault(
            "invalidFilter", 'Only `userName eq "..."` and `id eq "..."` are understood.'
        )
    return found[2]


def new_member(sent: Mapping[str, Any], agency: str) -> dict[str, Any]:
    """What a POST says of a new member, as a proposal takes it."""
    _need_schema(sent, USER)
    more = sent.get(MEMBER) or {}
    name = sent.get("name") or {}
    if not isinstance(more, Mapping) or not isinstance(name, Mapping):
        raise ScimFault("invalidValue", "`name` and the extension are objects.")
    return {
        "handle": str(sent.get("userName") or "").removeprefix(f"{agency}."),
        "name": name.get("formatted") or sent.get("displayName"),
        "title": sent.get("title"),
        "nationality": more.get("nationality"),
        "roles": _values(sent.get("roles") or []),
        "clearance": more.get("clearance") or "none",
        "assurance": more.get("assurance") or 2,
        "until": more.get("until"),
    }


@dataclass
class Wish:
    """What a PATCH wants a membership to be: active or not, and with which roles."""

    roles: list[str]
    active: bool | None = None


def patched(sent: Mapping[str, Any], roles: Sequence[str]) -> Wish:
    """Read the operations of a PATCH in their order (RFC 7644 section 3.5.2)."""
    _need_schema(sent, PATCH)
    steps = sent.get("Operations")
    if not isinstance(steps, list) or not steps:
        raise ScimFault("invalidSyntax", "`Operations` is a list of at least one operation.")
    wish = Wish(list(roles))
    for step in steps:
        if not isinstance(step, Mapping):
            raise ScimFault("invalidSyntax", "An operation is an object.")
        _take(step, wish)
    return wish


def _take(step: Mapping[str, Any], wish: Wish) -> None:
    do, path, value = str(step.get("op", "")).lower(), step.get("path"), step.get("value")
    if do not in ("add", "remove", "replace"):
        raise ScimFault("invalidSyntax", "`op` is add, remove or replace.")
    if path is None:
        if do == "remove":
            raise ScimFault("noTarget", "`remove` names what it removes in `path`.")
        if not isinstance(value, Mapping):
            raise ScimFault("invalidValue", "Without `path`, `value` is an object.")
        for name, inner in value.items():
            _take({"op": do, "path": name, "value": inner}, wish)
        return
    if path == "active" and do != "remove":
        wish.active = _truth(value)
    elif path == "roles":
        _change_roles(do, value, wish)
    elif do == "remove" and isinstance(path, str) and (one := _ROLE.fullmatch(path)):
        wish.roles = [r for r in wish.roles if r != one[1]]
    else:
        raise ScimFault("invalidPath", "Only `active` and `roles` are changed here.")


def _truth(value: Any) -> bool:
    """True or false; Microsoft Entra sends it as the text "True" or "False"."""
    said = value.lower() if isinstance(value, str) else value
    if said in ("true", "false"):
        return bool(said == "true")
    if not isinstance(said, bool):
        raise ScimFault("invalidValue", "`active` is true or false.")
    return said


def _change_roles(do: str, value: Any, wish: Wish) -> None:
    given = _values(value) if value is not None else None
    match do:
        case "add":
            wish.roles += [r for r in given or [] if r not in wish.roles]
        case "replace":
            wish.roles = given or []
        case _:
            wish.roles = [] if given is None else [r for r in wish.roles if r not in given]


def _values(given: Any) -> list[str]:
    items = given if isinstance(given, list) else [given]
    found = [i.get("value") if isinstance(i, Mapping) else i for i in items]
    if not all(isinstance(f, str) for f in found):
        raise ScimFault("invalidValue", 'A role is written as {"value": "analyst"}.')
    return [str(f) for f in found]


def _need_schema(sent: Mapping[str, Any], schema: str) -> None:
    named = sent.get("schemas")
    if not isinstance(named, list) or schema not in named:
        raise ScimFault("invalidSyntax", f"`schemas` must name {schema}.")
