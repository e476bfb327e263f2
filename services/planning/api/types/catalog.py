"""The options of a teacher in each tab with their sources, and the example plan."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from services.planning.api.context import Context
from services.planning.period.catalog import Catalog as DomainCatalog
from services.planning.period.catalog import Choice as DomainChoice
from services.planning.period.catalog import Choices as DomainChoices
from services.planning.period.catalog import Rhk as DomainRhk
from services.planning.period.catalog import SourcedRow
from services.planning.period.example_plan import ExamplePlan as DomainExample


@strawberry.interface(description="A row of a list.")
class Row:
    code: str = strawberry.field(description="Stable code, as mutations take it.")
    label: str = strawberry.field(description="Text of the screen, in Indonesian.")
    gloss: str = strawberry.field(description="The label in English.")
    confidence: str = strawberry.field(
        description="How certain the row is: official, secondary, regulation or unverified."
    )
    sources: list[str] = strawberry.field(
        description="Codes of the catalogue's sources in which the row was found."
    )


@strawberry.type(description="An indikator, or for TK and PAUD a sub indikator (tab Praktik Kinerja).")
class Indikator(Row):
    komponen: str | None = strawberry.field(description="The komponen of the indikator, if known.")


@strawberry.type(description="A rencana hasil kerja (tab Pengembangan Kompetensi).")
class RencanaHasilKerja(Row):
    poin: int = strawberry.field(description="Points in a semester.")
    bukti_dukung: str | None = strawberry.field(description="The required evidence, if known.")
    catatan: str | None = strawberry.field(description="The unit that is counted, if known.")


@strawberry.type(description="An additional duty (tab Tugas Tambahan).")
class TugasTambahanChoice(Row):
    dasar_hukum: str = strawberry.field(description="The regulation that defines the duty.")
    pasal: str | None = strawberry.field(description="The article of the regulation, if known.")


@strawberry.type(description="One behaviour of an aspek.")
class Opsi:
    code: str = strawberry.field(description="Stable code, as mutations take it.")
    label: str = strawberry.field(description="Text of the screen, in Indonesian.")
    gloss: str = strawberry.field(description="The label in English.")


@strawberry.type(description="One of the seven BerAKHLAK aspects (tab Perilaku Kerja).")
class Aspek(Row):
    opsi: list[Opsi] = strawberry.field(description="The behaviours, of which a plan has exactly one.")


@strawberry.type(description="The options of a teacher in each tab, in the order of the screen.")
class Choices:
    praktik_kinerja: list[Indikator] = strawberry.field(description="Tab 1: choose exactly one.")
    pengembangan_kompetensi: list[RencanaHasilKerja] = strawberry.field(
        description="Tab 2: choose one or more."
    )
    tugas_tambahan: list[TugasTambahanChoice] = strawberry.field(description="Tab 3: choose any number.")
    perilaku_kerja: list[Aspek] = strawberry.field(description="Tab 4: choose one behaviour in each aspek.")


def render_choices(choices: DomainChoices, catalog: DomainCatalog, jenjang: str) -> Choices:
    """Render the options of a teacher of this level."""
    bases = {row.code: row.label for row in catalog.dasar_hukum}
    return Choices(
        praktik_kinerja=[
            Indikator(**_choice_fields(row, jenjang), komponen=row.komponen) for row in choices.praktik_kinerja
        ],
        pengembangan_kompetensi=[_render_rhk(row, jenjang) for row in choices.rhk],
        tugas_tambahan=[
            TugasTambahanChoice(
                **_choice_fields(row, jenjang), dasar_hukum=bases.get(row.dasar_hukum, row.dasar_hukum), pasal=row.pasal
            )
            for row in choices.tugas_tambahan
        ],
        perilaku_kerja=[
            Aspek(
                code=aspek.code, label=aspek.label, gloss=aspek.gloss, **_source_fields(aspek),
                opsi=[Opsi(code=opsi.code, label=opsi.label, gloss=opsi.gloss) for opsi in aspek.opsi],
            )
            for aspek in choices.perilaku
        ],
    )  # fmt: skip


def _render_rhk(row: DomainRhk, jenjang: str) -> RencanaHasilKerja:
    return RencanaHasilKerja(
        **_choice_fields(row, jenjang), poin=row.poin, bukti_dukung=row.bukti_dukung, catatan=row.catatan
    )


def _choice_fields(row: DomainChoice, jenjang: str) -> dict[str, Any]:
    fields = {**_source_fields(row), "confidence": row.confidence_for(jenjang)}
    return {"code": row.code, "label": row.label, "gloss": row.gloss, **fields}


def _source_fields(row: SourcedRow) -> dict[str, Any]:
    return {"confidence": row.confidence, "sources": list(row.source)}


@strawberry.type(description="The behaviour chosen in one aspek.")
class Pilihan:
    aspek: str = strawberry.field(description="Code of the aspek.")
    opsi: str = strawberry.field(description="Code of the behaviour.")


@strawberry.type(description="The reason for a choice of the example.")
class ExampleReason:
    path: list[str] = strawberry.field(description="Path of the choice.")
    message: str = strawberry.field(description="The reason, in the language of the request.")


@strawberry.type(description="A complete, valid plan as an example. You can send its codes as they are.")
class ExamplePlan:
    praktik_kinerja: str = strawberry.field(description="Code of the indikator or sub indikator.")
    pengembangan_kompetensi: list[str] = strawberry.field(description="Codes of the RHK.")
    perilaku_kerja: list[Pilihan] = strawberry.field(description="One behaviour in each aspek.")
    why: list[ExampleReason] = strawberry.field(
        description="The reason for each choice, and for the empty tab 3."
    )


def render_example(example: DomainExample, context: Context) -> ExamplePlan:
    """Render the example with its reasons."""
    return ExamplePlan(
        praktik_kinerja=example.praktik_kinerja,
        pengembangan_kompetensi=list(example.pengembangan_kompetensi),
        perilaku_kerja=[Pilihan(aspek=aspek, opsi=opsi) for aspek, opsi in example.perilaku_kerja.items()],
        why=[
            ExampleReason(
                path=[to_camel_case(part) for part in reason.path],
                message=context.messages.text(reason, context.language),
            )
            for reason in example.explanations
        ],
    )
