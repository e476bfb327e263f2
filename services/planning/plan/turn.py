"""On whom a plan waits, until when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.kit.problems import Problem
from services.planning.plan.decision import DecisionContext
from services.planning.plan.model import Plan, find_deadline
from workflows.engine.decide import decide_turn
from workflows.model.definition import Phase, Turn
from workflows.model.facts import Facts, HeadKind

_BEGUN = frozenset({Phase.APPROVED, Phase.AUTO_APPROVED})


@dataclass(frozen=True, slots=True)
class ActionWindow:
    """Local days of whoever is on turn: from when they can act, where that is to come; by when, where there is an end.

    A last day that has passed stays: only another value of the period helps then, and the sentence says so.
    """

    opens: date | None = None
    until: date | None = None


def find_action_window(plan: Plan, phase: Phase, turn: Turn, facts: Facts) -> ActionWindow:
    """By the period's dates under the names that the shipped workflow gives them; where one is missing, no limit."""
    opens, closes = _day(facts, "planning_opens"), _day(facts, "planning_closes")
    if turn is Turn.OWNER and phase is Phase.DRAFT:
        if _has_moved(plan, facts):
            return ActionWindow()
        if plan.revision_due:
            return ActionWindow(until=find_deadline(plan, closes, facts.today) or plan.revision_due)
        return ActionWindow(_to_come(opens, facts), closes)
    if turn is Turn.HEAD and phase is Phase.AUTO_APPROVED and facts.head.kind is HeadKind.PLT:
        return ActionWindow(_to_come(_day(facts, "plt_confirmation_from"), facts))
    return ActionWindow()


def _day(facts: Facts, name: str) -> date | None:
    value = facts.params.get(name)
    return value if isinstance(value, date) else None


def _to_come(day: date | None, facts: Facts) -> date | None:
    return day if day and facts.today < day else None


def _has_moved(plan: Plan, facts: Facts) -> bool:
    """The teacher's school is another now; until data diri are confirmed, *Mulai* takes the plan along."""
    return plan.profile.is_confirmed and facts.sekolah_induk not in {None, plan.school.npsn}


def compose_sentence(plan: Plan, phase: Phase, turn: Turn, facts: Facts, head_nama: str | None) -> Problem:
    """The code and values of the sentence."""
    sekolah, nama, head = plan.school.nama, head_nama, facts.head.kind
    match turn:
        case Turn.OWNER:
            return _owner(plan, phase, facts)
        case Turn.HEAD if head is HeadKind.PLT and phase is Phase.AUTO_APPROVED:
            opens = facts.params.get("plt_confirmation_from", "…")
            code = "turn.plt_confirms_named" if nama else "turn.plt_confirms"
            return Problem(code, {"sekolah": sekolah, "nama": nama, "opens": opens})
        case Turn.HEAD if head is HeadKind.PLT:
            return Problem("turn.plt_named" if nama else "turn.plt", {"sekolah": sekolah, "nama": nama})
        case Turn.HEAD:
            code = "turn.kepala_sekolah_named" if nama else "turn.kepala_sekolah"
            return Problem(code, {"sekolah": sekolah, "nama": nama})
        case Turn.DINAS:
            code = "turn.dinas_appoints" if head is HeadKind.KOSONG else "turn.dinas_judges"
            return Problem(code, {"sekolah": sekolah})
        case Turn.NOBODY:
            return Problem("turn.nobody")


def _owner(plan: Plan, phase: Phase, facts: Facts) -> Problem:
    if phase is not Phase.DRAFT:
        return Problem("turn.owner_begins" if phase in _BEGUN else "turn.owner")
    if _has_moved(plan, facts):
        return Problem("turn.owner_moved", {"npsn": facts.sekolah_induk, "sekolah": plan.school.nama})
    days = find_action_window(plan, phase, Turn.OWNER, facts)
    if days.until is None:
        return Problem("turn.owner_submits")
    passed = days.until < facts.today
    if plan.revision_due:
        return Problem("turn.revision_passed" if passed else "turn.owner_corrects", {"due": days.until})
    if days.opens:
        return Problem("turn.owner_waits", {"opens": days.opens, "due": days.until})
    return Problem("turn.window_passed" if passed else "turn.owner_submits_by", {"due": days.until})


@dataclass(frozen=True, slots=True)
class CurrentTurn:
    """Whose turn it is, their name and school where one of a school is meant, on which days, and why."""

    turn: Turn
    nama: str | None
    npsn: str | None
    window: ActionWindow
    sentence: Problem


def find_turn(case: DecisionContext) -> CurrentTurn:
    """On whom the plan of a case waits."""
    plan = case.plan
    turn = decide_turn(case.workflow, case.snapshot, case.facts)
    phase = case.workflow.definition.state(plan.state).phase
    names = {Turn.OWNER: plan.profile.nama.value, Turn.HEAD: case.head_nama}
    npsn = plan.school.npsn if turn in {Turn.HEAD, Turn.DINAS} else None
    sentence = compose_sentence(plan, phase, turn, case.facts, case.head_nama)
    return CurrentTurn(
        turn, names.get(turn), npsn, find_action_window(plan, phase, turn, case.facts), sentence
    )
