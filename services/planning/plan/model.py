"""The plan, one for each teacher and period, and how a change adds events to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from services.kit.problems import Problem, RequestRefused
from services.planning.people.model import Fact, School, SchoolFacts
from services.planning.period.catalog import Catalog
from services.planning.plan import profile as profiles
from services.planning.plan.event_kinds import EventData
from services.planning.plan.events import ErasableText, Event, EventActor, HashedEvent, Stay, hash_event
from services.planning.plan.profile import Profile
from services.planning.plan.tabs import Content, Tab
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState


@dataclass(frozen=True, slots=True)
class Plan:
    """A stored plan. `version` is the number of its events, `last_hash` the hash of the last one.

    `revision_due` is a date at the school. `reopened_at` is None again after the next submission. `state_since` is the
    instant at which the plan entered its state.
    """

    ptk_id: str
    period: str
    school: School
    workflow: str
    catalog: str
    state: str
    version: int
    last_hash: str
    tab: Tab
    profile: Profile
    content: Content
    updated_at: datetime
    submitted_at: datetime | None = None
    revision_due: date | None = None
    note: str | None = None
    reopened_at: datetime | None = None
    state_since: datetime | None = None

    def next_instant(self, now: datetime) -> datetime:
        """Return the instant of the next event: now, or that of the last event if the clock was put back since."""
        return max(now, self.updated_at) if self.version else now


def find_deadline(plan: Plan, closes: date, today: date) -> date | None:
    """Return the last day on which a returned or reopened plan can be submitted; None if it has passed.

    After its own due date, a plan can be submitted until `closes`, the last day of the planning window.
    """
    return next((day for day in (plan.revision_due, closes) if day and today <= day), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A plan after a command, with its new events. They are committed together or not at all.

    `timers` are those of the state that the plan entered and replace all others; None if it keeps its timers.
    """

    plan: Plan
    events: tuple[HashedEvent, ...]
    timers: tuple[TimerState, ...] | None = None

    def with_event(
        self,
        data: EventData,
        actor: EventActor,
        at: datetime,
        *,
        texts: tuple[ErasableText, ...] = (),
        to_state: str | None = None,
        is_rename: bool = False,
    ) -> Change:
        """Return the change with one more event, and the plan in the state `to_state` (None: it keeps its state).

        `at` is now. The version that the commit compares makes sure that `plan` has the last event. `is_rename`: the
        state is the same under the name of another workflow version, so that its time goes on.
        """
        plan = self.plan
        at = plan.next_instant(at)
        event = Event(
            id=str(uuid4()),
            ptk_id=plan.ptk_id,
            period=plan.period,
            version=plan.version + 1,
            npsn=plan.school.npsn,
            at=at,
            actor=actor,
            from_state=plan.state if plan.version else None,
            to_state=to_state or plan.state,
            workflow=plan.workflow,
            catalog=plan.catalog,
            data=data,
        )
        new_event = hash_event(plan.last_hash, event, texts)
        keeps_state = plan.version > 0 and (is_rename or to_state in {None, plan.state})
        if not keeps_state and plan.state_since is not None:
            seconds = int((at - plan.state_since).total_seconds())
            new_event = replace(new_event, stay=Stay(plan.state, seconds))
        plan = replace(
            plan,
            state=event.to_state,
            state_since=plan.state_since if keeps_state else at,
            version=event.version,
            last_hash=new_event.hash,
            updated_at=at,
        )
        return replace(self, plan=plan, events=(*self.events, new_event))


@dataclass(frozen=True, slots=True)
class AcknowledgeableProblem(Problem):
    """A warning. The command is accepted if it is sent again with this code in `acknowledge`, which is recorded."""


class PlanRefused(RequestRefused):
    """A request on a plan was refused. Holds the current plan, so that a client can continue with it."""

    def __init__(self, problems: Problem | Iterable[Problem], plan: Plan) -> None:
        super().__init__(problems)
        self.plan = plan


