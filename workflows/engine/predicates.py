"""The fixed registry of predicates: what a guard can ask. Pure, typed, each "no" with a code (messages.yaml).

A definition only ever names what stands here; it can bring nothing of its own that runs. A predicate is declared at
its function, once: name, arguments and meaning are those of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from inspect import Parameter, getdoc, signature
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_type_hints

from workflows.model.facts import Facts, Refusal, Snapshot, Term

Refusals = tuple[Refusal, ...]
HOLDS: Refusals = ()
Function = TypeVar("Function", bound=Callable[..., Refusals])


class ArgType(Term):
    """What an argument must be; all but `HEAD` may come from a declared parameter of that type."""

    BOOL = "bool", "true or false"
    INT = "int", "a whole number"
    DATE = "date", "a day, which only a parameter can give"
    HEAD = "head", "a kind of head"


HeadKindName = Annotated[str, ArgType.HEAD]
ARG_TYPES: Mapping[Any, ArgType] = {
    bool: ArgType.BOOL, int: ArgType.INT, date: ArgType.DATE, HeadKindName: ArgType.HEAD
}  # fmt: skip
# The instant and the day of a decision: they pass by themselves, so no answer waits for them.
CLOCK_FACTS = frozenset({"now", "today"})


class ResolvedBy(Term):
    """Who or what makes a predicate true: on what a plan may wait, and on what it may not."""

    OWNER = "owner", "the teacher, while the plan is a draft; later it stays as it was handed in"
    SYSTEM = "system", "the system, which asks the registry again"
    OPERATOR = "operator", "operator sekolah or dinas, who correct the registry"
    CALENDAR = "calendar", "the calendar: days come and go, and a period may move its dates"
    REVISION = "revision", "a return or a reopening, which gives days; waiting only uses them up"
    PLT = "plt", "the Plt, who confirms once and for good"
    CIRCUMSTANCE = (
        "standing",
        "nobody owes it to the plan: how the school is led, what the period switched on",
    )


@dataclass(frozen=True, slots=True)
class Predicate:
    """A question with its typed arguments, the facts it reads, and the codes it may refuse with.

    `negated_code` is the code when `not` finds it true. `depends_on` names the facts and arguments that decide between
    yes and no. `unactionable`: nobody can make it true, so beside another reason it is not told.
    """

    name: str
    test: Callable[..., Refusals]
    args: Mapping[str, ArgType]
    reads: tuple[str, ...]
    depends_on: tuple[str, ...]
    codes: tuple[str, ...]
    negated_code: str
    resolved_by: ResolvedBy
    unactionable: bool


_PREDICATES: dict[str, Predicate] = {}
PREDICATES: Mapping[str, Predicate] = MappingProxyType(_PREDICATES)
FACT_NAMES = {part.name for part in fields(Facts)} | {"today"}


def predicate(
    *,
    negated_code: str,
    resolved_by: ResolvedBy,
    reads: tuple[str, ...] = (),
    codes: tuple[str, ...] = (),
    depends_on: tuple[str, ...] | None = None,
    unactionable: bool = False,
) -> Callable[[Function], Function]:
    """Register a function `(facts, plan, …arguments) -> No` as a predicate.

    Without `codes` it refuses with codes of planning. Without `depends_on` the answer depends on all that it reads, but
    the clock, and on all arguments. Raises TypeError if the function or the declaration is wrong.
    """

    def register(function: Function) -> Function:
        name, args = function.__name__, _arguments(function)
        depends = (
            tuple(one for one in (*reads, *args) if one not in CLOCK_FACTS)
            if depends_on is None
            else depends_on
        )
        declared = Predicate(
            name, function, args, reads, depends, codes, negated_code, resolved_by, unactionable
        )
        if name in _PREDICATES:
            raise TypeError(f"two predicates are called {name}")
        if unknown := {*reads} - FACT_NAMES or {*depends} - {*reads, *args}:
            raise TypeError(f"{name} reads or depends on what is not there: {sorted(unknown)}")
        if not getdoc(function):
            raise TypeError(f"{name} has no docstring, which the reference of the format shows")
        _PREDICATES[name] = declared
        return function

    return register


def _arguments(function: Callable[..., Refusals]) -> Mapping[str, ArgType]:
    """The arguments after facts and plan, by their annotations. Raises TypeError for any that a guard cannot give."""
    name, hints = function.__name__, get_type_hints(function, include_extras=True)
    parameters = list(signature(function).parameters.values())
    if [hints.get(one.name) for one in parameters[:2]] != [Facts, Snapshot] or hints.get(
        "return"
    ) != Refusals:
        raise TypeError(f"{name} is not declared as (facts: Facts, plan: Snapshot, …) -> No")
    for one in parameters:
        if one.kind is not Parameter.POSITIONAL_OR_KEYWORD or one.default is not Parameter.empty:
            raise TypeError(f"{name}: {one.name} is keyword-only, variable or has a default")
        if one not in parameters[:2] and hints.get(one.name) not in ARG_TYPES:
            raise TypeError(f"{name}: {one.name} is of none of the types of arguments")
    return MappingProxyType({one.name: ARG_TYPES[hints[one.name]] for one in parameters[2:]})


@predicate(
    reads=("profile_confirmed",),
    codes=("profile.not_confirmed",),
    negated_code="profile.confirmed",
    resolved_by=ResolvedBy.OWNER,
)
def profile_confirmed(facts: Facts, plan: Snapshot) -> Refusals:
    """Data diri was confirmed or corrected (Guide 5)."""
    return HOLDS if facts.profile_confirmed else (Refusal("profile.not_confirmed", path=("profile",)),)


@predicate(
    reads=("missing_parts",),
    negated_code="tabs.complete",
    resolved_by=ResolvedBy.OWNER,
)
def tabs_complete(facts: Facts, plan: Snapshot) -> Refusals:
    """Nothing is missing in the tabs; each missing part is one reason, with planning's own code."""
    return facts.missing_parts


