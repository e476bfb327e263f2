"""The kinds of events. Each has a dataclass with what is recorded beside actor, instant and states.

A docstring says when the event happens and what each field is; `make schema` writes the tables of
docs/events.md from them. `data_fields` and `read_data` are the only places that know the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, get_args

from pydantic import Field, TypeAdapter

from services.planning.plan.tabs import Tab


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """Identity changed the head or the data of the school.

    registry: number of the change in identity's feed
    """

    registry: int


@dataclass(frozen=True, slots=True)
class HeadChange:
    """The head of the school changed with the date.

    head_changed: the local midnight, in UTC
    """

    head_changed: datetime


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """Another revision of the period's parameters came into force.

    parameters: number of the revision
    """

    parameters: int


@dataclass(frozen=True, slots=True)
class StateEntry:
    """The plan began to wait, and the worker decided it again.

    waits_since: version of the plan since which it waits
    """

    waits_since: int


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer of the plan's state fired.

    timer: its name in the definition
    count: 1 for its first firing
    """

    timer: str
    count: int


@dataclass(frozen=True, slots=True)
class UnknownCause:
    """A cause that a later release has written."""


Cause = RegistryChange | HeadChange | ParameterChange | StateEntry | DueTimer


@dataclass(frozen=True, slots=True)
class PlanStarted:
    """*Mulai*: the teacher started the plan."""

    KIND: ClassVar[str] = "started"


@dataclass(frozen=True, slots=True)
class ProfileRefreshed:
    """Data diri or the school followed a change in Dapodik while the plan was open.

    fields: names of the changed fields
    """

    KIND: ClassVar[str] = "profile_refreshed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileConfirmed:
    """*Data diri sudah sesuai*: the teacher confirmed data diri."""

    KIND: ClassVar[str] = "profile_confirmed"


@dataclass(frozen=True, slots=True)
class ProfileCorrected:
    """The teacher made the one correction of data diri.

    fields: names of the corrected fields, sorted
    """

    KIND: ClassVar[str] = "profile_corrected"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TabSaved:
    """The teacher saved a tab.

    tab: which tab
    """

    KIND: ClassVar[str] = "tab_saved"
    tab: Tab


@dataclass(frozen=True, slots=True)
class TransitionFired:
    """The workflow moved the plan.

    trigger: trigger that was fired
    transition: transition of the definition that allowed it
    parameters: number of the period's revision that was in force
    evidence: facts that the guards read, also for accepted warnings, by name (`head`, `params.minimum_points`, …)
    acknowledged_warnings: codes of the warnings that were accepted
    exceptional: whether the transition is not part of the normal course
    moved_from: NPSN of the school before, if the school changed
    cause: what changed, if the system decided a waiting plan again or a timer fired
    """

    KIND: ClassVar[str] = "transition"
    trigger: str
    transition: str
    parameters: int
    evidence: Mapping[str, Any] = field(default_factory=dict)
    acknowledged_warnings: tuple[str, ...] = ()
    exceptional: bool = False
    moved_from: str | None = None
    cause: Annotated[Cause | UnknownCause, Field(union_mode="left_to_right")] | None = None


@dataclass(frozen=True, slots=True)
class PlanMigrated:
    """An admin moved the plan to another version, the `workflow` of the event.

    migration: number of the migration
    former_workflow: SHA-256 of the version before
    reason: reason of the admin
    ordered_by: name of the operator, if the order came from the command line (the actor is then the system)
    is_rename: whether the state only has another name in the version, so that its time goes on
    """

    KIND: ClassVar[str] = "migrated"
    migration: int
    former_workflow: str
    reason: str
    ordered_by: str | None = None
    is_rename: bool = False


@dataclass(frozen=True, slots=True)
class MigrationUndone:
    """An admin undid a migration.

    migration: number of the migration
    former_workflow: SHA-256 of the version that the plan left
    reason: reason of the admin
    ordered_by: name of the operator, if the order came from the command line (the actor is then the system)
    is_rename: whether the state only has another name in the version, so that its time goes on
    """

    KIND: ClassVar[str] = "migration_undone"
    migration: int
    former_workflow: str
    reason: str
    ordered_by: str | None = None
    is_rename: bool = False


@dataclass(frozen=True, slots=True)
class TextsErased:
    """An operator erased the personal texts of the plan (`rencana erase`).

    texts: names of the erased texts by the version of their event
    comments: numbers of the erased comments
    reason: reason of the operator, which names no person
    ordered_by: name of the operator
    """

    KIND: ClassVar[str] = "texts_erased"
    texts: Mapping[int, tuple[str, ...]]
    comments: tuple[int, ...]
    reason: str
    ordered_by: str


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a later release, with a kind or fields that this release cannot read."""

    kind: str


EventData = (
    PlanStarted
    | ProfileRefreshed
    | ProfileConfirmed
    | ProfileCorrected
    | TabSaved
    | TransitionFired
    | PlanMigrated
    | MigrationUndone
    | TextsErased
)
KINDS: Mapping[str, type[EventData]] = {kind.KIND: kind for kind in get_args(EventData)}

# The keys beside `detail`, with their values in events other than transitions.
TRANSITION_DEFAULTS: Mapping[str, Any] = {
    "trigger": None,
    "transition": None,
    "parameters": None,
    "evidence": {},
    "acknowledged_warnings": [],
    "exceptional": False,
}
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def dump_event_data(data: EventData | UnknownEvent) -> dict[str, Any]:
    """Return the JSON of a kind: `detail`, and the keys of transitions. Raises ValueError for UnknownEvent."""
    if isinstance(data, UnknownEvent):
        raise ValueError(f"this release does not write events of kind {data.kind}")
    detail = _ADAPTERS[data.KIND].dump_python(data, mode="json")
    transition = {name: detail.pop(name, value) for name, value in TRANSITION_DEFAULTS.items()}
    return {**transition, "detail": {name: value for name, value in detail.items() if value is not None}}


def read_event_data(fields: Mapping[str, Any]) -> EventData | UnknownEvent:
    """Read what an event's JSON object holds for its kind. Returns UnknownEvent if this release cannot read it."""
    kind, detail = str(fields.get("kind")), fields.get("detail")
    if kind not in KINDS or not isinstance(detail, Mapping):
        return UnknownEvent(kind)
    try:
        data: EventData = _ADAPTERS[kind].validate_python(
            {**detail, **{name: fields.get(name) for name in TRANSITION_DEFAULTS}}
        )
    except ValueError:
        return UnknownEvent(kind)
    return data
