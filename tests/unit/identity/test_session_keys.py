"""What nobody may guess: keys of sessions, challenges, links; and how long a link is of use."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from accord.agencies import actions
from accord.identity.actions import ceremonies
from accord.identity.actions.ceremonies import Occasion
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import NotFound
from accord.platform.sessions import SessionStore
from unit.identity.conftest import ALVAREZ, browser

MANY = 200


@pytest.mark.usefixtures("world")
def test_a_session_s_key_has_more_than_128_random_bits() -> None:
    keys = {str(SessionStore()._get_new_session_key()) for _ in range(MANY)}
    assert len(keys) == MANY
    signs = set("".join(keys))
    assert min(len(key) for key in keys) * math.log2(len(signs)) > 128
    for place in range(min(len(key) for key in keys)):
        assert len({key[place] for key in keys}) > len(signs) / 2, "a place that hardly changes"


@pytest.mark.usefixtures("world")
def test_a_challenge_has_32_random_bytes() -> None:
    given = [ceremonies.begin(Occasion.SIGN_IN, "nobody", None) for _ in range(MANY)]
    assert {len(challenge) for challenge in given} == {32}
    assert len({challenge[:8] for challenge in given}) == MANY


@pytest.mark.usefixtures("real")
def test_a_link_is_of_no_use_after_twelve_hours() -> None:
    link = actions.create_signin_link(ALVAREZ)
    assert browser().get(link).status_code == 200
    with taken_from(FixedClock(now() + timedelta(hours=12, seconds=1))):
        assert browser().get(link).status_code == 404
        with pytest.raises(NotFound):
            actions.use_signin_link(link.rsplit("/", 1)[1])
