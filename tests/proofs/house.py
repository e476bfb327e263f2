"""The house of the proofs, and how to ask it: its processes, its tables, and people who sign in once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp
import asyncpg

from services.kit.database import Database
from services.planning.api.ids import plan_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE
from tests.proofs.processes import Serving
from tests.proofs.registry import Lane, let_head
from tests.small_registry import ADMIN, email_of
from tests.until import PATIENCE

AWAY = "identity.unavailable"  # on a machine with too much to do; nothing was changed, so it is sent again
KEPT = re.compile(r'rencana_identity_questions_total{[^}]*outcome="cached"[^}]*} (\d+)')


@dataclass
class House:
    """`lanes` are the teachers that races are run with; tokens are kept, so that a person signs in once."""

    lanes: list[Lane]
    identity: Serving
    plannings: list[Serving]
    offices: list[Serving]
    session: aiohttp.ClientSession
    registry: Database
    store: asyncpg.Connection
    tokens: dict[str, str] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)  # `store` is one connection

    async def let_head(self, kind: str) -> None:
        """Every school is headed by its principal (`definitif`) or by its Plt."""
        with self.registry.active():
            await let_head(self.lanes, kind)

    async def token(self, email: str) -> str:
        """A token of an account."""
        if email not in self.tokens:
            async with self.session.post(f"{self.identity.url}/dev/token", json={"email": email}) as answer:
                assert answer.status == 200, await answer.text()
                self.tokens[email] = (await answer.json())["access_token"]
        return self.tokens[email]

    async def ask(
        self, planning: Serving, who: int | None, mutation: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a mutation answered to a person by number, or to the admin (None); ClientError without an answer."""
        token = await self.token(ADMIN if who is None else email_of(who))
        body = {"query": document(mutation), "variables": {"input": given}}
        headers = {"authorization": f"Bearer {token}"}
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.session.post(
                    f"{planning.url}/graphql", json=body, headers=headers
                ) as response:
                    text = await response.text()
                if AWAY not in text:
                    break
                await asyncio.sleep(0.2)
        told = json.loads(text)
        if "errors" in told:  # a fault of the service, which no oracle allows
            return {"__typename": "Refused", "problems": [{"code": str(told["errors"][0]["extensions"])}]}
        answer: dict[str, Any] = told["data"]["answer"]
        return answer

    async def change_head(self, office: Serving, lane: Lane) -> None:
        """An office imports the end of the principal's decree, and has the plan decided again."""
        async with self.session.post(f"{office.url}/head", json=asdict(lane)) as response:
            assert response.status == 204, response.status

    async def follow(self) -> None:
        """A worker catches up: a plan may have been submitted by what was known before the head changed."""
        async with self.session.post(f"{self.offices[0].url}/follow") as response:
            assert response.status == 204, response.status

    async def answers_kept(self) -> int:
        """How often planning went by what identity had said before, as it did not answer in time."""
        found = 0
        for planning in self.plannings:
            async with self.session.get(f"{planning.url}/metrics") as response:
                found += sum(map(int, KEPT.findall(await response.text())))
        return found


def document(mutation: str) -> str:
    """A mutation that asks for as little as can be told."""
    kind = mutation[0].upper() + mutation[1:]
    if mutation in ("submitPlan", "approvePlan", "beginImplementation"):
        kind = "Transition"
    plan, refused = "... on Plan { version replayed }", "... on Refused { problems { code } }"
    told = {
        "confirmAsPlt": "... on PltConfirmation { replayed }",
        "approvePlans": f"... on ApprovedPlans {{ results {{ result {{ __typename {plan} {refused} }} }} }}",
    }.get(mutation, plan)
    return (
        f"mutation M($input: {kind}Input!) {{ answer: {mutation}(input: $input) "
        f"{{ __typename {told} {refused} }} }}"
    )


def plan_of(lane: Lane) -> str:
    """The id of the plan of a lane's teacher."""
    return plan_id(str(ptk(lane.teacher)), PERIOD_CODE)
