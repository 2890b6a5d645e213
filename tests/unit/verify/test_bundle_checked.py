"""A bundle verifies without Accord, and every kind of tampering with one has its own name."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from accord.kernel.signednote import SigningKey, parse_note
from accord_verify import main as program
from accord_verify import manifest
from accord_verify.archive import Archive, BadArchive
from accord_verify.report import Code
from unit.verify import bundlemaking as making
from unit.verify.bundlemaking import (
    DISCLOSURE,
    GRAPH,
    MANIFEST,
    SUMS,
    Ledger,
    relisted,
    remade,
    streamed,
    zipped,
)

Files = dict[str, bytes]
FIRST, SECOND = "RPD-2026-17-alpha-1", "RPD-2026-17-alpha-2"
PICTURE = f"exhibits/{FIRST}/front desk.jpg"
CHAIN, PAPER = f"custody/{FIRST}.json", f"custody/{FIRST}.pdf"
CERTIFICATE = "certificate-902.pdf"
KEY = ("--key", making.NODE.public.text)


@pytest.fixture(scope="module")
def sound() -> Files:
    return making.files()


@pytest.fixture
def check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, set[str], str]]:
    def run(whole: bytes, *words: str, named: bool = True) -> tuple[int, set[str], str]:
        file = tmp_path / "bundle.zip"
        file.write_bytes(whole)
        code = program.main([str(file), *words, *(KEY if named else ()), "--json"])
        out, err = capsys.readouterr()
        reports = json.loads(out)["files"] if out else []
        found = {
            failure["code"]
            for each in reports
            for step in each["steps"]
            for failure in step["failures"]
        }
        return code, found, out + err

    return run


def test_a_sound_bundle_verifies_as_accord_writes_it_and_as_others_pack_it(
    sound: Files, check: Any
) -> None:
    for whole in (streamed(sound), zipped(list(sound.items()))):
        code, failed, said = check(whole)
        assert (code, failed) == (0, set()), said
    report = json.loads(said)["files"][0]
    assert report["unchecked"] == []
    assert [step["step"].split(" ")[0] for step in report["steps"]]
    assert "RPD-2026-17/lab/9 was left out" in said


def test_the_files_are_those_that_were_taken_under_names_that_lead_nowhere(sound: Files) -> None:
    assert sound[PICTURE] == making.FILES["RPD-2026-17/alpha/1"][1]
    (other,) = [path for path in sound if path.startswith(f"exhibits/{SECOND}/")]
    assert other == f"exhibits/{SECOND}/Пластинка é.wav"


def test_the_same_facts_give_the_same_bytes_each_time(sound: Files) -> None:
    again = making.files()
    unsigned = [path for path in sound if path.endswith((".pdf", ".txt", ".jsonld"))]
    assert len(unsigned) == 6
    assert all(sound[path] == again[path] for path in unsigned)


def edited(found: Files, path: str, change: Callable[[Any], Any]) -> Files:
    """The same with another content of one JSON file."""
    facts = json.loads(found[path])
    change(facts)
    return found | {path: json.dumps(facts, ensure_ascii=False).encode()}


def manifested(found: Files, change: Callable[[Any], Any]) -> Files:
    """The same under a manifest that was changed, with sums that fit it."""
    facts = json.loads(found[MANIFEST])
    change(facts)
    return remade(found, facts)


def without(found: Files, path: str) -> Files:
    return {name: data for name, data in found.items() if name != path}


def other_custody(found: Files) -> Files:
    """The chain of the second exhibit under the name of the first, listed as its own."""
    return relisted(found | {CHAIN: found[f"custody/{SECOND}.json"]}, CHAIN)


def no_third_event(facts: Any) -> None:
    del facts["chain"][2]


def cut_off(facts: Any) -> None:
    """The last step is gone and the file says that it never was."""
    del facts["chain"][-1]
    facts["events"], facts["head"] = 4, facts["chain"][-1]["hash"]


def reused_receipt(facts: Any) -> None:
    facts["chain"][3]["receipt"] = facts["chain"][1]["receipt"]


def odd_passkey(facts: Any) -> None:
    key = b"\x00"  # a number in CBOR, and no key
    said = {"cose": base64.b64encode(key).decode(), "digest": sha256(key).hexdigest()}
    facts["chain"][1]["signature"]["key"] = said


def other_place(facts: Any) -> None:
    facts["chain"][1]["event"] = facts["chain"][1]["event"].replace("Evidence room", "A car")


def other_hash(facts: Any) -> None:
    for node in facts["@graph"]:
        if node["@type"] == "uco-observable:File":
            content = node["uco-core:hasFacet"][1]
            content["uco-observable:hash"][0]["uco-types:hashValue"]["@value"] = "AB" * 32
            return


def other_number(facts: Any) -> None:
    for node in facts["@graph"]:
        if node["@type"] == "case-investigation:ProvenanceRecord":
            node["case-investigation:exhibitNumber"] += "0"
            return


def foreign_ledger(found: Files) -> Files:
    """A custody file whose receipts are of another ledger, listed with its own hash."""
    other = making.files(ledger=Ledger(making.OTHER_NODE))
    return relisted(found | {CHAIN: other[CHAIN]}, CHAIN)


def foreign_disclosure(found: Files) -> Files:
    digest = sha256(found[MANIFEST]).hexdigest()
    said = making.disclosure(Ledger(making.OTHER_NODE), digest)
    return found | {DISCLOSURE: json.dumps(said).encode()}


def other_entry(found: Files) -> Files:
    """The receipt of an earlier bundle of the same taker, used again."""
    digest = sha256(found[MANIFEST]).hexdigest()
    said = making.disclosure(Ledger(), digest, UUID(int=99))
    return found | {DISCLOSURE: json.dumps(said).encode()}


def first_swapped(found: Files) -> Files:
    """Another picture, with a manifest, sums and graph that fit it: what the ledger still tells."""
    changed = found | {PICTURE: b"another picture"}
    changed = relisted(changed, PICTURE)
    facts = json.loads(changed[MANIFEST])
    digest = next(e for e in facts["exhibits"] if e["file"] == PICTURE)

    def fit(graph: Any) -> None:
        for node in graph["@graph"]:
            for facet in node.get("uco-core:hasFacet", []):
                if facet.get("uco-observable:filePath") == PICTURE:
                    for each in node["uco-core:hasFacet"][1]["uco-observable:hash"]:
                        kind = each["uco-types:hashMethod"].lower()
                        each["uco-types:hashValue"]["@value"] = digest[kind].upper()

    return relisted(edited(changed, GRAPH, fit), GRAPH)


TAMPERED: dict[str, tuple[Callable[[Files], Files], set[str]]] = {
    "an exhibit replaced": (
        lambda f: f | {PICTURE: b"another picture"}, {"exhibit-replaced", "hash-mismatch"},
    ),
    "an exhibit replaced by one byte": (
        lambda f: f | {PICTURE: b"T" + f[PICTURE][1:]}, {"exhibit-replaced", "hash-mismatch"},
    ),
    "an exhibit replaced, and all papers with it": (
        first_swapped, {"manifest-altered", "hash-mismatch"},
    ),
    "an exhibit missing": (lambda f: without(f, PICTURE), {"file-missing"}),
    "a file added": (lambda f: f | {"exhibits/extra.txt": b"x"}, {"file-added"}),
    "a file added and listed": (
        lambda f: manifested(
            f | {"extra.txt": b""},
            lambda m: m["files"].append(
                {"path": "extra.txt", "size": 0, "sha512": None, "exhibit": None,
                 "sha256": sha256(b"").hexdigest()}
            ),
        ),
        {"manifest-altered"},
    ),
    "the taker in the manifest changed": (
        lambda f: manifested(f, lambda m: m["taken"].update(by="Somebody Else")),
        {"manifest-altered"},
    ),
    "what was left out hidden": (
        lambda f: manifested(f, lambda m: m.update(left_out=[])), {"manifest-altered"},
    ),
    "the manifest written otherwise": (
        lambda f: f | {MANIFEST: f[MANIFEST] + b"\n"}, {"manifest-malformed"},
    ),
    "no manifest": (lambda f: without(f, MANIFEST), {"manifest-missing"}),
    "an exhibit listed with another hash than its file": (
        lambda f: manifested(f, lambda m: m["exhibits"][0].update(sha256="ab" * 32)),
        {"manifest-inconsistent", "manifest-altered", "graph-mismatch"},
    ),
    "sums that say something else": (
        lambda f: f | {SUMS: f[SUMS].replace(b"README", b"README2")}, {"sums-mismatch"},
    ),
    "a custody event missing": (
        lambda f: relisted(edited(f, CHAIN, no_third_event), CHAIN),
        {"event-missing", "hash-mismatch", "manifest-altered"},
    ),
    "a custody event changed": (
        lambda f: relisted(edited(f, CHAIN, other_place), CHAIN),
        {"event-altered", "document-mismatch", "hash-mismatch", "wrong-receipt",
         "manifest-altered"},
    ),
    "the end of the chain cut off": (
        lambda f: relisted(edited(f, CHAIN, cut_off), CHAIN), {"custody-head", "manifest-altered"},
    ),
    "a passkey that is no key": (
        lambda f: relisted(edited(f, CHAIN, odd_passkey), CHAIN), {"wrong-key", "manifest-altered"},
    ),
    "the custody file replaced": (
        lambda f: edited(f, CHAIN, lambda c: None) | {},
        {"custody-replaced"},
    ),
    "the custody of another exhibit": (
        other_custody, {"custody-foreign", "hash-mismatch", "manifest-altered"},
    ),
    "a receipt used again": (
        lambda f: relisted(edited(f, CHAIN, reused_receipt), CHAIN),
        {"wrong-receipt", "order-swapped", "manifest-altered"},
    ),
    "receipts of another ledger": (
        foreign_ledger, {"wrong-log", "manifest-altered", "unknown-key"},
    ),
    "the graph edited": (
        lambda f: edited(f, GRAPH, other_hash), {"graph-altered", "graph-mismatch"},
    ),
    "the graph edited and listed": (
        lambda f: relisted(edited(f, GRAPH, other_hash), GRAPH),
        {"graph-mismatch", "manifest-altered"},
    ),
    "another exhibit number in the graph": (
        lambda f: relisted(edited(f, GRAPH, other_number), GRAPH),
        {"graph-mismatch", "manifest-altered"},
    ),
    "the certificate replaced": (
        lambda f: f | {CERTIFICATE: b"%PDF-1.3 signed"}, {"certificate-replaced"},
    ),
    "the custody paper replaced": (
        lambda f: f | {PAPER: b"%PDF-1.3 other"}, {"paper-replaced"},
    ),
    "the README replaced": (lambda f: f | {"README.txt": b"Trust me."}, {"file-replaced"}),
    "a disclosure of another ledger": (foreign_disclosure, {"unknown-key"}),
    "a disclosure's receipt used again": (
        other_entry, {"wrong-receipt", "two-bodies"},
    ),
    "a receipt that is none": (
        lambda f: f | {DISCLOSURE: b'{"format":"accord-receipt/2"}'}, {"receipt-unreadable"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_named(name: str, sound: Files, check: Any) -> None:
    tamper, codes = TAMPERED[name]
    code, failed, said = check(streamed(tamper(sound)))
    assert code == 1, said
    assert failed == codes, said


def test_an_odd_passkey_is_told_with_its_event_and_all_else_is_judged(
    sound: Files, check: Any
) -> None:
    _, _, said = check(streamed(relisted(edited(sound, CHAIN, odd_passkey), CHAIN)))
    assert "Event 1 (offer by alpha): The key is no COSE key." in said
    assert [each["verifies"] for each in json.loads(said)["files"]] == [False, False, True]


def misnamed(whole: bytes) -> bytes:
    """The ZIP with another name before a file than in the directory."""
    place = whole.index(b"PK\x03\x04", 1) + 30
    return whole[:place] + b"Z" + whole[place + 1 :]


def at(whole: bytes, sign: bytes, offset: int, new: bytes) -> bytes:
    """The ZIP with other bytes behind the last place of a signature."""
    place = whole.rindex(sign) + offset
    return whole[:place] + new + whole[place + len(new) :]


ZIPS: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "cut off": (lambda f: streamed(f)[:-30], "zip-truncated"),
    "cut in the middle": (lambda f: streamed(f)[:5_000], "zip-truncated"),
    "something behind it": (lambda f: streamed(f) + b"more", "zip-truncated"),
    "something before it": (lambda f: b"#!/bin/sh\n" + streamed(f), "zip-malformed"),
    "a name twice": (
        lambda f: zipped([*f.items(), ("README.txt", b"another")]), "zip-name-twice",
    ),
    "a name twice but for its letters' size": (
        lambda f: zipped([*f.items(), ("readme.TXT", b"another")]), "zip-name-twice",
    ),
    "compressed": (lambda f: zipped(list(f.items()), zipfile.ZIP_DEFLATED), "zip-compressed"),
    "a name twice but for its spelling": (
        lambda f: zipped([*f.items(), ("\u00e9", b"x"), ("e\u0301", b"y")]), "zip-name-twice",
    ),
    "a file that is a folder too": (
        lambda f: zipped([*f.items(), ("readme.txt/a", b"x")]), "zip-name-twice",
    ),
    "a path that leads out": (
        lambda f: zipped([*f.items(), ("../outside.txt", b"x")]), "zip-name-unsafe",
    ),
    "an absolute path": (lambda f: zipped([*f.items(), ("/etc/x", b"x")]), "zip-name-unsafe"),
    "a path of Windows": (lambda f: zipped([*f.items(), ("a\\b", b"x")]), "zip-name-unsafe"),
    "a drive": (lambda f: zipped([*f.items(), ("C:x", b"x")]), "zip-name-unsafe"),
    "a name that turns around": (
        lambda f: zipped([*f.items(), ("a\u202etxt.exe", b"x")]), "zip-name-unsafe",
    ),
    "two names for one file": (
        lambda f: misnamed(streamed(f)), "zip-two-names",
    ),
    "another size in a header than behind its file": (
        lambda f: lying(streamed(f)), "zip-malformed",
    ),
    "a link": (lambda f: linked(f), "zip-link"),
    "encrypted": (lambda f: at(zipped(list(f.items())), b"PK\x01\x02", 8, b"\x01"), "zip-encrypted"),
    "bytes between two files": (lambda f: gap(f), "zip-hidden-bytes"),
    "another number of entries": (
        lambda f: at(zipped(list(f.items())), b"PK\x05\x06", 8, b"\x01\x00\x01\x00"),
        "zip-malformed",
    ),
    "another checksum of an exhibit": (lambda f: misstated(f, PICTURE), "zip-checksum"),
    "another checksum of the manifest": (lambda f: misstated(f, MANIFEST), "zip-checksum"),
    "no directory": (lambda f: b"PK\x03\x04" + bytes(100), "zip-truncated"),
}  # fmt: skip


def misstated(found: Files, name: str) -> bytes:
    """The ZIP with another checksum of a file, the same at both places: no program unpacks it."""
    right = zlib.crc32(found[name])
    whole, old, new = (
        zipped(list(found.items())),
        *(c.to_bytes(4, "little") for c in (right, ~right & 0xFFFFFFFF)),
    )
    assert whole.count(old) == 2
    return whole.replace(old, new)


def lying(whole: bytes) -> bytes:
    """The ZIP with a size in its first header, whose true one stands behind the file."""
    name, _ = struct.unpack_from("<2H", whole, 26)
    return whole[: 34 + name] + struct.pack("<2Q", 5, 5) + whole[50 + name :]


def linked(found: Files) -> bytes:
    sink = io.BytesIO(zipped(list(found.items())))
    with zipfile.ZipFile(sink, "a") as whole:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        whole.writestr(info, b"/etc/passwd")
    return sink.getvalue()


def gap(found: Files) -> bytes:
    """A ZIP with bytes before its last file that belong to none, and offsets that fit them."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as whole:
        for name, data in found.items():
            whole.writestr(zipfile.ZipInfo(name), data)
        whole.fp.write(b"hidden")  # type: ignore[union-attr]  # it is open
        whole.start_dir = whole.fp.tell()  # type: ignore[union-attr]
        whole.writestr(zipfile.ZipInfo("z.txt"), b"x")
    return sink.getvalue()


