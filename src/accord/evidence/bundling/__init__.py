"""Bundles: the evidence of a case on its way out, to be checked without Accord (decision 0028)."""
