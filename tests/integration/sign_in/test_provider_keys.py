"""Key rotation of the provider."""

from __future__ import annotations

import pytest

from services.kit import tokens as keys
from tests.integration.sign_in.environment import (
    Environment,
    fetch_session_token,
    provider_claims,
    sign_in_browser,
)
from tests.small_registry import email_of


async def test_new_key_of_the_provider_is_fetched(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MIN_REFRESH_SECONDS", 0.0)  # tests are quicker than any provider
    await environment.expect_sign_in(1)
    for _ in range(2):
        async with environment.browser() as browser:
            await sign_in_browser(environment, browser)
            assert (await fetch_session_token(environment, browser))[0] == 200
        await environment.provider.rotate_key()


async def test_unknown_key_is_refused_after_a_rotation_too(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MIN_REFRESH_SECONDS", 0.0)
    await environment.provider.rotate_key()
    await environment.provider.set_next_answer(claims=provider_claims(email_of(1)), sign="foreign")
    async with environment.browser() as browser:
        status, _, page = await browser.get(f"{environment.identity}/login")
    assert (status, "signin.id_token" in page) == (403, True)
