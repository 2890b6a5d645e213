"""The proof of a ledger entry as it is drawn, checked here with the kernel's own rules."""

from __future__ import annotations

from accord.desk.ledger_screen import receipt_address
from accord.kernel.merkle import ProofError, Step, inclusion_steps, leaf_hash
from accord.kernel.phrases import phrase
from accord.ledger.proving import Proven, SignedBy, cosigner_keys, prove, signatures
from accord.ledger.queries import EntryLine
from accord.web.components import Cosignature, Link, Moment, PathStep, Proof


def proof_of(line: EntryLine, zone: str) -> Proof | None:
    """What leads from the entry to a signed head; None while it waits, and once it was erased."""
    if line.leaf_index is None or line.erased:
        return None
    proven = prove(line.id, line.view)
    leaf = leaf_hash(proven.opening.leaf)
    steps = _steps(proven, leaf)
    reached = steps[-1].node if steps else leaf
    head, place = proven.head, proven.place
    return Proof(
        index=line.leaf_index,
        kind=line.kind,
        leaf_hash=leaf.hex(),
        tree_size=head.size,
        root_hash=head.root.hex(),
        path_length=len(place.inclusion),
        checked="verified" if reached == head.root and steps is not None else "failed",
        at=head.created_at,
        cosignatures=tuple(_signature(each) for each in signatures(head.note, cosigner_keys())),
        receipt=Link(phrase("Download the receipt"), receipt_address(line.id, line.view)),
        steps=tuple(
            PathStep(s.sibling.hex(), s.sibling_is_left, s.node.hex()) for s in steps or ()
        ),
        head=head.note,
        command=f"accord-verify accord-receipt-{line.id}.json --key {place.key}",
        stamped=Moment(head.stamped_at, zone) if head.stamped_at else None,
        stamped_by=head.authority,
    )


def _steps(proven: Proven, leaf: bytes) -> list[Step] | None:
    """The steps; None where they are no proof at all."""
    place = proven.place
    try:
        return list(inclusion_steps(leaf, place.leaf_index, proven.head.size, place.inclusion))
    except ProofError:
        return None


def _signature(signed: SignedBy) -> Cosignature:
    states = {True: "signed", False: "invalid", None: "unchecked"}
    return Cosignature(
        party=phrase("%(name)s, cosigner", name=signed.name) if signed.cosigner else signed.name,
        state=states[signed.holds],  # type: ignore[arg-type]  # one of the three
        at=signed.at,
        key=signed.key_id,
    )
