"""Tab 1, Praktik Kinerja: exactly one indikator; teachers of TK and PAUD choose one sub indikator (Guide, tab 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.kit.problem import Problem
from services.planning.domain.catalog import Choices


@dataclass(frozen=True, slots=True)
class PraktikKinerja:
    """The code of the one indikator (or sub indikator) to improve, or None while undecided."""

    indikator: str | None = None

    def not_offered(self, choices: Choices) -> Iterator[Problem]:
        """A choice that is not on this teacher's list."""
        offered = {row.code for row in choices.praktik_kinerja}
        if self.indikator is not None and self.indikator not in offered:
            yield Problem("choice.not_offered", {"code": self.indikator}, ("indikator",))

    refused = not_offered

    def missing(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need."""
        if self.indikator is None:
            yield Problem("praktik_kinerja.missing", {}, ("indikator",))
