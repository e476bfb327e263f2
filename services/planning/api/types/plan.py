"""The plan. The root field loads it; some fields load more if a client asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import plan_id
from services.planning.api.types.catalog import Catalog, Pilihan, render_catalog
from services.planning.api.types.comments import CommentConnection, resolve_comments
from services.planning.api.types.connections import Connection
from services.planning.api.types.history import HistoryEntry, resolve_history
from services.planning.api.types.node import Node
from services.planning.api.types.people import (
    SatuanPendidikan,
    Teacher,
    reference_school,
    render_owner,
    render_school,
)
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan_content import (
    Content,
    ContentChange,
    Profile,
    Rangkuman,
    RegisteredDuty,
    render_content,
    render_pilihan,
    render_profile,
    render_rangkuman,
    render_registered_duty,
    resolve_content_changes,
)
from services.planning.api.types.plan_state import (
    AvailableTransition,
    ExplainedTransition,
    PlanState,
    Turn,
    render_available_transition,
    render_explained_transition,
    render_state,
    resolve_turn,
)
from services.planning.api.types.problems import Failure, Problem, render_problem
from services.planning.api.types.timers import Timer, render_timer
from services.planning.plan import model as domain
from services.planning.plan.queries import (
    PlanView,
    explain_transitions,
    load_offered_duties,
    load_plan_view,
    load_previous_perilaku,
)
from services.planning.plan.rangkuman import build_rangkuman as summarised
from services.planning.plan.tabs import name_choices
from services.planning.plan.transitions import available_transitions
from services.planning.timers.queries import list_plan_timers


@strawberry.enum(description="A tab of the plan, in the order of the screen.")
class Tab(Enum):
    PRAKTIK_KINERJA = strawberry.enum_value("praktik_kinerja", description="Tab 1.")
    PENGEMBANGAN_KOMPETENSI = strawberry.enum_value("pengembangan_kompetensi", description="Tab 2.")
    TUGAS_TAMBAHAN = strawberry.enum_value("tugas_tambahan", description="Tab 3.")
    PERILAKU_KERJA = strawberry.enum_value("perilaku_kerja", description="Tab 4.")
    RANGKUMAN = strawberry.enum_value("rangkuman", description="Tab 5.")


@strawberry.type(description="A teacher's performance plan (Perencanaan Kinerja) for one period.")
class Plan(Node):
    view: strawberry.Private[PlanView]
    version: int = strawberry.field(
        description="The number of the plan's events. Send it as `expectedVersion`."
    )
    owner: Teacher = strawberry.field(description="The teacher whose plan it is.")
    state: PlanState = strawberry.field(description="The current state.")
    tab: Tab = strawberry.field(description="The tab that the teacher saved last.")
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school that the plan belongs to.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    submitted_at: datetime | None = strawberry.field(description="When it was last submitted; null if never.")
    revision_due_on: date | None = strawberry.field(
        description="The last day to submit it again; null if it was not returned or reopened."
    )
    note: str | None = strawberry.field(
        description="The note of the last return (*Perlu perbaikan*) or the reason of the last reopening. Null "
        "without one, and after erasure."
    )

    @field(
        "The events of this plan in sentences, newest first. Null, with an entry in `errors`, if `first` or `after` is "
        "invalid."
    )
    async def history(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[HistoryEntry] | None:
        return await resolve_history(self.view.plan, info.context, first, after)

    was_reopened: bool = strawberry.field(
        description="Whether an admin has reopened it. False after the next submission."
    )

    @field("The period of the plan.")
    async def period(self, info: Info) -> Period:
        return render_period(await info.context.loaders.periods.load(self.view.plan.period), info.context)

    @field("Data diri of this plan.")
    def profile(self) -> Profile:
        return render_profile(self.view.plan, self.view.catalog)

    @field("The choices in each tab so far.")
    def content(self) -> Content:
        return render_content(self.view.plan.content)

    @field("The summary (*Rangkuman*), with the automatic RHK.")
    def rangkuman(self) -> Rangkuman:
        return render_rangkuman(summarised(self.view.plan.content, self.view.choices, self.view.catalog))

    @field("Everything that is missing for a submission, or is no longer in the catalogue.")
    def incomplete_parts(self, info: Info) -> list[Problem]:
        content, choices = self.view.plan.content, self.view.choices
        withdrawn = (
            DomainProblem("choice.withdrawn", {"choice": p.params["code"]}, p.path)
            for p in name_choices(content.check_offered(choices), self.view.catalog)
        )
        return [
            render_problem(problem, info.context)
            for problem in (*content.check_complete(choices), *withdrawn)
        ]

    @field(
        "The lists that the owner chooses from. Ask for its `id` only, and fetch a catalogue that you do not have yet."
    )
    def catalog(self) -> Catalog:
        return render_catalog(self.view.catalog_level)

    @field(
        "The transitions from the current state that you can fire now or later, with every reason why not "
        "now. Null, with an entry in `errors`, while identity is unavailable."
    )
    async def available_transitions(self, info: Info) -> list[AvailableTransition] | None:
        # Nullable: while identity is unavailable, a mutation that succeeded still returns its plan.
        context = info.context
        caller = context.require_caller()
        transitions = available_transitions(
            await context.loaders.decision_contexts.load((self.view.plan, caller)), caller
        )
        return [render_available_transition(availability, context) for availability in transitions]

    @field(
        "Every transition from the current state, also of other persons and of the system, and the "
        "reasons against it. Null, with an entry in `errors`, if you are not an admin and while identity is "
        "unavailable. For admins."
    )
    async def explained_transitions(self, info: Info) -> list[ExplainedTransition] | None:
        context = info.context
        transitions = await explain_transitions(context.services, context.require_caller(), self.view.plan)
        return [render_explained_transition(transition, context) for transition in transitions]

    @field(
        "The person who has to act next, and why. Null, with an entry in `errors`, while identity is "
        "unavailable and no answer about the head is cached."
    )
    async def turn(self, info: Info) -> Turn | None:
        return await resolve_turn(self.view.plan, info.context)

    @field(
        "The teacher's sekolah induk if it is not the school of the plan. The head of that school can read the plan, "
        "and an admin can move it (`movePlan`). Null if it is the school of the plan, and after the end of the period."
    )
    async def current_satuan_pendidikan(self, info: Info) -> SatuanPendidikan | None:
        npsn = await info.context.loaders.present_schools.load(self.view.plan)
        return reference_school(npsn) if npsn else None

    @field(
        "Perilaku Kerja of the owner's last submission for the first semester of the year, without "
        "behaviours that the catalogue no longer has. Offer it as a proposal in the second semester. "
        "Empty if you are not the owner. Null, with an entry in `errors`, if it cannot be loaded."
    )
    async def perilaku_kerja_sebelumnya(self, info: Info) -> list[Pilihan] | None:
        # Guide, tab 4: "satu tahun ke depan".
        context = info.context
        return render_pilihan(
            await load_previous_perilaku(context.services, context.require_caller(), self.view)
        )

    @field(
        "Your additional duties of today at the school of the plan that are on record and in the catalogue. Offer them "
        "in tab 3. Empty if you are not the owner. Null, with an entry in `errors`, while identity is unavailable."
    )
    async def registered_duties(self, info: Info) -> list[RegisteredDuty] | None:
        context = info.context
        duties = await load_offered_duties(context.services, context.require_caller(), self.view)
        return list(map(render_registered_duty, duties))

    @field(
        "Timers of the current state that will fire, the earliest first. Null, with an entry in `errors`, if they "
        "cannot be loaded."
    )
    async def timers(self, info: Info) -> list[Timer] | None:
        timers = await list_plan_timers(self.view.plan, self.view.workflow, info.context.connection)
        return [render_timer(timer, info.context) for timer in timers]

    @field("The discussion, oldest first. Null, with an entry in `errors`, if `first` or `after` is invalid.")
    async def comments(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
    ) -> CommentConnection | None:
        return await resolve_comments(self.view.plan, info.context, first, after)

    @field(
        "Changes that the head has not seen: in phase `DRAFT` against the last submission, otherwise of "
        "the last submission against the one before. Null if there is no submission to compare with, or "
        "if it was erased."
    )
    async def changes_since_last_submission(self, info: Info) -> list[ContentChange] | None:
        return await resolve_content_changes(self.view, info.context)


@strawberry.type(description="A mutation on a plan was refused. Nothing changed.")
class PlanRejection(Failure):
    # Not `plan`: GraphQL lets no client select a nullable and a non-null field under one name.
    current_plan: Plan | None = strawberry.field(description="The current plan; null if you cannot see it.")


async def resolve_plans(keys: Sequence[tuple[str, str]], context: Context) -> list[Plan | None]:
    """Load plans by ptk_id and period and render them; None for one that the caller cannot see."""
    plans = await context.loaders.plans.load_many(keys)
    return [await resolve_plan(plan, context) if plan else None for plan in plans]


async def resolve_plan(plan: domain.Plan, context: Context) -> Plan:
    """Load what a plan needs and render it."""
    view = await load_plan_view(context.services, plan, context.loaders.periods.load)
    return render_plan(view, context.language)


def render_plan(view: PlanView, language: str) -> Plan:
    """Render a plan with the labels of its workflow version."""
    plan = view.plan
    return Plan(
        view=view,
        id=strawberry.ID(plan_id(plan.ptk_id, plan.period)),
        version=plan.version,
        owner=render_owner(plan),
        state=render_state(view.state, language),
        tab=Tab(plan.tab.value),
        satuan_pendidikan=render_school(plan.school),
        updated_at=plan.updated_at,
        submitted_at=plan.submitted_at,
        revision_due_on=plan.revision_due,
        note=plan.note,
        was_reopened=plan.reopened_at is not None,
    )
