"""What an app of ours does: a browser tab for the sign-in, then codes and tokens by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from yarl import URL

from services.identity.sign_in.apps import compute_challenge
from tests.integration.sign_in.environment import APP, REDIRECT, Environment

STATE, VERIFIER = "state-of-the-app", "v" * 64
ASKED = {
    "response_type": "code", "client_id": APP, "redirect_uri": REDIRECT, "state": STATE,
    "code_challenge": compute_challenge(VERIFIER), "code_challenge_method": "S256",
}  # fmt: skip


async def returned(environment: Environment, **asked: str | None) -> tuple[int, str, str]:
    """Where a browser tab ends that the app opened, asking so; None leaves a parameter out."""
    query = urlencode({name: value for name, value in {**ASKED, **asked}.items() if value is not None})
    async with environment.browser() as browser:
        return await browser.get(f"{environment.identity}/authorize?{query}")


async def code_for(environment: Environment, who: int | str) -> str:
    """The code that a sign-in of this person gives the app."""
    await environment.expect_sign_in(who)
    status, url, page = await returned(environment)
    assert (status, url.startswith(f"{REDIRECT}?")) == (303, True), page
    told = URL(url).query
    assert (told["state"], told["iss"]) == (STATE, environment.identity)
    return told["code"]


async def post(environment: Environment, path: str, **form: str | None) -> tuple[int, dict[str, Any]]:
    """A form of the app and its answer; None leaves a field out."""
    sent = {name: value for name, value in ({"client_id": APP} | form).items() if value is not None}
    async with environment.provider.session.post(f"{environment.identity}{path}", data=sent) as answer:
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        return answer.status, await answer.json()


async def change(environment: Environment, code: str, **form: str | None) -> tuple[int, dict[str, Any]]:
    """Change a code for tokens."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return await post(environment, "/token", **{**asked, **form})


async def refresh(environment: Environment, token: str, **form: str | None) -> tuple[int, dict[str, Any]]:
    """Change a refresh token for the next tokens."""
    return await post(
        environment, "/token", **{"grant_type": "refresh_token", "refresh_token": token, **form}
    )


async def entered(environment: Environment, who: int | str = 1) -> dict[str, Any]:
    """The first tokens of an app in which somebody signed in."""
    status, answer = await change(environment, await code_for(environment, who))
    assert status == 200, answer
    return answer


async def next_token(environment: Environment, token: str) -> str:
    """The refresh token that follows this one, which must still count."""
    status, answer = await refresh(environment, token)
    assert status == 200, answer
    return str(answer["refresh_token"])
