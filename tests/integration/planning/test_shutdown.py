"""SIGTERM under load: what was accepted is answered, later ones meet a closed port, plans at hand are finished."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from devtools.service_process import ServiceProcess, free_port
from services.kit.database import Database
from services.planning.api.ids import plan_id
from services.planning.reconcile.decisions import MAX_CONCURRENT_DECISIONS as AT_HAND
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.following import crowd_waits, led_by_plt, somebody_waits, states
from tests.integration.planning.house import (
    ISSUER,
    PERIOD_CODE,
    House,
    Person,
    connected,
    document,
    house_at,
    import_reference,
)
from tests.integration.planning.test_worker_process import environment, started
from tests.small_registry import HEAD_OF_SD, OF_SMP, PNS
from tests.until import until

AT_ONCE = 16  # fewer than planning has connections to its database


@pytest.fixture
async def house(changing: Database, fresh_url: Fresh) -> AsyncIterator[House]:
    async with connected(await fresh_url("services.planning"), "services.planning") as own:
        await import_reference(own)
        async with house_at(changing, own) as house:
            yield house


@asynccontextmanager
async def nothing_is_written(house: House) -> AsyncIterator[None]:
    """Plans can be read, and whoever would change one waits."""
    holder = await asyncpg.connect(house.database.dsn)
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


async def approve(session: aiohttp.ClientSession, head: Person, owner: str) -> str:
    person = Person(session, head.headers)
    given = {"planId": plan_id(owner, PERIOD_CODE), "expectedVersion": 7}
    answer = await person.ask(document("approvePlan"), input=given)
    return str(answer["answer"]["state"]["name"])


async def test_planning_answers_all_that_it_accepted(
    house: House, changing: Database, tmp_path: Path
) -> None:
    owners = (await crowd_waits(house, changing))[:AT_ONCE]
    head = await house.person(HEAD_OF_SD)
    planning = ServiceProcess("planning", free_port(), tmp_path / "planning.log")
    await planning.start(
        environment(house, RENCANA_IDENTITY_ISSUER=ISSUER, RENCANA_PLANNING_PORT=str(planning.port))
    )
    process = planning.process
    assert process is not None
    async with aiohttp.ClientSession(planning.url) as session:
        async with nothing_is_written(house):
            asking = [asyncio.create_task(approve(session, head, owner)) for owner in owners]
            await somebody_waits(house, AT_ONCE)
            process.terminate()
            await port_is_closed(planning)
            assert not [one for one in asking if one.done()]
        answers = await asyncio.gather(*asking)
    assert answers == ["approved"] * AT_ONCE
    assert await process.wait() == 0
    assert await approved(house) == set(owners)


async def test_the_worker_finishes_the_plans_at_hand_and_leaves_the_others(
    house: House, changing: Database, tmp_path: Path
) -> None:
    owners = {*await crowd_waits(house, changing), str(ptk(PNS))}
    worker = ServiceProcess("worker", free_port(), tmp_path / "worker.log", ("worker",))
    await worker.start(environment(house, RENCANA_WORKER_PORT=str(worker.port)))
    process = worker.process
    assert process is not None
    async with nothing_is_written(house):
        await led_by_plt(changing, OF_SMP, at=house.now)
        await somebody_waits(house, AT_HAND)
        process.terminate()
        await until(partial(says, worker, "Waiting for application shutdown"))
        await port_is_closed(worker)
        assert process.returncode is None
    assert await process.wait() == 0
    assert await approved(house) < owners
    assert len(await approved(house)) == AT_HAND
    again = await started(house, worker.log, "--once")
    assert await again.wait() == 0
    assert await approved(house) == owners


async def says(service: ServiceProcess, words: str) -> bool:
    return words in service.log.read_text("utf-8")


async def approved(house: House) -> set[str]:
    return {owner for owner, state in (await states(house)).items() if state.endswith("approved")}
