"""SIGTERM under load: accepted requests are answered, new connections are refused, plans in progress are finished."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from devtools.service_process import ServiceProcess, free_port
from services.kit.database import Database
from services.planning.api.ids import plan_id
from services.planning.reconcile.decisions import MAX_CONCURRENT_DECISIONS as AT_HAND
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    ISSUER,
    PERIOD_CODE,
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.reconciliation import (
    load_states,
    replace_head_by_plt,
    submit_many_plans,
    wait_for_blocked_statements,
)
from tests.integration.planning.test_worker_process import process_variables, run_worker_once
from tests.small_registry import HEAD_OF_SD, OF_SMP, PNS
from tests.until import until

SERVICE_UNAVAILABLE = 503
APPROVE = """mutation Approve($input: ApprovePlanInput!) { answer: approvePlan(input: $input) {
  ... on ApprovePlanPayload { plan { state { name } } } ... on Failure { problems { retryAfterSeconds } }
} }"""
TEMPORARY = [{"retryAfterSeconds": 5}]
RETRY_SECONDS = 1  # identity runs in the process of the tests: repeats without a pause would keep it busy
AT_ONCE = 5  # as many as planning executes of one caller


@pytest.fixture
async def environment(own_registry: Database, fresh_url: Fresh) -> AsyncIterator[Environment]:
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as own,
        environment_at(own_registry, own) as environment,
    ):
        yield environment


@asynccontextmanager
async def nothing_is_written(environment: Environment) -> AsyncIterator[None]:
    """Lock the plans: readers continue, and writers wait."""
    holder = await asyncpg.connect(environment.database.dsn)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE plan IN SHARE ROW EXCLUSIVE MODE")
            yield
    finally:
        await holder.close()


async def port_is_closed(service: ServiceProcess) -> None:
    async def refuses() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        except ConnectionRefusedError:
            return True
        writer.close()
        return False

    await until(refuses)


async def approve(session: aiohttp.ClientSession, head: Client, owner: str) -> str:
    """Approve a plan and return its state. Repeats the request while identity is too slow, as a client does."""
    client = Client(session, head.headers)
    plan = {"planId": plan_id(owner, PERIOD_CODE), "expectedVersion": 7}
    request = {"query": APPROVE, "variables": {"input": plan}}
    while True:
        status, response = await client.post(request)
        assert status in {200, SERVICE_UNAVAILABLE}, response
        answer: dict[str, Any] = response["data"]["answer"] if status == 200 else {"problems": TEMPORARY}
        if answer.get("problems") != TEMPORARY:
            return str(answer["plan"]["state"]["name"])
        await asyncio.sleep(RETRY_SECONDS)


async def is_draining(session: aiohttp.ClientSession) -> bool:
    """Raises ClientError if the port is closed before `/readyz` has said so."""
    async with session.get("/readyz") as response:
        if response.status == SERVICE_UNAVAILABLE:
            assert response.headers["connection"] == "close"
        return response.status == SERVICE_UNAVAILABLE


async def test_planning_answers_every_accepted_request_on_shutdown(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    owners = (await submit_many_plans(environment, own_registry))[:AT_ONCE]
    head = await environment.sign_in(HEAD_OF_SD)
    planning = ServiceProcess("planning", free_port(), tmp_path / "planning.log")
    await planning.start(
        process_variables(
            environment,
            "serve",
            RENCANA_IDENTITY_ISSUER=ISSUER,
            RENCANA_PLANNING_PORT=str(planning.port),
            RENCANA_DRAIN_SECONDS="2",
        )
    )
    process = planning.process
    assert process is not None
    async with aiohttp.ClientSession(planning.url) as session:
        async with nothing_is_written(environment):
            asking = [asyncio.create_task(approve(session, head, owner)) for owner in owners]
            blocked = asyncio.create_task(wait_for_blocked_statements(environment, AT_ONCE))
            finished, _ = await asyncio.wait([blocked, *asking], return_when=asyncio.FIRST_COMPLETED)
            assert finished == {blocked}, [task.result() for task in finished]  # raises what failed
            await blocked
            process.terminate()
            await until(partial(is_draining, session))
            await port_is_closed(planning)
            assert not [one for one in asking if one.done()]
        answers = await asyncio.gather(*asking)
    assert answers == ["approved"] * AT_ONCE
    assert await process.wait() == 0
    assert await approved(environment) == set(owners)


async def test_worker_finishes_plans_in_progress_on_shutdown(
    environment: Environment, own_registry: Database, tmp_path: Path
) -> None:
    owners = {*await submit_many_plans(environment, own_registry), str(ptk(PNS))}
    worker = ServiceProcess("worker", free_port(), tmp_path / "worker.log")
    await worker.start(process_variables(environment, RENCANA_WORKER_PORT=str(worker.port)))
    process = worker.process
    assert process is not None
    async with nothing_is_written(environment):
        await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
        await wait_for_blocked_statements(environment, AT_HAND)
        process.terminate()
        await until(partial(output_contains, worker, "Waiting for application shutdown"))
        await port_is_closed(worker)
        assert process.returncode is None
    assert await process.wait() == 0
    assert await approved(environment) < owners
    assert len(await approved(environment)) == AT_HAND
    assert await run_worker_once(environment, worker.log) == 0
    assert await approved(environment) == owners


async def output_contains(service: ServiceProcess, words: str) -> bool:
    return words in service.log.read_text("utf-8")


async def approved(environment: Environment) -> set[str]:
    return {owner for owner, state in (await load_states(environment)).items() if state.endswith("approved")}
