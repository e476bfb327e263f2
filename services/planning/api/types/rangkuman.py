"""Rangkuman, tab 5: everything chosen, and the RHK that appear by themselves."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from services.planning.domain import rangkuman as domain


@strawberry.enum(description="Who uploads the evidence of an RHK during Pelaksanaan.")
class Pengunggah(Enum):
    """As the guide says it for each automatic RHK."""

    GURU = strawberry.enum_value("GURU", description="The teacher.")
    KEPALA_SEKOLAH = strawberry.enum_value(
        "KEPALA_SEKOLAH", description="The principal: nothing to do for you."
    )


@strawberry.type(description="A line of the rangkuman.")
class RangkumanRhk:
    """One rencana hasil kerja, chosen or automatic."""

    code: str = strawberry.field(description="The code of the row.")
    label: str = strawberry.field(description="What the screen shows.")
    poin: int | None = strawberry.field(description="Its points; null for the automatic ones.")
    bukti: str | None = strawberry.field(description="The evidence, where known.")
    pengunggah: Pengunggah = strawberry.field(description="Who uploads the evidence.")
    tahap: str = strawberry.field(description="The phase in which it is uploaded.")
    otomatis: bool = strawberry.field(description="Whether it appears by itself.")


@strawberry.type(description="An additional duty in the rangkuman.")
class RangkumanTugas:
    """A duty with its decree."""

    label: str = strawberry.field(description="What the screen shows.")
    nomor_sk: str | None = strawberry.field(description="The number of the decree, where filled in.")
    tanggal_sk: date | None = strawberry.field(description="Its date, where filled in.")


@strawberry.type(description="A behaviour in the rangkuman.")
class RangkumanPerilaku:
    """One aspek."""

    aspek: str = strawberry.field(description="The aspek, in words.")
    perilaku: str = strawberry.field(description="The chosen behaviour, in words.")


@strawberry.type(description="The summary before submitting (tab Rangkuman), in words.")
class Rangkuman:
    """Everything chosen so far."""

    praktik_kinerja: str | None = strawberry.field(description="The indikator or sub indikator.")
    rhk: list[RangkumanRhk] = strawberry.field(description="The automatic ones first, then those chosen.")
    poin: int = strawberry.field(description="The sum of the points of the chosen RHK.")
    tugas_tambahan: list[RangkumanTugas] = strawberry.field(description="The additional duties.")
    perilaku_kerja: list[RangkumanPerilaku] = strawberry.field(description="One behaviour in each aspek.")


def rangkuman_of(told: domain.Rangkuman) -> Rangkuman:
    """The rangkuman as GraphQL shows it."""
    return Rangkuman(
        praktik_kinerja=told.praktik_kinerja,
        rhk=[
            RangkumanRhk(
                code=line.code, label=line.label, poin=line.poin, bukti=line.bukti,
                pengunggah=Pengunggah(line.pengunggah), tahap=line.tahap, otomatis=line.otomatis,
            )
            for line in told.rhk
        ],
        poin=told.poin,
        tugas_tambahan=[
            RangkumanTugas(label=line.label, nomor_sk=line.nomor_sk, tanggal_sk=line.tanggal_sk)
            for line in told.tugas_tambahan
        ],
        perilaku_kerja=[
            RangkumanPerilaku(aspek=line.aspek, perilaku=line.perilaku) for line in told.perilaku_kerja
        ],
    )  # fmt: skip
