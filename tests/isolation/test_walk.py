"""Non-interference: what a viewer may not see does not show, on any page and in any answer.

Two worlds differ only in what the viewers may not see. Each viewer walks every page that the
URLconf has and every operation that the API's document has, and must get the same bytes, statuses,
headers and number of SQL statements. What may differ is in public_by_design.py.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.agreements.queries import versions
from isolation.public_by_design import DRAWN, HEADERS, PUBLIC, normalised
from isolation.walking import (
    Answer,
    Step,
    absent_things,
    api_operations,
    api_steps,
    hidden_things,
    page_steps,
    pages,
    today,
    walk,
)
from isolation.worlds import FULL, PLAIN, Pair, Viewer, pair_of_worlds, viewers

NAMES = [viewer.membership for viewer in viewers()]
pytestmark = pytest.mark.xdist_group("walk")


@pytest.fixture(scope="module")
def pair(world: Path) -> Iterator[Pair]:
    with pair_of_worlds(world) as made:
        agreement = versions()[0].content_hash
        for viewer in made.viewers:
            viewer.samples["agreement"] = agreement
        yield made


Walked = dict[str, tuple[list[Step], list[Answer], list[Answer]]]


@pytest.fixture(scope="module")
def walked(pair: Pair) -> Walked:
    """Both walks of every viewer, in the same order in both worlds."""
    at = today()
    steps = {
        v.membership: [*api_steps(v, pair.hidden), *page_steps(v, pair.hidden)]
        for v in pair.viewers
    }
    answers: dict[str, list[list[Answer]]] = {v.membership: [] for v in pair.viewers}
    files = {file: file.read_bytes() for file in _files(pair)}
    for database in (PLAIN, FULL):
        for viewer in pair.viewers:
            answers[viewer.membership].append(walk(database, viewer, steps[viewer.membership], at))
        _put_back(pair, files)
    return {name: (steps[name], *both) for name, both in answers.items()}  # type: ignore[misc]  # two


def _files(pair: Pair) -> Iterator[Path]:
    return (pair.data_dir / "intake").glob("*.intake")


def _put_back(pair: Pair, files: dict[Path, bytes]) -> None:
    """Both walks meet the same files and send the same; the folder is no part of the worlds."""
    for file in _files(pair):
        file.unlink()
    for file, content in files.items():
        file.write_bytes(content)


@pytest.mark.parametrize("name", NAMES)
def test_two_worlds_look_the_same(walked: Walked, name: str) -> None:
    steps, plain, full = walked[name]
    differing = [
        _difference(step, one, other)
        for step, one, other in zip(steps, plain, full, strict=True)
        if one != other
    ]
    assert not differing, f"{len(differing)} of {len(steps)} differ:\n" + "\n".join(differing[:5])


def _difference(step: Step, one: Answer, other: Answer) -> str:
    said = [
        f"{field}: {getattr(one, field)} and {getattr(other, field)}"
        for field in ("status", "headers", "cookies", "statements")
        if getattr(one, field) != getattr(other, field)
    ]
    lines = difflib.unified_diff(
        one.body.decode(errors="replace").splitlines(),
        other.body.decode(errors="replace").splitlines(),
        lineterm="",
        n=0,
    )
    return "\n".join([str(step), *said, *[line[:300] for line in lines][:12]])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_hidden_is_said_and_nothing_fails(pair: Pair, walked: Walked, name: str) -> None:
    steps, _, full = walked[name]
    marks = [b"Nobody else knows of this", *(i.encode() for i in pair.hidden.ids.values())]
    for step, answer in zip(steps, full, strict=True):
        assert answer.status < 500, f"{step}: {answer.body[:500]!r}"
        sent = f"{step.path} {step.json} {step.form}".encode()
        for mark in marks:
            assert mark in sent or mark not in answer.body, f"{step} says {mark!r}"


def test_absent_and_hidden_are_the_same_bytes(pair: Pair, walked: Walked) -> None:
    """Statements are compared across the worlds: in the first, the hidden id is an absent one."""
    compared = 0
    for viewer in pair.viewers:
        steps, _, full = walked[viewer.membership]
        answers = {str(step): answer for step, answer in zip(steps, full, strict=True)}
        for step, answer in zip(steps, full, strict=True):
            twin = _with_absent(step, pair, viewer)
            if twin is None or twin not in answers:
                continue
            compared += 1
            absent = answers[twin]
            headers = tuple(
                (name, _absent(value.encode(), step, pair, viewer).decode())
                for name, value in answer.headers
            )  # one that goes on at its own address names it
            assert (answer.status, _absent(answer.body, step, pair, viewer), headers) == (
                absent.status,
                absent.body,
                absent.headers,
            ), str(step)
    assert compared > 150


def _with_absent(step: Step, pair: Pair, viewer: Viewer) -> str | None:
    """The same step with every hidden id replaced by one that nothing has."""
    said = _absent(str(step).encode(), step, pair, viewer).decode()
    return said if said != str(step) else None


def _absent(said: bytes, step: Step, pair: Pair, viewer: Viewer) -> bytes:
    """A refusal may name its own address."""
    absent = absent_things()
    for name, value in hidden_things(step.route, pair.hidden, viewer).items():
        said = said.replace(value.encode(), absent[name].encode())
    return said


def test_every_page_and_every_operation_is_reached(walked: Walked) -> None:
    """A route for which the walk has no arguments, or no viewer an entrance, fails here."""
    reached: set[str] = set()
    for steps, plain, _ in walked.values():
        for step, answer in zip(steps, plain, strict=True):
            if answer.status not in (404, 405) or step.route in NEVER_FOUND:
                reached.add(step.route)
    everything = {*pages(), *(f"{method} {path}" for method, path in api_operations())}
    assert everything - reached == set()


def test_every_shut_door_is_tried_by_somebody(pair: Pair, walked: Walked) -> None:
    """However they are shared out among the viewers: each address with each hidden thing."""
    marks = [*pair.hidden.ids.values(), pair.hidden.case_number]

    def hidden(step: Step) -> bool:
        return any(mark in f"{step.path} {dict(step.headers)}" for mark in marks)

    tried = {step.route for steps, _, _ in walked.values() for step in steps if hidden(step)}
    every = {
        step.route
        for viewer in pair.viewers
        for step in (
            *api_steps(viewer, pair.hidden, every=True),
            *page_steps(viewer, pair.hidden, every=True),
        )
        if hidden(step)
    }
    assert len(every) > 100
    assert every - tried == set()


NEVER_FOUND = {
    "sign-in/<str:token>": "a link that was never made answers 404, and so does a spent one",
    **dict.fromkeys(
        (
            "agreements/<str:content_hash>/signatures/<uuid:signature>",
            "statements/<uuid:statement_id>/signatures/<uuid:signature>",
            "GET /api/v1/agreements/{content_hash}/signatures/{signature_id}",
            "GET /api/v1/statements/{statement_id}/signatures/{signature_id}",
        ),
        "a demonstration keeps no member's signature; test_member_signatures.py reads them",
    ),
    "w/<str:purpose>/<str:basis>/<str:case>/exhibits/uploads/<uuid:upload_id>": "answers what tus sends",
    "sign-in/as": "answers after a passkey alone",
    "sign-in/recover/new": "answers after a recovery code alone",
    "account/prove/<slug:provider>": "sends whom a provider is linked to away, with random numbers",
    "set-up/<str:token>": "a node that has its agency has nothing to set up",
    "join/<str:token>": "a link of the operator; a demonstration has made none",
    "join/": "the links of whoever brought an agency in this browser",
    "gallery/error/<int:status>/": "shows the page of an error, with its status",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_walk_sees_something(walked: Walked, name: str) -> None:
    steps, plain, _ = walked[name]
    shown = [s for s, a in zip(steps, plain, strict=True) if a.status == 200]
    assert len(shown) > 60
    if name == "harlan-so.c.boone":
        found = [
            json.loads(a.body)
            for s, a in zip(steps, plain, strict=True)
            if s.route == "POST /api/v1/search" and a.status == 200
        ]
        assert sum(len(f["visible"]) for f in found) > 3
        assert sum(len(f["hits"]) for f in found) > 3
        taken = [s for s, a in zip(steps, plain, strict=True) if b'"accord-bundle/1"' in a.body]
        assert {s.route.partition(" ")[0] == "POST" for s in taken} == {True, False}  # API and page


def test_a_hidden_row_would_be_noticed(pair: Pair) -> None:
    """The instrument itself: a shared record that changes in one world is seen by the walk."""
    viewer = pair.viewers[0]
    steps = [
        step
        for step in api_steps(viewer, pair.hidden)
        if step.path == f"/api/v1/records/{viewer.samples['record']}"
    ][:1]
    at = today()
    fresh = walk(PLAIN, viewer, steps, at)
    _spoil(pair, viewer)
    assert walk(PLAIN, viewer, steps, at) != fresh


def _spoil(pair: Pair, viewer: Viewer) -> None:
    from isolation.direct import administrator

    with administrator(pair.data_dir, PLAIN) as admin:
        admin.execute(
            "update part set assertion = 'assessment' where record_id = %s",
            [viewer.samples["record"]],
        )


def test_what_may_differ_is_declared_with_a_reason() -> None:
    assert all(allowed.why and allowed.what for allowed in (*PUBLIC, *DRAWN))
    assert all(HEADERS.values())
    assert len(PUBLIC) <= 6
    kept = b'<input name="csrfmiddlewaretoken" value="' + b"a" * 64 + b'"> text'
    assert b"text" in normalised("/", kept)
    assert b"aaaa" not in normalised("/", kept)
