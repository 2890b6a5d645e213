"""What the directory says of an agency, and how its own administrators change that."""
