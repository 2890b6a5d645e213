"""Checks what an Accord ledger hands out, without Accord.

For an export (JSON lines):
 1. The file is whole: a first line that says what it is, an end line that says how many leaves.
 2. Every leaf is there, once, in its order, and has the hash that stands beside it.
 3. Every signed head is signed by a key you named (or, failing that, by the key in the file).
 4. Every signed head has the root of the leaves before it, so the ledger only ever grew.
 5. The last head covers exactly the leaves in the file.
 6. Every body that the file shows is the one its leaf commits to; an erased one is noted.
 7. Where you ask for it, enough cosigners that you named signed the last head.

For a receipt:
 1. The file is whole.
 2. The body, its salt and its path lead to the commitment.
 3. The commitment is the leaf at the stated place under the root of the signed head.
 4. The head is signed by a key you named (or, failing that, by the key in the file).
 5. Where you ask for it, enough cosigners signed the head.

For a signed head alone: steps 3 and 7 of an export.

For a signature of a member:
 1. The document has the digest that the signed statement names, and is about its subject.
 2. The challenge that the passkey answered is the hash of exactly that statement.
 3. The answer was given on a page of the origin in the file, or of one that you named.
 4. The passkey answered for that node, was touched, and verified its user.
 5. The key has the digest in the file, or one that you named.
 6. The signature is that key's (ES256, EdDSA, RS256).
For several signatures of one key: its counter went up each time, where it counts.

For several files at once: no two of them show different histories of one ledger.

What this program does not check, and who must:
 - whose key it is: compare the key line with the one that the agency gives out by another way;
 - whether a key is a member's: compare its digest with the ledger's entry of its making;
 - a second history shown to somebody else: give both files to this program, or ask for cosigners;
 - entries made after the last head: ask for a newer export;
 - bodies that the file does not show: the agencies that may read them;
 - whether what was logged is true: the log proves order and that nothing changed since, no more.

This package imports the standard library and `cryptography`, and nothing of Accord.
"""
