"""An example plan for a level, made from the catalogue: readers of the guide asked what one looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.kit.problems import Problem
from services.planning.period.catalog import Aspek, Catalog, Rhk


@dataclass(frozen=True, slots=True)
class ExamplePlan:
    """Codes of a complete, valid plan, and `why`: one reason per choice, each with the path of its choice."""

    praktik_kinerja: str
    pengembangan_kompetensi: tuple[str, ...]
    tugas_tambahan: tuple[str, ...]
    perilaku_kerja: Mapping[str, str]
    explanations: tuple[Problem, ...]


def build_example_plan(
    catalog: Catalog, jenjang: str, jenjang_jabatan: str | None = None, minimum_points: int = 32
) -> ExamplePlan:
    """The example for a level, the same one every time; KeyError for a level the catalogue does not have.

    It starts at the top of each list, keeps to RHK any teacher can do, and takes no tugas tambahan: that
    needs a decree, which an example cannot have.
    """
    choices = catalog.choices(jenjang, jenjang_jabatan)
    praktik, rhk = choices.praktik_kinerja[0], _choose_rhk(choices.rhk, minimum_points)
    kind = catalog.level(jenjang).praktik_kinerja
    sums = {"points": sum(row.poin for row in rhk), "minimum": minimum_points}
    why = (
        Problem(f"example.{kind}", {"label": praktik.label, "gloss": praktik.gloss}, ("praktik_kinerja",)),
        *(_why_rhk(row, index) for index, row in enumerate(rhk)),
        Problem("example.points", sums, ("pengembangan_kompetensi",)),
        Problem("example.tugas_tambahan", {}, ("tugas_tambahan",)),
        *(_why_perilaku(aspek) for aspek in choices.perilaku),
    )
    return ExamplePlan(
        praktik.code,
        tuple(row.code for row in rhk),
        (),
        {aspek.code: aspek.opsi[0].code for aspek in choices.perilaku},
        why,
    )


def _choose_rhk(rows: Sequence[Rhk], minimum: int) -> tuple[Rhk, ...]:
    # Official wording first. A row that reaches the minimum alone is a leading role: a last resort, no start.
    order = sorted(rows, key=lambda row: (row.poin >= minimum, row.confidence != "official"))
    taken: list[Rhk] = []
    for row in order:
        if sum(r.poin for r in taken) < minimum:
            taken.append(row)
    for row in sorted(taken, key=lambda row: row.poin):
        if sum(r.poin for r in taken) - row.poin >= minimum:
            taken.remove(row)
    return tuple(row for row in rows if row in taken)


def _why_rhk(row: Rhk, index: int) -> Problem:
    params = {"poin": row.poin, "gloss": row.gloss, "label": row.label}
    return Problem("example.rhk", params, ("pengembangan_kompetensi", str(index)))


def _why_perilaku(aspek: Aspek) -> Problem:
    opsi = aspek.opsi[0]
    params = {"aspek": aspek.label, "opsi": opsi.label, "opsi_gloss": opsi.gloss, "aspek_gloss": aspek.gloss}
    return Problem("example.perilaku", params, ("perilaku_kerja", aspek.code))
