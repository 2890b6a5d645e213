"""What agencies can do for each other, and how one asks another for help."""
