"""Which agencies' cosigners a head of this ledger needs: the policy file of the node."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from accord.kernel.errors import InvalidInput
from accord.kernel.tlogpolicy import Policy, parse_policy
from accord.ledger import keys

SETTING = "ACCORD_LEDGER_POLICY"
FILE = "ledger.policy"


def load_policy(data_dir: Path, environment: Mapping[str, str] = os.environ) -> Policy:
    """The policy in force; without a file no cosigner is needed.

    Raises InvalidInput for a file that cannot be read, breaks a rule, or is for another log.
    """
    named = environment.get(SETTING, "")
    path = Path(named) if named else data_dir / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if named:
            raise InvalidInput(named, None, "", f"does not exist; {SETTING} names it") from None
        return Policy()
    except OSError as error:
        raise InvalidInput(str(path), None, "", f"cannot be read: {error.strerror}") from error
    policy = parse_policy(raw, str(path))
    own = keys.public_key(data_dir)
    if policy.logs and own not in [log.key for log in policy.logs]:
        raise InvalidInput(str(path), None, "log", f"this ledger is not among the logs: {own.text}")
    return policy
