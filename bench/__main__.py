"""`make bench`: the price of the house, as ratios. No figure here is asserted anywhere; quote the ratios."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO

import aiohttp

from bench.decisions import decisions
from bench.measure import in_turn
from demo.people import RATNA
from demo.services import MONDAY, Services, run_services, temporary_folder
from demo.transcript import Transcript
from devtools.service_process import free_port

SAVE = """mutation Save($input: SavePraktikKinerjaInput!) {
  savePraktikKinerja(input: $input) { __typename ... on Plan { id version tab } ... on Refused { problems { code } } }
}"""
READ = "query Read($id: ID!) { plan(id: $id) { version state { name } tab content { praktikKinerja } } }"


async def main() -> None:
    """Set the demo's services, measure, print."""
    with temporary_folder() as folder:
        silent = Transcript(StringIO())
        async with run_services(folder, silent, durable=True) as services:
            await services.restart_at(MONDAY, "WIB", silent)
            ratna = await services.sign_in(RATNA, silent)
            plan = await ratna.command("ConfirmProfile", await ratna.command("StartPlan"))
            async with _by_hand(services) as hand:
                await _compare(services, hand, ratna.token, plan)
    print("\nDecisions, in this process:\n")
    print("\n".join(decisions()))


async def _compare(services: Services, hand: str, token: str, plan: dict[str, object]) -> None:
    version = plan["version"]
    headers = {"authorization": f"Bearer {token}"}
    graphql = f"{services.client.planning}/graphql"
    async with aiohttp.ClientSession(headers=headers) as session:

        async def house(query: str, variables: dict[str, object]) -> dict[str, object]:
            async with session.post(graphql, json={"query": query, "variables": variables}) as answer:
                (told,) = (await answer.json(content_type=None))["data"].values()
                return dict(told)

        async def read() -> None:
            await house(READ, {"id": plan["id"]})

        async def read_by_hand() -> None:
            async with session.get(hand) as answer:
                await answer.read()

        async def save() -> None:
            nonlocal version
            given = {"planId": plan["id"], "expectedVersion": version, "indikator": "PK-UBK"}
            version = (await house(SAVE, {"input": given}))["version"]

        async def save_by_hand() -> None:
            nonlocal version
            async with session.post(hand, json={"indikator": "PK-UBK"}) as answer:
                version = (await answer.json())["version"]

        print("One client, one request after the other, over HTTP:\n")
        print(f"{'':24} {'house':>10} {'by hand':>10}   ratio (rounds)")
        print((await in_turn(read, read_by_hand)).line("read a plan"))
        print((await in_turn(save, save_by_hand)).line("save a tab"))


@asynccontextmanager
async def _by_hand(services: Services) -> AsyncIterator[str]:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{services.client.identity}/.well-known/jwks.json") as answer:
            jwks = await answer.json()
        port = free_port()
        environment = os.environ | services.settings | {"BENCH_JWKS": json.dumps(jwks)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.by_hand", str(port), env=environment
        )
        try:
            await asyncio.sleep(2)
            yield f"http://127.0.0.1:{port}/plan"
        finally:
            process.terminate()
            await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
