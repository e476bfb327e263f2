"""Requests of an app: sign-in in a browser tab, exchange of codes, and refresh of tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from yarl import URL

from services.identity.sign_in.apps import compute_challenge
from tests.integration.sign_in.environment import APP, REDIRECT, Environment

STATE, VERIFIER = "state-of-the-app", "v" * 64
AUTHORIZATION_PARAMS = {
    "response_type": "code", "client_id": APP, "redirect_uri": REDIRECT, "state": STATE,
    "code_challenge": compute_challenge(VERIFIER), "code_challenge_method": "S256",
}  # fmt: skip


async def follow_authorization(environment: Environment, **params: str | None) -> tuple[int, str, str]:
    """Open /authorize in a browser and return its last status, URL and page. None omits a parameter."""
    query = urlencode(
        {name: value for name, value in {**AUTHORIZATION_PARAMS, **params}.items() if value is not None}
    )
    async with environment.browser() as browser:
        return await browser.get(f"{environment.identity}/authorize?{query}")


async def fetch_code(environment: Environment, number: int | str) -> str:
    """Sign a person in and return the code that the app receives."""
    await environment.expect_sign_in(number)
    status, url, page = await follow_authorization(environment)
    assert (status, url.startswith(f"{REDIRECT}?")) == (303, True), page
    query = URL(url).query
    assert (query["state"], query["iss"]) == (STATE, environment.identity)
    return query["code"]


async def post(environment: Environment, path: str, **form: str | None) -> tuple[int, dict[str, Any]]:
    """Post a form of the app and return status and body. None omits a field."""
    fields = {name: value for name, value in ({"client_id": APP} | form).items() if value is not None}
    async with environment.provider.session.post(f"{environment.identity}{path}", data=fields) as answer:
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        return answer.status, await answer.json()


async def exchange_code(
    environment: Environment, code: str, **form: str | None
) -> tuple[int, dict[str, Any]]:
    """Exchange a code for tokens."""
    defaults = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return await post(environment, "/token", **{**defaults, **form})


async def refresh(environment: Environment, token: str, **form: str | None) -> tuple[int, dict[str, Any]]:
    """Exchange a refresh token for the next tokens."""
    return await post(
        environment, "/token", **{"grant_type": "refresh_token", "refresh_token": token, **form}
    )


async def sign_in_app(environment: Environment, number: int | str = 1) -> dict[str, Any]:
    """Sign a person in with an app and return its first tokens."""
    status, answer = await exchange_code(environment, await fetch_code(environment, number))
    assert status == 200, answer
    return answer


async def refresh_successfully(environment: Environment, token: str) -> str:
    """Exchange a valid refresh token and return the next one."""
    status, answer = await refresh(environment, token)
    assert status == 200, answer
    return str(answer["refresh_token"])