@predicate(
    reads=("access_refusals",),
    negated_code="access.granted",
    resolved_by=ResolvedBy.OPERATOR,
)
def may_plan(facts: Facts, plan: Snapshot) -> Refusals:
    """The teacher may still plan; each rule of access that fails is one reason, with planning's own code."""
    return facts.access_refusals


@predicate(
    reads=("move_refusals",),
    negated_code="move.possible",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
)
def may_move(facts: Facts, plan: Snapshot) -> Refusals:
    """The teacher's induk school is another now, and plans are made there; each reason with planning's own code."""
    return facts.move_refusals


@predicate(
    reads=("head",),
    codes=("head.is_another",),
    negated_code="head.is_owner",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
)
def head_is_owner(facts: Facts, plan: Snapshot) -> Refusals:
    """The school is led by the very teacher whose plan this is, who must not decide on it (DOMAIN.md)."""
    return HOLDS if facts.head.ptk_id == plan.owner else (Refusal("head.is_another"),)


@predicate(
    reads=("withdrawn_choices",),
    codes=("choice.withdrawn",),
    negated_code="choice.all_offered",
    resolved_by=ResolvedBy.OWNER,
)
def choices_offered(facts: Facts, plan: Snapshot) -> Refusals:
    """Everything chosen is still in the catalogue for this teacher (DOMAIN.md, journey 3)."""
    return tuple(
        Refusal("choice.withdrawn", {"choice": gone.choice}, gone.path) for gone in facts.withdrawn_choices
    )


@predicate(
    reads=("sekolah_induk",),
    codes=("satminkal.unknown", "satminkal.other"),
    negated_code="satminkal.same",
    resolved_by=ResolvedBy.OPERATOR,
)
def at_satminkal(facts: Facts, plan: Snapshot) -> Refusals:
    """The plan stands at the teacher's induk school of today (FAQ: SATMINKAL only)."""
    if facts.sekolah_induk is None:
        return (Refusal("satminkal.unknown"),)
    if facts.sekolah_induk == plan.npsn:
        return HOLDS
    return (Refusal("satminkal.other", {"npsn": plan.npsn, "sekolah_induk": facts.sekolah_induk}),)


