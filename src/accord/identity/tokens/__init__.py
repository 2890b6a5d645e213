"""Bearer tokens of members and of systems, and the clients by which systems get theirs."""
