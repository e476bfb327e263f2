"""Catalogues: the lists that the teachers of a level choose from, and the example plan."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from services.planning.api.context import Context, Info
from services.planning.api.fields import PeriodCode, field
from services.planning.api.ids import catalog_id, parse_catalog_id
from services.planning.api.loaders import CURRENT_PERIOD
from services.planning.api.types.node import Node
from services.planning.api.types.people import Jenjang
from services.planning.period.catalog import CatalogLevel, Choice, Row
from services.planning.period.example_plan import ExamplePlan as DomainExample
from services.planning.period.example_plan import build_example_plan
from services.planning.period.model import read_contract_values
from services.planning.period.queries import find_catalog_levels


@strawberry.enum(
    description="How certain an entry is. Values can be added: treat an unknown value as UNVERIFIED."
)
class Confidence(Enum):
    OFFICIAL = strawberry.enum_value("official", description="The wording is in an official text.")
    SECONDARY = strawberry.enum_value(
        "secondary", description="The wording is in the press, in a blog or in public code."
    )
    REGULATION = strawberry.enum_value(
        "regulation", description="A regulation names it; its wording on the screen is not known."
    )
    UNVERIFIED = strawberry.enum_value("unverified", description="No source shows it.")


@strawberry.interface(description="An entry of a catalogue.")
class CatalogItem:
    code: str = strawberry.field(description="Stable code, as mutations take it.")
    label: str = strawberry.field(description="Text of the screen, in Indonesian.")
    english_label: str = strawberry.field(description="The label in English.")
    confidence: Confidence = strawberry.field(description="How certain the entry is for this level.")
    sources: list[str] = strawberry.field(
        description="Codes of the sources of the catalogue file in which the entry was found."
    )


@strawberry.type(description="An indikator, or for TK and PAUD a sub indikator (tab Praktik Kinerja).")
class CatalogIndikator(CatalogItem):
    komponen: str | None = strawberry.field(description="The komponen of the indikator, if known.")


@strawberry.type(description="A rencana hasil kerja, RHK (tab Pengembangan Kompetensi).")
class CatalogRhk(CatalogItem):
    poin: int | None = strawberry.field(
        description="Points in a semester; null if the catalogue has no points."
    )
    bukti_dukung: str | None = strawberry.field(description="The required evidence, if known.")
    catatan: str | None = strawberry.field(description="The unit that is counted, if known.")


@strawberry.type(description="An additional duty (tab Tugas Tambahan).")
class CatalogTugasTambahan(CatalogItem):
    dasar_hukum: str = strawberry.field(description="The regulation that defines the duty.")
    pasal: str | None = strawberry.field(description="The article of the regulation, if known.")


@strawberry.type(description="A behaviour of an aspek. It has the sources of the aspek.")
class CatalogOpsi:
    code: str = strawberry.field(description="Stable code, as mutations take it.")
    label: str = strawberry.field(description="Text of the screen, in Indonesian.")
    english_label: str = strawberry.field(description="The label in English.")


@strawberry.type(description="One of the seven BerAKHLAK aspects (tab Perilaku Kerja).")
class CatalogAspek(CatalogItem):
    opsi: list[CatalogOpsi] = strawberry.field(description="The behaviours, of which a plan has exactly one.")


@strawberry.type(description="A jenjang jabatan (data diri).")
class CatalogJenjangJabatan(CatalogItem):
    pass


@strawberry.type(description="A rank of PNS (data diri). Its code joins golongan and ruang.")
class CatalogPangkatGolongan(CatalogItem):
    golongan: str = strawberry.field(description="The golongan, as `correctProfile` takes it.")
    ruang: str = strawberry.field(description="The ruang, as `correctProfile` takes it.")


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


@strawberry.type(
    description="The lists that the teachers of one level and jenjang jabatan choose from, in the order of the screen. "
    "They never change under their id, and are the same for all these teachers: fetch them once, here or by "
    "`GET /catalogs/{id}`, and keep them. A new catalogue has another id."
)
class Catalog(Node):
    level: strawberry.Private[CatalogLevel]
    sha256: str = strawberry.field(description="SHA-256 of the catalogue with all its levels.")
    code: str = strawberry.field(description="Code of the catalogue, such as `2024-1`.")
    jenjang: Jenjang = strawberry.field(description="The level.")
    jenjang_jabatan: str | None = strawberry.field(
        description="Code of the jenjang jabatan; null for teachers without a known one. Some entries are only for "
        "certain ones."
    )
    praktik_kinerja: list[CatalogIndikator] = strawberry.field(description="Tab 1: choose exactly one.")
    pengembangan_kompetensi: list[CatalogRhk] = strawberry.field(description="Tab 2: choose one or more.")
    tugas_tambahan: list[CatalogTugasTambahan] = strawberry.field(description="Tab 3: choose any number.")
    perilaku_kerja: list[CatalogAspek] = strawberry.field(
        description="Tab 4: choose one behaviour in each aspek."
    )
    jenjang_jabatan_options: list[CatalogJenjangJabatan] = strawberry.field(
        description="Data diri: every jenjang jabatan that `confirmProfile` and `correctProfile` take."
    )
    pangkat_golongan_options: list[CatalogPangkatGolongan] = strawberry.field(
        description="Data diri: every golongan with its ruang that `correctProfile` takes."
    )

    @field(
        "A complete, valid plan of this level with the minimum points of a period. Null, with an entry in `errors`, if "
        "there is no such period."
    )
    async def example_plan(self, info: Info, period: PeriodCode = None) -> ExamplePlan | None:
        context = info.context
        setup = await context.loaders.periods.load(period or CURRENT_PERIOD)
        revision = setup.period.parameters_at(context.services.clock.now())
        minimum = read_contract_values(setup.workflow.definition, revision).minimum_points or 0
        level = self.level
        example = build_example_plan(level.catalog, level.jenjang, level.jenjang_jabatan, minimum)
        return _render_example(example, context)


@lru_cache(maxsize=256)
def render_catalog(level: CatalogLevel) -> Catalog:
    """Render a catalogue for a level, once for all requests: it never changes."""
    jenjang, choices = level.jenjang, level.choices
    bases = {row.code: row.label for row in level.catalog.dasar_hukum}
    return Catalog(
        level=level,
        id=strawberry.ID(catalog_id(level.sha256, jenjang, level.jenjang_jabatan)),
        sha256=level.sha256,
        code=level.catalog.code,
        jenjang=Jenjang(jenjang),
        jenjang_jabatan=level.jenjang_jabatan,
        praktik_kinerja=[
            CatalogIndikator(**_choice_fields(row, jenjang), komponen=row.komponen)
            for row in choices.praktik_kinerja
        ],
        pengembangan_kompetensi=[
            CatalogRhk(
                **_choice_fields(row, jenjang), poin=row.poin, bukti_dukung=row.bukti_dukung, catatan=row.catatan
            )
            for row in choices.rhk
        ],
        tugas_tambahan=[
            CatalogTugasTambahan(
                **_choice_fields(row, jenjang), dasar_hukum=bases.get(row.dasar_hukum, row.dasar_hukum), pasal=row.pasal
            )
            for row in choices.tugas_tambahan
        ],
        perilaku_kerja=[
            CatalogAspek(
                **_row_fields(aspek),
                opsi=[
                    CatalogOpsi(code=opsi.code, label=opsi.label, english_label=opsi.gloss) for opsi in aspek.opsi
                ],
            )
            for aspek in choices.perilaku
        ],
        jenjang_jabatan_options=[
            CatalogJenjangJabatan(**_row_fields(row)) for row in level.catalog.jenjang_jabatan if row.active
        ],
        pangkat_golongan_options=[
            CatalogPangkatGolongan(**_row_fields(row), golongan=golongan, ruang=ruang)
            for row in level.catalog.pangkat_golongan if row.active
            for golongan, _, ruang in [row.code.partition("/")]
        ],
    )  # fmt: skip


async def resolve_catalogs(context: Context, ids: Sequence[str]) -> list[Catalog | None]:
    """Resolve catalogues by their ids, None for one that does not exist. Takes one statement at most."""
    keys = [parse_catalog_id(id, ("id",)) for id in ids]
    levels = await find_catalog_levels(context.services, keys)
    return [render_catalog(level) if level else None for level in levels]


def _choice_fields(row: Choice, jenjang: str) -> dict[str, Any]:
    return {**_row_fields(row), "confidence": Confidence(row.confidence_for(jenjang))}


def _row_fields(row: Row) -> dict[str, Any]:
    sources = {"confidence": Confidence(row.confidence), "sources": list(row.source)}
    return {"code": row.code, "label": row.label, "english_label": row.gloss, **sources}


def _render_example(example: DomainExample, context: Context) -> ExamplePlan:
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
