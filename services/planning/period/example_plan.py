"""An example plan for a level, built from the catalogue for readers of the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.kit.problems import Problem
from services.planning.period.catalog import Aspek, Catalog, Rhk


@dataclass(frozen=True, slots=True)
class ExamplePlan:
    """The codes of a complete and valid plan, with an explanation for each choice at the path of the choice."""

    praktik_kinerja: str
    pengembangan_kompetensi: tuple[str, ...]
    tugas_tambahan: tuple[str, ...]
    perilaku_kerja: Mapping[str, str]
    explanations: tuple[Problem, ...]


def build_example_plan(
    catalog: Catalog, jenjang: str, jenjang_jabatan: str | None = None, minimum_points: int = 32
) -> ExamplePlan:
    """Build the example plan of a level. It is always the same. Raises KeyError for an unknown level.

    It takes the first row of each list and RHK that any teacher can do. It has no tugas tambahan, which needs a decree.
    """
    choices = catalog.choices(jenjang, jenjang_jabatan)
    praktik, rhk = choices.praktik_kinerja[0], _choose_rhk(choices.rhk, minimum_points)
    section = catalog.level(jenjang).praktik_kinerja
    points = {"points": sum(row.poin for row in rhk), "minimum": minimum_points}
    explanations = (
        Problem(f"example.{section}", {"label": praktik.label, "gloss": praktik.gloss}, ("praktik_kinerja",)),
        *(_explain_rhk(row, index) for index, row in enumerate(rhk)),
        Problem("example.points", points, ("pengembangan_kompetensi",)),
        Problem("example.tugas_tambahan", {}, ("tugas_tambahan",)),
        *(_explain_perilaku(aspek) for aspek in choices.perilaku),
    )
    return ExamplePlan(
        praktik.code,
        tuple(row.code for row in rhk),
        (),
        {aspek.code: aspek.opsi[0].code for aspek in choices.perilaku},
        explanations,
    )


def _choose_rhk(rows: Sequence[Rhk], minimum: int) -> tuple[Rhk, ...]:
    # A row that reaches the minimum alone is a leading role and comes last. Rows with official wording come first.
    order = sorted(rows, key=lambda row: (row.poin >= minimum, row.confidence != "official"))
    choice: list[Rhk] = []
    for row in order:
        if sum(one.poin for one in choice) < minimum:
            choice.append(row)
    for row in sorted(choice, key=lambda row: row.poin):
        if sum(one.poin for one in choice) - row.poin >= minimum:
            choice.remove(row)
    return tuple(row for row in rows if row in choice)


def _explain_rhk(row: Rhk, index: int) -> Problem:
    params = {"poin": row.poin, "gloss": row.gloss, "label": row.label}
    return Problem("example.rhk", params, ("pengembangan_kompetensi", str(index)))


def _explain_perilaku(aspek: Aspek) -> Problem:
    opsi = aspek.opsi[0]
    params = {"aspek": aspek.label, "opsi": opsi.label, "opsi_gloss": opsi.gloss, "aspek_gloss": aspek.gloss}
    return Problem("example.perilaku", params, ("perilaku_kerja", aspek.code))
