"""CASE/UCO JSON-LD: the people, things and messages of a forensic bundle.

Names are compared without their prefix, and no context is fetched. CASE says who did what to which
evidence; what is a relation, an action or a tool there has no place as a record here and is counted.
Nobody in a bundle is a suspect or a victim by being in it: the category stays `unknown`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NoReturn

from accord.exchange.formats.base import Options, Reading, Sitting, check_size
from accord.kernel.errors import InvalidInput
from accord.records.faults import Problem
from accord.records.intake.drafting import RawRecord, RawValue
from accord.records.intake.limits import DEFAULT_LIMITS
from accord.records.intake.rows import Drawn

MAX_BYTES = 64 * 1024**2
MAX_OBJECTS = 500_000
SOURCE_SYSTEM = "case-uco"
_PHONE = {
    "phoneNumber": "phone",
    "MSISDN": "phone",
    "IMEI": "imei",
    "IMSI": "imsi",
    "carrier": "carrier",
}
_ACCOUNT = {
    "accountIdentifier": "accountHandle", "accountLogin": "accountHandle",
    "displayName": "accountHandle", "emailAddress": "email", "addressValue": "email",
    "accountType": "accountType",
}  # fmt: skip
_DOCUMENT = {
    "fileName": "fileName", "mimeType": "mediaType", "messageText": "text", "body": "text",
    "subject": "title", "sentTime": "issuedAt", "startTime": "issuedAt", "messageID": "documentNumber",
    "from": "involvedRecord", "to": "involvedRecord", "callType": "category",
}  # fmt: skip
KINDS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("Person", "Person", "", {
        "givenName": "firstName", "familyName": "lastName", "birthdate": "birthDate",
    }),
    ("Organization", "Organization", "", {}),
    ("Location", "Address", "", {
        "street": "street", "locality": "city", "region": "state", "postalCode": "postalCode",
        "latitude": "latitude", "longitude": "longitude",
    }),
    ("PhoneAccount", "Phone", "phone-account", _PHONE),
    ("MobileAccount", "Phone", "mobile-account", _PHONE),
    ("MobileDevice", "Phone", "handset", _PHONE),
    ("SIMCard", "Phone", "sim-card", _PHONE),
    ("EmailAccount", "Account", "e-mail", _ACCOUNT),
    ("EmailAddress", "Account", "e-mail", _ACCOUNT),
    ("DigitalAccount", "Account", "digital-account", _ACCOUNT),
    ("ApplicationAccount", "Account", "application-account", _ACCOUNT),
    ("SMSMessage", "Document", "sms", _DOCUMENT),
    ("EmailMessage", "Document", "e-mail", _DOCUMENT),
    ("Message", "Document", "message", _DOCUMENT),
    ("Call", "Document", "call", _DOCUMENT),
    ("File", "Document", "file", _DOCUMENT),
    ("RasterPicture", "Document", "picture", _DOCUMENT),
    ("Device", "Item", "device", {
        "manufacturer": "make", "model": "model", "serialNumber": "serialNumber",
        "deviceType": "itemType",
    }),
)  # fmt: skip
"""UCO's type, our schema, the category, and the properties of its facets in ours."""
_NAMED = {"Person": "name", "Organization": "name"}
_DAYS = ("birthdate",)
_STRUCTURE = frozenset(
    {"Relationship", "ObservableRelationship", "InvestigativeAction", "ProvenanceRecord",
     "Investigation", "Tool", "ConfiguredTool", "AnalyticTool", "Software", "Application",
     "OperatingSystem", "FileSystem", "DiskPartition", "Role", "Annotation", "Bundle", "URL",
     "URLHistory", "ContentData"}
)  # fmt: skip


def open_case(source: BinaryIO, file: str, options: Options) -> Reading:
    """Reads the whole bundle; raises InvalidInput where it is not one."""
    del options
    size = check_size(source, file, MAX_BYTES)
    objects = _objects(_parsed(source, file), file)
    left: Counter[str] = Counter()
    return Reading(
        said=f"CASE/UCO JSON-LD, {len(objects):,} objects",
        draw=lambda sitting: _drawn(objects, sitting, left),
        at=lambda: size,
        left=left,
    )


