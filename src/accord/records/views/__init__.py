"""The pages of records: searching, reading, asking, answering, importing."""
