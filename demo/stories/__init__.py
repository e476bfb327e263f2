"""The stories, in the order of the calendar. Each asserts what it narrates: a wrong answer ends the demo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from demo.stage import Stage
from demo.stories import (
    correction,
    extension,
    lost_answer,
    moved,
    new_version,
    next_period,
    non_asn,
    not_a_teacher,
    other_school,
    partner,
    pns,
    pppk,
    principals_morning,
    reopened,
    under_plt,
    vacant_head,
    waiting_long,
)
from demo.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Story:
    """A title as on a poster, the gist of it, and how it goes."""

    title: str
    gist: str
    play: Callable[[Stage, Transcript], Awaitable[None]]

    async def tell(self, stage: Stage, say: Transcript) -> None:
        """Play it under its title."""
        say.title(STORIES.index(self) + 1, self.title, self.gist)
        await self.play(stage, say)


STORIES = (
    Story("Guru PNS, dari Mulai sampai Pelaksanaan", pns.GIST, pns.play),
    Story("Guru PPPK dengan poin di bawah minimum", pppk.GIST, pppk.play),
    Story("Guru Non-ASN", non_asn.GIST, non_asn.play),
    Story("Akun dari sekolah lain", other_school.GIST, other_school.play),
    Story("Bukan guru menurut Dapodik", not_a_teacher.GIST, not_a_teacher.play),
    Story("Jawaban yang hilang di jalan", lost_answer.GIST, lost_answer.play),
    Story("Pagi seorang kepala sekolah", principals_morning.GIST, principals_morning.play),
    Story("Rencana yang disetujui dibuka kembali", reopened.GIST, reopened.play),
    Story("Sekolah tanpa kepala sekolah, lalu ada Plt", vacant_head.GIST, vacant_head.play),
    Story("Guru yang pindah sekolah", moved.GIST, moved.play),
    Story("Rencana yang lama menunggu", waiting_long.GIST, waiting_long.play),
    Story("Guru TK di bawah Plt Kepala Sekolah", under_plt.GIST, under_plt.play),
    Story("Platform mitra menanyakan status", partner.GIST, partner.play),
    Story("Masa perencanaan diperpanjang", extension.GIST, extension.play),
    Story("Semester berikutnya disiapkan berdua", next_period.GIST, next_period.play),
    Story("Alur kerja diubah di tengah musim", new_version.GIST, new_version.play),
    Story("Rencana dikoreksi atas permintaan guru", correction.GIST, correction.play),
)
