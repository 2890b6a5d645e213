"""Intake: files of an agency become drafts of records, or rows for quarantine with a reason."""
