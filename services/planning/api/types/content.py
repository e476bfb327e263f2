"""What a teacher has chosen: the four tabs."""

from __future__ import annotations

from datetime import date

import strawberry

from services.planning.api.types.example import Pilihan
from services.planning.domain import tabs as domain
from services.planning.domain.tabs.perilaku_kerja import PerilakuKerja


@strawberry.type(description="An additional duty with its decree.")
class Tugas:
    """A row of tab 3; the decree may still be missing in a draft."""

    code: str = strawberry.field(description="The code of the duty.")
    nomor_sk: str | None = strawberry.field(description="The number of the surat keputusan or surat tugas.")
    tanggal_sk: date | None = strawberry.field(description="Its date.")


@strawberry.type(description="The choices of a plan; what is undecided is null or not in the list.")
class Content:
    """The four tabs."""

    praktik_kinerja: str | None = strawberry.field(description="Tab 1: the indikator or sub indikator.")
    pengembangan_kompetensi: list[str] = strawberry.field(description="Tab 2: the RHK.")
    tugas_tambahan: list[Tugas] = strawberry.field(description="Tab 3: the duties; none is complete too.")
    perilaku_kerja: list[Pilihan] = strawberry.field(description="Tab 4: one behaviour in each aspek so far.")


def content_of(content: domain.Content) -> Content:
    """The choices as GraphQL shows them."""
    return Content(
        praktik_kinerja=content.praktik_kinerja.indikator,
        pengembangan_kompetensi=list(content.pengembangan_kompetensi.rhk),
        tugas_tambahan=[
            Tugas(code=tugas.code, nomor_sk=tugas.nomor_sk, tanggal_sk=tugas.tanggal_sk)
            for tugas in content.tugas_tambahan.tugas
        ],
        perilaku_kerja=pilihan_of(content.perilaku_kerja),
    )


def pilihan_of(perilaku: PerilakuKerja) -> list[Pilihan]:
    """One behaviour for each aspek chosen so far."""
    return [Pilihan(aspek=aspek, opsi=opsi) for aspek, opsi in perilaku.pilihan.items()]
