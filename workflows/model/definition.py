"""A workflow definition as data: guards, states, transitions and timers.

The enumerations carry the meaning of each word, from which docs/workflow-format.md is generated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workflows.model.contract import Contract
from workflows.model.facts import ParamValue, Term

Path = tuple[str | int, ...]
Literal = bool | int | str


class Position(NamedTuple):
    """The start of a value in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ParamRef:
    """A reference to a parameter of the period: `{param: minimum_points}`."""

    name: str


Argument = Literal | ParamRef


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a registered predicate or effect."""

    name: str
    args: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must hold."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Guard


Guard = AllOf | AnyOf | Not | Call
ALWAYS = AllOf(())


def iterate_calls(guard: Guard | None, path: Path = ()) -> Iterator[tuple[Path, Call]]:
    """Yield every call in a guard at `path`, each with its own path, in reading order."""
    if isinstance(guard, Call):
        yield path, guard
    elif isinstance(guard, Not):
        yield from iterate_calls(guard.part, (*path, "not"))
    elif guard is not None:
        key = "all" if isinstance(guard, AllOf) else "any"
        for number, part in enumerate(guard.parts):
            yield from iterate_calls(part, (*path, key, number))


def all_of(*guards: Guard | None) -> Guard:
    """Combine guards: every one of them must hold. None always holds."""
    return AllOf(tuple(guard for guard in guards if guard is not None))


def conjuncts(guard: Guard | None, path: Path = ()) -> Iterator[tuple[Path, Guard]]:
    """Yield the conditions that must all hold, each with its path."""
    if isinstance(guard, AllOf):
        for number, part in enumerate(guard.parts):
            yield from conjuncts(part, (*path, "all", number))
    elif guard is not None:
        yield path, guard


def guard_to_json(guard: Guard | None) -> object:
    """Return a guard in its canonical JSON form, in which a call is an object even without arguments."""
    if guard is None:
        return None
    if isinstance(guard, Call):
        return {guard.name: {name: argument_to_json(value) for name, value in guard.args}}
    if isinstance(guard, Not):
        return {"not": guard_to_json(guard.part)}
    return {"all" if isinstance(guard, AllOf) else "any": [guard_to_json(part) for part in guard.parts]}


def argument_to_json(value: Argument) -> object:
    """Return an argument in its canonical JSON form."""
    return {"param": value.name} if isinstance(value, ParamRef) else value


def format_guard(guard: Guard) -> str:
    """Format a guard in one line: `not head_is plt`, `any(window_open a b, within_revision)`."""
    if isinstance(guard, Call):
        values = (value.name if isinstance(value, ParamRef) else str(value) for _, value in guard.args)
        return " ".join((guard.name, *values))
    if isinstance(guard, Not):
        return f"not {format_guard(guard.part)}"
    parts = ", ".join(map(format_guard, guard.parts))
    return f"{'all' if isinstance(guard, AllOf) else 'any'}({parts})"


class Phase(Term):
    """The part of the process that a state belongs to. Clients rely on it, because admins may add states."""

    DRAFT = "draft", "the owner may edit; in no other phase"
    SUBMITTED = "submitted", "submitted: a decision is pending"
    APPROVED = "approved", "a superior has approved"
    AUTO_APPROVED = "auto_approved", "approved by a rule, for example under a Plt"
    IN_IMPLEMENTATION = "in_implementation", "Pelaksanaan has begun"


# The order of phases. Approval by a person and approval by a rule have the same rank.
PHASE_RANKS: Mapping[Phase, int] = {
    Phase.DRAFT: 0,
    Phase.SUBMITTED: 1,
    Phase.APPROVED: 2,
    Phase.AUTO_APPROVED: 2,
    Phase.IN_IMPLEMENTATION: 3,
}


class Turn(Term):
    """The party that has to act next on a plan."""

    OWNER = "owner", "the teacher whose plan it is"
    HEAD = "head", "the present head of the plan's school; the dinas while the post is vacant"
    DINAS = "dinas", "the education office"
    NOBODY = "nobody", "nobody has to act"


class Recipient(Term):
    """The recipient of a reminder."""

    OWNER = "owner", "the teacher whose plan it is"
    HEAD = (
        "head",
        "the head of the plan's school at that time; the dinas if the post is vacant or the owner is the head",
    )
    DINAS = "dinas", "the education office: every account with the scope `admin`"


class ParamType(Term):
    """The type of a parameter."""

    BOOL = "bool", "true or false: a switch"
    INT = "int", "a whole number"
    DATE = "date", "a day such as 2024-01-31, by the calendar of the school, from the year 2000 to 2100"


@dataclass(frozen=True, slots=True)
class Label:
    """A text for screens, in Indonesian and English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter that a period sets. It is required if it has no default. Bounds are inclusive."""

    name: str
    type: ParamType
    label: Label
    default: ParamValue | None = None
    minimum: int | None = None
    maximum: int | None = None
    not_before: str | None = None  # another date of the same period


def earlier_dates(params: Mapping[str, Param], name: str) -> list[str]:
    """Return the dates that the date `name` must not precede: its `not_before`, and theirs in turn."""
    names: list[str] = []
    param = params.get(name)
    while param and param.not_before and param.not_before not in names:
        names.append(param.not_before)
        param = params.get(param.not_before)
    return names


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Names the party to act if the guard holds. The first rule that holds counts."""

    turn: Turn
    when: Guard | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A state of a plan. New plans start in the `initial` state; a `final` state ends the workflow."""

    name: str
    label: Label
    phase: Phase
    turn: tuple[TurnRule, ...]
    initial: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may fire a transition: a role, and its relation to the plan."""

    role: str
    relation: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition from any of `from_states` to `to_state`, fired by `trigger` if `when` holds for `authority`.

    `warn` is a guard whose refusals the actor may acknowledge. `exceptional` transitions are outside of the normal
    process, for example a correction by an admin.
    """

    id: str
    trigger: str
    from_states: tuple[str, ...]
    to_state: str
    authority: Authority
    label: Label
    when: Guard | None = None
    warn: Guard | None = None
    require: tuple[str, ...] = ()
    effects: tuple[Call, ...] = ()
    exceptional: bool = False

    @property
    def is_automatic(self) -> bool:
        """Whether the system fires it as soon as a plan enters the state."""
        return self.trigger.startswith("@")


@dataclass(frozen=True, slots=True)
class AfterEntry:
    """A number of days, by the school's calendar, after the plan enters the state."""

    days: int | ParamRef


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date parameter, shifted by a number of days that may be negative."""

    param: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Repetition every `days` days; `max_firings` includes the first one."""

    days: int | ParamRef
    max_firings: int


