"""The registry of predicates, the conditions that a guard can ask for.

A definition can only name predicates of this module. Each is a pure function whose name, arguments and docstring are
those that definitions and their reference use. Its refusals have texts in messages.yaml.
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
    """The type of an argument. A parameter of the period can give any but `HEAD`."""

    BOOL = "bool", "true or false"
    INT = "int", "a whole number"
    DATE = "date", "a day, which only a parameter can give"
    HEAD = "head", "a kind of head"


HeadKindName = Annotated[str, ArgType.HEAD]
ARG_TYPES: Mapping[Any, ArgType] = {
    bool: ArgType.BOOL, int: ArgType.INT, date: ArgType.DATE, HeadKindName: ArgType.HEAD
}  # fmt: skip
CLOCK_FACTS = frozenset({"now", "today"})  # they change by themselves: proofs do not vary them


class ResolvedBy(Term):
    """Who or what makes a predicate true. The linter uses it to tell whether a plan may wait for it."""

    OWNER = "owner", "the teacher, while the plan is a draft; it does not change afterwards"
    SYSTEM = "system", "the system, which asks identity again"
    OPERATOR = "operator", "operator sekolah or dinas, who correct Dapodik"
    CALENDAR = "calendar", "the calendar; a period may also change its dates"
    REVISION = "revision", "a return or a reopening, which gives the owner some days; waiting uses them up"
    PLT = "plt", "the Plt, who confirms once"
    CIRCUMSTANCE = "circumstance", "nobody (given: the kind of head, the period's switches)"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A registered predicate with the types of its arguments, the facts it reads and the codes it refuses with.

    `negated_code` is the code if it holds under `not`. `depends_on` names the facts and arguments that determine its
    value. `unactionable`: nobody can make it true, so its refusals are hidden beside others.
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
    """Register a function `(facts, plan, …arguments) -> Refusals` as a predicate.

    Without `codes` it refuses with codes of planning. Without `depends_on` it depends on all that it reads except the
    clock, and on all arguments. Raises TypeError if the function or the declaration is wrong.
    """

    def register(function: Function) -> Function:
        name, args = function.__name__, _read_arguments(function)
        default = tuple(variable for variable in (*reads, *args) if variable not in CLOCK_FACTS)
        variables = default if depends_on is None else depends_on
        if name in _PREDICATES:
            raise TypeError(f"two predicates are called {name}")
        if unknown := {*reads} - FACT_NAMES or {*variables} - {*reads, *args}:
            raise TypeError(f"{name} reads or depends on what is not there: {sorted(unknown)}")
        if not getdoc(function):
            raise TypeError(f"{name} has no docstring, which the reference of the format shows")
        _PREDICATES[name] = Predicate(
            name, function, args, reads, variables, codes, negated_code, resolved_by, unactionable
        )
        return function

    return register


def _read_arguments(function: Callable[..., Refusals]) -> Mapping[str, ArgType]:
    """Return the arguments after facts and plan. Raises TypeError for one that a guard cannot give."""
    name, hints = function.__name__, get_type_hints(function, include_extras=True)
    parameters = list(signature(function).parameters.values())
    types = [hints.get(parameter.name) for parameter in parameters]
    if types[:2] != [Facts, Snapshot] or hints.get("return") != Refusals:
        raise TypeError(f"{name} is not declared as (facts: Facts, plan: Snapshot, …) -> Refusals")
    for parameter, hint in zip(parameters[2:], types[2:], strict=True):
        if parameter.kind is not Parameter.POSITIONAL_OR_KEYWORD or parameter.default is not Parameter.empty:
            raise TypeError(f"{name}: {parameter.name} is keyword-only, variable or has a default")
        if hint not in ARG_TYPES:
            raise TypeError(f"{name}: {parameter.name} is of none of the types of arguments")
    return MappingProxyType({p.name: ARG_TYPES[hints[p.name]] for p in parameters[2:]})


def _refuse(code: str, params: Mapping[str, object] | None = None, path: tuple[str, ...] = ()) -> Refusals:
    return (Refusal(code, params or {}, path),)


@predicate(
    reads=("profile_confirmed",),
    codes=("profile.not_confirmed",),
    negated_code="profile.confirmed",
    resolved_by=ResolvedBy.OWNER,
)
def profile_confirmed(facts: Facts, plan: Snapshot) -> Refusals:
    """The teacher has confirmed or corrected Data diri (Guide 5)."""
    return HOLDS if facts.profile_confirmed else _refuse("profile.not_confirmed", path=("profile",))


@predicate(reads=("missing_parts",), negated_code="tabs.complete", resolved_by=ResolvedBy.OWNER)
def tabs_complete(facts: Facts, plan: Snapshot) -> Refusals:
    """The tabs are complete. Each missing part is one reason."""
    return facts.missing_parts


@predicate(reads=("access_refusals",), negated_code="access.granted", resolved_by=ResolvedBy.OPERATOR)
def may_plan(facts: Facts, plan: Snapshot) -> Refusals:
    """The teacher may still plan. Each access rule that fails is one reason."""
    return facts.access_refusals


@predicate(reads=("move_refusals",), negated_code="move.possible", resolved_by=ResolvedBy.CIRCUMSTANCE)
def may_move(facts: Facts, plan: Snapshot) -> Refusals:
    """The teacher's sekolah induk has changed, and the new school is served."""
    return facts.move_refusals


