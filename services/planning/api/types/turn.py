"""Whose turn it is, as GraphQL shows it: nobody has to guess on whom a plan waits."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from services.planning.api.context import Context
from services.planning.domain.plan import Plan
from services.planning.usecases.turn import turn_of


@strawberry.enum(description="On whom a plan can wait.")
class TurnOf(Enum):
    """The four of a workflow definition."""

    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    HEAD = strawberry.enum_value("head", description="The head of its school, definitif or Plt.")
    DINAS = strawberry.enum_value(
        "dinas",
        description="The dinas pendidikan: to appoint a head, or to judge the plan of the head's own hand.",
    )
    NOBODY = strawberry.enum_value("nobody", description="Nobody; nothing is to be done.")


@strawberry.type(description="On whom a plan waits, until when, and why.")
class Turn:
    """By the facts of now."""

    who: TurnOf = strawberry.field(description="On whom.")
    nama: str | None = strawberry.field(description="The name of the teacher or head, where known.")
    npsn: str | None = strawberry.field(description="The school whose head, or whose dinas, it is.")
    opens: date | None = strawberry.field(
        description="The local day from which they can act, where that is still to come; null where they can now."
    )
    until: date | None = strawberry.field(
        description="The local day by which they have to act, that day included: of a draft the end of planning or of "
        "its revision. Null where nothing limits it; a day that has passed stays, and the sentence says what helps."
    )
    sentence: str = strawberry.field(description="The same as a sentence, with the reason and the day.")


async def shown_turn(plan: Plan, context: Context) -> Turn:
    """The turn in the caller's language."""
    told = turn_of(await context.cases.load((plan, None)))
    sentence = context.messages.text(told.sentence, context.language)
    return Turn(
        who=TurnOf(told.who.value),
        nama=told.nama,
        npsn=told.npsn,
        opens=told.days.opens,
        until=told.days.until,
        sentence=sentence,
    )