@dataclass(frozen=True, slots=True)
class Remind:
    """Send a reminder. The plan does not change."""

    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Fire:
    """Fire a trigger as the system."""

    trigger: str


@dataclass(frozen=True, slots=True)
class Timer:
    """An action that falls due on the day `when` at `hour`, local time of the school, while a plan is in `states`."""

    id: str
    label: Label
    states: tuple[str, ...]
    when: AfterEntry | OnDate
    action: Remind | Fire
    repeat: Repeat | None = None
    hour: int = 8


def entry_trigger(state: str) -> str:
    """Return the trigger of the automatic transitions out of `state`."""
    return f"@entered({state})"


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a workflow. `start` guards Mulai; `positions` maps paths to positions in the file."""

    name: str
    label: Label
    contract: Contract
    params: tuple[Param, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    start: Guard | None = None
    timers: tuple[Timer, ...] = ()
    positions: Mapping[Path, Position] = field(default_factory=dict, compare=False, repr=False)

    @property
    def initial(self) -> State:
        """The state of new plans."""
        return next(state for state in self.states if state.initial)

    def guards(self) -> Iterator[tuple[Path, Guard]]:
        """Yield every guard with its path: of Mulai, of the turn rules and of the transitions."""
        guards: dict[Path, Guard | None] = {("start", "when"): self.start}
        for state in self.states:
            for number, rule in enumerate(state.turn):
                guards["states", state.name, "turn", number, "when"] = rule.when
        for number, transition in enumerate(self.transitions):
            guards["transitions", number, "when"] = transition.when
            guards["transitions", number, "warn"] = transition.warn
        return ((path, guard) for path, guard in guards.items() if guard is not None)

    def state(self, name: str) -> State:
        """Return the state of this name. Raises KeyError if there is none."""
        return {state.name: state for state in self.states}[name]
