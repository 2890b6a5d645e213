"""A node that knows less than it published signs nothing, and says so: a second history never begins."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.cli import readiness
from accord.cli.main import run
from accord.evidence import jobs as evidence
from accord.evidence.actions import sweeping
from accord.kernel.merkle import frontier_of, leaf_hash
from accord.kernel.signednote import Checkpoint, sign_note
from accord.kernel.tlogpolicy import Group, Policy
from accord.ledger import actions, comparing, keys, queries, tiles
from accord.ledger.cosigning import quorum
from accord.ledger.publishing import publish
from isolation.contributing import acting
from isolation.test_custody_pages import browser

ALVAREZ, DESK = "riverbend-pd.m.alvarez", "case-administration"


@pytest.fixture
def shown_node(world: Path) -> Iterator[Path]:
    """The world, published; what a test makes of its published log is taken back."""
    actions.sequence_all()
    publish(world)
    kept = (world / "tlog" / "checkpoint").read_bytes()
    yield world
    (world / "tlog" / "checkpoint").write_bytes(kept)
    (world / comparing.STATE).unlink(missing_ok=True)
    comparing._compared.discard(world)
    publish(world)


def show(shown_node: Path, *, more: int = 0, changed: bool = False) -> None:
    """Let the published checkpoint be another one that this ledger's key signed."""
    newest = queries.newest_head()
    assert newest is not None
    frontier = frontier_of(newest.size, tiles.fetch_from(queries.load_tile))
    root = leaf_hash(b"another") if changed or more else frontier.root()
    signer = keys.signing_key(shown_node)
    note = sign_note(Checkpoint(signer.name, newest.size + more, root).text, signer)
    (shown_node / "tlog" / "checkpoint").write_text(str(note), "utf-8")


def started_anew(shown_node: Path) -> None:
    """Forget what this process compared, as a new one has not yet."""
    comparing._compared.discard(shown_node)


def an_entry() -> None:
    with acting(ALVAREZ, DESK) as scope:
        scope.did("consultation", of="something")


def test_a_node_from_an_older_backup_signs_nothing_from_its_start(shown_node: Path) -> None:
    show(shown_node, more=7)
    started_anew(shown_node)
    before = queries.newest_head()
    an_entry()
    with pytest.raises(comparing.Held, match=r"covers .* it was rolled back") as found:
        actions.sequence()
    assert "restore the newest backup" in str(found.value.who_can_change)
    assert queries.newest_head() == before
    assert queries.waits_since() is not None


def test_nor_does_it_sweep_pieces_whose_rows_it_may_have_lost(
    shown_node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store may be elsewhere and newer than the backup: a sweep would end what a newer one names."""
    swept: list[str] = []
    monkeypatch.setattr(sweeping, "sweep_unnamed", lambda folder: swept.append(folder) or 0)
    show(shown_node, more=5)
    evidence.sweep()
    assert swept == []
    (shown_node / "tlog" / "checkpoint").write_text("no head of anybody", "utf-8")
    evidence.sweep()
    assert swept == []
    show(shown_node)
    evidence.sweep()
    assert len(swept) == 1


def test_one_that_disagrees_signs_nothing(shown_node: Path) -> None:
    show(shown_node, changed=True)
    started_anew(shown_node)
    an_entry()
    with pytest.raises(comparing.Held, match="has another root"):
        actions.sequence()


def test_the_publisher_finds_it_while_the_node_runs_and_it_goes_on_when_mended(
    shown_node: Path,
) -> None:
    kept = (shown_node / "tlog" / "checkpoint").read_bytes()
    an_entry()
    actions.sequence_all()
    show(shown_node, more=7)
    with pytest.raises(comparing.Held):
        publish(shown_node)
    an_entry()
    with pytest.raises(comparing.Held):
        actions.sequence()
    (shown_node / "tlog" / "checkpoint").write_bytes(kept)
    publish(shown_node)
    assert actions.sequence() >= 1


def test_status_readiness_and_the_page_say_it(
    shown_node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "status", "--data-dir", str(shown_node)]) in (0, 1)
    assert "NOTHING IS SIGNED" not in capsys.readouterr().out
    show(shown_node, more=7)
    with pytest.raises(comparing.Held):
        publish(shown_node)
    assert run(["ledger", "status", "--data-dir", str(shown_node)]) == 1
    said = capsys.readouterr().out
    assert "NOTHING IS SIGNED" in said
    assert "restore the newest backup" in said
    assert run(["ledger", "status", "--data-dir", str(shown_node), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["held"]["said"]
    (found,) = [each for each in readiness.answers(shown_node) if each.name == "ledger"]
    assert not found.holds
    page = browser(ALVAREZ).get("/ledger/").content.decode()
    assert "The log is not signed on" in page
    assert str(shown_node) not in page


def test_a_store_that_is_empty_or_another_logs_holds_nothing_up(shown_node: Path) -> None:
    started_anew(shown_node)
    shutil.move(shown_node / "tlog" / "checkpoint", shown_node / "tlog-aside")
    an_entry()
    assert actions.sequence() >= 1
    started_anew(shown_node)
    (shown_node / "tlog" / "checkpoint").write_text("nothing of ours\n", "utf-8")
    an_entry()
    assert actions.sequence() >= 1
    shutil.move(shown_node / "tlog-aside", shown_node / "tlog" / "checkpoint")


def test_a_head_says_under_which_policy_it_was_met(shown_node: Path) -> None:
    an_entry()
    actions.sequence_all()
    head = queries.newest_head()
    assert head is not None
    easy = Policy()
    assert actions.add_cosignatures(head.size, (), easy)
    head = queries.newest_head(quorum=True)
    assert head is not None
    assert head.quorum_policy == easy.digest
    hard = Policy(groups={"all": Group("all", 1, ("police",))}, quorum="all")
    assert hard.digest != easy.digest
    found = quorum(shown_node, hard)
    assert found is not None
    assert (found.same_policy, found.holds) == (False, False)
