"""The common starts of the races: made once by the teachers and their heads, over HTTP, and restored by SQL."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from tests.integration.planning.plans import INDIKATOR, NO_TUGAS, PERILAKU, RHK
from tests.proofs import stored
from tests.proofs.commands import send
from tests.proofs.house import House, plan_of
from tests.proofs.matrix import CONFIRMED_PLT
from tests.proofs.oracle import APPROVE, CONFIRM, DONE, SUBMIT, Sent, World
from tests.proofs.registry import Lane

_TABS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("confirmProfile", {}),
    ("savePraktikKinerja", INDIKATOR),
    ("savePengembanganKompetensi", RHK),
    ("saveTugasTambahan", NO_TUGAS),
    ("savePerilakuKerja", PERILAKU),
)


def name_of(start: World) -> str:
    """The schema in which the rows of a start are kept; who heads the school is in the registry."""
    return "confirmed" if start == CONFIRMED_PLT else start.state


async def make_starts(house: House) -> None:
    """Walk every lane to each of the starts, and keep what stands there."""
    await asyncio.gather(*(_compose(house, lane) for lane in house.lanes))
    await stored.keep(house.store, "draft")
    await _everybody(house, Sent(SUBMIT, 6, "definitif"))
    await stored.keep(house.store, "submitted")
    await _everybody(house, Sent(APPROVE, 7, "definitif"))
    await stored.keep(house.store, "approved")
    await stored.restore(house.store, "draft")
    await house.let_head("plt")
    await _everybody(house, Sent(SUBMIT, 6, "plt"))
    await stored.keep(house.store, "auto_approved")
    await stored.restore(house.store, "draft")
    await _everybody(house, Sent(CONFIRM, 6, "plt"))
    await stored.keep(house.store, "confirmed")


async def _compose(house: House, lane: Lane) -> None:
    answer = await house.ask(house.plannings[0], lane.teacher, "startPlan", {})
    for version, (mutation, given) in enumerate(_TABS, 1):
        assert answer["__typename"] == "Plan", answer
        on_plan = {"planId": plan_of(lane), "expectedVersion": version}
        answer = await house.ask(house.plannings[0], lane.teacher, mutation, on_plan | given)


async def _everybody(house: House, sent: Sent) -> None:
    answers = await asyncio.gather(*(send(house, 0, lane, sent, str(uuid4())) for lane in house.lanes))
    assert set(answers) == {DONE}, (sent, answers)
    await house.store.execute("DELETE FROM command_key")  # a race looks for its own
