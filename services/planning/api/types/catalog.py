"""The lists that a teacher chooses from, as one teacher is offered them, with the provenance of each row."""

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
    code: str = strawberry.field(description="The stable code that mutations take.")
    label: str = strawberry.field(description="What the screen shows, in Indonesian.")
    gloss: str = strawberry.field(description="An English reading of the label.")
    confidence: str = strawberry.field(description="official, secondary, regulation or unverified.")
    sources: list[str] = strawberry.field(
        description="Where the row was found; codes of the catalogue's sources."
    )


@strawberry.type(description="An indikator, or for TK and PAUD a sub indikator (tab Praktik Kinerja).")
class Indikator(Row):
    komponen: str | None = strawberry.field(description="The komponen above it, where known.")


@strawberry.type(description="A rencana hasil kerja (tab Pengembangan Kompetensi).")
class RencanaHasilKerja(Row):
    poin: int = strawberry.field(description="Its static points in a semester.")
    bukti_dukung: str | None = strawberry.field(description="The evidence it asks for, where known.")
    catatan: str | None = strawberry.field(description="What one unit of it is, where known.")


@strawberry.type(description="An additional duty (tab Tugas Tambahan).")
class TugasTambahanChoice(Row):
    dasar_hukum: str = strawberry.field(description="The regulation that knows this duty.")
    pasal: str | None = strawberry.field(description="The article, where known.")


@strawberry.type(description="One behaviour of an aspek.")
class Opsi:
    code: str = strawberry.field(description="The stable code that mutations take.")
    label: str = strawberry.field(description="What the screen shows, in Indonesian.")
    gloss: str = strawberry.field(description="An English reading of the label.")


@strawberry.type(description="One of the seven BerAKHLAK aspects (tab Perilaku Kerja).")
class Aspek(Row):
    opsi: list[Opsi] = strawberry.field(description="Its behaviours, of which exactly one is chosen.")


@strawberry.type(description="Everything that one teacher may choose from, in the order of the screen.")
class Choices:
    praktik_kinerja: list[Indikator] = strawberry.field(description="Tab 1: exactly one.")
    pengembangan_kompetensi: list[RencanaHasilKerja] = strawberry.field(description="Tab 2: one or more.")
    tugas_tambahan: list[TugasTambahanChoice] = strawberry.field(description="Tab 3: none, one or many.")
    perilaku_kerja: list[Aspek] = strawberry.field(description="Tab 4: one behaviour in each aspek.")


def render_choices(choices: DomainChoices, catalog: DomainCatalog, jenjang: str) -> Choices:
    """The lists of a teacher of this level."""
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
    sourced = {**_source_fields(row), "confidence": row.confidence_for(jenjang)}
    return {"code": row.code, "label": row.label, "gloss": row.gloss, **sourced}


def _source_fields(row: SourcedRow) -> dict[str, Any]:
    return {"confidence": row.confidence, "sources": list(row.source)}


@strawberry.type(description="The behaviour chosen in one aspek.")
class Pilihan:
    aspek: str = strawberry.field(description="The code of the aspek.")
    opsi: str = strawberry.field(description="The code of the behaviour.")


@strawberry.type(description="Why a choice stands in the example.")
class ExampleReason:
    path: list[str] = strawberry.field(description="The choice it is about.")
    message: str = strawberry.field(description="The reason, in the language that was asked for.")


@strawberry.type(description="A complete, valid plan to learn from; its codes can be sent as they are.")
class ExamplePlan:
    praktik_kinerja: str = strawberry.field(description="The code of the indikator or sub indikator.")
    pengembangan_kompetensi: list[str] = strawberry.field(description="The codes of the RHK.")
    perilaku_kerja: list[Pilihan] = strawberry.field(description="One behaviour in each aspek.")
    why: list[ExampleReason] = strawberry.field(
        description="The reason for each choice, and for no tugas tambahan."
    )


def render_example(example: DomainExample, context: Context) -> ExamplePlan:
    """The example with its reasons in the caller's language."""
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
