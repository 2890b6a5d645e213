"""What a sender states of a file that maps itself: how it was collected, and how it is handled.

    label: {basis: warrant, sensitivity: sensitive}

Who a record is about is not stated here: the format says it, or nobody knows.
"""

from __future__ import annotations

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records.yamlfile import parse_yaml

STATES = ("basis", "sensitivity", "handling", "offence")


def parse_profile(text: str, vocabulary: Vocabulary) -> dict[str, object] | None:
    """The label facts of a profile; None where the text is a mapping. Raises InvalidInput."""
    file = parse_yaml(text, "mapping")
    if not isinstance(file.data, dict) or set(file.data) != {"label"}:
        return None
    label = file.data["label"]
    if not isinstance(label, dict):
        raise file.fault(("label",), phrase("is a list of `attribute: word` lines"))
    for name, word in label.items():
        if name not in STATES or not isinstance(word, str):
            rule = phrase(
                "of a file that maps itself you state %(names)s, each one word",
                names=", ".join(STATES),
            )
            raise file.fault(("label", name), rule)
        try:
            vocabulary.check(name, word, name)
        except VocabularyError as error:
            raise file.fault(("label", name), error.message) from None
    return dict(label)


def check_basis(profile: dict[str, object], said: str, file: str) -> None:
    """Refuse a file that does not say how it was collected, where its sender does not either."""
    if "basis" not in profile:
        rule = phrase(
            "%(file)s does not say how the information was collected; state the basis "
            "(`label: {basis: ...}`, --basis, or the field on the page)",
            file=said,
        )
        raise InvalidInput(file, None, "basis", rule)
