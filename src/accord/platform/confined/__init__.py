"""Processes that read what strangers sent: short of memory, time, files, network and keys."""
