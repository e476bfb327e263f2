from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.identity.tokens.model import (
    JWKS_MAX_AGE,
    PUBLISHED_BEFORE_USE,
    TOKEN_LIFETIME,
    SigningKey,
    choose_signing_key,
    find_retirement,
    list_published_keys,
)

START = datetime(2024, 1, 5, 3, tzinfo=UTC)


def _key(kid: str, active_from: datetime, retired_at: datetime | None = None) -> SigningKey:
    return SigningKey(kid, "sealed", {}, active_from, active_from, retired_at)


def rotate_keys(moments: list[int]) -> list[SigningKey]:
    """Return the keys after a first start and a rotation at each of these minutes."""
    keys = [_key("0", START)]
    for number, minutes in enumerate(sorted(moments), start=1):
        active_from = START + timedelta(minutes=minutes) + PUBLISHED_BEFORE_USE
        retires_at = find_retirement(active_from)
        keys = [_key(key.kid, key.active_from, key.retired_at or retires_at) for key in keys]
        keys.append(_key(str(number), active_from))
    return keys


def test_jwks_cache_expires_before_a_new_key_signs() -> None:
    assert JWKS_MAX_AGE < PUBLISHED_BEFORE_USE


def test_no_key_signs_without_keys() -> None:
    assert choose_signing_key([], START) is None
    assert choose_signing_key([_key("later", START + timedelta(minutes=1))], START) is None


def test_next_key_signs_from_its_time_and_the_former_stays_published() -> None:
    old, new = keys = rotate_keys([0])
    assert old.retired_at is not None
    takes_over = START + PUBLISHED_BEFORE_USE
    assert choose_signing_key(keys, takes_over - timedelta(seconds=1)) == old
    assert choose_signing_key(keys, takes_over) == new
    assert list_published_keys(keys, takes_over + TOKEN_LIFETIME) == [old, new]
    assert list_published_keys(keys, old.retired_at) == [new]


@given(
    rotations=st.lists(st.integers(0, 120), max_size=5),
    at=st.integers(0, 240).map(lambda minutes: START + timedelta(minutes=minutes)),
    age=st.integers(0, int(TOKEN_LIFETIME.total_seconds())),
)
def test_every_valid_token_can_be_verified_after_any_rotations(
    rotations: list[int], at: datetime, age: int
) -> None:
    keys = rotate_keys(rotations)
    signed_then = choose_signing_key(keys, at)
    assert signed_then is not None
    assert signed_then in list_published_keys(keys, at + timedelta(seconds=age))
