"""How records come in from outside: formats, mappings, watched folders, pushes; and what leaves as cells."""
