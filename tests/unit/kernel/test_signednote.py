"""Signed notes: known answers of other implementations, and everything that must be refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel.signednote import (
    BadSignatureError,
    Checkpoint,
    Note,
    NoteError,
    NoteKey,
    SigningKey,
    UnknownKeyError,
    check_note,
    parse_note,
    sign_note,
)

# Key, text and signature of the package documentation of golang.org/x/mod/sumdb/note.
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfq"
    "dngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = SigningKey("accord.example/node", bytes(range(32)))
COSIGNER = SigningKey("harlan-so.example/cosigner", bytes(range(1, 33)))
HEAD = Checkpoint("accord.example/node", 3, bytes(32))


def test_the_example_of_the_go_implementation_verifies() -> None:
    key = NoteKey.parse(GO_PUBLIC)
    assert key.text == GO_PUBLIC
    assert check_note(parse_note(GO_NOTE), [key])[0].key == key


def test_the_same_key_gives_the_same_note_as_the_go_implementation() -> None:
    key = SigningKey.parse(GO_PRIVATE)
    assert key.text == GO_PRIVATE
    assert key.public.text == GO_PUBLIC
    assert str(sign_note(parse_note(GO_NOTE).text, key)) == GO_NOTE


def test_a_checkpoint_is_three_lines() -> None:
    assert HEAD.text.split("\n") == ["accord.example/node", "3", "A" * 43 + "=", ""]
    assert Checkpoint.parse(HEAD.text) == HEAD


def test_a_signed_checkpoint_survives_the_round_trip() -> None:
    note = parse_note(str(sign_note(HEAD.text, KEY)))
    assert Checkpoint.parse(note.text) == HEAD
    assert [found.key for found in check_note(note, [KEY.public])] == [KEY.public]


def test_a_cosigner_is_added_and_says_when() -> None:
    note = sign_note(HEAD.text, KEY).with_signature(COSIGNER.cosign(HEAD.text, 1_679_315_147))
    found = check_note(parse_note(str(note)), [KEY.public, COSIGNER.cosigner])
    assert [(one.key.name, one.time) for one in found] == [
        (KEY.name, None),
        (COSIGNER.name, 1_679_315_147),
    ]


def test_a_cosignature_signs_the_header_the_time_and_the_text() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    value = COSIGNER.cosign(HEAD.text, 7).value
    assert value[:8] == b"\x00" * 7 + b"\x07"
    message = b"cosignature/v1\ntime 7\n" + HEAD.text.encode()
    Ed25519PublicKey.from_public_bytes(COSIGNER.public.public).verify(value[8:], message)


def test_a_cosigner_and_a_signer_with_one_key_have_different_ids() -> None:
    assert COSIGNER.cosigner.id != COSIGNER.public.id


def test_a_changed_time_breaks_the_cosignature() -> None:
    signature = COSIGNER.cosign(HEAD.text, 7)
    moved = type(signature)(signature.name, signature.key_id, (8).to_bytes(8) + signature.value[8:])
    with pytest.raises(BadSignatureError):
        check_note(Note(HEAD.text, (moved,)), [COSIGNER.cosigner])


def test_an_unknown_key_is_not_enough() -> None:
    with pytest.raises(UnknownKeyError):
        check_note(sign_note(HEAD.text, COSIGNER), [KEY.public])


def test_one_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    wrong = COSIGNER.cosign("other\n", 7)
    note = sign_note(HEAD.text, KEY).with_signature(wrong)
    with pytest.raises(BadSignatureError):
        check_note(note, [KEY.public, COSIGNER.cosigner])


@pytest.mark.parametrize("text", ["no newline", "a tab\t\n", ""])
def test_a_text_that_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        KEY.sign(text)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "text\n",
        "text\n\nno dash here\n",
        "text\n\n\u2014 name notbase64!\n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 two words AAAAAAAA\n",
        "text\n\n\u2014 na+me AAAAAAAA\n",
        "text\n\n\u2014 name AAAAAAAA",
        "te\rxt\n\n\u2014 name AAAAAAAA\n",
        "t\n\n" + "\u2014 name AAAAAAAA\n" * 65,
        "t" * 70_000 + "\n\n\u2014 name AAAAAAAA\n",
    ],
)
def test_a_malformed_note_is_refused(raw: str) -> None:
    with pytest.raises(NoteError):
        parse_note(raw)


@pytest.mark.parametrize(
    "text",
    [
        "\n1\n" + "A" * 43 + "=\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n" + "9" * 5_000 + "\n" + "A" * 43 + "=\n",
        f"o\n{2**63}\n" + "A" * 43 + "=\n",
        "o\n\u0661\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "o\n1\n" + "A" * 43 + "=\nextension\n",
        "o\n1\n" + "A" * 43 + "=",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AQ==",
        "name+00000000+",
        GO_PUBLIC.replace("c74f20a3", "c74f20a4"),
        GO_PUBLIC.replace("+AR", "+BR"),
    ],
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        NoteKey.parse(text)
    with pytest.raises(NoteError):
        SigningKey.parse("PRIVATE+KEY+" + text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_changed_character_of_the_text_is_noticed(data: st.DataObject) -> None:
    note = sign_note(HEAD.text, KEY)
    at = data.draw(st.integers(0, len(HEAD.text) - 2))
    char = data.draw(st.characters(min_codepoint=0x21, max_codepoint=0x7E))
    text = HEAD.text[:at] + char + HEAD.text[at + 1 :]
    if text != HEAD.text:
        with pytest.raises(BadSignatureError):
            check_note(Note(text, note.signatures), [KEY.public])
