"""A cosigner of other agencies' logs: a C2SP witness with a key and a small file, and no database."""
