"""Signing in with a password and one-time codes, where an agency allows it, and recovery codes."""
