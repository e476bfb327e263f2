"""Tab 4, Perilaku Kerja: in each of the seven BerAKHLAK aspects exactly one behaviour (Guide, tab 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.kit.problem import Problem, Refused
from services.planning.domain.catalog import Choices


@dataclass(frozen=True, slots=True)
class PerilakuKerja:
    """For each aspek chosen so far, the code of its one behaviour; a mapping cannot hold two."""

    pilihan: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> PerilakuKerja:
        """From pairs of aspek and behaviour; Refused where an aspek comes twice."""
        pilihan: dict[str, str] = {}
        for place, (aspek, opsi) in enumerate(pairs):
            if aspek in pilihan:
                raise Refused(
                    Problem("perilaku_kerja.twice", {"aspek": aspek}, ("input", "pilihan", str(place)))
                )
            pilihan[aspek] = opsi
        return cls(pilihan)

    def not_offered(self, choices: Choices) -> Iterator[Problem]:
        """Aspects that do not exist, and behaviours that are not among those of their aspek."""
        offered = {aspek.code: {opsi.code for opsi in aspek.opsi} for aspek in choices.perilaku}
        for aspek, opsi in self.pilihan.items():
            if aspek not in offered:
                yield Problem("choice.not_offered", {"code": aspek}, ("pilihan", aspek))
            elif opsi not in offered[aspek]:
                yield Problem("choice.not_offered", {"code": opsi}, ("pilihan", aspek))

    refused = not_offered

    def missing(self, choices: Choices) -> Iterator[Problem]:
        """What NEXT and the submission need: the aspects without a behaviour."""
        for aspek in choices.perilaku:
            if aspek.code not in self.pilihan:
                yield Problem("perilaku_kerja.missing", {"aspek": aspek.label}, ("pilihan", aspek.code))
