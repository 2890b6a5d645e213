"""Webhooks: other systems of an agency are told that something changed, by kind and id alone.

After Standard Webhooks 1.0.0 (standardwebhooks.com): message id, time and signature are headers,
and a receiver checks all three.
"""
