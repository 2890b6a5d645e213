"""How an agency's own administrators change who is in its directory, and with what."""
