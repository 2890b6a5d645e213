"""The only writers of agreements and of case keys; a change that decides access moves the epoch."""

from accord.agreements.actions.case_keys import end_case_key, give_case_key
from accord.agreements.actions.life import activate, propose, sign

__all__ = ["activate", "end_case_key", "give_case_key", "propose", "sign"]
