"""Checks what an Accord ledger hands out, without Accord.

For an export (JSON lines):
 1. The file is whole: a first line that says what it is, an end line that says how many leaves.
 2. Every leaf is there, once, in its order, and has the hash that stands beside it; none of version 1
    comes after one of version 2.
 3. Every signed head is signed by a key you named (or, failing that, by the key in the file), which is
    the key of the log that the head names.
 4. Every signed head has the root of the leaves before it, so the ledger only ever grew.
 5. The last head covers exactly the leaves in the file.
 6. Every body that the file shows is the one its leaf commits to, in the one slot that its reader has
    there (leaves of version 2); an erased one is noted.
 7. Where you ask for it, enough cosigners that you named signed a head: by how many agencies, or by
    a policy file. Leaves after the newest such head are counted in a note.

For a receipt:
 1. The file is whole.
 2. The body, its salt and its path lead to the commitment, and it stands in the one slot that its
    reader has there (leaves of version 2).
 3. Each item shown, and the detail, is one that the body commits to (bodies of version 2).
 4. The commitment is the leaf at the stated place under the root of the signed head.
 5. The head is signed by a key you named (or, failing that, by the key in the file).
 6. Where you ask for it, enough cosigners signed the head.
 7. Where it holds a timestamp (RFC 3161), that is over this head; and where you name the authority,
    it signed the timestamp.

For a file of disclosures: the file is whole, then steps 2 to 7 of a receipt for each of its receipts,
no entry stands there twice, all bodies are for one reader, and no two heads in it are of different
histories.

For a signed head alone: steps 3 and 7 of an export.

For a published log, from its folder or its address (C2SP tlog-tiles):
 1. Every bundle of leaves and every tile that the head needs is there.
 2. None of them is cut off, or longer than it should be.
 3. Every leaf is one of a ledger and has the hash that its tile holds;
 4. every tile above holds the roots of those below.
 5. The leaves give the root of the signed head; 6. a key that you named signed it.
 7. Where you ask for it, enough cosigners signed it.

For what a cosigner kept when it refused a head:
 1. The file is whole; 2. the log signed both heads; 3. the cosigner had signed the first of them.
 4. Whether both can be heads of one history: if not, that is a fork, and the file proves it.

For a signature of a member:
 1. The document has the digest that the signed statement names, and is about its subject.
 2. The challenge that the passkey answered is the hash of exactly that statement.
 3. The answer was given on a page of the origin in the file, or of one that you named.
 4. The passkey answered for that node, was touched, and verified its user.
 5. The key has the digest in the file, or one that you named.
 6. The signature is that key's (ES256, EdDSA, RS256).
For several signatures of one key: its counter went up each time, where it counts.

For a chain of custody:
 1. The file is whole.
 2. Every event has the hash beside it and is about this exhibit.
 3. No event is missing, there twice, added, or out of its place; nothing forks.
 4. Every event names the hash of the one before it, and none is dated before it.
 5. Every step is one that custody admits there, by the agency whose it is, about the content, the
    seal, the count and the order that the steps before it left.
 6. Whoever hands over, takes over, releases, orders or carries out a disposal signed exactly that
    event with a passkey (the steps for a signature of a member, above).
 7. Every receipt is of its event, and their places in the ledger are in the chain's order. With
    --key every event needs one.
 8. With --exhibit the file has the SHA-256 that the chain ends with.

For a bundle of evidence (a ZIP; its chains of custody are checked one by one, as above):
 1. The ZIP is whole and plain: every file stored as it is, once, under a name that leads nowhere else,
    and no byte in it that belongs to none.
 2. The manifest is whole and in canonical form; 3. it agrees with itself.
 4. Every file that it lists is there, and no other.
 5. Every file has the size and the hashes that it states, and the checksum that the ZIP states.
 6. SHA256SUMS is what follows from it.
 7. Every chain of custody is that of its exhibit, and its receipts are of the ledger that is named.
 8. The CASE/UCO graph has the same exhibits with the same hashes.
 9. The ledger's entry of the disclosure names this manifest, where its receipt is in the bundle or was
    given beside it.

For several files at once: no two of them show different histories of one ledger, different bodies of one
leaf for the same reader, or different chains of one exhibit, and no leaf of version 1 comes after one of
version 2.

With --reader AGENCY every body has to be for that agency: as the owner of what was touched, or as who
acted.

What this program does not check, and who must:
 - whose key it is: compare the key line with the one that the agency gives out by another way;
 - whether a key is a member's: compare its digest with the ledger's entry of its making;
 - a second history shown to somebody else: give both files to this program, or ask for cosigners;
 - entries made after the last head: ask for a newer export;
 - whether a file of disclosures holds all of them: an agency can leave some out of its file;
 - bodies, and items of a body, that the file does not show: the agencies that may read them;
 - whether a timestamp authority's certificate was revoked: ask the authority;
 - whether a bundle holds all exhibits of its case: it names those that its taker saw and left out;
 - what PDF and HTML files of a bundle say: they have the hashes that were listed, no more;
 - events after the last of a custody file: ask the agency that has the exhibit for a newer one;
 - whether what was logged is true: the log proves order and that nothing changed since, no more.

This package imports the standard library and `cryptography`, and nothing of Accord.
"""
