"""What is done to the file of an exhibit, in processes that hold no key: read, show, derive.

A library without database: `reader.read_exhibit` and `deriving.derive` take the path of a plain
file in a private folder, and return frozen values (`results`). Nothing that a file holds raises.
"""
