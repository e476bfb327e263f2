"""The history of a plan of the population, made by the workflow and by `Change` only.

Each step is decided with the facts and parameters of its instant, so a dry run can decide it again. Delays are drawn,
most of them short, some long. The history ends at the instant at which the population is observed.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from services.planning.callers.model import Caller
from services.planning.period.catalog import Choices
from services.planning.period.model import resolve_parameters
from services.planning.plan.decision import DecisionContext, apply_decision
from services.planning.plan.erasable_text import profile_text
from services.planning.plan.event_kinds import EventData, PlanStarted, ProfileConfirmed, TabSaved
from services.planning.plan.events import ErasableText, EventActor
from services.planning.plan.model import Change, Plan
from services.planning.plan.tabs import Tab, TabContent
from tests.proofs.population.content import choices_of, draw_rhk, draw_tabs, new_plan
from tests.proofs.population.model import FIRST_TEACHER, Population, PopulationSchool, caller_of, name_of
from tests.unit.planning.reference import period
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.files.loader import load_shipped
from workflows.lint.check import build_proved_workflow
from workflows.model.facts import Actor, CommandInput, Facts, Head, Refusal

STOP_PROBABILITY, RETURN_PROBABILITY = 0.03, 0.12
COMMAND_INPUT = CommandInput("Mohon lengkapi bukti dukung RHK pertama.", frozenset({"points.below_minimum"}))


class HistoryEnds(Exception):
    """The plan does not change any more before the population is observed."""


def make_plan(population: Population, school: PopulationSchool, number: int) -> Change:
    """Return the plan of this number with all its events, at least with its start."""
    random = Random(f"plan {number}")
    owner = caller_of(FIRST_TEACHER + number)
    plan = new_plan(random, population, school, FIRST_TEACHER + number, workflow().sha256)
    actor = EventActor(owner.ptk_id, owner.account)
    change = Change(plan, ()).with_event(PlanStarted(), actor, plan.updated_at, texts=(profile_text(plan),))
    history = _History(school, population.now, owner, random, change, plan.updated_at)
    with suppress(HistoryEnds):
        history.run()
    return history.change


@dataclass
class _History:
    """A plan during its history; `at` is the current instant."""

    school: PopulationSchool
    now: datetime
    owner: Caller
    random: Random
    change: Change
    at: datetime

    def run(self) -> None:
        """Take the plan from data diri to implementation. Raises HistoryEnds where it gets no further."""
        self._confirm()
        for tab_content in draw_tabs(self.random, self._choices):
            self._wait(0.5)
            self._save(tab_content)
        while self.change.plan.state == "draft":
            self._submit()
        self._begin()

    def _confirm(self) -> None:
        self._wait(0.2)
        profile = replace(self.change.plan.profile, confirmed_at=self.at)
        plan = replace(self.change.plan, profile=profile)
        self._write(ProfileConfirmed(), plan, texts=(profile_text(plan),))

    def _submit(self) -> None:
        self._wait(24)
        self._fire("submit", self.owner)
        if self.change.plan.state != "submitted" or self.school.head is None:
            return
        self._wait(90)
        is_returned = self.random.random() < RETURN_PROBABILITY
        self._fire("return" if is_returned else "approve", caller_of(self.school.head))
        if is_returned:
            self._wait(40)
            self._save(draw_rhk(self.random, self._choices))

    def _begin(self) -> None:
        self._wait(200)
        confirmed_at = self.school.plt_confirmed_at
        if confirmed_at and self.change.plan.state == "auto_approved":
            self.at = max(self.at, confirmed_at + timedelta(hours=1))
        self._fire("beginImplementation", self.owner)

    def _wait(self, hours: float) -> None:
        """Wait a random time, with these hours as the median. Raises HistoryEnds if no step follows."""
        if self.random.random() < STOP_PROBABILITY:
            raise HistoryEnds
        self.at += timedelta(seconds=round(3600 * self.random.lognormvariate(math.log(hours), 1)))
        if self.at > self.now:
            raise HistoryEnds

    def _save(self, tab_content: TabContent) -> None:
        plan, tab = self.change.plan, Tab.of(tab_content)
        plan = replace(plan, content=plan.content.with_tab(tab_content), tab=tab.next)
        self._write(TabSaved(tab), plan)

    def _write(self, data: EventData, plan: Plan, texts: tuple[ErasableText, ...] = ()) -> None:
        actor = EventActor(self.owner.ptk_id, self.owner.account)
        self.change = Change(plan, self.change.events).with_event(data, actor, self.at, texts=texts)

    def _fire(self, trigger: str, caller: Caller) -> None:
        if self.at > self.now:
            raise HistoryEnds
        context = self._decision_context()
        decision = decide(
            context.workflow, context.snapshot, trigger, Actor(caller.ptk_id), context.facts, COMMAND_INPUT
        )
        if not decision.allowed:
            raise HistoryEnds
        change = apply_decision(context, decision, caller)
        self.change = Change(change.plan, (*self.change.events, *change.events))

    def _decision_context(self) -> DecisionContext:
        plan, school, head = self.change.plan, self.school.school, self.school.head
        revision = period().parameters_at(self.at)
        confirmed_at = self.school.plt_confirmed_at
        facts = Facts(
            now=self.at,
            zone=ZoneInfo(str(school.zone)),
            params=resolve_parameters(workflow().definition, revision),
            params_revision=revision.number,
            head=Head(self.school.head_kind, None if head is None else caller_of(head).ptk_id),
            facts_as_of=self.at,
            sekolah_induk=school.npsn,
            profile_confirmed=plan.profile.is_confirmed,
            missing_parts=tuple(
                Refusal(p.code, p.params, p.path) for p in plan.content.check_complete(self._choices)
            ),
            points=plan.content.points(self._choices),
            revision_due=plan.revision_due,
            plt_confirmed=confirmed_at is not None and confirmed_at <= self.at,
        )
        nama = None if head is None else name_of(head)
        return DecisionContext(plan, workflow(), facts, nama, None, frozenset({plan.ptk_id}))

    @property
    def _choices(self) -> Choices:
        return choices_of(self.school.school.jenjang)


@cache
def workflow() -> Workflow:
    """Return the shipped workflow."""
    return build_proved_workflow(load_shipped())
