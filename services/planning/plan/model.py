"""The plan: one per teacher and period, kept by the key (ptk_id, period); what a change makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from services.kit.problems import Problem, RequestRefused
from services.planning.people.model import School, SchoolFacts
from services.planning.period.catalog import Catalog
from services.planning.plan.event_kinds import EventData
from services.planning.plan.events import ErasableText, Event, EventActor, HashedEvent, Stay, hash_event
from services.planning.plan.profile import Profile
from services.planning.plan.tabs import Content, Tab
from workflows.engine.timers import TimerState


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as stored. `version` counts its events, `last_hash` ends its chain, `revision_due` is a local day.

    `reopened_at` stands from the reopening until the next submission; `state_since` is when the plan came to its state.
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


def find_deadline(plan: Plan, closes: object, today: date) -> date | None:
    """The day by which a returned or reopened plan can still be handed in; None once there is none.

    Past its own day it has what is left of the planning window, whose last day is `closes`.
    """
    days = (plan.revision_due, closes)
    return next((day for day in days if isinstance(day, date) and today <= day), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A plan after a command, and the events that brought it there: they are committed together or not at all.

    `timers` are those of the state that it entered, in place of all it had; None: it stays, and so do they.
    """

    plan: Plan
    events: tuple[HashedEvent, ...]
    timers: tuple[TimerState, ...] | None = None

    def with_event(
        self,
        data: EventData,
        by: EventActor,
        at: datetime,
        *,
        texts: tuple[ErasableText, ...] = (),
        to: str | None = None,
    ) -> Change:
        """One more event, and the plan moved along: state, version, end of the chain, time."""
        plan = self.plan
        event = Event(
            id=str(uuid4()),
            ptk_id=plan.ptk_id,
            period=plan.period,
            version=plan.version + 1,
            npsn=plan.school.npsn,
            at=at,
            by=by,
            from_state=plan.state if plan.version else None,
            to_state=to or plan.state,
            workflow=plan.workflow,
            catalog=plan.catalog,
            data=data,
        )
        new_link = hash_event(plan.last_hash, event, texts)
        stays = plan.version > 0 and to in {None, plan.state}
        ended = None if stays or plan.state_since is None else at - plan.state_since
        stay = Stay(plan.state, int(ended.total_seconds())) if ended is not None else None
        moved = replace(
            plan,
            state=event.to_state,
            state_since=plan.state_since if stays else at,
            version=event.version,
            last_hash=new_link.hash,
            updated_at=at,
        )
        return replace(self, plan=moved, events=(*self.events, replace(new_link, stay=stay)))


@dataclass(frozen=True, slots=True)
class Acknowledgeable(Problem):
    """A warning: sending the command again with this code in `acknowledge` accepts it, and that is recorded."""


class PlanRefused(RequestRefused):
    """RequestRefused, with the plan as it stands, so that a client can go on from there."""

    def __init__(self, problems: Problem | Iterable[Problem], plan: Plan) -> None:
        super().__init__(problems)
        self.plan = plan


def version_conflict(expected: int, plan: Plan) -> PlanRefused:
    """Somebody, perhaps the same person on another device, changed the plan since it was read."""
    return PlanRefused(Problem("version.conflict", {"expected": expected, "current": plan.version}), plan)


def build_school(facts: SchoolFacts | None, catalog: Catalog) -> School | None:
    """A school as a plan keeps it; None where it is unknown, or where no plans are made at such schools."""
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
    )


def check_school_change(plan: Plan, sekolah_induk: str | None, there: School | None) -> Iterator[Problem]:
    """Why a plan cannot be moved to the induk school of today: one reason, or none."""
    if sekolah_induk is None:
        yield Problem("move.induk_unknown")
    elif sekolah_induk == plan.school.npsn:
        yield Problem("move.same_school", {"npsn": sekolah_induk})
    elif there is None:
        yield Problem("move.school_not_served", {"npsn": sekolah_induk})


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A key in its scope (subject and mutation), and the hash of the input that it came with."""

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
