"""The four tabs that are saved; rangkuman is read."""

from __future__ import annotations

import strawberry

from services.planning.api import inputs
from services.planning.api.command import changed, command_of
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import Given, Then
from services.planning.api.types.plan import Plan
from services.planning.api.types.result import PlanResult
from services.planning.domain.tabs import AnyTab
from services.planning.domain.tabs.pengembangan_kompetensi import PengembanganKompetensi
from services.planning.domain.tabs.perilaku_kerja import PerilakuKerja
from services.planning.domain.tabs.praktik_kinerja import PraktikKinerja
from services.planning.domain.tabs.tugas_tambahan import Tugas, TugasTambahan
from services.planning.usecases.save_tab import save_tab


@strawberry.type
class Tabs:
    """Merged into Mutation."""

    @mutation("Tab 1, Praktik Kinerja: exactly one indikator; TK and PAUD choose a sub indikator.")
    async def save_praktik_kinerja(
        self, info: Info, input: Given[inputs.SavePraktikKinerjaInput]
    ) -> PlanResult:
        """Guide, tab 1."""
        return await _saved(info, input, PraktikKinerja(input.indikator))

    @mutation("Tab 2, Pengembangan Kompetensi: one or more RHK.")
    async def save_pengembangan_kompetensi(
        self, info: Info, input: Given[inputs.SavePengembanganKompetensiInput]
    ) -> PlanResult:
        """Guide, tab 2."""
        return await _saved(info, input, PengembanganKompetensi(tuple(input.rhk)))

    @mutation("Tab 3, Tugas Tambahan: none, one or many, each with its decree.")
    async def save_tugas_tambahan(
        self, info: Info, input: Given[inputs.SaveTugasTambahanInput]
    ) -> PlanResult:
        """Guide, tab 3."""
        tugas = tuple(Tugas(row.code, row.nomor_sk, row.tanggal_sk) for row in input.tugas)
        return await _saved(info, input, TugasTambahan(tugas))

    @mutation("Tab 4, Perilaku Kerja: one behaviour in each of the seven aspects.")
    async def save_perilaku_kerja(
        self, info: Info, input: Given[inputs.SavePerilakuKerjaInput]
    ) -> PlanResult:
        """Guide, tab 4."""
        info.context.signed_in()
        return await _saved(info, input, PerilakuKerja.of((row.aspek, row.opsi) for row in input.pilihan))


async def _saved(info: Info, given: inputs.OnTab, filled: AnyTab) -> Plan:
    context, command = info.context, command_of(info, given)
    go_on = given.then is Then.NEXT
    return await changed(
        await save_tab(context.planning, context.signed_in(), command, filled, go_on=go_on), context
    )
