"""Erasing a body of the ledger by two people of the agency that holds it."""
