"""The fixed registry of predicates: what a guard can ask. Pure, typed, each "no" with a code (messages.yaml).

A definition only ever names what stands here; it can bring nothing of its own that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from workflows.model.facts import Facts, Refused, Snapshot
from workflows.model.terms import Term

No = tuple[Refused, ...]
YES: No = ()


class ArgType(Term):
    """What an argument must be; all but `HEAD` may come from a declared parameter of that type."""

    BOOL = "bool", "true or false"
    INT = "int", "a whole number"
    DATE = "date", "a day, which only a parameter can give"
    HEAD = "head", "a kind of head"


class Mender(Term):
    """Who or what makes a predicate true: on what a plan may wait, and on what it may not."""

    OWNER = "owner", "the teacher, while the plan is a draft; later it stays as it was handed in"
    SYSTEM = "system", "the system, which asks the registry again"
    OPERATOR = "operator", "operator sekolah or dinas, who correct the registry"
    CALENDAR = "calendar", "the calendar: days come and go, and a period may move its dates"
    REVISION = "revision", "a return or a reopening, which gives days; waiting only uses them up"
    PLT = "plt", "the Plt, who confirms once and for good"
    STANDING = "standing", "nobody owes it to the plan: how the school is led, what the period switched on"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A question with its typed arguments, the facts it reads, and the codes it may refuse with.

    `negative` is the code when `not` finds it true. `circumstance`: nobody can mend it, so beside another
    reason it is not worth telling. `hinges`: the facts and arguments on which yes or no depends.
    """

    test: Callable[..., No]
    reads: tuple[str, ...]
    codes: tuple[str, ...]
    negative: str
    mender: Mender
    hinges: tuple[str, ...]
    args: Mapping[str, ArgType] = field(default_factory=dict)
    circumstance: bool = False


def profile_confirmed(facts: Facts, plan: Snapshot) -> No:
    """Data diri was confirmed or corrected (Guide 5)."""
    return YES if facts.profile_confirmed else (Refused("profile.not_confirmed", path=("profile",)),)


def tabs_complete(facts: Facts, plan: Snapshot) -> No:
    """Nothing is missing in the tabs; each missing part is one reason, with planning's own code."""
    return tuple(Refused(part.code, part.params, part.path) for part in facts.missing)


def may_plan(facts: Facts, plan: Snapshot) -> No:
    """The teacher may still plan; each rule of access that fails is one reason, with planning's own code."""
    return tuple(Refused(rule.code, rule.params, rule.path) for rule in facts.may_not_plan)


def may_move(facts: Facts, plan: Snapshot) -> No:
    """The teacher's induk school is another now, and plans are made there; each reason with planning's own code."""
    return tuple(Refused(reason.code, reason.params, reason.path) for reason in facts.may_not_move)


def head_is_owner(facts: Facts, plan: Snapshot) -> No:
    """The school is led by the very teacher whose plan this is, who must not decide on it (DOMAIN.md)."""
    return YES if facts.head.ptk_id == plan.owner else (Refused("head.is_another"),)


def choices_offered(facts: Facts, plan: Snapshot) -> No:
    """Everything chosen is still in the catalogue for this teacher (DOMAIN.md, journey 3)."""
    return tuple(Refused("choice.withdrawn", {"choice": gone.choice}, gone.path) for gone in facts.withdrawn)


def at_satminkal(facts: Facts, plan: Snapshot) -> No:
    """The plan stands at the teacher's induk school of today (FAQ: SATMINKAL only)."""
    if facts.sekolah_induk is None:
        return (Refused("satminkal.unknown"),)
    if facts.sekolah_induk == plan.npsn:
        return YES
    return (Refused("satminkal.other", {"npsn": plan.npsn, "sekolah_induk": facts.sekolah_induk}),)


def window_open(facts: Facts, plan: Snapshot, opens: date, closes: date) -> No:
    """Today lies within the planning window; both days included, in the school's own zone."""
    if facts.today < opens:
        return (Refused("window.not_open", {"opens": opens, "closes": closes}),)
    return YES if facts.today <= closes else (Refused("window.closed", {"opens": opens, "closes": closes}),)


def within_revision(facts: Facts, plan: Snapshot) -> No:
    """A returned or reopened plan is still within its own due date, that day included."""
    if facts.revision_due is None:
        return (Refused("revision.none", moot=True),)
    return (
        YES
        if facts.today <= facts.revision_due
        else (Refused("revision.passed", {"due": facts.revision_due}),)
    )


def facts_fresh(facts: Facts, plan: Snapshot, minutes: int) -> No:
    """The registry was asked at most `minutes` ago, so that the decision rests on who people are now."""
    if facts.facts_as_of is not None and (facts.now - facts.facts_as_of).total_seconds() <= minutes * 60:
        return YES
    return (Refused("facts.stale", {"minutes": minutes}),)


