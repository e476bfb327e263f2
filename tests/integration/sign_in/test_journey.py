"""From the provider's page to a submitted plan, in a browser and in an app: every step over real HTTP."""

from __future__ import annotations

import aiohttp

from tests.identity_samples import ptk
from tests.integration.planning.composing import complete
from tests.integration.planning.house import Person
from tests.integration.sign_in.app import entered, refresh
from tests.integration.sign_in.house import House, session_token, signed_in


async def submits(house: House, who: int, token: str) -> None:
    """With this token a teacher composes a plan and hands it in."""
    async with aiohttp.ClientSession(house.planning) as session:
        teacher = Person(session, {"authorization": f"Bearer {token}"}, str(ptk(who)))
        await complete(teacher)
        plan = await teacher.done("submitPlan", 6)
    assert (plan["version"], plan["state"]["name"]) == (7, "submitted")


async def test_a_teacher_signs_in_with_a_browser_and_submits_a_plan(house: House) -> None:
    await house.knows(1)
    async with house.browser() as browser:
        await signed_in(house, browser, "/rencana?tab=2")
        status, answer = await session_token(house, browser)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 900)
    await submits(house, 1, answer["access_token"])


async def test_a_teacher_signs_in_with_an_app_and_submits_a_plan_with_its_next_token(house: House) -> None:
    first = await entered(house, 2)
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 900)
    status, following = await refresh(house, first["refresh_token"])
    assert status == 200
    await submits(house, 2, following["access_token"])
