"""Helpers that import catalogues and periods, with or without plans."""

from __future__ import annotations

from datetime import UTC, datetime

from services.kit.change_request import Decision, State
from services.kit.clock import Clock
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period import imports
from services.planning.period.imports import ImportResult
from services.planning.versions.store import WorkflowCache

OPERATOR, SECOND_PERSON = AdminActor(ActorKind.OPERATOR, "operator"), AdminActor(ActorKind.ADMIN, "penyetuju")
DECEMBER = Clock(datetime(2023, 12, 1, tzinfo=UTC))


async def import_catalog(raw: bytes, clock: Clock = DECEMBER) -> None:
    """Import a catalogue as an operator. If there are plans, a second person approves it."""
    await _approve(await imports.import_catalog(raw, clock, OPERATOR), clock)


async def import_period(raw: bytes, clock: Clock = DECEMBER) -> None:
    """Import a period as an operator. If there are plans, a second person approves it."""
    await _approve(await imports.import_period(raw, clock, OPERATOR), clock)


async def _approve(result: ImportResult, clock: Clock) -> None:
    if result.request is not None:
        request, _ = await imports.decide(
            clock, WorkflowCache(), SECOND_PERSON, Decision.APPROVE, result.request.id, "Diperiksa."
        )
        assert request.state is State.EXECUTED