@predicate(
    reads=("today",),
    codes=("window.not_open", "window.closed"),
    negated_code="window.open",
    resolved_by=ResolvedBy.CALENDAR,
)
def window_open(facts: Facts, plan: Snapshot, opens: date, closes: date) -> Refusals:
    """Today lies within the planning window; both days included, in the school's own zone."""
    if facts.today < opens:
        return (Refusal("window.not_open", {"opens": opens, "closes": closes}),)
    return HOLDS if facts.today <= closes else (Refusal("window.closed", {"opens": opens, "closes": closes}),)


@predicate(
    reads=("today", "revision_due"),
    codes=("revision.none", "revision.passed"),
    negated_code="revision.open",
    resolved_by=ResolvedBy.REVISION,
)
def within_revision(facts: Facts, plan: Snapshot) -> Refusals:
    """A returned or reopened plan is still within its own due date, that day included."""
    if facts.revision_due is None:
        return (Refusal("revision.none", unactionable=True),)
    return (
        HOLDS
        if facts.today <= facts.revision_due
        else (Refusal("revision.passed", {"due": facts.revision_due}),)
    )


@predicate(
    reads=("now", "facts_as_of"),
    codes=("facts.stale",),
    negated_code="facts.fresh",
    resolved_by=ResolvedBy.SYSTEM,
)
def facts_fresh(facts: Facts, plan: Snapshot, minutes: int) -> Refusals:
    """The registry was asked at most `minutes` ago, so that the decision rests on who people are now."""
    if facts.facts_as_of is not None and (facts.now - facts.facts_as_of).total_seconds() <= minutes * 60:
        return HOLDS
    return (Refusal("facts.stale", {"minutes": minutes}),)


@predicate(
    reads=("head",),
    codes=("head.is_other",),
    negated_code="head.is",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
    unactionable=True,
)
def head_is(facts: Facts, plan: Snapshot, kind: HeadKindName) -> Refusals:
    """The school is led in this way now."""
    return (
        HOLDS
        if facts.head.kind == kind
        else (Refusal("head.is_other", {"wanted": kind, "kind": facts.head.kind}),)
    )


@predicate(
    codes=("param.off",),
    negated_code="param.on",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
    unactionable=True,
)
def param_on(facts: Facts, plan: Snapshot, value: bool) -> Refusals:
    """A switch of the period is on."""
    return HOLDS if value else (Refusal("param.off"),)


@predicate(
    reads=("points",),
    codes=("points.below_minimum",),
    negated_code="points.reached",
    resolved_by=ResolvedBy.OWNER,
)
def points_at_least(facts: Facts, plan: Snapshot, minimum: int) -> Refusals:
    """The chosen RHK reach the minimum (Guide, tab 2)."""
    if facts.points >= minimum:
        return HOLDS
    path = ("pengembangan_kompetensi",)
    return (Refusal("points.below_minimum", {"points": facts.points, "minimum": minimum}, path),)


@predicate(
    reads=("plt_confirmed", "today"),
    codes=("plt.not_confirmed", "plt.confirmation_not_open"),
    negated_code="plt.confirmed",
    resolved_by=ResolvedBy.PLT,
    depends_on=("plt_confirmed",),
)
def plt_confirmed(facts: Facts, plan: Snapshot, opens: date) -> Refusals:
    """The Plt has confirmed for this school and period, possible from `opens` on (Guide 11)."""
    if facts.plt_confirmed:
        return HOLDS
    code = "plt.not_confirmed" if facts.today >= opens else "plt.confirmation_not_open"
    return (Refusal(code, {"opens": opens}),)
