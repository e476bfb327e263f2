"""Words of closed lists that carry their meaning along, so that the reference of the format is told by the code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workflows.model.facts import ParamValue, Term

Path = tuple[str | int, ...]
Literal = bool | int | str


class Position(NamedTuple):
    """Where something begins in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ParamRef:
    """An argument whose value is the period's: `{param: minimum_points}`."""

    name: str


Argument = Literal | ParamRef


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate or an effect by its registered name, with its arguments."""

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


def iterate_calls(guard: Guard | None, path: Path) -> Iterator[tuple[Path, Call]]:
    """Every call in a tree with its place, in reading order."""
    if isinstance(guard, Call):
        yield path, guard
    elif isinstance(guard, Not):
        yield from iterate_calls(guard.part, (*path, "not"))
    elif guard is not None:
        word = "all" if isinstance(guard, AllOf) else "any"
        for number, part in enumerate(guard.parts):
            yield from iterate_calls(part, (*path, word, number))


def all_of(*guards: Guard | None) -> Guard:
    """Every one of them must hold; one that is absent always does."""
    return AllOf(tuple(guard for guard in guards if guard is not None))


def conjuncts(guard: Guard | None) -> Iterator[Guard]:
    """The conditions that must all hold."""
    if isinstance(guard, AllOf):
        for part in guard.parts:
            yield from conjuncts(part)
    elif guard is not None:
        yield guard


def guard_to_json(guard: Guard | None) -> object:
    """The tree in its one canonical spelling: arguments always by name."""
    if guard is None:
        return None
    if isinstance(guard, Call):
        return {guard.name: {name: _argument(value) for name, value in guard.args}}
    if isinstance(guard, Not):
        return {"not": guard_to_json(guard.part)}
    return {"all" if isinstance(guard, AllOf) else "any": [guard_to_json(part) for part in guard.parts]}


def format_guard(guard: Guard) -> str:
    """A guard in one line, in the words of a definition: `not head_is plt`, `any(window_open a b, within_revision)`."""
    if isinstance(guard, Call):
        given = (value.name if isinstance(value, ParamRef) else str(value) for _, value in guard.args)
        return " ".join((guard.name, *given))
    if isinstance(guard, Not):
        return f"not {format_guard(guard.part)}"
    inner = ", ".join(format_guard(part) for part in guard.parts)
    return f"{'all' if isinstance(guard, AllOf) else 'any'}({inner})"


def _argument(value: Argument) -> object:
    return {"param": value.name} if isinstance(value, ParamRef) else value


class Phase(Term):
    """What clients rely on, whatever states admins add."""

    DRAFT = "draft", "the owner may edit; in no other phase"
    SUBMITTED = "submitted", "handed in: somebody decides"
    APPROVED = "approved", "a superior has approved"
    AUTO_APPROVED = "auto_approved", "approved by a rule, as under a Plt"
    IN_IMPLEMENTATION = "in_implementation", "Pelaksanaan has begun"


class Turn(Term):
    """On whom a plan waits. A vacant head is never on turn: the dinas is, to appoint one."""

    OWNER = "owner", "the teacher whose plan it is"
    HEAD = "head", "whoever leads the plan's school now; under a vacant head the dinas in their place"
    DINAS = "dinas", "the education office"
    NOBODY = "nobody", "nothing is waited for"


class Recipient(Term):
    """Whom a timer reminds."""

    OWNER = "owner", "the teacher whose plan it is"
    HEAD = (
        "head",
        "whoever leads the plan's school when it falls due; the dinas, if nobody does or it is the owner",
    )
    DINAS = "dinas", "the education office: every account with the scope `admin`"


class ParamType(Term):
    """The kinds of values a period may give."""

    BOOL = "bool", "true or false: a switch"
    INT = "int", "a whole number"
    DATE = "date", "a day such as 2024-01-31, by the calendar of the school, from the year 2000 to 2100"


@dataclass(frozen=True, slots=True)
class Label:
    """What a screen shows, in both languages."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Param:
    """A value that a period sets. Without a default it is required; bounds are inclusive."""

    name: str
    type: ParamType
    label: Label
    default: ParamValue | None = None
    minimum: int | None = None
    maximum: int | None = None
    not_before: str | None = None  # another date of the same period


@dataclass(frozen=True, slots=True)
class TurnRule:
    """`who` is on turn when the guard holds; the first rule that holds decides."""

    turn: Turn
    when: Guard | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A flat state; `initial` for new plans, `final` where this workflow has nothing more to do."""

    name: str
    label: Label
    phase: Phase
    turn: tuple[TurnRule, ...]
    initial: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may fire a transition: a role, and how it stands to this very plan."""

    role: str
    relation: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from any of `from_states` by `trigger` to `to_state`, if `by` fits and `when` holds.

    `warn` is a guard too, but whoever acts may acknowledge what it says. `exceptional` ways stand outside the
    normal course (an admin's correction).
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
        """Fired by entering a state, never by a person."""
        return self.trigger.startswith("@")


@dataclass(frozen=True, slots=True)
class AfterEntry:
    """So many days of the school's calendar after the plan came to its state."""

    days: int | ParamRef


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date that the period gives, shifted by some days, which may be negative."""

    param: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Again after so many days each time; `most` counts all firings, the first one included."""

    days: int | ParamRef
    max_firings: int


@dataclass(frozen=True, slots=True)
class Remind:
    """Somebody is told; the plan stays as it is."""

    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Fire:
    """The system fires a trigger."""

    trigger: str


@dataclass(frozen=True, slots=True)
class Timer:
    """While a plan is in one of `states`, `does` falls due at a local day (`when`) and `hour` of its school."""

    id: str
    label: Label
    states: tuple[str, ...]
    when: AfterEntry | OnDate
    action: Remind | Fire
    repeat: Repeat | None = None
    hour: int = 8


def entry_trigger(state: str) -> str:
    """The trigger of the automatic transitions that follow when `state` is entered."""
    return f"@entered({state})"


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a workflow. `start` guards Mulai, before a plan exists; `positions` are places in its file."""

    name: str
    label: Label
    params: tuple[Param, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    start: Guard | None = None
    timers: tuple[Timer, ...] = ()
    positions: Mapping[Path, Position] = field(default_factory=dict, compare=False, repr=False)

    @property
    def initial(self) -> State:
        """The state of a new plan."""
        return next(state for state in self.states if state.initial)

    def guards(self) -> Iterator[tuple[Path, Guard]]:
        """Every guard with its place: of Mulai, of the turns, of the transitions."""
        places: list[tuple[Path, Guard | None]] = [(("start", "when"), self.start)]
        for state in self.states:
            rules = enumerate(state.turn)
            places += [(("states", state.name, "turn", number, "when"), rule.when) for number, rule in rules]
        for number, row in enumerate(self.transitions):
            places += [
                (("transitions", number, "when"), row.when),
                (("transitions", number, "warn"), row.warn),
            ]
        return ((place, guard) for place, guard in places if guard is not None)

    def state(self, name: str) -> State:
        """The state of this name; KeyError where there is none."""
        return {state.name: state for state in self.states}[name]
