"""What several stories need: a plan handed in off stage, an operator at work, the worker waited for, a history read."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable

from demo.cast import Somebody
from demo.client import Json, Unexpected
from demo.person import Person
from demo.reference import told
from demo.stage import Stage
from demo.stories.tabs import fill
from demo.transcript import Transcript

PATIENCE_SECONDS = 60  # what DOMAIN.md grants: whose turn it is must be right within a minute


async def handed_in(stage: Stage, who: Somebody, say: Transcript) -> Json:
    """Somebody's plan, composed and submitted as in the stories before; the transcript does not tell it again."""
    say.tell(f"Off stage {who.name} composes and submits a plan.")
    person = await stage.enter(who, Transcript(io.StringIO()))
    plan = await person.does("StartPlan")
    plan = await person.does("ConfirmProfile", plan)
    plan = await fill(person, plan, "PK-UBK", ["RHK-03"])
    return await person.does("SubmitPlan", plan)


async def imported(stage: Stage, say: Transcript, noun: str, file: str) -> None:
    """What an operator imports while all services run; the data are of the instant of the stage."""
    assert stage.now is not None
    await told((noun, "import", "--as-of", stage.now, f"demo/data/mutasi/{file}"), stage.environment, say)


async def worker_has(done: Callable[[], Awaitable[bool]], what: str) -> float:
    """How many seconds the worker took. Unexpected where it takes too long."""
    began = time.monotonic()
    while not await done():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise Unexpected(f"the worker should have {what} within {PATIENCE_SECONDS} seconds")
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def history_read(person: Person, plan_id: str, newest: int, say: Transcript) -> list[Json]:
    """The newest events of a plan's history, told in both languages."""
    ours, english = await person.asks_in_both("PlanHistory", id=plan_id, first=newest)
    entries = [edge["node"] for edge in ours["history"]["edges"]]
    for entry, same in zip(entries, english["history"]["edges"], strict=True):
        say.message(entry["sentence"], same["node"]["sentence"])
    return entries
