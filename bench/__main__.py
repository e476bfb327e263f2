"""`make bench`: time of the services relative to a minimal handler. Quote the ratios; no test asserts a figure."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import StringIO
from typing import Any

import aiohttp

from bench.decisions import measure_decisions
from bench.measure import compare
from demo.people import RATNA
from demo.services import MONDAY, RunningServices, ScenarioContext, run_services, temporary_folder
from demo.transcript import Transcript
from devtools.service_process import free_port

SAVE = """mutation Save($input: SavePraktikKinerjaInput!) {
  savePraktikKinerja(input: $input) { __typename ... on SavePraktikKinerjaPayload { plan { id version tab } }
    ... on Failure { problems { code } } }
}"""
READ = "query Read($id: ID!) { plan(id: $id) { version state { name } tab content { praktikKinerja } } }"
START_SECONDS = 30


async def main() -> None:
    """Start the services and the minimal handler on one database, time both, and print the tables."""
    with temporary_folder() as folder:
        silent = Transcript(StringIO())
        async with run_services(folder, silent, durable=True) as services:
            await services.restart_at(MONDAY)
            ratna = await ScenarioContext(services, silent).sign_in(RATNA)
            plan = await ratna.plan_command("ConfirmProfile", await ratna.plan_command("StartPlan"))
            headers = {"authorization": f"Bearer {ratna.token}"}
            async with aiohttp.ClientSession(headers=headers) as session, _run_baseline(services) as baseline:
                await _compare(session, f"{services.client.planning}/graphql", baseline, plan)
    print("\nDecisions (CPU time in this process):\n")
    print("\n".join(measure_decisions()))


async def _compare(session: aiohttp.ClientSession, graphql: str, baseline: str, plan: dict[str, Any]) -> None:
    version = plan["version"]

    async def send(query: str, variables: dict[str, object]) -> dict[str, Any]:
        async with session.post(graphql, json={"query": query, "variables": variables}) as response:
            (value,) = (await response.json(content_type=None))["data"].values()
            return dict(value)

    async def read() -> None:
        await send(READ, {"id": plan["id"]})

    async def baseline_read() -> None:
        async with session.get(baseline) as response:
            await response.read()

    async def save() -> None:
        nonlocal version
        arguments = {"planId": plan["id"], "expectedVersion": version, "indikator": "PK-UBK"}
        version = (await send(SAVE, {"input": arguments}))["version"]

    async def baseline_save() -> None:
        nonlocal version
        async with session.post(baseline, json={"indikator": "PK-UBK"}) as response:
            version = (await response.json())["version"]

    print("One client, one request at a time, over HTTP:\n")
    print(f"{'':24} {'rencana':>10} {'minimal':>10}   ratio (least to greatest of the rounds)")
    print((await compare(read, baseline_read)).line("read a plan"))
    print((await compare(save, baseline_save)).line("save a tab"))


@asynccontextmanager
async def _run_baseline(services: RunningServices) -> AsyncIterator[str]:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{services.client.identity}/.well-known/jwks.json") as response:
            jwks = await response.json()
        port = free_port()
        url = f"http://127.0.0.1:{port}/plan"
        settings = os.environ | services.settings | {"BENCH_JWKS": json.dumps(jwks)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.baseline", str(port), env=settings
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await _wait_until_ready(session, url)
            yield url
        finally:
            process.terminate()
            await process.wait()


async def _wait_until_ready(session: aiohttp.ClientSession, url: str) -> None:
    while True:
        with suppress(aiohttp.ClientError):
            async with session.options(url):
                return
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())
