"""Sentences of policy: what agreements allow, forbid and ask, and that all interpreters agree."""
