"""SCIM 2.0 (RFC 7643, RFC 7644): an agency's provisioning service keeps its members up to date."""