def head_is(facts: Facts, plan: Snapshot, kind: str) -> No:
    """The school is led in this way now."""
    return (
        YES
        if facts.head.kind == kind
        else (Refused("head.is_other", {"wanted": kind, "kind": facts.head.kind}),)
    )


def param_on(facts: Facts, plan: Snapshot, value: bool) -> No:
    """A switch of the period is on."""
    return YES if value else (Refused("param.off"),)


def points_at_least(facts: Facts, plan: Snapshot, minimum: int) -> No:
    """The chosen RHK reach the minimum (Guide, tab 2)."""
    if facts.points >= minimum:
        return YES
    path = ("pengembangan_kompetensi",)
    return (Refused("points.below_minimum", {"points": facts.points, "minimum": minimum}, path),)


def plt_confirmed(facts: Facts, plan: Snapshot, opens: date) -> No:
    """The Plt has confirmed for this school and period, possible from `opens` on (Guide 11)."""
    if facts.plt_confirmed:
        return YES
    code = "plt.not_confirmed" if facts.today >= opens else "plt.confirmation_not_open"
    return (Refused(code, {"opens": opens}),)


PREDICATES: Mapping[str, Predicate] = MappingProxyType(
    {
        "profile_confirmed": Predicate(
            profile_confirmed,
            reads=("profile_confirmed",),
            codes=("profile.not_confirmed",),
            negative="profile.confirmed",
            mender=Mender.OWNER,
            hinges=("profile_confirmed",),
        ),
        "tabs_complete": Predicate(
            tabs_complete,
            reads=("missing",),
            codes=(),
            negative="tabs.complete",
            mender=Mender.OWNER,
            hinges=("missing",),
        ),
        "may_plan": Predicate(
            may_plan,
            reads=("may_not_plan",),
            codes=(),
            negative="access.granted",
            mender=Mender.OPERATOR,
            hinges=("may_not_plan",),
        ),
        "may_move": Predicate(
            may_move,
            reads=("may_not_move",),
            codes=(),
            negative="move.possible",
            mender=Mender.STANDING,
            hinges=("may_not_move",),
        ),
        "head_is_owner": Predicate(
            head_is_owner,
            reads=("head",),
            codes=("head.is_another",),
            negative="head.is_owner",
            mender=Mender.STANDING,
            hinges=("head",),
        ),
        "choices_offered": Predicate(
            choices_offered,
            reads=("withdrawn",),
            codes=("choice.withdrawn",),
            negative="choice.all_offered",
            mender=Mender.OWNER,
            hinges=("withdrawn",),
        ),
        "at_satminkal": Predicate(
            at_satminkal,
            reads=("sekolah_induk",),
            codes=("satminkal.unknown", "satminkal.other"),
            negative="satminkal.same",
            mender=Mender.OPERATOR,
            hinges=("sekolah_induk",),
        ),
        "window_open": Predicate(
            window_open,
            reads=("today",),
            codes=("window.not_open", "window.closed"),
            negative="window.open",
            mender=Mender.CALENDAR,
            hinges=("opens", "closes"),
            args={"opens": ArgType.DATE, "closes": ArgType.DATE},
        ),
        "within_revision": Predicate(
            within_revision,
            reads=("today", "revision_due"),
            codes=("revision.none", "revision.passed"),
            negative="revision.open",
            mender=Mender.REVISION,
            hinges=("revision_due",),
        ),
        "facts_fresh": Predicate(
            facts_fresh,
            reads=("now", "facts_as_of"),
            codes=("facts.stale",),
            negative="facts.fresh",
            mender=Mender.SYSTEM,
            hinges=("facts_as_of", "minutes"),
            args={"minutes": ArgType.INT},
        ),
        "head_is": Predicate(
            head_is,
            reads=("head",),
            codes=("head.is_other",),
            negative="head.is",
            mender=Mender.STANDING,
            hinges=("head", "kind"),
            args={"kind": ArgType.HEAD},
            circumstance=True,
        ),
        "param_on": Predicate(
            param_on,
            reads=(),
            codes=("param.off",),
            negative="param.on",
            mender=Mender.STANDING,
            hinges=("value",),
            args={"value": ArgType.BOOL},
            circumstance=True,
        ),
        "points_at_least": Predicate(
            points_at_least,
            reads=("points",),
            codes=("points.below_minimum",),
            negative="points.reached",
            mender=Mender.OWNER,
            hinges=("points", "minimum"),
            args={"minimum": ArgType.INT},
        ),
        "plt_confirmed": Predicate(
            plt_confirmed,
            reads=("plt_confirmed", "today"),
            codes=("plt.not_confirmed", "plt.confirmation_not_open"),
            negative="plt.confirmed",
            mender=Mender.PLT,
            hinges=("plt_confirmed",),  # the day only chooses the words of a no
            args={"opens": ArgType.DATE},
        ),
    }
)
