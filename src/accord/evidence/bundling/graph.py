"""The evidence of a bundle as CASE/UCO 1.4 in JSON-LD: https://caseontology.org.

Plain dictionaries; `case_validate` of case-utils holds them in the tests. The classes:

- `case-investigation:Investigation` gathers all, `Authorization` is a warrant, an order, a consent;
- `uco-observable:File` with the name, the size and the hashes of an exhibit's file, and
  `case-investigation:ProvenanceRecord` with its exhibit number;
- `case-investigation:InvestigativeAction` is the collection, each event of custody in its order, and
  the disclosure by which the bundle left: who (`performer`), where, with what (`instrument`), on what
  (`object`), what came of it (`result`).

An IRI is `urn:uuid:` of version 5 over what it stands for, so the same thing has the same name in every
bundle. Times are xsd:dateTime in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from accord.evidence.bundling.domain import Included, Names, Taken
from accord.evidence.custody.domain import CustodyAct, Event, moment

_CASE = "https://ontology.caseontology.org/case/"
_UCO = "https://ontology.unifiedcyberontology.org/uco/"
_XSD = "http://www.w3.org/2001/XMLSchema#"
CONTEXT = {
    "case-investigation": f"{_CASE}investigation/",
    **{
        f"uco-{name}": f"{_UCO}{name}/"
        for name in (
            "action", "core", "identity", "location", "observable", "tool", "types",
        )
    },
    "xsd": _XSD,
}  # fmt: skip
NAMESPACE = UUID("2f7c9a52-6f0b-5d0e-9c39-6b1d0e1f28a4")
ISSUED = {"warrant": "Search warrant", "court-order": "Court order", "consent": "Consent"}
Node = dict[str, Any]


def graph(taken: Taken, included: Sequence[Included], names: Names) -> bytes:
    """The graph of a bundle, as the bytes of its file."""
    made = _Made(names)
    files = [_file(made, each) for each in included]  # first, so that no chain names one by less
    for each, file in zip(included, files, strict=True):
        _exhibit(made, each, file)
        _source(made, each, included)
    _disclosure(made, taken, files)
    made.add(
        "case-investigation:Investigation",
        "investigation",
        taken.case_number,
        {
            "uco-core:name": taken.case_number,
            "uco-core:object": [_ref(node["@id"]) for node in made.nodes.values()],
        },
    )
    nodes = sorted(made.nodes.values(), key=lambda node: node["@id"])
    whole = {"@context": CONTEXT, "@graph": nodes}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


class _Made:
    """The nodes made so far, each once under its IRI."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.nodes: dict[str, Node] = {}

    def add(self, kind: str, what: str, key: str, facts: Node) -> Node:
        """A node of a class about one thing; the same thing is one node."""
        iri = _iri(what, key)
        if iri not in self.nodes:
            self.nodes[iri] = {"@id": iri, "@type": kind} | facts
        return _ref(iri)

    def agency(self, agency: str) -> Node:
        facts = {"uco-core:name": self.names.agency(agency)}
        return self.add("uco-identity:Organization", "agency", agency, facts)

    def person(self, event: Event) -> Node:
        """The member who took a step, and the agency for which."""
        name = self.names.person(event)
        who = self.add(
            "uco-identity:Person", "membership", event.membership, {"uco-core:name": name}
        )
        self.relation(who, self.agency(event.agency), "Member_Of", event.membership)
        return who

    def place(self, place: str) -> Node:
        return self.add("uco-location:Location", "place", place, {"uco-core:name": place})

    def tool(self, name: str, version: str | None) -> Node:
        facts = {"uco-core:name": name} | ({"uco-tool:version": version} if version else {})
        return self.add("uco-tool:Tool", "tool", f"{name}\n{version or ''}", facts)

    def relation(self, source: Node, target: Node, kind: str, key: str) -> None:
        """That one thing stands to another in a way, from the one to the other."""
        facts = {
            "uco-core:isDirectional": _typed("boolean", "true"),
            "uco-core:kindOfRelationship": kind,
            "uco-core:source": source,
            "uco-core:target": target,
        }
        self.add("uco-core:Relationship", f"relation {kind}", key, facts)


