"""Exhibits: what was collected, on which ground, and its file, encrypted and never overwritten."""
