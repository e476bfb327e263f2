"""Tab 2, Pengembangan Kompetensi: one or more RHK, each worth its static points (Guide, tab 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.kit.problem import Problem
from services.planning.domain.catalog import Choices

MOST = 100  # far above any list of RHK: it only bounds what one request may carry


@dataclass(frozen=True, slots=True)
class PengembanganKompetensi:
    """The codes of the chosen rencana hasil kerja, in the teacher's order.

    The minimum of points is no rule of this tab: below it the guide says "discuss with your superior", so the
    workflow warns at submission.
    """

    rhk: tuple[str, ...] = ()

    def not_offered(self, choices: Choices) -> Iterator[Problem]:
        """RHK that are not on this teacher's list."""
        offered = {row.code for row in choices.rhk}
        for place, code in enumerate(self.rhk):
            if code not in offered:
                yield Problem("choice.not_offered", {"code": code}, ("rhk", str(place)))

    def refused(self, choices: Choices) -> Iterator[Problem]:
        """What may not even be kept as a draft: too many, not offered, or the same RHK twice (DOMAIN.md)."""
        if len(self.rhk) > MOST:
            yield Problem("choice.too_many", {"most": MOST}, ("rhk",))
            return
        yield from self.not_offered(choices)
        for code, count in Counter(self.rhk).items():
            if count > 1:
                place = [place for place, other in enumerate(self.rhk) if other == code][1]
                yield Problem("rhk.twice", {"code": code}, ("rhk", str(place)))

    def missing(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need."""
        if not self.rhk:
            yield Problem("pengembangan_kompetensi.missing", {}, ("rhk",))
