"""On whom a plan waits now, by the facts that a decision would read."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.problem import Problem
from services.planning.domain.plan import Plan
from services.planning.domain.turn import sentence_of
from services.planning.planning import Planning
from services.planning.usecases.case import case_of
from workflows import Turn, whose_turn


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose turn it is, their name and school where one of a school is meant, and why."""

    who: Turn
    nama: str | None
    npsn: str | None
    sentence: Problem


async def turn_of(planning: Planning, plan: Plan) -> Waiting:
    """On whom the plan waits. Raises IdentityAway where nothing is known of who heads its school."""
    case = await case_of(planning, plan, None)
    turn = whose_turn(case.workflow, case.snapshot, case.facts)
    phase = case.workflow.definition.state(plan.state).phase
    names = {Turn.OWNER: plan.profile.nama.value, Turn.HEAD: case.head_nama}
    npsn = plan.school.npsn if turn in {Turn.HEAD, Turn.DINAS} else None
    return Waiting(turn, names.get(turn), npsn, sentence_of(plan, phase, turn, case.facts, case.head_nama))
