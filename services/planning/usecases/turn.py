"""On whom a plan waits now, and until when, by the facts that a decision would read."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.problem import Problem
from services.planning.domain.turn import Days, days_of, sentence_of
from services.planning.usecases.case import Case
from workflows import Turn, whose_turn


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose turn it is, their name and school where one of a school is meant, on which days, and why."""

    who: Turn
    nama: str | None
    npsn: str | None
    days: Days
    sentence: Problem


def turn_of(case: Case) -> Waiting:
    """On whom the plan of a case waits."""
    plan = case.plan
    turn = whose_turn(case.workflow, case.snapshot, case.facts)
    phase = case.workflow.definition.state(plan.state).phase
    names = {Turn.OWNER: plan.profile.nama.value, Turn.HEAD: case.head_nama}
    npsn = plan.school.npsn if turn in {Turn.HEAD, Turn.DINAS} else None
    sentence = sentence_of(plan, phase, turn, case.facts, case.head_nama)
    return Waiting(turn, names.get(turn), npsn, days_of(plan, phase, turn, case.facts), sentence)
