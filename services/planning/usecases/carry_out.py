"""What a decision of the workflow makes of a plan: each step becomes one event, its effects are carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.planning.domain.caller import Caller
from services.planning.domain.event import ErasableText
from services.planning.domain.kept import content_text, profile_text
from services.planning.domain.plan import SYSTEM, By, Change, Plan
from services.planning.domain.timer import timers_of
from services.planning.usecases.case import Case
from workflows import Decision, Step


def carry_out(
    case: Case, decision: Decision, caller: Caller | None, detail: Mapping[str, Any] | None = None
) -> Change:
    """The change of all steps; `detail` goes into the event of the first one."""
    change = Change(case.plan, ())
    for step in decision.steps:
        changed, texts = _effects(change.plan, step, case)
        by, names = _by(step, case, caller)
        moved = {"moved_from": change.plan.school.npsn} if changed.school != change.plan.school else {}
        change = replace(change, plan=changed).then(
            "transition",
            by,
            case.facts.now,
            to=step.to_state,
            texts=(*texts, *names),
            detail={**({} if change.events else detail or {}), **moved},
            trigger=step.trigger,
            transition=step.transition,
            parameters=case.facts.params_revision,
            because=step.evidence,
            acknowledged=[warning.code for warning in step.acknowledged],
            exceptional=step.exceptional,
        )
    if all(step.to_state == step.from_state for step in decision.steps):
        return change
    return replace(change, timers=timers_of(change.plan, case.workflow.definition, case.facts.params))


def _effects(plan: Plan, step: Step, case: Case) -> tuple[Plan, tuple[ErasableText, ...]]:
    facts = case.facts
    texts = [ErasableText.of("reason", step.reason)] if step.reason else []
    for effect in step.effects:
        match effect.name:
            case "remember_submission":
                texts += [content_text(plan), profile_text(plan)]
                plan = replace(plan, submitted_at=facts.now, reopened_at=None)
            case "open_revision":
                due = facts.today + timedelta(days=int(str(effect.args["days"])))
                plan = replace(plan, revision_due=due, note=step.reason)
            case "remember_reopening":
                plan = replace(plan, reopened_at=facts.now)
            case "move_to_sekolah_induk":
                assert case.induk is not None, "the guard `may_move` let it pass"
                plan = replace(plan, school=case.induk)
            case unknown:
                raise LookupError(f"effect {unknown} is registered and not carried out")
    return plan, tuple(texts)


def _by(step: Step, case: Case, caller: Caller | None) -> tuple[By, tuple[ErasableText, ...]]:
    """Who it was; of a head of the school also the name, which nobody could look up later.

    As the row says: who heads the school and reopens a plan as an admin does not act on the school's behalf.
    """
    if step.by.system or caller is None:
        return SYSTEM, ()
    row = next(row for row in case.workflow.definition.transitions if row.id == step.transition)
    if row.by.relation != "head_of_school":
        return By(caller.ptk_id, caller.account), ()
    behalf = {"npsn": case.plan.school.npsn, "head": case.facts.head.kind.value}
    names = (ErasableText.of("nama", case.head_nama),) if case.head_nama else ()
    return By(caller.ptk_id, caller.account, behalf), names
