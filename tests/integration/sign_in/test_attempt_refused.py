"""A sign-in attempt succeeds once, in its browser and within its lifetime."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from yarl import URL

from services.kit.secret import hash_secret
from tests.integration.planning.environment import sql
from tests.integration.sign_in.environment import (
    WEB,
    Browser,
    Environment,
    fetch_session_token,
    sign_in_browser,
)
from tests.table import Table

TAMPER_ATTEMPT = "UPDATE sign_in_attempt SET expires_at = $2 WHERE state_hash = $1"


def replace_params(url: str, **query: str | None) -> str:
    """Return a URL with other query parameters. None omits a parameter."""
    params = {**URL(url).query, **query}
    return str(URL(url).with_query({name: value for name, value in params.items() if value is not None}))


async def with_another_state(environment: Environment, browser: Browser) -> str:
    return replace_params(await environment.callback(browser), state="x" * 43)


async def without_state(environment: Environment, browser: Browser) -> str:
    return replace_params(await environment.callback(browser), state=None)


async def from_another_browser(environment: Environment, browser: Browser) -> str:
    async with environment.browser() as second_browser:
        return await environment.callback(second_browser)


async def a_second_time(environment: Environment, browser: Browser) -> str:
    callback = await environment.callback(browser)
    assert (await browser.get(callback))[0] == 303
    async with browser.session.post(
        f"{environment.identity}/logout", headers={"origin": WEB, "x-rencana": "1"}
    ) as response:
        assert response.status == 200
    return callback


async def after_ten_minutes(environment: Environment, browser: Browser) -> str:
    callback = await environment.callback(browser)
    now = (
        await sql(
            environment.database, "SELECT expires_at - interval '10 minutes' AS at FROM sign_in_attempt"
        )
    )[-1]
    await sql(environment.database, TAMPER_ATTEMPT, hash_secret(URL(callback).query["state"]), now["at"])
    return callback


async def with_a_code_of_another(environment: Environment, browser: Browser) -> str:
    async with environment.browser() as second_browser:
        stolen = URL(await environment.callback(second_browser)).query["code"]
    return replace_params(await environment.callback(browser), code=stolen)


async def with_a_used_code(environment: Environment, browser: Browser) -> str:
    used = URL(await a_second_time(environment, browser)).query["code"]
    return replace_params(await environment.callback(browser), code=used)


async def with_an_invented_code(environment: Environment, browser: Browser) -> str:
    return replace_params(await environment.callback(browser), code="invented")


async def without_a_code(environment: Environment, browser: Browser) -> str:
    return replace_params(await environment.callback(browser), code=None)


async def by_another_issuer(environment: Environment, browser: Browser) -> str:
    return replace_params(await environment.callback(browser), iss="https://accounts.example")


async def with_two_codes(environment: Environment, browser: Browser) -> str:
    return f"{await environment.callback(browser)}&code=another"


REFUSED = [
    ("state altered", with_another_state, 400, "signin.attempt"),
    ("state left out", without_state, 400, "signin.attempt"),
    ("answer brought by another browser", from_another_browser, 400, "signin.attempt"),
    ("answer shown a second time", a_second_time, 400, "signin.attempt"),
    ("answer after ten minutes", after_ten_minutes, 400, "signin.attempt"),
    ("code of another's sign-in", with_a_code_of_another, 403, "signin.code"),
    ("code replayed in a new attempt", with_a_used_code, 403, "signin.code"),
    ("code invented", with_an_invented_code, 403, "signin.code"),
    ("no code", without_a_code, 403, "signin.code"),
    ("answer of another issuer", by_another_issuer, 403, "signin.id_token"),
    ("two codes", with_two_codes, 400, "signin.twice"),
]


@pytest.mark.parametrize(("case", "attack", "status", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_sign_in_is_refused(
    environment: Environment,
    refusals: Table,
    case: str,
    attack: Callable[[Environment, Browser], Awaitable[str]],
    status: int,
    code: str,
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        callback = await attack(environment, browser)
        before = await environment.dump_sessions()
        got, _, page = await browser.get(callback)
        assert (got, f"<small>{code} ·" in page) == (status, True), page
        assert (await fetch_session_token(environment, browser))[0] == 401
    assert await environment.dump_sessions() == before
    refusals.add(case, code, "nothing")


async def test_another_browser_cannot_use_up_an_attempt(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser, environment.browser() as second_browser:
        callback = await environment.callback(browser)
        assert (await second_browser.get(callback))[0] == 400
        assert (await browser.get(callback))[:2] == (303, f"{WEB}/rencana")


async def test_one_of_concurrent_callbacks_succeeds(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        callback = await environment.callback(browser)
        answers = await asyncio.gather(*(browser.get(callback) for _ in range(5)))
    assert sorted(status for status, _, _ in answers) == [303, 400, 400, 400, 400]


async def test_two_attempts_of_a_browser_succeed(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        first, second = await environment.callback(browser), await environment.callback(browser)
        for callback in (second, first):
            assert (await browser.get(callback))[:2] == (303, f"{WEB}/rencana")


async def test_expired_attempts_are_deleted_by_the_next(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    await sql(environment.database, "UPDATE sign_in_attempt SET expires_at = '2000-01-01'")
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
    assert await sql(environment.database, "SELECT 1 FROM sign_in_attempt") == []
