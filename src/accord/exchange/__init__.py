"""How records come in from outside: formats, mappings, watched folders, pushes."""
