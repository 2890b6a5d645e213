"""The only writers of agreements and of case keys; a change that decides access moves the epoch."""

from accord.agreements.actions.case_keys import end_case_key, give_case_key
from accord.agreements.actions.drafts import begin_draft, discard_draft, edit_draft, propose_draft
from accord.agreements.actions.life import (
    activate,
    propose,
    resume,
    sign,
    suspend,
    terminate,
    withdraw,
)

__all__ = [
    "activate",
    "begin_draft",
    "discard_draft",
    "edit_draft",
    "end_case_key",
    "give_case_key",
    "propose",
    "propose_draft",
    "resume",
    "sign",
    "suspend",
    "terminate",
    "withdraw",
]
