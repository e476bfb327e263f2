"""Whose turn a plan is, within which days, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.kit.problems import Problem
from services.planning.plan.decision import DecisionContext
from services.planning.plan.model import Plan, find_deadline
from workflows.engine.decide import decide_turn
from workflows.model.definition import Phase, Turn
from workflows.model.facts import Facts, HeadKind

_APPROVED = frozenset({Phase.APPROVED, Phase.AUTO_APPROVED})


@dataclass(frozen=True, slots=True)
class ActionWindow:
    """The days, at the school, on which the person whose turn it is can act.

    `opens` is None if the window is open. `until` is None if it has no end, and may have passed.
    """

    opens: date | None = None
    until: date | None = None


def find_action_window(plan: Plan, phase: Phase, turn: Turn, facts: Facts) -> ActionWindow:
    """Find the window by the dates of the period, under the names that the shipped workflow gives them."""
    opens, closes = _day(facts, "planning_opens"), _day(facts, "planning_closes")
    if turn is Turn.OWNER and phase is Phase.DRAFT:
        if _has_moved(plan, facts):
            return ActionWindow()
        if plan.revision_due:
            return ActionWindow(until=find_deadline(plan, closes, facts.today) or plan.revision_due)
        return ActionWindow(_future(opens, facts), closes)
    if turn is Turn.HEAD and phase is Phase.AUTO_APPROVED and facts.head.kind is HeadKind.PLT:
        return ActionWindow(_future(_day(facts, "plt_confirmation_from"), facts))
    return ActionWindow()


def _day(facts: Facts, name: str) -> date | None:
    value = facts.params.get(name)
    return value if isinstance(value, date) else None


def _future(day: date | None, facts: Facts) -> date | None:
    return day if day and facts.today < day else None


def _has_moved(plan: Plan, facts: Facts) -> bool:
    """Return whether the teacher has another school. Until data diri are confirmed, *Mulai* moves the plan there."""
    return plan.profile.is_confirmed and facts.sekolah_induk not in {None, plan.school.npsn}


def compose_sentence(plan: Plan, phase: Phase, turn: Turn, facts: Facts, head_nama: str | None) -> Problem:
    """Return the sentence that says whose turn it is and what they do."""
    sekolah, nama, head = plan.school.nama, head_nama, facts.head.kind
    match turn:
        case Turn.OWNER:
            return _compose_owner_sentence(plan, phase, facts)
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


def _compose_owner_sentence(plan: Plan, phase: Phase, facts: Facts) -> Problem:
    if phase is not Phase.DRAFT:
        return Problem("turn.owner_begins" if phase in _APPROVED else "turn.owner")
    if _has_moved(plan, facts):
        return Problem("turn.owner_moved", {"npsn": facts.sekolah_induk, "sekolah": plan.school.nama})
    window = find_action_window(plan, phase, Turn.OWNER, facts)
    if window.until is None:
        return Problem("turn.owner_submits")
    has_passed = window.until < facts.today
    if plan.revision_due:
        return Problem("turn.revision_passed" if has_passed else "turn.owner_corrects", {"due": window.until})
    if window.opens:
        return Problem("turn.owner_waits", {"opens": window.opens, "due": window.until})
    return Problem("turn.window_passed" if has_passed else "turn.owner_submits_by", {"due": window.until})


@dataclass(frozen=True, slots=True)
class CurrentTurn:
    """Whose turn a plan is.

    `nama` is the name of the owner or head, `npsn` the school of a turn of the head or the dinas.
    """

    turn: Turn
    nama: str | None
    npsn: str | None
    window: ActionWindow
    sentence: Problem


def find_turn(context: DecisionContext) -> CurrentTurn:
    """Find whose turn the plan of a decision context is."""
    plan = context.plan
    turn = decide_turn(context.workflow, context.snapshot, context.facts)
    phase = context.workflow.definition.state(plan.state).phase
    names = {Turn.OWNER: plan.profile.nama.value, Turn.HEAD: context.head_nama}
    npsn = plan.school.npsn if turn in {Turn.HEAD, Turn.DINAS} else None
    sentence = compose_sentence(plan, phase, turn, context.facts, context.head_nama)
    return CurrentTurn(
        turn, names.get(turn), npsn, find_action_window(plan, phase, turn, context.facts), sentence
    )
