"""A teacher who moves school within the period: seen by both heads, decided by one, until an admin moves the plan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.identity.client import IdentityClient
from services.planning.planning import Planning
from services.planning.settings import PlanningSettings
from services.planning.usecases.note_moves import note_moves
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.composing import submitted
from tests.integration.planning.house import House, connected, house_at
from tests.small_registry import COLLEAGUE, PNS, SD, SMP, import_one_school, import_registry


@pytest.fixture
async def moving(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, which the test may change."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@asynccontextmanager
async def following(house: House) -> AsyncIterator[Planning]:
    """What the worker has at hand."""
    settings = PlanningSettings(env="dev", identity_url=str(house.identity._base_url))
    clock = Clock(house.now)
    identity = IdentityClient(settings.identity_url, settings.service_secret, clock)
    await identity.start()
    with house.database.active():
        yield Planning(clock, identity)
    await identity.close()


async def noticed(house: House) -> list[dict[str, Any]]:
    """Who moved, as the worker notices it now."""
    async with following(house) as planning:
        await note_moves(planning, [str(ptk(n)) for n in (PNS, COLLEAGUE, 77)])
    return await house.sql("SELECT ptk_id, period, npsn FROM moved_teacher")


async def to_the_smp(house: House, moving: Database, *, back: bool = False) -> None:
    """A teacher of the SD and the SMP has the SMP as sekolah induk from now on, or the SD again."""
    here, there = ("1", "0") if back else ("0", "1")
    with moving.active():
        await import_one_school(SMP, house.now, p1={"ptk_induk": "0"}) if back else None
        await import_one_school(SD, house.now, p1={"ptk_induk": here})
        await import_one_school(SMP, house.now, p1={"ptk_induk": there, "tanggal_surat_tugas": "2024-01-12"})


async def test_who_moved_is_kept_until_the_two_agree_again(moving: Database, planning: Database) -> None:
    async with house_at(moving, planning) as house:
        await submitted(house, PNS)
        await (await house.person(COLLEAGUE)).start()
        assert await noticed(house) == []
        await to_the_smp(house, moving)
        moved = [{"ptk_id": ptk(PNS), "period": "2024-1", "npsn": SMP}]
        assert (await noticed(house), await noticed(house)) == (moved, moved)
        await to_the_smp(house, moving, back=True)
        assert await noticed(house) == []
