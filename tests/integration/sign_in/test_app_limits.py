"""Rate limits of a person: an app loses no token, and no sign-in is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from tests.integration.planning.environment import JANUARY, sql
from tests.integration.sign_in.app import VERIFIER, fetch_code, sign_in_app
from tests.integration.sign_in.environment import APP, REDIRECT, WEB, Environment
from tests.provider.process import CLIENT_ID, CLIENT_SECRET
from tests.serving import serving


@pytest.fixture
async def strict(environment: Environment) -> AsyncIterator[Environment]:
    """A second identity on the same database, with one token per minute and person."""
    settings = IdentitySettings(
        env="dev",
        identity_issuer=environment.identity,
        oidc_issuer=environment.provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        web_origins=(WEB,),
        apps={APP: (REDIRECT,)},
        sign_ins_per_account=1,
    )
    async with serving(create_app(settings, environment.database, Clock(JANUARY))) as url:
        yield replace(environment, identity=url)


async def count_requests(environment: Environment, **form: str) -> int:
    """Request a token of the app and return the status."""
    async with environment.provider.session.post(
        f"{environment.identity}/token", data={"client_id": APP, **form}
    ) as answer:
        return answer.status


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
async def test_request_over_the_limit_uses_up_no_token(
    environment: Environment, strict: Environment, grant: str
) -> None:
    if grant == "refresh_token":
        form = {"grant_type": grant, "refresh_token": (await sign_in_app(environment))["refresh_token"]}
    else:
        form = {
            "grant_type": grant, "code": await fetch_code(environment, 1), "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }  # fmt: skip
    another = (await sign_in_app(environment))["refresh_token"]
    assert await count_requests(strict, grant_type="refresh_token", refresh_token=another) == 200
    before = await environment.dump_sessions()
    assert [await count_requests(strict, **form) for _ in range(3)] == [429] * 3
    assert await environment.dump_sessions() == before
    assert await count_requests(environment, **form) == 200


async def test_browser_over_the_limit_is_not_signed_in_nor_logged(
    environment: Environment, strict: Environment
) -> None:
    another = (await sign_in_app(environment))["refresh_token"]
    assert await count_requests(strict, grant_type="refresh_token", refresh_token=another) == 200
    await environment.expect_sign_in(1)
    signed_in = "SELECT count(*) AS n FROM audit WHERE kind = 'sign_in' AND outcome = 'ok'"
    async with environment.browser() as browser:
        callback = await environment.callback(browser)
        before = await environment.dump_sessions(), await sql(environment.database, signed_in)
        status, _, page = await browser.get(callback.replace(environment.identity, strict.identity))
    assert (status, "<small>http.too_many ·" in page) == (429, True), page
    assert (await environment.dump_sessions(), await sql(environment.database, signed_in)) == before
