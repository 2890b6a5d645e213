"""Consents and determinations: signed human statements that clauses name (decision 0009)."""
