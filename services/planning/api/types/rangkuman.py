"""Rangkuman, tab 5: everything chosen, and the RHK that appear by themselves."""

from __future__ import annotations

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
    otomatis: bool = strawberry.field(description="Whether it appears by itself.")


@strawberry.type(description="The summary before submitting (tab Rangkuman).")
class Rangkuman:
    """The RHK and their points."""

    rhk: list[RangkumanRhk] = strawberry.field(description="The automatic ones first, then those chosen.")
    poin: int = strawberry.field(description="The sum of the points of the chosen RHK.")


def rangkuman_of(told: domain.Rangkuman) -> Rangkuman:
    """The rangkuman as GraphQL shows it."""
    return Rangkuman(
        rhk=[
            RangkumanRhk(
                code=line.code, label=line.label, poin=line.poin, bukti=line.bukti,
                pengunggah=Pengunggah(line.pengunggah), otomatis=line.otomatis,
            )
            for line in told.rhk
        ],
        poin=told.poin,
    )  # fmt: skip
