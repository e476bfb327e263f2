"""A plan's history in sentences: who, on whose behalf, what, why and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.problems import Problem
from services.planning.people.model import School
from services.planning.period.model import WIB
from services.planning.plan.event_kinds import (
    DueTimer,
    MigrationUndone,
    ParameterChange,
    PlanMigrated,
    ProfileCorrected,
    RegistryChange,
    TabSaved,
    TextsErased,
    TransitionFired,
    UnknownEvent,
)
from services.planning.plan.events import Event
from workflows.model.definition import Definition, Phase, State, Transition
from workflows.model.facts import HeadKind


class ActorRole(StrEnum):
    """As whom somebody acted."""

    OWNER = "owner"
    KEPALA_SEKOLAH = "kepala_sekolah"
    PLT = "plt"
    ADMIN = "admin"
    SYSTEM = "system"


ADMIN_EVENTS = (TextsErased, PlanMigrated, MigrationUndone)  # nobody else orders these
HEAD_ROLES = (ActorRole.KEPALA_SEKOLAH, ActorRole.PLT)


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """An event, what people wrote with it by name (None: erased), and its workflow.

    `erased`: some personal text of it, shown here or not, is no longer there.
    """

    event: Event
    texts: Mapping[str, str | None]
    is_erased: bool
    workflow: Definition

    @property
    def transition(self) -> Transition | None:
        """The row that allowed a transition."""
        data = self.event.data
        fired = data.transition if isinstance(data, TransitionFired) else None
        return next((row for row in self.workflow.transitions if row.id == fired), None)

    @property
    def from_state(self) -> State | None:
        """The state before; None for the first event, and where another workflow named it."""
        return self._state(self.event.from_state)

    @property
    def to_state(self) -> State | None:
        """The state from then on; None where another workflow named it."""
        return self._state(self.event.to_state)

    @property
    def reason(self) -> str | None:
        """The reason as it was written; None if there is none, or once it is erased."""
        match self.event.data:
            case PlanMigrated(reason=reason) | MigrationUndone(reason=reason) | TextsErased(reason=reason):
                return reason
        return self.texts.get("reason")

    def _state(self, name: str | None) -> State | None:
        return next((state for state in self.workflow.states if state.name == name), None)


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """What stands around a plan's events: its owner, by name where known, and the schools it has stood at."""

    owner: str
    nama: str | None
    schools: Mapping[str, School]

    def school(self, npsn: str) -> str:
        """The name of a school, or its number."""
        return self.schools[npsn].nama if npsn in self.schools else f"NPSN {npsn}"


def find_actor_role(told: HistoryEvent, setting: HistoryContext) -> ActorRole:
    """As whom the actor acted: as the row of the workflow says; an admin may be a teacher or a head as well."""
    by, row = told.event.by, told.transition
    if isinstance(told.event.data, ADMIN_EVENTS) or (row is not None and row.authority.role == "admin"):
        return ActorRole.ADMIN
    if by.on_behalf_of:
        return ActorRole.PLT if by.on_behalf_of.head is HeadKind.PLT else ActorRole.KEPALA_SEKOLAH
    if by.is_system:
        return ActorRole.SYSTEM
    return ActorRole.OWNER if by.ptk_id == setting.owner else ActorRole.ADMIN


def find_actor_name(told: HistoryEvent, setting: HistoryContext) -> str | None:
    """The name of the actor: the owner's from data diri, a head's as it was kept; None of others, and once erased."""
    role = find_actor_role(told, setting)
    return setting.nama if role is ActorRole.OWNER else told.texts.get("nama") if role in HEAD_ROLES else None


ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
CAUSE_PHRASES = {
    RegistryChange: "phrase.changed_registry",
    ParameterChange: "phrase.changed_parameters",
    DueTimer: "phrase.time_passed",
}
# A trigger that leads elsewhere than in the shipped workflow is told by its label.
TRANSITION_SENTENCES = {
    ("submit", Phase.SUBMITTED): "history.submitted",
    ("approve", Phase.APPROVED): "history.approved",
    ("return", Phase.DRAFT): "history.returned",
    ("beginImplementation", Phase.IN_IMPLEMENTATION): "history.began",
    ("reopen", Phase.DRAFT): "history.reopened",
}


