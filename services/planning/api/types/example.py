"""An example plan: readers of the guide asked what a plan looks like."""

from __future__ import annotations

import strawberry
from strawberry.utils.str_converters import to_camel_case

from services.planning.api.context import Context
from services.planning.domain.example_plan import ExamplePlan as DomainExample


@strawberry.type(description="The behaviour chosen in one aspek.")
class Pilihan:
    """A pair of codes."""

    aspek: str = strawberry.field(description="The code of the aspek.")
    opsi: str = strawberry.field(description="The code of the behaviour.")


@strawberry.type(description="Why a choice stands in the example.")
class ExampleReason:
    """A sentence about one field."""

    path: list[str] = strawberry.field(description="The choice it is about.")
    message: str = strawberry.field(description="The reason, in the language that was asked for.")


@strawberry.type(description="A complete, valid plan to learn from; its codes can be sent as they are.")
class ExamplePlan:
    """The four tabs of the example."""

    praktik_kinerja: str = strawberry.field(description="The code of the indikator or sub indikator.")
    pengembangan_kompetensi: list[str] = strawberry.field(description="The codes of the RHK.")
    perilaku_kerja: list[Pilihan] = strawberry.field(description="One behaviour in each aspek.")
    why: list[ExampleReason] = strawberry.field(
        description="The reason for each choice, and for no tugas tambahan."
    )


def example_of(example: DomainExample, context: Context) -> ExamplePlan:
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
            for reason in example.why
        ],
    )
