"""The process that reads untrusted files: confined, without keys, database or network."""
