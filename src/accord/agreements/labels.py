"""The node's numbers for labels; a label's identity is its hash, the number is local."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accord.agreements.models import LabelEntry
from accord.kernel.errors import AccordError
from accord.kernel.labels import LABEL_SPACE, Label
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone


def number_labels(labels: Iterable[Label]) -> Mapping[Label, int]:
    """Return the node's number of each label, adding those not seen before.

    Runs in the caller's transaction under an advisory lock, so numbers have no gaps that a race
    could fill twice. Raises AccordError when the room for 65,536 labels is spent.
    """
    wanted = {label.hash: label for label in labels}
    known = _known(wanted)
    fresh = [label for h, label in wanted.items() if h not in known]
    if fresh:
        alone("accord.label")
        known = _known(wanted)
        fresh = [label for h, label in wanted.items() if h not in known]
        first = (LabelEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
        if first + len(fresh) > LABEL_SPACE:
            raise AccordError(
                phrase(
                    "This node has room for %(label_space)s labels and they are spent.",
                    label_space=LABEL_SPACE,
                ),
                who_can_change=phrase("whoever runs the node, by federating it"),
            )
        LabelEntry.objects.bulk_create(
            LabelEntry(id=first + i, content_hash=label.hash, facts=label.facts())
            for i, label in enumerate(fresh)
        )
        known |= {label.hash: first + i for i, label in enumerate(fresh)}
    return {label: known[h] for h, label in wanted.items()}


def _known(wanted: Mapping[str, Label]) -> dict[str, int]:
    rows = LabelEntry.objects.filter(content_hash__in=list(wanted))
    return dict(rows.values_list("content_hash", "id"))
