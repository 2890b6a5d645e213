"""Reading; returns frozen values."""
