"""Proofs about agreements: over every question that can be asked, not over a sample of them.

z3 is imported by the first proof, never with this package, so that the web process and the
commands that read agreements do without it.
"""
