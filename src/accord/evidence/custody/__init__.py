"""Custody: who had an exhibit, when, where and why, as one chain of signed events."""
