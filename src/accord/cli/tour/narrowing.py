"""The amendment: proposed, signed by each party off the node, in force; and no row rewritten."""

from __future__ import annotations

import base64
import re

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.agreements.parse import parse
from accord.cli.tour.stage import (
    ALVAREZ,
    MERCER,
    OFFICE,
    OKAFOR,
    RASMUSSEN,
    Stage,
    Unexpected,
    kinds,
    refused,
)
from accord.platform.db import launcher
from accord.platform.db.roles import BACKUP
from accord_client import models as m

AGREEMENT = "mou-2026-007"
ORIGINAL = f"agreements/{AGREEMENT}.yaml"
AMENDMENT = f"agreements/amendments/{AGREEMENT}-amendment-1.yaml"
SIGNERS = {"riverbend-pd": OKAFOR, "harlan-so": RASMUSSEN, "state-bi": MERCER}
AFTER = ["core", "identity"]
TABLES = ("record", "part", "part_key")
ROWS = """
select count(*), coalesce(md5(string_agg(ctid::text || ' ' || xmin::text, ',' order by ctid)), '')
  from only {}
"""


def play(stage: Stage) -> None:
    """Narrow clause 4.4, and show what changed and what did not."""
    rows = _rows(stage)
    text = _amending(stage, AMENDMENT)
    stage.say.did(stage.called(OKAFOR, purpose=OFFICE, case=None), "proposes the first amendment")
    proposed = _propose(stage, text, "amendment.yaml")
    early = refused(lambda: _activate(stage, proposed))
    stage.say.expect("unsigned, it cannot take effect", early.status, 403)
    for agency, officer in SIGNERS.items():
        _sign(stage, proposed, agency, officer)
        who = stage.called(officer, purpose=OFFICE, case=None)
        stage.say.did(who, "signs with the agency's key, which the node never sees")
    _activate(stage, proposed)
    stage.say.show(f"version {proposed['content_hash'][:12]} is in force", f"{AGREEMENT}, 4.4")
    _reads_less(stage)
    stage.say.expect(
        f"no row of {', '.join(TABLES)} was written: same rows, same places, same writers",
        _rows(stage),
        rows,
    )


def _reads_less(stage: Stage) -> None:
    before = stage.kept["read"]
    stage.say.did(stage.called(ALVAREZ), "reads the same record again")
    found = stage.by(ALVAREZ).records.one_record(before["id"])
    gone = sorted(set(kinds(before)) - set(kinds(found)))
    stage.say.show(f"before: {', '.join(kinds(before))}; now: {', '.join(kinds(found))}")
    stage.say.expect("she sees less, with her next request", sorted(kinds(found)), AFTER)
    stage.say.expect("what the amendment no longer opens is gone", gone, ["narrative"])
    stage.say.expect(
        "under the amended clause, for thirty days",
        {o for p in found["parts"] for o in p["why"]["obligations"] if "end-access" in o},
        {"end-access: P30D"},
        f"{AGREEMENT}, clause 4.4",
    )


def widen(stage: Stage) -> None:
    """Put the original clauses in force again, by a further amendment of the one in force."""
    if is_wide(stage):
        return
    proposed = _propose(stage, _amending(stage, ORIGINAL), "restoring.yaml")
    for agency, officer in SIGNERS.items():
        _sign(stage, proposed, agency, officer)
    _activate(stage, proposed)


def is_wide(stage: Stage) -> bool:
    """Whether the clauses in force are those of the world's own memorandum."""
    content_hash = _in_force(stage)
    version = stage.office(OKAFOR, OFFICE).agreements.one_version(content_hash)
    original = parse((stage.world / ORIGINAL).read_text("utf-8"), file=ORIGINAL)
    return [c["facts"] for c in version["clauses"]] == [c.facts() for c in original.clauses]


def _in_force(stage: Stage) -> str:
    for version in stage.office(OKAFOR, OFFICE).agreements.in_force(limit=200)["items"]:
        if version["agreement"] == AGREEMENT:
            return version["content_hash"]
    raise Unexpected(f"no version of {AGREEMENT} is in force")


def _amending(stage: Stage, path: str) -> str:
    """The text of a version of the world, as an amendment of the version in force now."""
    text = (stage.world / path).read_text("utf-8")
    text = re.sub(r"(?m)^amends:.*\n", "", text)
    return re.sub(r"(?m)^(kind:.*\n)", rf"\1amends: {_in_force(stage)}\n", text, count=1)


def _propose(stage: Stage, text: str, file: str) -> m.Proposed:
    return stage.office(OKAFOR, OFFICE).agreements.propose({"text": text, "file": file})


def _sign(stage: Stage, proposed: m.Proposed, agency: str, officer: str) -> None:
    """Sign here, as an agency does at home: only the signature travels."""
    key = _key(stage, agency)
    signature = base64.b64encode(key.sign(base64.b64decode(proposed["canonical"]))).decode()
    desk = stage.office(officer, OFFICE).agreements
    desk.sign(proposed["content_hash"], {"signature": signature})


def check_keys(stage: Stage) -> None:
    """End the tour at once where a party could not sign later."""
    for agency in SIGNERS:
        _key(stage, agency)


def _key(stage: Stage, agency: str) -> Ed25519PrivateKey:
    path = stage.data_dir / "secrets" / "agency-signing" / f"{agency}.key"
    if not path.is_file():
        raise Unexpected(f"the signing key of {agency} is not at {path}, so it cannot sign")
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _activate(stage: Stage, proposed: m.Proposed) -> None:
    stage.office(OKAFOR, OFFICE).agreements.activate(proposed["content_hash"], {})


def _rows(stage: Stage) -> dict[str, tuple[int, str]]:
    """Each table's rows by place and by the transaction that wrote them; read as `backup`."""
    found: dict[str, tuple[int, str]] = {}
    dsn = launcher.ensure_running(stage.data_dir).dsn(BACKUP)
    with psycopg.connect(dsn, options="-c default_transaction_read_only=on") as connection:
        for table in TABLES:
            query = psycopg.sql.SQL(ROWS).format(psycopg.sql.Identifier(table))
            count, digest = connection.execute(query).fetchone() or (0, "")
            found[table] = (count, digest)
    return found
