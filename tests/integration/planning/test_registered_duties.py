"""The duties that Dapodik has on record are offered in tab Tugas Tambahan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import Client, Environment, environment_at
from tests.small_registry import HEAD_OF_SD, PNS, SD, SMP, import_duty_rows

DUTIES = "query Q($id: ID!) { plan(id: $id) { registeredDuties { code label nomorSk since source } } }"


@pytest.fixture
async def environment(
    own_registry: Database, empty_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services. The teacher has duties of five kinds on record."""
    rows = [
        f"{ptk(PNS)},3,{SD},800/17/2023,2023-07-01,",  # head of the library
        f"{ptk(PNS)},11,{SD},800/18/2023,2023-07-01,",  # a vice principal: not offered at an SD
        f"{ptk(PNS)},3,{SD},800/09/2020,2020-07-01,2023-07-01",  # ended
        f"{ptk(PNS)},3,{SD},800/19/2024,2024-02-01,",  # begins later
        f"{ptk(PNS)},3,{SMP},800/20/2023,2023-07-01,",  # at another school
    ]
    async with environment_at(own_registry, empty_planning_database) as environment:
        with own_registry.active():
            await import_duty_rows(*rows, at=environment.now)
        yield environment


async def read_duties(client: Client, plan_id: str) -> list[dict[str, Any]]:
    return list((await client.execute(DUTIES, id=plan_id))["plan"]["registeredDuties"])


async def test_duty_of_today_at_the_school_is_offered_with_its_decree(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    (duty,) = await read_duties(teacher, teacher.plan_id)
    assert {name: duty[name] for name in ("code", "label", "nomorSk", "since")} == {
        "code": "TT-PERPUS", "label": "Kepala Perpustakaan", "nomorSk": "800/17/2023", "since": "2023-07-01",
    }  # fmt: skip
    assert duty["source"].startswith("file:")
    await teacher.mutate_plan("confirmProfile", 1)
    tugas = [{"code": duty["code"], "nomorSk": duty["nomorSk"], "tanggalSk": "2023-06-20"}]
    plan = await teacher.mutate_plan("saveTugasTambahan", 2, tugas=tugas, then="NEXT")
    assert plan["content"]["tugasTambahan"] == tugas


async def test_duties_are_offered_to_the_owner_only(environment: Environment) -> None:
    teacher, head = await environment.sign_in(PNS), await environment.sign_in(HEAD_OF_SD)
    await teacher.start_plan()
    assert await read_duties(head, teacher.plan_id) == []
