"""The history of a plan in sentences: who did what, on whose behalf, why and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.problems import Problem
from services.planning.people.model import School
from services.planning.period.model import WIB
from services.planning.plan.content_change import FIELD_LABELS
from services.planning.plan.event_kinds import (
    DueTimer,
    MigrationUndone,
    ParameterChange,
    PlanMigrated,
    ProfileCorrected,
    ProfileRefreshed,
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
    """The role in which an actor acted."""

    OWNER = "owner"
    KEPALA_SEKOLAH = "kepala_sekolah"
    PLT = "plt"
    DINAS = "dinas"
    ADMIN = "admin"
    SYSTEM = "system"


ADMIN_EVENTS = (TextsErased, PlanMigrated, MigrationUndone)  # only admins order these
OFFICE_ROLES = (ActorRole.DINAS, ActorRole.ADMIN)
HEAD_ROLES = (ActorRole.KEPALA_SEKOLAH, ActorRole.PLT)


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """An event with its workflow and its texts by name. An erased text is None; `is_erased` if any text is."""

    event: Event
    texts: Mapping[str, str | None]
    is_erased: bool
    workflow: Definition

    @property
    def transition(self) -> Transition | None:
        """The transition of the definition that was fired; None for other events."""
        data = self.event.data
        id = data.transition if isinstance(data, TransitionFired) else None
        return next((transition for transition in self.workflow.transitions if transition.id == id), None)

    @property
    def from_state(self) -> State | None:
        """The state before; None for the first event, and if the workflow lacks the state."""
        return self._state(self.event.from_state)

    @property
    def to_state(self) -> State | None:
        """The state afterwards; None if the workflow lacks it."""
        return self._state(self.event.to_state)

    @property
    def reason(self) -> str | None:
        """The reason as it was written; None without one, and after its erasure."""
        match self.event.data:
            case PlanMigrated(reason=reason) | MigrationUndone(reason=reason) | TextsErased(reason=reason):
                return reason
        return self.texts.get("reason")

    def _state(self, name: str | None) -> State | None:
        return next((state for state in self.workflow.states if state.name == name), None)


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """What the sentences of a plan share: its owner with the name, and its schools by NPSN."""

    owner: str
    nama: str | None
    schools: Mapping[str, School]

    def school_name(self, npsn: str) -> str:
        """Return the name of a school, or its NPSN if the name is erased."""
        return self.schools[npsn].nama if npsn in self.schools else f"NPSN {npsn}"


def find_actor_role(entry: HistoryEvent, context: HistoryContext) -> ActorRole:
    """Find the role of the actor by the transition. An admin may also be a teacher or a head."""
    actor, transition = entry.event.actor, entry.transition
    role = transition.authority.role if transition else None
    if role in OFFICE_ROLES:
        return ActorRole(role)
    if isinstance(entry.event.data, ADMIN_EVENTS):
        return ActorRole.ADMIN
    if actor.on_behalf_of:
        return ActorRole.PLT if actor.on_behalf_of.head is HeadKind.PLT else ActorRole.KEPALA_SEKOLAH
    if actor.is_system:
        return ActorRole.SYSTEM
    return ActorRole.OWNER if actor.ptk_id == context.owner else ActorRole.ADMIN


def find_actor_name(entry: HistoryEvent, context: HistoryContext) -> str | None:
    """Return the name of the owner from data diri, or of a head from the event; None for others and after erasure."""
    role = find_actor_role(entry, context)
    return (
        context.nama if role is ActorRole.OWNER else entry.texts.get("nama") if role in HEAD_ROLES else None
    )


ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
CAUSE_PHRASES = {
    RegistryChange: "phrase.changed_registry",
    ParameterChange: "phrase.changed_parameters",
    DueTimer: "phrase.time_passed",
}
# By the mutation of the trigger and the phase. Other transitions are described by their label.
TRANSITION_SENTENCES = {
    ("submitPlan", Phase.SUBMITTED): "history.submitted",
    ("approvePlan", Phase.APPROVED): "history.approved",
    ("returnPlan", Phase.DRAFT): "history.returned",
    ("beginImplementation", Phase.IN_IMPLEMENTATION): "history.began",
    ("reopenPlan", Phase.DRAFT): "history.reopened",
}


def compose_sentences(entry: HistoryEvent, context: HistoryContext) -> Iterator[Problem]:
    """Compose a sentence for the event, one for accepted warnings, and one for the reason."""
    data = entry.event.data
    yield Problem(_choose_sentence(entry), _values(entry, context))
    warnings = data.acknowledged_warnings if isinstance(data, TransitionFired) else ()
    if "points.below_minimum" in warnings:
        yield Problem("history.below_minimum")
    elif warnings:
        yield Problem("history.acknowledged")
    if entry.reason or "reason" in entry.event.digests:
        text = _quote(entry.reason) if entry.reason else Problem("phrase.erased")
        yield Problem("history.reason", {"reason": text})


def moved_from(event: Event) -> str | None:
    """Return the NPSN of the school before, if the event moved the plan to another one."""
    return event.data.moved_from if isinstance(event.data, TransitionFired) else None


def _choose_sentence(entry: HistoryEvent) -> str:
    match entry.event.data:
        case TransitionFired() as fired:
            return _choose_transition_sentence(entry, fired)
        case UnknownEvent():
            return "history.changed"
        case data:
            return f"history.{data.KIND}"


def _choose_transition_sentence(entry: HistoryEvent, data: TransitionFired) -> str:
    state = entry.to_state
    if data.moved_from:
        return "history.moved"
    if entry.event.actor.is_system:
        if state is None or state.phase is not Phase.AUTO_APPROVED:
            return "history.timer_fired" if isinstance(data.cause, DueTimer) else "history.automatic"
        return "history.decided_again" if data.cause else "history.approved_automatically"
    mutation = entry.workflow.contract.find_mutation(data.trigger)
    if state is None or mutation is None:
        return "history.fired"
    return TRANSITION_SENTENCES.get((mutation, state.phase), "history.fired")


def _values(entry: HistoryEvent, context: HistoryContext) -> Mapping[str, object]:
    """Return the values of every sentence. A text uses those that it needs."""
    event, to = entry.event, entry.to_state
    return {
        "when": _describe_instant(event, context),
        "actor": _describe_actor(entry, context),
        "sekolah": context.school_name(event.npsn),
        "state": to.label if to else event.to_state,
        **_values_of_kind(entry, context),
    }


def _values_of_kind(entry: HistoryEvent, context: HistoryContext) -> Mapping[str, object]:
    match entry.event.data:
        case TabSaved(tab=tab):
            return {"tab": tab.replace("_", " ").title()}
        case ProfileCorrected(fields=names):
            return {"fields": [name.replace("_", " ") for name in names]}
        case ProfileRefreshed(fields=names):
            return {"fields": [FIELD_LABELS[name] for name in names if name in FIELD_LABELS]}
        case TransitionFired() as fired:
            transition, sekolah = entry.transition, context.school_name(entry.event.npsn)
            ground = f"phrase.because_{_find_ground(fired.evidence)}"
            return {
                "from": context.school_name(fired.moved_from or entry.event.npsn),
                "label": transition.label if transition else fired.trigger,
                "ground": Problem(ground, {"revision": fired.parameters, "sekolah": sekolah}),
                "cause": Problem(CAUSE_PHRASES.get(type(fired.cause), "phrase.new_check")),
            }
    return {}


def _describe_instant(event: Event, context: HistoryContext) -> Problem:
    school = context.schools.get(event.npsn)
    zone = school.zone if school and school.zone else WIB
    at = event.at.astimezone(ZoneInfo(zone))
    return Problem(
        "phrase.at",
        {"day": at.date(), "hour": f"{at:%H}", "minute": f"{at:%M}", "zone": ZONES.get(zone, zone)},
    )


def _describe_actor(entry: HistoryEvent, context: HistoryContext) -> Problem | str:
    nama = find_actor_name(entry, context)
    match find_actor_role(entry, context):
        case ActorRole.OWNER:
            return nama or Problem("phrase.owner")
        case ActorRole.DINAS:
            return Problem("phrase.dinas")
        case ActorRole.ADMIN:
            return Problem("phrase.admin")
        case ActorRole.SYSTEM:
            return Problem("phrase.system")
        case role:
            on_behalf_of = entry.event.actor.on_behalf_of
            assert on_behalf_of is not None, "a head acts for a school"
            sekolah = context.school_name(on_behalf_of.npsn)
            suffix = "_named" if nama else ""
            return Problem(f"phrase.{role.value}{suffix}", {"sekolah": sekolah, "nama": nama})


def _find_ground(evidence: Mapping[str, Any]) -> str:
    """Find the fact that allowed an automatic approval."""
    if any(name.startswith("params.") and value is True for name, value in evidence.items()):
        return "switch"
    return "plt" if (evidence.get("head") or {}).get("kind") == "plt" else "workflow"


def _quote(text: str) -> str:
    """Quote a text in one line and without its full stop, which the sentence around it has."""
    return f"“{' '.join(text.split()).removesuffix('.')}”"
