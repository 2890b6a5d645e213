"""Worlds: folders of data files that the demo, the exercises and the tests share."""
