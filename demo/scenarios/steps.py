"""Steps that several scenarios share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from demo.client import Json, UnexpectedResponse
from demo.people import Person
from demo.services import ScenarioContext
from demo.session import Session

TUESDAY, THURSDAY = "2024-01-16T00:30:00Z", "2024-03-28T03:00:00Z"
FEBRUARY_16 = "2024-02-16T00:30:00Z"
BEHAVIOURS = [{"aspek": aspek, "opsi": f"{aspek}-1"} for aspek in ("BP", "AK", "KO", "HA", "LO", "AD", "KL")]
WORKER_LIMIT_SECONDS = 60  # DOMAIN.md: the person whose turn it is must be right within a minute


async def fill_tabs(session: Session, plan: Json, indikator: str, rhk: list[str]) -> Json:
    """Complete every tab, with no tugas tambahan. Returns the plan."""
    plan = await session.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator=indikator)
    plan = await session.plan_command("SavePengembanganKompetensi", plan, then="NEXT", rhk=rhk)
    plan = await session.plan_command("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await session.plan_command("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["tab"] == "RANGKUMAN"
    return plan


async def submit_plan(context: ScenarioContext, person: Person) -> Json:
    """Fill in and submit a person's plan; the transcript only mentions it. Returns the plan."""
    context.transcript.narrate(f"{person.name} fills in and submits a plan (requests not shown).")
    session = await context.without_transcript().sign_in(person)
    plan = await session.plan_command("StartPlan")
    plan = await session.plan_command("ConfirmProfile", plan)
    plan = await fill_tabs(session, plan, "PK-UBK", ["RHK-03"])
    return await session.plan_command("SubmitPlan", plan)


async def import_file(context: ScenarioContext, noun: str, file: str) -> None:
    """Import a file of demo/data/updates while the services run, as data of the clock's instant."""
    assert context.services.now is not None
    await context.run_command(noun, "import", "--as-of", context.services.now, f"demo/data/updates/{file}")


async def wait_for_worker(condition: Callable[[], Awaitable[bool]], event: str) -> float:
    """Wait until the condition holds. Returns the seconds; raises UnexpectedResponse after WORKER_LIMIT_SECONDS.

    `event` completes the sentence "the worker should have …".
    """
    start = time.monotonic()
    while not await condition():
        if time.monotonic() - start > WORKER_LIMIT_SECONDS:
            raise UnexpectedResponse(f"the worker should have {event} within {WORKER_LIMIT_SECONDS} seconds")
        await asyncio.sleep(0.2)
    return time.monotonic() - start


async def show_history(session: Session, plan_id: str, count: int) -> list[Json]:
    """Print the newest events of a plan in both languages. Returns the events."""
    indonesian, english = await session.query_in_both_languages("PlanHistory", id=plan_id, first=count)
    entries = [edge["node"] for edge in indonesian["history"]["edges"]]
    for entry, translation in zip(entries, english["history"]["edges"], strict=True):
        session.transcript.message(entry["sentence"], translation["node"]["sentence"])
    return entries


def list_roles(viewer: Json) -> list[tuple[str, str]]:
    """Return each role of the viewer with the NPSN of its school."""
    return [(role["role"], role["satuanPendidikan"]["npsn"]) for role in viewer["roles"]]