def compose_sentences(told: HistoryEvent, setting: HistoryContext) -> Iterator[Problem]:
    """The event in one sentence; a warning that was accepted, and the reason, in one more each."""
    data = told.event.data
    yield Problem(_code(told), _values(told, setting))
    acknowledged = data.acknowledged_warnings if isinstance(data, TransitionFired) else ()
    if "points.below_minimum" in acknowledged:
        yield Problem("history.below_minimum")
    elif acknowledged:
        yield Problem("history.acknowledged")
    if told.reason or "reason" in told.event.digests:
        text = _quoted(told.reason) if told.reason else Problem("phrase.erased")
        yield Problem("history.reason", {"reason": text})


def moved_from(event: Event) -> str | None:
    """Return the NPSN of the school before, if the event moved the plan to another one."""
    return event.data.moved_from if isinstance(event.data, TransitionFired) else None


def _code(told: HistoryEvent) -> str:
    match told.event.data:
        case TransitionFired() as fired:
            return _code_of_transition(told, fired)
        case UnknownEvent():
            return "history.changed"
        case data:
            return f"history.{data.KIND}"


def _code_of_transition(told: HistoryEvent, fired: TransitionFired) -> str:
    state = told.to_state
    if fired.moved_from:
        return "history.moved"
    if told.event.by.is_system:
        if state is None or state.phase is not Phase.AUTO_APPROVED:
            return "history.timed" if isinstance(fired.cause, DueTimer) else "history.followed"
        return "history.decided_again" if fired.cause else "history.approved_automatically"
    return (
        TRANSITION_SENTENCES.get((fired.trigger, state.phase), "history.fired") if state else "history.fired"
    )


def _values(told: HistoryEvent, setting: HistoryContext) -> Mapping[str, object]:
    """All that any sentence may show; a text takes what it needs."""
    event, to = told.event, told.to_state
    return {
        "when": _when(event, setting),
        "who": _who(told, setting),
        "sekolah": setting.school(event.npsn),
        "state": to.label if to else event.to_state,
        **_values_of_kind(told, setting),
    }


def _values_of_kind(told: HistoryEvent, setting: HistoryContext) -> Mapping[str, object]:
    match told.event.data:
        case TabSaved(tab=tab):
            return {"tab": tab.replace("_", " ").title()}
        case ProfileCorrected(fields=names):
            return {"fields": [name.replace("_", " ") for name in names]}
        case TransitionFired() as fired:
            row, sekolah = told.transition, setting.school(told.event.npsn)
            why = {"revision": fired.parameters, "sekolah": sekolah}
            return {
                "from": setting.school(fired.moved_from or told.event.npsn),
                "label": row.label if row else fired.trigger,
                "why": Problem(f"phrase.because_{_why(fired.evidence)}", why),
                # a plan that only came to wait was looked at once more
                "cause": Problem(CAUSE_PHRASES.get(type(fired.cause), "phrase.looked_again")),
            }
    return {}


def _when(event: Event, setting: HistoryContext) -> Problem:
    school = setting.schools.get(event.npsn)
    zone = school.zone if school and school.zone else WIB
    at = event.at.astimezone(ZoneInfo(zone))
    return Problem(
        "phrase.at",
        {"day": at.date(), "hour": f"{at:%H}", "minute": f"{at:%M}", "zone": ZONES.get(zone, zone)},
    )


def _who(told: HistoryEvent, setting: HistoryContext) -> Problem | str:
    nama = find_actor_name(told, setting)
    match find_actor_role(told, setting):
        case ActorRole.OWNER:
            return nama or Problem("phrase.owner")
        case ActorRole.ADMIN:
            return Problem("phrase.admin")
        case ActorRole.SYSTEM:
            return Problem("phrase.system")
        case role:
            behalf = told.event.by.on_behalf_of
            assert behalf is not None, "so acts a head"
            sekolah = setting.school(behalf.npsn)
            known = "_named" if nama else ""
            return Problem(f"phrase.{role.value}{known}", {"sekolah": sekolah, "nama": nama})


def _why(because: Mapping[str, Any]) -> str:
    """Why a plan is approved automatically: which fact let the guard pass."""
    if any(name.startswith("params.") and value is True for name, value in because.items()):
        return "switch"
    return "plt" if (because.get("head") or {}).get("kind") == "plt" else "workflow"


def _quoted(text: str) -> str:
    """In one line, and without a full stop of its own: the sentence around it has one."""
    return f"“{' '.join(text.split()).removesuffix('.')}”"
