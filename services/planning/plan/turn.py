"""Whose turn a plan is, within which days, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.kit.problems import Problem
from services.planning.plan.decision import DecisionContext
from services.planning.plan.model import Plan, find_deadline
from workflows.engine.decide import decide_turn
from workflows.model.contract import ContractValues
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


def find_action_window(
    plan: Plan, phase: Phase, turn: Turn, facts: Facts, days: ContractValues
) -> ActionWindow:
    """Find the window by the days of the period."""
    if turn is Turn.OWNER and phase is Phase.DRAFT:
        if _has_moved(plan, facts):
            return ActionWindow()
        if plan.revision_due:
            return ActionWindow(until=find_deadline(plan, days.closes, facts.today) or plan.revision_due)
        return ActionWindow(_future(days.opens, facts), days.closes)
    if turn is Turn.HEAD and phase is Phase.AUTO_APPROVED and facts.head.kind is HeadKind.PLT:
        return ActionWindow(_future(days.plt_confirmation_from, facts))
    return ActionWindow()


def _future(day: date, facts: Facts) -> date | None:
    return day if facts.today < day else None


def _has_moved(plan: Plan, facts: Facts) -> bool:
    """Return whether the teacher has another school. Until data diri are confirmed, *Mulai* moves the plan there."""
    return plan.profile.is_confirmed and facts.sekolah_induk not in {None, plan.school.npsn}


def compose_sentence(
    plan: Plan, phase: Phase, turn: Turn, facts: Facts, days: ContractValues, head_nama: str | None
) -> Problem:
    """Return the sentence that says whose turn it is and what they do."""
    sekolah, nama, head = plan.school.nama, head_nama, facts.head.kind
    match turn:
        case Turn.OWNER:
            return _compose_owner_sentence(plan, phase, facts, days)
        case Turn.HEAD if head is HeadKind.PLT and phase is Phase.AUTO_APPROVED:
            code = "turn.plt_confirms_named" if nama else "turn.plt_confirms"
            params = {"sekolah": sekolah, "nama": nama, "opens": days.plt_confirmation_from}
            return Problem(code, params)
        case Turn.HEAD if head is HeadKind.PLT:
            return Problem("turn.plt_named" if nama else "turn.plt", {"sekolah": sekolah, "nama": nama})
        case Turn.HEAD:
            code = "turn.kepala_sekolah_named" if nama else "turn.kepala_sekolah"
            return Problem(code, {"sekolah": sekolah, "nama": nama})
        case Turn.DINAS:
            vacant = "turn.heads_disputed" if facts.head.is_disputed else "turn.dinas_appoints"
            return Problem(vacant if head is HeadKind.KOSONG else "turn.dinas_judges", {"sekolah": sekolah})
        case Turn.NOBODY:
            return Problem("turn.nobody")


def _compose_owner_sentence(plan: Plan, phase: Phase, facts: Facts, days: ContractValues) -> Problem:
    if phase is not Phase.DRAFT:
        return Problem("turn.owner_begins" if phase in _APPROVED else "turn.owner")
    if _has_moved(plan, facts):
        return Problem("turn.owner_moved", {"npsn": facts.sekolah_induk, "sekolah": plan.school.nama})
    window = find_action_window(plan, phase, Turn.OWNER, facts, days)
    due = window.until or days.closes
    has_passed = due < facts.today
    if plan.revision_due:
        return Problem("turn.revision_passed" if has_passed else "turn.owner_corrects", {"due": due})
    if window.opens:
        return Problem("turn.owner_waits", {"opens": window.opens, "due": due})
    return Problem("turn.window_passed" if has_passed else "turn.owner_submits_by", {"due": due})


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
    facts, days = context.facts, context.contract.read_values(context.facts.params)
    sentence = compose_sentence(plan, phase, turn, facts, days, context.head_nama)
    window = find_action_window(plan, phase, turn, facts, days)
    return CurrentTurn(turn, names.get(turn), npsn, window, sentence)
