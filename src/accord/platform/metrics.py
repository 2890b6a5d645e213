"""What is counted, for Prometheus; read on the operations port alone (accord.cli.operations).

Counts move with what everybody does, also with what a reader may not see. So members, agencies and
outsiders cannot read them: they are on a loopback port of the operator, not among the pages. And no
label names a person, an agency, a case, a purpose or a record: a label is a route, a method, a
status or a word of the program.

Every process writes its own file below PROMETHEUS_MULTIPROC_DIR, which the supervisor sets; a
command that runs alone counts in memory and forgets it.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("accord_requests", "Answers, by declared route.", ("method", "route", "status"))
LATENCY = Histogram(
    "accord_request_seconds",
    "How long answers took, by declared route.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
STANDINGS = Counter("accord_standings", "Standings, by where they came from.", ("came_from",))
ROUNDS = Counter("accord_worker_rounds", "Rounds of the worker.", ("ended",))
PLACED = Counter("accord_ledger_placed", "Ledger entries that got their place.")
ALLOWED_LABELS = frozenset({"method", "route", "status", "came_from", "ended", "le", "state"})
"""INVARIANT: no metric has a label that is not here."""
