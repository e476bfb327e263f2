"""On whom a plan waits, as a sentence: whose turn it is says the workflow, why say the facts it read."""

from __future__ import annotations

from services.kit.problem import Problem
from services.planning.domain.plan import Plan, still_due
from workflows import Facts, HeadKind, Phase, Turn

_BEGUN = frozenset({Phase.APPROVED, Phase.AUTO_APPROVED})


def sentence_of(plan: Plan, phase: Phase, turn: Turn, facts: Facts, head_nama: str | None) -> Problem:
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
    if (
        phase is Phase.DRAFT
        and plan.profile.confirmed
        and facts.sekolah_induk not in {None, plan.school.npsn}
    ):
        return Problem("turn.owner_moved", {"npsn": facts.sekolah_induk, "sekolah": plan.school.nama})
    if phase is Phase.DRAFT and plan.revision_due:
        due = still_due(plan, facts.params.get("planning_closes"), facts.today)
        code = "turn.owner_corrects" if due else "turn.revision_passed"
        return Problem(code, {"due": due or plan.revision_due})
    if phase is Phase.DRAFT:
        return Problem("turn.owner_submits")
    return Problem("turn.owner_begins" if phase in _BEGUN else "turn.owner")
