"""What this SCIM service can do, and the form of its users (RFC 7643 sections 5 to 7)."""

from __future__ import annotations

from typing import Any

from accord.api.scim.resources import MEMBER, USER


def provider() -> dict[str, Any]:
    """The ServiceProviderConfig."""
    no = {"supported": False}
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 200},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token of a system administrator's membership (RFC 6750).",
            }
        ],
    }


def resource_types() -> list[dict[str, Any]]:
    """The kinds of resource: users alone."""
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "schema": USER,
            "schemaExtensions": [{"schema": MEMBER, "required": True}],
        }
    ]


def schemas() -> list[dict[str, Any]]:
    """The schema of users, as far as it is used, and its extension."""
    roles = _one("roles", "complex", "immutable", many=True, required=True)
    name = _one("name", "complex", "immutable")
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": USER,
            "name": "User",
            "attributes": [
                _one("userName", "string", "immutable", required=True, unique="server"),
                _one("displayName", "string", "immutable"),
                name | {"subAttributes": [_one("formatted", "string", "immutable")]},
                _one("title", "string", "immutable"),
                _one("active", "boolean", "readWrite"),
                roles
                | {
                    "mutability": "readWrite",
                    "subAttributes": [_one("value", "string", "readWrite", required=True)],
                },
            ],
        },
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": MEMBER,
            "name": "Member",
            "attributes": [
                _one("nationality", "string", "immutable", required=True),
                _one("clearance", "string", "immutable"),
                _one("assurance", "integer", "immutable"),
                _one("until", "dateTime", "immutable"),
                _one("pending", "string", "readOnly", many=True),
            ],
        },
    ]


def _one(
    name: str, kind: str, mutability: str, *, many: bool = False, required: bool = False,
    unique: str = "none",
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "type": kind,
        "multiValued": many,
        "required": required,
        "caseExact": True,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": unique,
    }
