"""Tab 3, Tugas Tambahan: none, one or many, each by a decree (Guide, tab 3; legal bases in the catalogue)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.kit.problem import Problem
from services.planning.domain.catalog import Choices
from services.planning.domain.free_text import faults_of

MOST = 20
LONGEST_NUMBER = 100
EARLIEST = date(1945, 8, 17)  # no office is older: an earlier year is a slip (0204 for 2024)


@dataclass(frozen=True, slots=True)
class Tugas:
    """One additional duty and the number and date of its surat keputusan or surat tugas."""

    code: str
    nomor_sk: str | None = None
    tanggal_sk: date | None = None


@dataclass(frozen=True, slots=True)
class TugasTambahan:
    """The duties of this teacher. An empty tab is complete: a duty not on the list is skipped (Guide, tab 3)."""

    tugas: tuple[Tugas, ...] = ()

    def not_offered(self, choices: Choices) -> Iterator[Problem]:
        """Duties that are not on this teacher's list."""
        offered = {row.code for row in choices.tugas_tambahan}
        for place, tugas in enumerate(self.tugas):
            if tugas.code not in offered:
                yield Problem("choice.not_offered", {"code": tugas.code}, ("tugas", str(place), "code"))

    def refused(self, choices: Choices) -> Iterator[Problem]:
        """What may not even be kept as a draft: too many, not offered, unreadable, of no time, the same twice."""
        if len(self.tugas) > MOST:
            yield Problem("choice.too_many", {"most": MOST}, ("tugas",))
            return
        yield from self.not_offered(choices)
        for place, tugas in enumerate(self.tugas):
            path = ("tugas", str(place))
            yield from faults_of(tugas.nomor_sk or "", LONGEST_NUMBER, (*path, "nomor_sk"))
            if tugas.tanggal_sk and tugas.tanggal_sk < EARLIEST:
                yield Problem("tugas_tambahan.tanggal_sk_early", {}, (*path, "tanggal_sk"))
            if (
                tugas.nomor_sk and tugas in self.tugas[:place]
            ):  # two decrees not yet filled in are no repetition
                yield Problem("tugas_tambahan.twice", {"code": tugas.code}, path)

    def dated_after(self, last_day: date) -> Iterator[Problem]:
        """Decrees dated after the period they are for: most likely a slip of the year."""
        for place, tugas in enumerate(self.tugas):
            if tugas.tanggal_sk and tugas.tanggal_sk > last_day:
                yield Problem(
                    "tugas_tambahan.tanggal_sk_late", {"last": last_day}, ("tugas", str(place), "tanggal_sk")
                )

    def missing(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need: the decree of each duty."""
        for place, tugas in enumerate(self.tugas):
            if not (tugas.nomor_sk or "").strip():
                yield Problem("tugas_tambahan.nomor_sk_missing", {}, ("tugas", str(place), "nomor_sk"))
            if tugas.tanggal_sk is None:
                yield Problem("tugas_tambahan.tanggal_sk_missing", {}, ("tugas", str(place), "tanggal_sk"))
