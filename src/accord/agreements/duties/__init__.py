"""Duties that disclosures bring: written with the disclosure, and carried out by time or person."""