def version_conflict(expected_version: int, plan: Plan) -> PlanRefused:
    """Return the error for a command on a version that is not current, perhaps sent from a second device."""
    return PlanRefused(
        Problem("version.conflict", {"expected": expected_version, "current": plan.version}), plan
    )


def build_school(facts: SchoolFacts | None, catalog: Catalog, sekolah_induk: Fact[str]) -> School | None:
    """Return the school to store with a plan; None if it is unknown or of a kind without plans.

    `sekolah_induk` is the fact that assigns the teacher to it.
    """
    form = facts.bentuk_pendidikan.value if facts else None
    jenjang = catalog.jenjang_of(form.id) if form else None
    if facts is None or jenjang is None:
        return None
    return School(
        npsn=facts.npsn,
        nama=facts.nama.value or facts.npsn,
        jenjang=jenjang,
        zone=facts.zone.value,
        provinsi=facts.provinsi.value,
        kabupaten_kota=facts.kabupaten_kota.value,
        source=sekolah_induk.source,
        as_of=sekolah_induk.as_of,
    )


def follow_registry(plan: Plan, profile: Profile, school: School | None) -> tuple[Plan, tuple[str, ...]]:
    """Return an open plan with the registry's data diri and school of today, and the fields that changed.

    Once the teacher has confirmed data diri, the plan changes to another school by `movePlan` only.
    """
    new_profile, changed = profiles.follow_registry(plan.profile, profile)
    old = plan.school
    is_new = school is not None and replace(school, source=old.source, as_of=old.as_of) != old
    if school and is_new and (school.npsn == old.npsn or not plan.profile.is_confirmed):
        return replace(plan, profile=new_profile, school=school), (*changed, "school")
    return replace(plan, profile=new_profile), changed


def check_school_change(
    plan: Plan, sekolah_induk: str | None, new_school: School | None
) -> Iterator[Problem]:
    """Find why a plan cannot move to the sekolah induk of today: one problem, or none."""
    if sekolah_induk is None:
        yield Problem("move.induk_unknown")
    elif sekolah_induk == plan.school.npsn:
        yield Problem("move.same_school", {"npsn": sekolah_induk})
    elif new_school is None:
        yield Problem("move.school_not_served", {"npsn": sekolah_induk})


@dataclass(frozen=True, slots=True)
class CommandKey:
    """An idempotency key in its scope (subject and mutation), with the hash of its input."""

    subject: str
    mutation: str
    key: str
    input_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What a key was stored with: the plan (ptk_id, period), its version afterwards, and the hash of the input.

    Erasure empties the hash.
    """

    plan: tuple[str, str]
    version: int
    input_hash: str

    def matches(self, key: CommandKey, plan: tuple[str, str] | None, expected_version: int | None) -> bool:
        """Return whether a command repeats the stored one.

        Without the hash a repeat is a command on the same plan at a version before the stored one.
        """
        if self.input_hash:
            return self.input_hash == key.input_hash
        return self.plan == plan and (expected_version is None or expected_version < self.version)


@dataclass(frozen=True, slots=True)
class AutomaticStates:
    """The states with automatic transitions, in which plans wait: pairs of `workflows` and `states` by position.

    `versions` are all workflow versions that were searched.
    """

    workflows: tuple[str, ...]
    states: tuple[str, ...]
    versions: tuple[str, ...]

    @classmethod
    def of(cls, workflows: Sequence[Workflow]) -> AutomaticStates:
        """Return the automatic states of these workflow versions."""
        pairs = sorted(
            {
                (workflow.sha256, state)
                for workflow in workflows
                for transition in workflow.definition.transitions
                if transition.is_automatic
                for state in transition.from_states
            }
        )
        return cls(
            workflows=tuple(workflow for workflow, _ in pairs),
            states=tuple(state for _, state in pairs),
            versions=tuple(workflow.sha256 for workflow in workflows),
        )
