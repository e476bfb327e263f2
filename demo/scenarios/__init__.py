"""The scenarios, in the order of the calendar. A wrong answer fails an assertion and ends the demo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from demo.scenarios import (
    bulk_approval,
    correction,
    deadline_extension,
    lost_response,
    next_period,
    non_asn,
    not_a_teacher,
    partner,
    pns,
    pppk,
    reminders,
    reopen_plan,
    school_change,
    under_plt,
    vacant_head,
    workflow_change,
    wrong_account,
)
from demo.services import ScenarioContext


@dataclass(frozen=True, slots=True)
class Scenario:
    """A title, a summary for readers, and the function that sends the requests and asserts the answers."""

    title: str
    summary: str
    function: Callable[[ScenarioContext], Awaitable[None]]

    async def run(self, context: ScenarioContext) -> None:
        """Run the scenario. Later scenarios rely on the plans of earlier ones."""
        context.transcript.start_scenario(SCENARIOS.index(self) + 1, self.title, self.summary)
        await self.function(context)


SCENARIOS = (
    Scenario("Guru PNS, dari Mulai sampai Pelaksanaan", pns.SUMMARY, pns.run),
    Scenario("Guru PPPK dengan poin di bawah minimum", pppk.SUMMARY, pppk.run),
    Scenario("Guru Non-ASN", non_asn.SUMMARY, non_asn.run),
    Scenario("Akun dari sekolah lain", wrong_account.SUMMARY, wrong_account.run),
    Scenario("Bukan guru menurut Dapodik", not_a_teacher.SUMMARY, not_a_teacher.run),
    Scenario("Jawaban yang hilang di jalan", lost_response.SUMMARY, lost_response.run),
    Scenario("Pagi seorang kepala sekolah", bulk_approval.SUMMARY, bulk_approval.run),
    Scenario("Rencana yang disetujui dibuka kembali", reopen_plan.SUMMARY, reopen_plan.run),
    Scenario("Sekolah tanpa kepala sekolah, lalu ada Plt", vacant_head.SUMMARY, vacant_head.run),
    Scenario("Guru yang pindah sekolah", school_change.SUMMARY, school_change.run),
    Scenario("Rencana yang lama menunggu", reminders.SUMMARY, reminders.run),
    Scenario("Guru TK di bawah Plt Kepala Sekolah", under_plt.SUMMARY, under_plt.run),
    Scenario("Platform mitra menanyakan status", partner.SUMMARY, partner.run),
    Scenario("Masa perencanaan diperpanjang", deadline_extension.SUMMARY, deadline_extension.run),
    Scenario("Semester berikutnya disiapkan berdua", next_period.SUMMARY, next_period.run),
    Scenario("Alur kerja diubah di tengah masa perencanaan", workflow_change.SUMMARY, workflow_change.run),
    Scenario("Rencana dikoreksi atas permintaan guru", correction.SUMMARY, correction.run),
)
