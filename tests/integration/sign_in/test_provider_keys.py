"""The provider changes its key: nobody notices."""

from __future__ import annotations

import pytest

from services.kit import tokens as keys
from tests.integration.sign_in.house import House, claims_of, session_token, signed_in
from tests.small_registry import email_of


async def test_a_new_key_of_the_provider_is_asked_for_when_it_is_seen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MIN_REFRESH_SECONDS", 0.0)  # tests are quicker than any provider
    await house.knows(1)
    for _ in range(2):
        async with house.browser() as browser:
            await signed_in(house, browser)
            assert (await session_token(house, browser))[0] == 200
        await house.provider.rotate()


async def test_a_key_that_the_provider_does_not_show_opens_nothing_after_a_rotation_either(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MIN_REFRESH_SECONDS", 0.0)
    await house.provider.rotate()
    await house.provider.expects(claims=claims_of(email_of(1)), sign="foreign")
    async with house.browser() as browser:
        status, _, page = await browser.get(f"{house.identity}/login")
    assert (status, "signin.id_token" in page) == (403, True)