def test_a_letter_that_this_python_does_not_know_yet_is_no_fault(sound: Files, check: Any) -> None:
    """The node may know a newer Unicode than whoever checks: U+0378 stands for its letters."""
    code, failed, _ = check(zipped([*sound.items(), ("\u0378.txt", b"x")]))
    assert (code, failed) == (1, {"file-added"})


def test_sums_that_are_too_large_and_a_zip_that_shrinks_are_told(
    sound: Files, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = max(
        len(sound[MANIFEST]), len(sound[GRAPH]), *(len(sound[p]) for p in (CHAIN, DISCLOSURE))
    )
    monkeypatch.setattr(manifest, "MOST_SMALL_BYTES", small)
    code, failed, _ = check(streamed(sound | {SUMS: bytes(small + 1)}))
    assert (code, failed) == (1, {"file-too-large"})
    pieces = Archive.pieces

    def shrunk(self: Archive, name: str) -> Iterator[bytes]:
        if name == PICTURE:
            raise BadArchive(Code.ZIP_TRUNCATED, f"{name} is cut off.")
        return pieces(self, name)

    monkeypatch.setattr(Archive, "pieces", shrunk)
    code, failed, _ = check(streamed(sound))
    assert (code, failed) == (1, {"zip-truncated"})


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_that_reads_in_two_ways_is_refused_by_name(
    name: str, sound: Files, check: Any
) -> None:
    make, wanted = ZIPS[name]
    code, failed, said = check(make(sound))
    assert (code, failed) == (1, {wanted}), said


def test_any_cut_and_any_changed_byte_of_the_directory_is_a_failure(
    sound: Files, check: Any
) -> None:
    whole = streamed({name: sound[name] for name in (MANIFEST, SUMS, "README.txt")})
    begins = whole.index(b"PK\x01\x02")
    for place in range(begins, len(whole), 7):
        for changed in (whole[:place], whole[:place] + b"\xff" + whole[place + 1 :]):
            code, failed, said = check(changed)
            assert code == 1, (place, said)
            assert failed


def test_under_a_named_key_the_receipt_is_asked_for_and_may_stand_beside(
    check: Any, tmp_path: Path
) -> None:
    bare = making.files(receipt=False)
    code, failed, said = check(streamed(bare))
    assert (code, failed) == (1, {"not-logged"}), said
    assert str(making.ENTRY) in said
    beside = tmp_path / "receipt.json"
    digest = sha256(bare[MANIFEST]).hexdigest()
    beside.write_text(json.dumps(making.disclosure(_grown(), digest)))
    code, failed, said = check(streamed(bare), str(beside))
    assert (code, failed) == (0, set()), said
    beside.write_text(json.dumps(making.disclosure(_grown(), "ab" * 32)))
    code, failed, _ = check(streamed(bare), str(beside))
    assert (code, failed) == (1, {"manifest-altered"})


def test_a_receipt_beside_that_was_cosigned_speaks_for_one_that_was_taken_too_soon(
    sound: Files, check: Any, tmp_path: Path
) -> None:
    cosigner = SigningKey("lab.example", bytes([9]) * 32)
    words = ("--cosigner", cosigner.cosigner.text)
    beside = tmp_path / "receipt.json"
    facts = json.loads(sound[DISCLOSURE])
    note = parse_note(facts["checkpoint"])
    facts["checkpoint"] = str(note.with_signature(cosigner.cosign(note.text, 1_796_000_000)))
    beside.write_text(json.dumps(facts))
    entry = "the ledger's entry of the disclosure names this manifest"
    for files, codes in (((), {"too-few-cosigners"}), ((str(beside),), set())):
        said = check(streamed(sound), *files, *words)[2]
        steps = {step["step"]: step for step in json.loads(said)["files"][0]["steps"]}
        assert {each["code"] for each in steps[entry]["failures"]} == codes
    facts["checkpoint"] = facts["checkpoint"].replace("lab.example", "lap.example")
    beside.write_text(json.dumps(facts))
    assert "too-few-cosigners" in check(streamed(sound), str(beside), *words)[1]


def _grown() -> Ledger:
    """The ledger as it is when the bundle is taken."""
    ledger = Ledger()
    making.exhibits(ledger)
    return ledger


def test_a_fork_between_custody_and_disclosure_is_told(sound: Files, check: Any) -> None:
    """The same key over two histories: one in the chains, one in the disclosure."""
    other = Ledger()
    other.leaves = [b"f" * 32] * 14  # with the entry as many as the chains' newest head covers
    digest = sha256(sound[MANIFEST]).hexdigest()
    forked = sound | {DISCLOSURE: json.dumps(making.disclosure(other, digest)).encode()}
    code, failed, said = check(streamed(forked))
    assert (code, "fork" in failed) == (1, True), said


def test_a_key_of_somebody_else_is_told(sound: Files, check: Any) -> None:
    words = ("--key", making.OTHER_NODE.public.text)
    code, failed, _ = check(streamed(sound), *words, named=False)
    assert code == 1
    assert "unknown-key" in failed or "wrong-log" in failed


def test_it_prints_its_steps_for_people(
    sound: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(streamed(sound))
    assert program.main([str(file), *KEY]) == 0
    out = capsys.readouterr().out
    for number in range(1, 10):
        assert f"  {number}. holds " in out
    assert "Not checked" in out
    assert out.endswith("It verifies.\n")


@pytest.mark.parametrize("forged", [False, True])
def test_it_never_says_that_a_bundle_verifies_which_no_named_ledger_knows(
    forged: bool, sound: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a key, and for a forger without a receipt: all papers fit each other."""
    found = without(relisted(sound | {PAPER: b"%PDF-1.3 other"}, PAPER), DISCLOSURE)
    file = tmp_path / "bundle.zip"
    file.write_bytes(streamed(found if forged else sound))
    assert program.main([str(file)]) == 3
    verdict = capsys.readouterr().out.split("\n\n")[-1]
    assert verdict.startswith("What was checked holds. NOT CHECKED")
    assert ("no receipt" if forged else "No key was named") in verdict
    assert "It verifies." not in verdict
    assert program.main([str(file), *KEY]) == (1 if forged else 0)


def leaves(facts: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a JSON value."""
    yield way
    if isinstance(facts, dict | list):
        for name, value in facts.items() if isinstance(facts, dict) else enumerate(facts):
            yield from leaves(value, (*way, name))


def exchanged(facts: Any, way: tuple[Any, ...], odd: Any) -> Any:
    """The value with something odd at one place."""
    if not way:
        return odd
    copy = dict(facts) if isinstance(facts, dict) else list(facts)
    copy[way[0]] = exchanged(facts[way[0]], way[1:], odd)
    return copy


@pytest.mark.parametrize("path", [MANIFEST, CHAIN, GRAPH, DISCLOSURE])
def test_odd_values_anywhere_are_a_failure_and_never_a_crash(
    path: str, sound: Files, tmp_path: Path
) -> None:
    """Anything in place of anything: what strangers wrote is read with care."""
    facts, file = json.loads(sound[path]), tmp_path / "bundle.zip"
    ways = list(leaves(facts))
    for place, way in enumerate(ways[:: max(1, len(ways) // 40)]):
        odd = (None, 7, -1.5, "", "\ud800", [], {}, [[]], {"@id": []}, True)[place % 10]
        text = json.dumps(exchanged(facts, way, odd)).encode()
        if path == MANIFEST:
            text = json.dumps(
                exchanged(facts, way, odd), sort_keys=True, separators=(",", ":")
            ).encode()
        file.write_bytes(streamed(sound | {path: text}))
        assert program.main([str(file), *KEY, "--json"]) in (1, 2), (way, odd)
