"""Copies of a whole node: the database, the files, and the keys apart from both."""
