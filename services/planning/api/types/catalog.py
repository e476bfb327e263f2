"""The lists that a teacher chooses from, as one teacher is offered them, with the provenance of each row."""

from __future__ import annotations

from typing import Any

import strawberry

from services.planning.domain.catalog import Catalog as DomainCatalog
from services.planning.domain.catalog import Choices as DomainChoices
from services.planning.domain.catalog_rows import Choice as DomainChoice
from services.planning.domain.catalog_rows import Rhk as DomainRhk
from services.planning.domain.catalog_rows import Sourced


@strawberry.interface(description="A row of a list.")
class Row:
    """What all rows have."""

    code: str = strawberry.field(description="The stable code that mutations take.")
    label: str = strawberry.field(description="What the screen shows, in Indonesian.")
    gloss: str = strawberry.field(description="An English reading of the label.")
    confidence: str = strawberry.field(description="official, secondary, regulation or unverified.")
    sources: list[str] = strawberry.field(
        description="Where the row was found; codes of the catalogue's sources."
    )


@strawberry.type(description="An indikator, or for TK and PAUD a sub indikator (tab Praktik Kinerja).")
class Indikator(Row):
    """A row of tab 1."""

    komponen: str | None = strawberry.field(description="The komponen above it, where known.")


@strawberry.type(description="A rencana hasil kerja (tab Pengembangan Kompetensi).")
class RencanaHasilKerja(Row):
    """A row of tab 2."""

    poin: int = strawberry.field(description="Its static points in a semester.")
    bukti_dukung: str | None = strawberry.field(description="The evidence it asks for, where known.")
    catatan: str | None = strawberry.field(description="What one unit of it is, where known.")


@strawberry.type(description="An additional duty (tab Tugas Tambahan).")
class TugasTambahanChoice(Row):
    """A row of tab 3."""

    dasar_hukum: str = strawberry.field(description="The regulation that knows this duty.")
    pasal: str | None = strawberry.field(description="The article, where known.")


@strawberry.type(description="One behaviour of an aspek.")
class Opsi:
    """A choice of tab 4."""

    code: str = strawberry.field(description="The stable code that mutations take.")
    label: str = strawberry.field(description="What the screen shows, in Indonesian.")
    gloss: str = strawberry.field(description="An English reading of the label.")


@strawberry.type(description="One of the seven BerAKHLAK aspects (tab Perilaku Kerja).")
class Aspek(Row):
    """A row of tab 4."""

    opsi: list[Opsi] = strawberry.field(description="Its behaviours, of which exactly one is chosen.")


@strawberry.type(description="Everything that one teacher may choose from, in the order of the screen.")
class Choices:
    """The lists of the four tabs."""

    praktik_kinerja: list[Indikator] = strawberry.field(description="Tab 1: exactly one.")
    pengembangan_kompetensi: list[RencanaHasilKerja] = strawberry.field(description="Tab 2: one or more.")
    tugas_tambahan: list[TugasTambahanChoice] = strawberry.field(description="Tab 3: none, one or many.")
    perilaku_kerja: list[Aspek] = strawberry.field(description="Tab 4: one behaviour in each aspek.")


def choices_of(choices: DomainChoices, catalog: DomainCatalog, jenjang: str) -> Choices:
    """The lists of a teacher of this level."""
    bases = {row.code: row.label for row in catalog.dasar_hukum}
    return Choices(
        praktik_kinerja=[
            Indikator(**_choice(row, jenjang), komponen=row.komponen) for row in choices.praktik_kinerja
        ],
        pengembangan_kompetensi=[_rhk(row, jenjang) for row in choices.rhk],
        tugas_tambahan=[
            TugasTambahanChoice(
                **_choice(row, jenjang), dasar_hukum=bases.get(row.dasar_hukum, row.dasar_hukum), pasal=row.pasal
            )
            for row in choices.tugas_tambahan
        ],
        perilaku_kerja=[
            Aspek(
                code=aspek.code, label=aspek.label, gloss=aspek.gloss, **_sourced(aspek),
                opsi=[Opsi(code=opsi.code, label=opsi.label, gloss=opsi.gloss) for opsi in aspek.opsi],
            )
            for aspek in choices.perilaku
        ],
    )  # fmt: skip


def _rhk(row: DomainRhk, jenjang: str) -> RencanaHasilKerja:
    return RencanaHasilKerja(
        **_choice(row, jenjang), poin=row.poin, bukti_dukung=row.bukti_dukung, catatan=row.catatan
    )


def _choice(row: DomainChoice, jenjang: str) -> dict[str, Any]:
    sourced = {**_sourced(row), "confidence": row.confidence_for(jenjang)}
    return {"code": row.code, "label": row.label, "gloss": row.gloss, **sourced}


def _sourced(row: Sourced) -> dict[str, Any]:
    return {"confidence": row.confidence, "sources": list(row.source)}
