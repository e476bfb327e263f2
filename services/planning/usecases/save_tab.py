"""Saving a tab: STAY keeps an incomplete draft (Simpan Draf), NEXT asks for a complete one and leads on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.catalog import Choices
from services.planning.domain.plan import By, Change, Plan
from services.planning.domain.tabs import AnyTab, Tab
from services.planning.domain.tabs.tugas_tambahan import TugasTambahan
from services.planning.planning import Planning
from services.planning.usecases.command import Command, Outcome, on_plan
from services.planning.usecases.period import period_of
from workflows import Phase


async def save_tab(
    planning: Planning, caller: Caller, command: Command, filled: AnyTab, *, go_on: bool
) -> Outcome:
    """Keep what one tab holds now. Raises PlanRefused with every reason, each with the path of its field."""

    tab = Tab.of(filled)

    async def decided(plan: Plan) -> Change:
        await owner_may_edit(planning, caller, plan)
        if not plan.profile.confirmed:
            raise Refused(Problem("profile.not_confirmed", {}, ("profile",)))
        used = await period_of(planning, plan.period)
        catalog = await planning.catalogs.get(used.catalog)
        choices = catalog.choices(plan.school.jenjang, plan.profile.jenjang_jabatan.value)
        if problems := list(_problems(filled, choices, used.period.ends, go_on)):
            raise Refused(problems)
        saved = replace(
            plan, content=plan.content.with_tab(filled), tab=tab.next if go_on else tab, catalog=used.catalog
        )
        by = By(caller.ptk_id, caller.account)
        return Change(saved, ()).then("tab_saved", by, planning.clock.now(), detail={"tab": tab.value})

    return await on_plan(planning, caller, command, decided)


async def owner_may_edit(planning: Planning, caller: Caller, plan: Plan) -> None:
    """Refused unless the caller owns the plan and it is in phase draft: in no other phase is it edited."""
    if caller.ptk_id != plan.ptk_id:
        raise Refused(Problem("actor.not_owner"))
    workflow = await planning.workflows.get(plan.workflow)
    state = workflow.definition.state(plan.state)
    if state.phase is not Phase.DRAFT:
        raise Refused(Problem("plan.not_editable", {"state": state.label.id, "state_en": state.label.en}))


def _problems(filled: AnyTab, choices: Choices, last_day: date, go_on: bool) -> Iterator[Problem]:
    faults = list(filled.refused(choices))
    if isinstance(filled, TugasTambahan):
        faults += filled.dated_after(last_day)
    for fault in faults or (filled.missing(choices) if go_on else ()):
        yield Problem(fault.code, fault.params, ("input", *fault.path))
