"""A teacher moves school within the period: both heads see the plan, an admin moves it, the new head decides."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import TUESDAY, import_file, show_history, submit_plan, wait_for_worker
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Dewi's plan waits at the SMP, where she made it. Now the SD is her sekolah induk, and the plan must not get "
    "lost between two principals."
)
REASON = "Guru pindah tugas ke SD Negeri Contoh 01 sejak 12 Januari 2024."


async def run(services: Services, transcript: Transcript) -> None:
    """DOMAIN.md, "States": a plan keeps the school of its snapshot until an admin moves it."""
    await services.restart_at(TUESDAY, "WITA", transcript)
    plan = await submit_plan(services, people.DEWI, transcript)
    transcript.narrate(
        "The SD's new data show that it is her sekolah induk since 12 January. An operator imports them:"
    )
    await import_file(services, transcript, "dapodik", "99000001-sd.json")
    before = await _head_she_leaves(services, transcript)
    after = await _head_she_comes_to(services, plan, transcript)
    dewi = await services.sign_in(people.DEWI_AT_SD, transcript, app="mobile")
    await dewi.expect_banners("banner.moved")
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    moved = await laras.command("MovePlan", plan, reason=REASON)
    assert (moved["satuanPendidikan"]["npsn"], moved["state"]["phase"]) == ("99000001", "SUBMITTED")
    assert await _dewis(before) == []
    transcript.answer("nothing of Dewi's waits here any more")
    plan = await after.command("ApprovePlan", moved)
    assert plan["state"]["phase"] == "APPROVED"
    await show_history(dewi, plan["id"], 2, transcript)


async def _head_she_leaves(services: Services, transcript: Transcript) -> Session:
    head = await services.sign_in(people.NORHAYATI, transcript, app="mobile")

    async def noticed() -> bool:
        queue = await head.client.send("mobile/ReviewQueue", head.token, {"name": "dewi"})
        return any(edge["node"]["movedTo"] for edge in queue["edges"])

    await wait_for_worker(noticed, "noticed that Dewi moved")
    (leaves,) = await _dewis(head)
    assert (leaves["movedTo"], leaves["movedFrom"]) == ("99000001", None)
    transcript.answer(
        f"{leaves['nama']}: {leaves['state']['label']}, her sekolah induk is {leaves['movedTo']} now"
    )
    return head


async def _head_she_comes_to(services: Services, plan: Json, transcript: Transcript) -> Session:
    head = await services.sign_in(people.HARTINI, transcript, app="mobile")
    (comes,) = await _dewis(head)
    assert (comes["id"], comes["movedTo"], comes["movedFrom"]) == (plan["id"], None, "99000003")
    transcript.answer(f"{comes['nama']}: {comes['state']['label']}, at {comes['movedFrom']} still")
    read = await head.query("ReviewPlan", id=plan["id"])
    assert not any(button["allowed"] for button in read["availableTransitions"])
    transcript.narrate("She may read it. Deciding is refused as long as it stands at the SMP:")
    await head.expect_refusal("ApprovePlan", plan, "actor.not_head")
    return head


async def _dewis(head: Session) -> list[Json]:
    """The plans in a head's queue that are Dewi's."""
    queue = await head.query("ReviewQueue", name="dewi")
    return [edge["node"] for edge in queue["edges"]]
