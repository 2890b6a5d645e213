"""The memorandum of the design, and the people who ask under it.

The prose of 4.3 is in quotes here: a colon inside a plain YAML text ends it.
"""
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

from accord.agreements.domain import Agreement, Context, Requester
from accord.agreements.parse import parse
from accord.kernel.labels import Label

from .strategies import AT

MOU = """\
id: mou-2026-007
kind: mou
title: Riverbend joint task force against human trafficking
authority: ["22 U.S.C. 7105", "State Code 46.12"]
parties: [riverbend-pd, harlan-so, state-bi]
in_force: {from: 2026-01-01, until: 2028-12-31, zone: America/Chicago}
vocabulary: 1
clauses:
  - id: "4.1"
    prose: A party may learn that another holds a record on a suspect, vehicle or telephone, and whom to ask.
    permit: hit
    to:  {role: [investigator, analyst], assurance: 2, training: [cjis-security]}
    for: {purpose: [human-trafficking-investigation]}
    of:  {schema: [Person, Vehicle, Phone], subject: [none, suspect, convicted, contact], part: [core, identity]}
  - id: "4.2"
    prose: In a joint case, what its owner placed there about suspects may be read by the case's investigators and prosecutors.
    permit: view
    to:  {role: [investigator, analyst, prosecutor], assurance: 2, training: [cjis-security]}
    for: {purpose: [human-trafficking-investigation]}
    of:  {subject: [none, suspect, convicted, contact], part: [core, identity, contact, location, narrative]}
    when: [case]
    obligations: [{end-access: P1Y}, no-onward]
  - id: "4.3"
    prose: "Of a victim, only what the case needs to plan her protection: that there is one, category and dates."
    permit: view
    to:  {role: [investigator, prosecutor], assurance: 2, training: [cjis-security, victim-centred-practice]}
    for: {purpose: [human-trafficking-investigation]}
    of:  {subject: [victim, witness], part: core}
    when: [case]
  - id: "6.1"
    prose: No party shows another what could find or name a victim.
    forbid: view
    of:  {subject: victim, part: [identity, contact, location, health, biometric, narrative, attachment]}
    unless: {to: {role: victim-advocate}, when: [consent]}
"""


def mou(text: str = MOU) -> Agreement:
    return parse(text, file="mou.yaml")


def person(**changed: Any) -> Requester:
    """A sheriff's investigator whom every clause of part 4 serves."""
    facts: dict[str, Any] = {
        "agency": "harlan-so",
        "kind": "sheriff",
        "country": "US",
        "roles": frozenset({"investigator"}),
        "clearance": "confidential",
        "nationality": "US",
        "training": frozenset({"cjis-security", "victim-centred-practice"}),
        "assurance": 2,
    }
    return Requester(**facts | changed)


def asking(purpose: str = "human-trafficking-investigation", basis: str | None = None) -> Context:
    return Context(purpose, "HT-2026-014", basis, AT)


def label(**changed: Any) -> Label:
    """The core part of Riverbend's record on a suspect."""
    facts: dict[str, Any] = {
        "owner": "riverbend-pd",
        "schema": "Person",
        "part": "core",
        "subjects": frozenset({"suspect"}),
        "sensitivity": "official",
        "handling": "none",
        "basis": "statute",
        "offence": "human-trafficking",
        "minor": False,
        "sealed": False,
        "intelligence": False,
    }
    return Label(**facts | changed)


def wide() -> Agreement:
    """So that the forbid of the example decides something: another agreement shows victims."""
    text = (
        "id: wide\nkind: mou\ntitle: Wide\nauthority: [Code 1]\n"
        "parties: [riverbend-pd, harlan-so, state-bi]\n"
        "in_force: {from: 2026-01-01, zone: UTC}\nvocabulary: 1\n"
        "clauses:\n  - {id: '1', prose: Wide., permit: export,\n"
        "     for: {purpose: [human-trafficking-investigation, victim-protection]},\n"
        "     of: {subject: [victim, witness, suspect, none]}, obligations: [watermark]}\n"
    )
    return parse(text, file="wide.yaml")
