"""How one plan of a synthetic season went: written by nobody else than the workflow and the domain's own `Change`.

Each step is decided by the facts of its own instant, with what the period said then, so the events bear being held
against a definition again. A plan ends where the season's present finds it: delays are drawn, most short, some long.
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
from tests.proofs.season import TEACHERS_FROM, Season, SeasonSchool, caller_of, name_of
from tests.proofs.season_content import choices_of, filled_tabs, new_plan, other_rhk
from tests.unit.planning.reference import period
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.files.loader import load_shipped
from workflows.lint.check import build_proved_workflow
from workflows.model.facts import Actor, CommandInput, Facts, Head, Refusal

GIVES_UP, IS_RETURNED = 0.03, 0.12
ACCEPTS = CommandInput("Mohon lengkapi bukti dukung RHK pertama.", frozenset({"points.below_minimum"}))


class Over(Exception):
    """The plan stands where the season's present finds it."""


def course(season: Season, school: SeasonSchool, number: int) -> Change:
    """The plan of this number with all its events; that it was started, at least."""
    chance = Random(f"plan {number}")
    owner = caller_of(TEACHERS_FROM + number)
    plan = new_plan(chance, season, school, TEACHERS_FROM + number, workflow().sha256)
    by = EventActor(owner.ptk_id, owner.account)
    started = Change(plan, ()).with_event(PlanStarted(), by, plan.updated_at, texts=(profile_text(plan),))
    going = _Course(school, season.now, owner, chance, started, plan.updated_at)
    with suppress(Over):
        going.on()
    return going.change


@dataclass
class _Course:
    """A plan on its way; `at` is the instant that it has come to."""

    school: SeasonSchool
    now: datetime
    owner: Caller
    chance: Random
    change: Change
    at: datetime

    def on(self) -> None:
        """From data diri to Pelaksanaan; Over where it comes no further."""
        self._confirm()
        for filled in filled_tabs(self.chance, self._choices):
            self._pass(0.5)
            self._save(filled)
        while self.change.plan.state == "draft":
            self._hand_in()
        self._begin()

    def _confirm(self) -> None:
        self._pass(0.2)
        profile = replace(self.change.plan.profile, confirmed_at=self.at)
        confirmed = replace(self.change.plan, profile=profile)
        self._write(ProfileConfirmed(), confirmed, texts=(profile_text(confirmed),))

    def _hand_in(self) -> None:
        self._pass(24)
        self._fire("submit", self.owner)
        if self.change.plan.state != "submitted" or self.school.head is None:
            return
        self._pass(90)
        returned = self.chance.random() < IS_RETURNED
        self._fire("return" if returned else "approve", caller_of(self.school.head))
        if returned:
            self._pass(40)
            self._save(other_rhk(self.chance, self._choices))

    def _begin(self) -> None:
        self._pass(200)
        opened = self.school.plt_confirmed_at
        if opened and self.change.plan.state == "auto_approved":
            self.at = max(self.at, opened + timedelta(hours=1))
        self._fire("beginImplementation", self.owner)

    def _pass(self, hours: float) -> None:
        """Time goes by: for half of all not more than these hours, for some very long, with a few nothing follows."""
        if self.chance.random() < GIVES_UP:
            raise Over
        self.at += timedelta(seconds=round(3600 * self.chance.lognormvariate(math.log(hours), 1)))
        if self.at > self.now:
            raise Over

    def _save(self, filled: TabContent) -> None:
        plan, tab = self.change.plan, Tab.of(filled)
        kept = replace(plan, content=plan.content.with_tab(filled), tab=tab.next)
        self._write(TabSaved(tab), kept)

    def _write(self, data: EventData, plan: Plan, texts: tuple[ErasableText, ...] = ()) -> None:
        by = EventActor(self.owner.ptk_id, self.owner.account)
        self.change = Change(plan, self.change.events).with_event(data, by, self.at, texts=texts)

    def _fire(self, trigger: str, caller: Caller) -> None:
        if self.at > self.now:
            raise Over
        case = self._case()
        decision = decide(case.workflow, case.snapshot, trigger, Actor(caller.ptk_id), case.facts, ACCEPTS)
        if not decision.allowed:
            raise Over
        done = apply_decision(case, decision, caller)
        self.change = Change(done.plan, (*self.change.events, *done.events))

    def _case(self) -> DecisionContext:
        plan, school, head = self.change.plan, self.school.school, self.school.head
        revision = period().parameters_at(self.at)
        confirmed = self.school.plt_confirmed_at
        facts = Facts(
            now=self.at,
            zone=ZoneInfo(str(school.zone)),
            params=resolve_parameters(workflow().definition, revision),
            params_revision=revision.number,
            head=Head(self.school.kind, None if head is None else caller_of(head).ptk_id),
            facts_as_of=self.at,
            sekolah_induk=school.npsn,
            profile_confirmed=plan.profile.is_confirmed,
            missing_parts=tuple(
                Refusal(p.code, p.params, p.path) for p in plan.content.check_complete(self._choices)
            ),
            points=plan.content.points(self._choices),
            revision_due=plan.revision_due,
            plt_confirmed=confirmed is not None and confirmed <= self.at,
        )
        return DecisionContext(plan, workflow(), facts, None if head is None else name_of(head), None)

    @property
    def _choices(self) -> Choices:
        return choices_of(self.school.school.jenjang)


@cache
def workflow() -> Workflow:
    """The shipped one."""
    return build_proved_workflow(load_shipped())
