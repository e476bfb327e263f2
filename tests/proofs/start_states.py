"""The starts of the races: created once over HTTP by teachers and heads, copied, and restored by SQL."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from tests.integration.planning.plans import INDIKATOR, NO_TUGAS, PERILAKU, RHK
from tests.proofs.cluster import Cluster, plan_id_of
from tests.proofs.command_pairs import CONFIRMED_PLT
from tests.proofs.commands import send
from tests.proofs.oracle import APPROVE, CONFIRM, DONE, SUBMIT, Command, Situation
from tests.proofs.plan_tables import copy_tables, restore_tables
from tests.proofs.schools import SampleSchool

_TABS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("confirmProfile", {}),
    ("savePraktikKinerja", INDIKATOR),
    ("savePengembanganKompetensi", RHK),
    ("saveTugasTambahan", NO_TUGAS),
    ("savePerilakuKerja", PERILAKU),
)


def schema_name(start: Situation) -> str:
    """Return the schema that holds the rows of a start. The heads of the schools are in identity's database."""
    return "confirmed" if start == CONFIRMED_PLT else start.state


async def create_start_states(cluster: Cluster) -> None:
    """Bring the plans of all schools to each start, and copy the tables there."""
    await asyncio.gather(*(fill_in_plan(cluster, school) for school in cluster.schools))
    await copy_tables(cluster.connection, "draft")
    await _send_for_all(cluster, Command(SUBMIT, 6, "definitif"))
    await copy_tables(cluster.connection, "submitted")
    await _send_for_all(cluster, Command(APPROVE, 7, "definitif"))
    await copy_tables(cluster.connection, "approved")
    await restore_tables(cluster.connection, "draft")
    await cluster.set_heads("plt")
    await _send_for_all(cluster, Command(SUBMIT, 6, "plt"))
    await copy_tables(cluster.connection, "auto_approved")
    await restore_tables(cluster.connection, "draft")
    await _send_for_all(cluster, Command(CONFIRM, 6, "plt"))
    await copy_tables(cluster.connection, "confirmed")


async def fill_in_plan(cluster: Cluster, school: SampleSchool) -> None:
    """Start the plan of the school's teacher and fill in every tab."""
    answer = await cluster.send(cluster.planning[0], school.teacher, "startPlan", {})
    for version, (mutation, arguments) in enumerate(_TABS, 1):
        assert answer["__typename"].endswith("Payload"), answer
        plan = {"planId": plan_id_of(school), "expectedVersion": version}
        answer = await cluster.send(cluster.planning[0], school.teacher, mutation, plan | arguments)


async def _send_for_all(cluster: Cluster, command: Command) -> None:
    answers = await asyncio.gather(
        *(send(cluster, 0, school, command, str(uuid4())) for school in cluster.schools)
    )
    assert set(answers) == {DONE}, (command, answers)
    await cluster.connection.execute("DELETE FROM command_key")  # each race checks only its own keys
