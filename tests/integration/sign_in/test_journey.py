"""From sign-in at the provider to a submitted plan, in a browser and in an app, over real HTTP."""

from __future__ import annotations

import aiohttp

from tests.identity_samples import ptk
from tests.integration.planning.environment import Client
from tests.integration.planning.plans import complete_plan
from tests.integration.sign_in.app import refresh, sign_in_app
from tests.integration.sign_in.environment import Environment, fetch_session_token, sign_in_browser


async def submit_plan(environment: Environment, name: int, token: str) -> None:
    """Complete and submit a plan with this token."""
    async with aiohttp.ClientSession(environment.planning) as session:
        teacher = Client(session, {"authorization": f"Bearer {token}"}, str(ptk(name)))
        await complete_plan(teacher)
        plan = await teacher.mutate_plan("submitPlan", 6)
    assert (plan["version"], plan["state"]["name"]) == (7, "submitted")


async def test_teacher_signs_in_with_a_browser_and_submits_a_plan(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser, "/rencana?tab=2")
        status, answer = await fetch_session_token(environment, browser)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 900)
    await submit_plan(environment, 1, answer["access_token"])


async def test_teacher_signs_in_with_an_app_and_submits_a_plan(
    environment: Environment,
) -> None:
    first = await sign_in_app(environment, 2)
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 900)
    status, following = await refresh(environment, first["refresh_token"])
    assert status == 200
    await submit_plan(environment, 2, following["access_token"])