def _parsed(source: BinaryIO, file: str) -> Any:
    try:
        return json.loads(
            source.read().decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(file, None, "", f"byte {error.start + 1:,} is not UTF-8") from None
    except RecursionError:
        raise InvalidInput(file, None, "", "the JSON is nested too deep") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(file, error.lineno, "", f"not JSON: {error.msg}") from None
    except ValueError as error:
        raise InvalidInput(file, None, "", f"not JSON: {error}") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is repeated in one object")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _objects(data: Any, file: str) -> list[Any]:
    """The objects of a graph, and of the bundles in it."""
    top = data.get("@graph", [data]) if isinstance(data, dict) else data
    if not isinstance(top, list):
        raise InvalidInput(file, None, "@graph", "is a list of objects")
    found: list[Any] = []
    for one in top:
        inner = one.get("uco-core:object") or one.get("object") if isinstance(one, dict) else None
        nested = inner if isinstance(inner, list) else []
        found += [one, *[o for o in nested if isinstance(o, dict) and "@type" in o]]
    if len(found) > MAX_OBJECTS:
        raise InvalidInput(file, None, "@graph", f"at most {MAX_OBJECTS:,} objects")
    return found


def _drawn(objects: list[Any], sitting: Sitting, left: Counter[str]) -> Iterator[Drawn]:
    row = 0
    for number, one in enumerate(objects, 1):
        found = _record(one, sitting, left)
        if found is None:
            continue
        row += 1
        raw = json.dumps(one, ensure_ascii=False)[: DEFAULT_LIMITS.max_raw_chars]
        if isinstance(found, Problem):
            yield Drawn(row, number, raw, None, (found,))
        else:
            yield Drawn(row, number, raw, found)


def _record(one: Any, sitting: Sitting, left: Counter[str]) -> RawRecord | Problem | None:
    if not isinstance(one, dict):
        return Problem("", "form", "an element of the graph is an object {...}")
    types = {_local(t) for t in _list(one.get("@type")) if isinstance(t, str)}
    kind = next((k for k in KINDS if k[0] in types), None)
    if kind is None:
        left[next(iter(sorted(types & _STRUCTURE)), "other kinds")] += 1
        return None
    identity = one.get("@id")
    if not isinstance(identity, str) or not identity:
        return Problem("@id", "source-ref", "the object has no @id")
    _, schema, category, names = kind
    if schema == "Item" and _is_handset(one):
        schema, category, names = "Phone", "handset", _PHONE
    values: dict[str, list[RawValue]] = {}
    if category:
        _put(values, "category", category, "@type")
    for facet in (one, *_facets(one)):
        _take(facet, names, values)
    _name(one, schema, values)
    if not values.keys() - {"category"}:
        left["objects that say nothing"] += 1
        return None
    return RawRecord(
        schema=sitting.intake.ontology.schema(schema),
        source_system=SOURCE_SYSTEM,
        source_ref=_reference(identity),
        label=sitting.label,
        part_labels={},
        values=values,
    )


def _facets(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [v for key, v in one.items() if _local(key) == "hasFacet"]
    return [facet for value in found for facet in _list(value) if isinstance(facet, dict)]


def _is_handset(one: Mapping[str, Any]) -> bool:
    return any(_local(key) == "IMEI" for facet in _facets(one) for key in facet)


def _take(
    facet: Mapping[str, Any], names: Mapping[str, str], values: dict[str, list[RawValue]]
) -> None:
    for key, given in facet.items():
        name = _local(key)
        for item in _list(given):
            if name == "hash" and "fileName" in names:
                _hash(item, values)
            elif name in names and (text := _text(item)):
                to = names[name]
                if to == "involvedRecord":
                    text = _reference(text)
                _put(values, to, text[:10] if name in _DAYS else text, name)


def _hash(item: Any, values: dict[str, list[RawValue]]) -> None:
    if not isinstance(item, dict):
        return
    facts = {
        _local(key): _text(v[0] if isinstance(v, list) and v else v) for key, v in item.items()
    }
    if facts.get("hashMethod", "").upper().replace("-", "") == "SHA256":
        _put(values, "contentHash", facts.get("hashValue", ""), "hash")


def _name(one: Mapping[str, Any], schema: str, values: dict[str, list[RawValue]]) -> None:
    """A person's or a body's name: from its parts, or else what the object is called."""
    if schema not in _NAMED:
        return
    pieces = [v.text for key in ("firstName", "lastName") for v in values.get(key, [])]
    called = next((_text(v) for key, v in one.items() if _local(key) == "name"), "")
    if name := " ".join(pieces) or called:
        _put(values, _NAMED[schema], name, "name")


def _put(values: dict[str, list[RawValue]], name: str, text: str, origin: str) -> None:
    if text.strip():
        values.setdefault(name, []).append(RawValue(text, origin))


def _text(value: Any) -> str:
    """A literal, a typed literal, or the id of a reference, as text."""
    if isinstance(value, dict):
        value = value.get("@value", value.get("@id", ""))
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def _reference(identity: str) -> str:
    """An @id as a source reference: without its namespace."""
    return identity.rpartition("/")[2].rpartition("#")[2].removeprefix("kb:") or identity


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _local(name: str) -> str:
    """A name without its prefix or namespace."""
    return name.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]
