"""Whether the CASE/UCO graph of a bundle names the same exhibits, with the same hashes.

Reads the JSON-LD as it is written by Accord: compact names, one list of nodes. It is no validator of
CASE/UCO; `case_validate` of case-utils is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accord_verify.plain import read_json
from accord_verify.report import BadFile, Code, Failure

NUMBER, OBJECT, FACET = "case-investigation:exhibitNumber", "uco-core:object", "uco-core:hasFacet"
HASH, METHOD, VALUE = "uco-observable:hash", "uco-types:hashMethod", "uco-types:hashValue"
_CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
}


class _Twice(Exception):
    """Two nodes of the graph have one name."""


def check_graph(text: bytes, stated: Mapping[str, Mapping[str, str]]) -> list[Failure]:
    """Compare a graph with exhibit numbers and the hashes stated of them, by method."""
    try:
        whole = read_json(text)
    except (ValueError, RecursionError, BadFile):
        return [Failure(Code.GRAPH_MISMATCH, "The graph is no JSON that reads in one way.")]
    nodes = whole.get("@graph") if isinstance(whole, dict) else None
    context = whole.get("@context") if isinstance(whole, dict) else None
    if not isinstance(nodes, list) or not isinstance(context, dict):
        return [Failure(Code.GRAPH_MISMATCH, "The graph is no JSON-LD with its nodes in one list.")]
    if any(context.get(name) != meant for name, meant in _CONTEXT.items()):
        return [
            Failure(Code.GRAPH_MISMATCH, "The graph's names mean something else than CASE/UCO.")
        ]
    try:
        return list(_compared(_exhibits(nodes), stated))
    except _Twice as twice:
        return [Failure(Code.GRAPH_MISMATCH, f"The graph describes {twice} at two places.")]


def _compared(
    found: Mapping[str, list[dict[str, str]]], stated: Mapping[str, Mapping[str, str]]
) -> Iterator[Failure]:
    for number in sorted(set(stated) - set(found)):
        yield Failure(Code.GRAPH_MISMATCH, f"The graph has no exhibit {number}.")
    for number in sorted(set(found) - set(stated)):
        yield Failure(Code.GRAPH_MISMATCH, f"The graph has an exhibit {number} of its own.")
    for number in sorted(set(found) & set(stated)):
        if found[number] != [dict(stated[number])]:
            sentence = f"The graph gives {number} other hashes than the manifest."
            yield Failure(Code.GRAPH_MISMATCH, sentence)


def _exhibits(nodes: list[Any]) -> dict[str, list[dict[str, str]]]:
    """The hashes of every file that a provenance record with an exhibit number names.

    Each node is read once, however many records name it. Raises _Twice.
    """
    records = [node for node in nodes if isinstance(node, dict)]
    hashes = dict[str, dict[str, str]]()
    for node in records:
        if isinstance(iri := node.get("@id"), str):
            if iri in hashes:
                raise _Twice(iri)
            hashes[iri] = _hashes(node)
    found = dict[str, list[dict[str, str]]]()
    for node in records:
        if NUMBER in node:
            files = [hashes.get(iri, {}) for iri in _objects(node.get(OBJECT))]
            found.setdefault(str(node[NUMBER]), []).extend(files)
    return found


def _objects(value: Any) -> list[str]:
    return [str(ref.get("@id")) for ref in _list(value)]


def _hashes(file: dict[str, Any]) -> dict[str, str]:
    hashes = [each for facet in _list(file.get(FACET)) for each in _list(facet.get(HASH))]
    said = [(str(each.get(METHOD)), _value(each.get(VALUE))) for each in hashes]
    return dict(said) if len(dict(said)) == len(said) else {"twice": "twice"}


def _list(value: Any) -> list[dict[str, Any]]:
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, dict)]


def _value(said: Any) -> str:
    return str(said.get("@value")).lower() if isinstance(said, dict) else str(said).lower()
