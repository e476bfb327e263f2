"""Who may fire a transition. A role says as whom one acts, the relation how one stands to this very plan.

Authority over a plan comes from facts when the command is decided; of a token, only the scope `admin` counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.engine.predicates import ArgType
from workflows.model.definition import ALWAYS, AllOf, Authority, Call, Guard, Not
from workflows.model.facts import Actor, Facts, HeadKind, ParamValue, Refusal, Snapshot


@dataclass(frozen=True, slots=True)
class AuthorityRule:
    """`possible`: could this actor ever be the one for this plan; `refusal`: why not now, or None; `reads`:
    the facts it looked at; `needs`: the same as a guard, that there is such a person at all."""

    is_possible: Callable[[Actor, Snapshot], bool]
    check: Callable[[Actor, Snapshot, Facts], Refusal | None]
    codes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    guard: Guard = ALWAYS


def _owns(actor: Actor, plan: Snapshot) -> bool:
    return actor.ptk_id is not None and actor.ptk_id == plan.owner


def _owner(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    return None if _owns(actor, plan) else Refusal("actor.not_owner")


def _another(actor: Actor, plan: Snapshot) -> bool:
    return actor.ptk_id is not None and actor.ptk_id != plan.owner


def _head(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    if _owns(actor, plan):
        return Refusal("actor.own_plan")
    if facts.head.kind is HeadKind.KOSONG or facts.head.ptk_id is None:
        return Refusal("head.vacant", {"npsn": plan.npsn})
    return None if actor.ptk_id == facts.head.ptk_id else Refusal("actor.not_head", {"npsn": plan.npsn})


def _administers(actor: Actor, plan: Snapshot) -> bool:
    return "admin" in actor.scopes


def _admin(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    return None if _administers(actor, plan) else Refusal("actor.not_admin")


def _is_system(actor: Actor, plan: Snapshot) -> bool:
    return actor.system


def _system(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    return None if actor.system else Refusal("actor.not_system")


HAS_OTHER_HEAD = AllOf((Not(Call("head_is", (("kind", HeadKind.KOSONG.value),))), Not(Call("head_is_owner"))))
AUTHORITIES: Mapping[Authority, AuthorityRule] = MappingProxyType(
    {
        Authority("teacher", "owner"): AuthorityRule(_owns, _owner, ("actor.not_owner",)),
        Authority("superior", "head_of_school"): AuthorityRule(
            _another, _head, ("actor.own_plan", "head.vacant", "actor.not_head"), ("head",), HAS_OTHER_HEAD
        ),
        Authority("admin", "any"): AuthorityRule(_administers, _admin, ("actor.not_admin",)),
        Authority("system", "any"): AuthorityRule(_is_system, _system, ("actor.not_system",)),
    }
)


@dataclass(frozen=True, slots=True)
class EffectKind:
    """What can be carried out, with its arguments. `needs`: the row's guard has to make sure of it.

    `changes_facts`: after it the facts are others (another school, another head): automatic steps wait for a new
    decision.
    """

    meaning: str
    args: Mapping[str, ArgType] = field(default_factory=dict)
    required_condition: Call | None = None
    changes_facts: bool = False


EFFECTS: Mapping[str, EffectKind] = MappingProxyType(
    {
        "remember_submission": EffectKind("Keep the content as it was submitted."),
        "open_revision": EffectKind(
            "Give the plan a due date of its own, so many days from today.", {"days": ArgType.INT}
        ),
        "remember_reopening": EffectKind("Tell teacher and head, until the plan is submitted again."),
        "move_to_sekolah_induk": EffectKind(
            "The plan stands at the teacher's induk school of today from now on.",
            required_condition=Call("may_move"),
            changes_facts=True,
        ),
    }
)
FACT_CHANGING_EFFECTS = frozenset(name for name, kind in EFFECTS.items() if kind.changes_facts)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a step, its arguments already resolved to the period's values."""

    name: str
    args: Mapping[str, ParamValue | str] = field(default_factory=dict)
