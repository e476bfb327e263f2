"""A date is moved in mid-season: one admin proposes, a second one approves, and it counts for everybody."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Planning closes on Sunday, and the east has had no network for days. A decree moves the date. It needs two people "
    "and no release."
)
THURSDAY = "2024-03-28T03:00:00Z"
APRIL_15, APRIL_30 = (
    [{"name": "planning_closes", "value": {"date": day}}] for day in ("2024-04-15", "2024-04-30")
)
REASON = "Perpanjangan: gangguan jaringan di wilayah timur."


async def run(services: Services, transcript: Transcript) -> None:
    """DOMAIN.md, "Facts to build on": deadlines move; they are data, per period."""
    await services.restart_at(THURSDAY, "WIB", transcript)
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    wrong = await laras.admin_command("ProposeRevision", period="2024-1", values=APRIL_30, reason=REASON)
    transcript.narrate("That was the wrong day. It can be taken back as long as nobody approved it:")
    await laras.admin_command("WithdrawRevision", proposal=wrong["id"], reason="Salah tanggal.")
    proposal = await laras.admin_command("ProposeRevision", period="2024-1", values=APRIL_15, reason=REASON)
    transcript.answer(*(change["sentence"] for change in proposal["changes"]))
    await laras.expect_refusal(
        "ApproveRevision", None, "change_request.is_yours", proposal=proposal["id"], reason="Setuju."
    )
    teguh = await services.sign_in(people.TEGUH, transcript, app="admin")
    await _finds(teguh, proposal, transcript)
    longer = await laras.admin_command("ProposeRevision", period="2024-1", values=APRIL_30, reason=REASON)
    transcript.narrate("Another extension has no decree, and the second admin rejects it:")
    rejected = await teguh.admin_command(
        "RejectRevision", proposal=longer["id"], reason="Tidak ada surat edarannya."
    )
    assert rejected["status"] == "REJECTED"
    approved = await teguh.admin_command(
        "ApproveRevision", proposal=proposal["id"], reason="Sesuai surat edaran."
    )
    assert approved["ended"]["address"] == people.TEGUH.email
    window = (await teguh.query("Period", code="2024-1"))["window"]
    assert window["closesOn"] == "2024-04-15"
    transcript.answer(f"planning closes on {window['closesOn']}, at the next request of everybody")


async def _finds(admin: Session, proposal: Json, transcript: Transcript) -> None:
    """The second admin sees what is proposed, and by whom."""
    found = (await admin.query("Period", code="2024-1"))["proposals"]["edges"]
    (waits,) = (edge["node"] for edge in found if edge["node"]["status"] == "WAITING")
    assert (waits["id"], waits["authorAddress"]) == (proposal["id"], people.LARAS.email)
    transcript.answer(
        f"{waits['authorAddress']} proposes: {waits['changes'][0]['sentence']}", waits["reason"]
    )
