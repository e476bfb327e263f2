"""The common starts of the races: made once by the teachers and their heads, over HTTP, and restored by SQL."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.integration.planning.composing import INDIKATOR, NO_TUGAS, PERILAKU, RHK
from tests.proofs import stored
from tests.proofs.house import House, plan_of
from tests.proofs.matrix import CONFIRMED_PLT
from tests.proofs.oracle import World
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
    await _everybody(house, _compose)
    await stored.keep(house.store, "draft")
    await _everybody(house, _does("submitPlan", "teacher", 6))
    await stored.keep(house.store, "submitted")
    await _everybody(house, _does("approvePlan", "principal", 7))
    await stored.keep(house.store, "approved")
    await stored.restore(house.store, "draft")
    await house.let_head("plt")
    await _everybody(house, _does("submitPlan", "teacher", 6))
    await stored.keep(house.store, "auto_approved")
    await stored.restore(house.store, "draft")
    await _everybody(house, _confirm)
    await stored.keep(house.store, "confirmed")
    await house.let_head("definitif")


async def _everybody(house: House, do: Any) -> None:
    answers = await asyncio.gather(*(do(house, lane) for lane in house.lanes))
    refused = [answer for answer in answers if answer["__typename"] == "Refused"]
    assert not refused, refused


async def _compose(house: House, lane: Lane) -> dict[str, Any]:
    answer = await house.ask(house.plannings[0], lane.teacher, "startPlan", {})
    for version, (mutation, given) in enumerate(_TABS, 1):
        assert answer["__typename"] == "Plan", answer
        on_plan = {"planId": plan_of(lane), "expectedVersion": version}
        answer = await house.ask(house.plannings[0], lane.teacher, mutation, on_plan | given)
    return answer


def _does(mutation: str, role: str, version: int) -> Any:
    async def do(house: House, lane: Lane) -> dict[str, Any]:
        on_plan = {"planId": plan_of(lane), "expectedVersion": version}
        return await house.ask(house.plannings[0], getattr(lane, role), mutation, on_plan)

    return do


async def _confirm(house: House, lane: Lane) -> dict[str, Any]:
    return await house.ask(house.plannings[0], lane.plt, "confirmAsPlt", {"npsn": lane.npsn})