def _file(made: _Made, each: Included) -> Node:
    facts = {"uco-core:hasFacet": _facets(each)}
    return made.add("uco-observable:File", "file", str(each.record_id), facts)


def _exhibit(made: _Made, each: Included, file: Node) -> None:
    """The provenance record of an exhibit, its collection and its chain."""
    record = str(each.record_id)
    about: Node = {"case-investigation:exhibitNumber": each.number, "uco-core:object": [file]}
    if description := each.said.get("description"):
        about["uco-core:description"] = description
    made.add("case-investigation:ProvenanceRecord", "provenance", record, about)
    before = _collection(made, each, file)
    for event in each.custody.events if each.custody else ():
        before = _event(made, event, file, before)


def _facets(each: Included) -> list[Node]:
    record, size = str(each.record_id), _typed("integer", str(each.size_bytes))
    hashes = [("SHA256", each.hashes.sha256), ("SHA512", each.hashes.sha512)]
    return [
        {
            "@id": _iri("file facet", record),
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": each.file_name,
            "uco-observable:filePath": each.path,
            "uco-observable:sizeInBytes": size,
        },
        {
            "@id": _iri("content facet", record),
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [_hash(record, m, v) for m, v in hashes if v],
            "uco-observable:mimeType": each.media_type,
            "uco-observable:sizeInBytes": size,
        },
    ]


def _hash(record: str, method: str, digest: str) -> Node:
    return {
        "@id": _iri(f"hash {method}", record),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": _typed("hexBinary", digest.upper()),
    }


def _collection(made: _Made, each: Included, file: Node) -> Node:
    """How it was collected, as far as its parts are open."""
    said, record = each.said, str(each.record_id)
    provenance = _ref(_iri("provenance", record))
    facts: Node = {
        "uco-core:name": f"Collection of exhibit {each.number}",
        "uco-action:result": [file, provenance],
    }
    if at := _instant(said.get("collectedAt")):
        facts["uco-action:startTime"] = at
    if who := said.get("collectedBy"):
        person = {"uco-core:name": who}
        facts["uco-action:performer"] = made.add(
            "uco-identity:Person", "collector", f"{each.owner}\n{who}", person
        )
    if place := said.get("address"):
        facts["uco-action:location"] = [made.place(place)]
    if tool := said.get("tool"):
        facts["uco-action:instrument"] = [made.tool(tool, said.get("toolVersion"))]
    if (basis := said.get("legalBasis")) and (reference := said.get("basisReference")):
        authorization = _authorization(made, basis, reference, said.get("issuingAuthority"))
        facts["case-investigation:relevantAuthorization"] = [authorization]
    return made.add(_ACTION, "collection", record, facts)


_ACTION = "case-investigation:InvestigativeAction"


def _authorization(made: _Made, basis: str, reference: str, authority: str | None) -> Node:
    facts: Node = {
        "case-investigation:authorizationType": ISSUED.get(basis, basis),
        "case-investigation:authorizationIdentifier": [reference],
    }
    if authority:
        facts["uco-core:description"] = f"Issued by {authority}"
    key = "\n".join((basis, reference, authority or ""))
    return made.add("case-investigation:Authorization", "authorization", key, facts)