@predicate(
    reads=("head",),
    codes=("head.vacant", "head.disputed", "head.is_another"),
    negated_code="head.is_owner",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
)
def head_is_owner(facts: Facts, plan: Snapshot) -> Refusals:
    """The owner of the plan is the head of the school. Owners must not decide on their own plans (DOMAIN.md)."""
    if vacancy := facts.head.find_vacancy(plan.npsn):
        return (vacancy,)
    return HOLDS if facts.head.ptk_id == plan.owner else _refuse("head.is_another")


@predicate(
    reads=("withdrawn_choices",),
    codes=("choice.withdrawn",),
    negated_code="choice.all_offered",
    resolved_by=ResolvedBy.OWNER,
)
def choices_offered(facts: Facts, plan: Snapshot) -> Refusals:
    """The catalogue still offers every choice in the plan to this teacher (DOMAIN.md, journey 3)."""
    return tuple(
        Refusal("choice.withdrawn", {"choice": choice.choice}, choice.path)
        for choice in facts.withdrawn_choices
    )


@predicate(
    reads=("sekolah_induk",),
    codes=("satminkal.unknown", "satminkal.other"),
    negated_code="satminkal.same",
    resolved_by=ResolvedBy.OPERATOR,
)
def at_satminkal(facts: Facts, plan: Snapshot) -> Refusals:
    """The plan's school is the teacher's sekolah induk today (FAQ: SATMINKAL only)."""
    if facts.sekolah_induk is None:
        return _refuse("satminkal.unknown")
    if facts.sekolah_induk == plan.npsn:
        return HOLDS
    return _refuse("satminkal.other", {"npsn": plan.npsn, "sekolah_induk": facts.sekolah_induk})


@predicate(
    reads=("today",),
    codes=("window.not_open", "window.closed"),
    negated_code="window.open",
    resolved_by=ResolvedBy.CALENDAR,
)
def window_open(facts: Facts, plan: Snapshot, opens: date, closes: date) -> Refusals:
    """Today is in the planning window, both days included, in the time zone of the school."""
    days = {"opens": opens, "closes": closes}
    if facts.today < opens:
        return _refuse("window.not_open", days)
    return HOLDS if facts.today <= closes else _refuse("window.closed", days)


@predicate(
    reads=("today", "revision_due"),
    codes=("revision.none", "revision.passed"),
    negated_code="revision.open",
    resolved_by=ResolvedBy.REVISION,
)
def within_revision(facts: Facts, plan: Snapshot) -> Refusals:
    """The plan was returned or reopened, and its own due date is today or later."""
    if facts.revision_due is None:
        return (Refusal("revision.none", unactionable=True),)
    due = facts.revision_due
    return HOLDS if facts.today <= due else _refuse("revision.passed", {"due": due})


@predicate(
    reads=("now", "facts_as_of"),
    codes=("facts.stale",),
    negated_code="facts.fresh",
    resolved_by=ResolvedBy.SYSTEM,
)
def facts_fresh(facts: Facts, plan: Snapshot, minutes: int) -> Refusals:
    """The facts from identity are at most `minutes` old."""
    if facts.facts_as_of is not None and (facts.now - facts.facts_as_of).total_seconds() <= minutes * 60:
        return HOLDS
    return _refuse("facts.stale", {"minutes": minutes})


@predicate(
    reads=("head",),
    codes=("head.is_other",),
    negated_code="head.is",
    resolved_by=ResolvedBy.CIRCUMSTANCE,
    unactionable=True,
)
def head_is(facts: Facts, plan: Snapshot, kind: HeadKindName) -> Refusals:
    """The school has a head of this kind now."""
    if facts.head.kind == kind:
        return HOLDS
    return _refuse("head.is_other", {"wanted": kind, "kind": facts.head.kind})


@predicate(
    codes=("param.off",), negated_code="param.on", resolved_by=ResolvedBy.CIRCUMSTANCE, unactionable=True
)
def param_on(facts: Facts, plan: Snapshot, value: bool) -> Refusals:
    """A boolean parameter of the period is true."""
    return HOLDS if value else _refuse("param.off")


@predicate(
    reads=("points",),
    codes=("points.below_minimum",),
    negated_code="points.reached",
    resolved_by=ResolvedBy.OWNER,
)
def points_at_least(facts: Facts, plan: Snapshot, minimum: int) -> Refusals:
    """The points of the chosen RHK reach the minimum (Guide, tab 2)."""
    if facts.points >= minimum:
        return HOLDS
    params = {"points": facts.points, "minimum": minimum}
    return _refuse("points.below_minimum", params, ("pengembangan_kompetensi",))


@predicate(
    reads=("plt_confirmed", "today"),
    codes=("plt.not_confirmed", "plt.confirmation_not_open"),
    negated_code="plt.confirmed",
    resolved_by=ResolvedBy.PLT,
    depends_on=("plt_confirmed",),
)
def plt_confirmed(facts: Facts, plan: Snapshot, opens: date) -> Refusals:
    """The Plt has confirmed for this school and period, which is possible from `opens` on (Guide 11)."""
    if facts.plt_confirmed:
        return HOLDS
    code = "plt.not_confirmed" if facts.today >= opens else "plt.confirmation_not_open"
    return _refuse(code, {"opens": opens})
