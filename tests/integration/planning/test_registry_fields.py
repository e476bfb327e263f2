"""Data diri that belong to Dapodik follow it while the plan is open (Guide 5), and stay as submitted afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.kit.database import Database
from services.planning.reconcile.rounds import store_school_changes
from tests.identity_samples import ptk
from tests.integration.planning.environment import Client, Environment, environment_at
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.test_school_changes import open_services
from tests.integration.planning.verification import find_faults
from tests.small_registry import HEAD_OF_SD, PNS, SD, import_one_school

NIP = "198502032010012902"
HISTORY = "query Q($id: ID!) { plan(id: $id) { history(first: 50) { nodes { sentence } } } }"


@pytest.fixture
async def environment(
    own_registry: Database, empty_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services. A test may change the data of identity."""
    async with environment_at(own_registry, empty_planning_database) as environment:
        yield environment


async def mend(environment: Environment, own_registry: Database, **fields: str) -> None:
    """Let the operator sekolah change fields of the teacher in Dapodik."""
    with own_registry.active():
        await import_one_school(SD, environment.now, p1=fields)


async def read_changed_fields(environment: Environment) -> list[str]:
    rows = await environment.sql(
        "SELECT body::jsonb #>> '{detail,fields}' AS fields, body::jsonb #>> '{actor,kind}' AS actor "
        "FROM plan_event WHERE kind = 'profile_refreshed' ORDER BY version"
    )
    assert {row["actor"] for row in rows} <= {"system"}
    return [row["fields"] for row in rows]


async def read_nip(person: Client) -> str:
    return str((await person.load_plan())["profile"]["nip"]["value"])


async def run_worker_step(environment: Environment) -> None:
    async with open_services(environment) as services:
        await store_school_changes(services, [str(ptk(PNS))])


async def test_data_diri_show_the_school_with_source_and_date(environment: Environment) -> None:
    plan = await (await environment.sign_in(PNS)).start_plan()
    school = plan["profile"]["satuanPendidikan"]
    assert school["value"] == f"{plan['satuanPendidikan']['nama']} (NPSN {SD})"
    assert (school["source"], bool(school["asOf"])) == ("dapodik:getGtk", True)


async def test_confirmed_draft_follows_the_registry_by_the_worker_and_by_mulai(
    environment: Environment, own_registry: Database
) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("correctProfile", 1, ruang="d", jenjangJabatan="AHLI_MUDA")
    await mend(environment, own_registry, nip=NIP)
    await run_worker_step(environment)
    plan = await person.load_plan()
    assert (plan["profile"]["nip"]["value"], plan["version"]) == (NIP, 3)
    assert plan["profile"]["pangkatGolongan"] == {"value": "III/d", "source": "teacher"}
    assert plan["profile"]["jenjangJabatan"]["value"] == "Guru Ahli Muda"
    assert None not in (plan["profile"]["confirmedAt"], plan["profile"]["correctedAt"])
    await run_worker_step(environment)
    assert (await person.start_plan())["version"] == 3
    await mend(environment, own_registry, nip=NIP, nama="Nama Baru")
    assert (await person.start_plan())["profile"]["nama"]["value"] == "Nama Baru"
    assert await read_changed_fields(environment) == ['["nip"]', '["nama"]']
    history = (await person.execute(HISTORY, id=person.plan_id))["plan"]["history"]["nodes"]
    assert any("mengikuti perubahan di Dapodik (NIP)" in entry["sentence"] for entry in history)
    assert await find_faults(environment) == []


async def test_submission_takes_the_registry_of_the_day(
    environment: Environment, own_registry: Database
) -> None:
    person = await environment.sign_in(PNS)
    plan = await complete_plan(person)
    await mend(environment, own_registry, nip=NIP)
    submitted = await person.mutate_plan("submitPlan", plan["version"])
    assert (submitted["profile"]["nip"]["value"], submitted["version"]) == (NIP, plan["version"] + 2)
    assert await read_changed_fields(environment) == ['["nip"]']
    assert await find_faults(environment) == []


async def test_submitted_plan_stays_and_a_returned_one_follows(
    environment: Environment, own_registry: Database
) -> None:
    person = await submit_plan(environment, PNS)
    before = await read_nip(person)
    await mend(environment, own_registry, nip=NIP)
    await run_worker_step(environment)
    await person.start_plan()
    assert (await read_nip(person), await read_changed_fields(environment)) == (before, [])
    await decide_as_head(environment, HEAD_OF_SD, person, "returnPlan", note="Periksa NIP.")
    assert await read_nip(person) == before
    await person.start_plan()
    assert await read_nip(person) == NIP
    assert await find_faults(environment) == []