def _event(made: _Made, event: Event, file: Node, before: Node) -> Node:
    """One event of custody; it was informed by the step before it."""
    at = _time(event.at)
    facts: Node = {
        "uco-core:name": f"Custody event {event.number}: {event.act}",
        "uco-core:description": _told(event, made.names),
        "uco-core:externalReference": [_reference("custody event", event.hash)],
        "uco-action:startTime": at,
        "uco-action:endTime": at,
        "uco-action:performer": made.person(event),
        "uco-action:location": [made.place(event.place)],
        "uco-action:object": [file],
        "case-investigation:wasInformedBy": [before],
    }
    if event.tool:
        facts["uco-action:instrument"] = [made.tool(event.tool.name, event.tool.version)]
    if event.to:
        facts["uco-action:participant"] = [made.agency(event.to)]
    if event.act is CustodyAct.ACQUIRE:
        facts["uco-action:result"] = [_ref(_iri("provenance", event.exhibit))]
    if event.derived:
        facts["uco-action:result"] = [_other(made, event.derived.exhibit, event.derived.sha256)]
    return made.add(_ACTION, "custody event", f"{event.exhibit}\n{event.number}", facts)


def _told(event: Event, names: Names) -> str:
    """What an event says beside who, when and where, in one line."""
    parts: list[tuple[str, str | None]] = [
        ("Reason", event.reason),
        ("To", names.agency(event.to) if event.to else None),
        ("Handed to", event.receiver),
        ("Seal", event.seal),
        ("Items counted", str(event.items)),
        ("Order", f"{event.order.authority}, {event.order.number}" if event.order else None),
        ("Local time zone", event.zone),
        ("SHA-256 before", event.before),
        ("SHA-256 after", event.after),
    ]
    return "; ".join(f"{name}: {text}" for name, text in parts if text)


def _other(made: _Made, exhibit: str, sha256: str) -> Node:
    """Another exhibit that a chain names: by its hash alone, unless it is in the bundle too."""
    facet = {
        "@id": _iri("content facet", exhibit),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": [_hash(exhibit, "SHA256", sha256)],
    }
    return made.add("uco-observable:File", "file", exhibit, {"uco-core:hasFacet": [facet]})


def _source(made: _Made, each: Included, included: Iterable[Included]) -> None:
    """That an exhibit was made of another, where its chain or its record says so."""
    file = _ref(_iri("file", str(each.record_id)))
    first = each.custody.events[0] if each.custody and each.custody.events else None
    numbered = {other.number: str(other.record_id) for other in included}
    source = numbered.get(each.said.get("derivedFrom", ""))
    if first and first.source:
        source = first.source.exhibit
        _other(made, source, first.source.sha256)
    if source:
        made.relation(file, _ref(_iri("file", source)), "Derived_From", str(each.record_id))


def _disclosure(made: _Made, taken: Taken, files: Sequence[Node]) -> None:
    """The act by which this bundle left, and the entry of the ledger that says so."""
    who = made.add(
        "uco-identity:Person", "membership", taken.membership, {"uco-core:name": taken.name}
    )
    made.relation(who, made.agency(taken.agency), "Member_Of", taken.membership)
    made.add(
        _ACTION,
        "disclosure",
        str(taken.entry),
        {
            "uco-core:name": "Disclosure of this bundle",
            "uco-core:description": f"Purpose: {taken.purpose}; legal basis: {taken.legal_basis}",
            "uco-core:externalReference": [_reference("ledger entry", str(taken.entry))],
            "uco-action:startTime": _time(taken.at),
            "uco-action:performer": who,
            "uco-action:object": list(files),
        },
    )


def _reference(what: str, identifier: str) -> Node:
    return {
        "@id": _iri(f"reference {what}", identifier),
        "@type": "uco-core:ExternalReference",
        "uco-core:definingContext": f"Accord: {what}",
        "uco-core:externalIdentifier": identifier,
    }


def _instant(said: str | None) -> Node | None:
    """A moment that a record knows to the minute; a day alone is no xsd:dateTime."""
    if not said or "T" not in said:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return _time(at) if at.utcoffset() is not None else None


def _time(at: datetime) -> Node:
    return _typed("dateTime", moment(at))


def _typed(kind: str, value: str) -> Node:
    return {"@type": f"xsd:{kind}", "@value": value}


def _iri(what: str, key: str) -> str:
    name = f"{what}\n{key}"
    return f"urn:uuid:{uuid5(NAMESPACE, name)}"


def _ref(iri: str) -> Node:
    return {"@id": iri}
