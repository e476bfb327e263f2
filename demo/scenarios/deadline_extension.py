"""The end of planning is postponed: one admin proposes the date, another one approves it."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import THURSDAY
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Planning closes on Sunday, and the east has had no network for days. A decree sets a later date. Two admins "
    "put it into force; no release is needed."
)
APRIL_15, APRIL_30 = (
    [{"name": "planning_closes", "value": {"date": day}}] for day in ("2024-04-15", "2024-04-30")
)
REASON = "Perpanjangan: gangguan jaringan di wilayah timur."


async def run(context: ScenarioContext) -> None:
    """Propose, withdraw, reject and approve dates (DOMAIN.md: deadlines are data of a period)."""
    await context.set_clock(THURSDAY, "WIB")
    laras = await context.sign_in(people.LARAS, app="admin")
    wrong = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_30, reason=REASON)
    context.transcript.narrate(
        "That is the wrong day. A proposal can be withdrawn until somebody approves it:"
    )
    await laras.command("WithdrawRevision", proposal=wrong["id"], reason="Salah tanggal.")
    proposal = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_15, reason=REASON)
    context.transcript.answer(*(change["sentence"] for change in proposal["changes"]))
    await laras.expect_refusal(
        "ApproveRevision", None, "change_request.is_yours", proposal=proposal["id"], reason="Setuju."
    )
    teguh = await context.sign_in(people.TEGUH, app="admin")
    await _read_proposal(teguh, proposal)
    longer = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_30, reason=REASON)
    context.transcript.narrate("No decree allows a longer extension. The second admin rejects it:")
    rejection = await teguh.command(
        "RejectRevision", proposal=longer["id"], reason="Tidak ada surat edarannya."
    )
    assert rejection["status"] == "REJECTED"
    approved = await teguh.command("ApproveRevision", proposal=proposal["id"], reason="Sesuai surat edaran.")
    assert approved["ended"]["address"] == people.TEGUH.email
    window = (await teguh.query("Period", code="2024-1"))["window"]
    assert window["closesOn"] == "2024-04-15"
    context.transcript.answer(f"planning closes on {window['closesOn']}, for every request from now on")


async def _read_proposal(admin: Session, proposal: Json) -> None:
    """Read the proposal as the second admin."""
    proposals = (await admin.query("Period", code="2024-1"))["proposals"]["edges"]
    (waiting,) = (edge["node"] for edge in proposals if edge["node"]["status"] == "WAITING")
    assert (waiting["id"], waiting["authorAddress"]) == (proposal["id"], people.LARAS.email)
    admin.transcript.answer(
        f"{waiting['authorAddress']} proposes: {waiting['changes'][0]['sentence']}", waiting["reason"]
    )
