"""Who may fire a transition: each pair of a role and a relation to the plan, with its check.

Authority over a plan comes from the facts at the time of the decision. The token counts for the scope `admin` only.
Only the authority of the owner ever belongs to a person on their own plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workflows.model.definition import ALWAYS, AllOf, Authority, Call, Guard, Not
from workflows.model.facts import Actor, Facts, HeadKind, Refusal, Snapshot


@dataclass(frozen=True, slots=True)
class AuthorityRule:
    """The rule of one authority.

    `is_possible` tells whether the actor may ever have it for this plan, `check` returns why not now, or None.
    `guard` says, for proofs, when somebody has it.
    """

    is_possible: Callable[[Actor, Snapshot], bool]
    check: Callable[[Actor, Snapshot, Facts], Refusal | None]
    codes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    guard: Guard = ALWAYS


def _is_owner(actor: Actor, plan: Snapshot) -> bool:
    return actor.ptk_id is not None and actor.ptk_id == plan.owner


def _is_own_plan(actor: Actor, plan: Snapshot) -> bool:
    return plan.owner in {actor.ptk_id, *actor.other_records}


def _check_head(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    if _is_own_plan(actor, plan):
        return OWN_PLAN
    if vacancy := facts.head.find_vacancy(plan.npsn):
        return vacancy
    return None if actor.ptk_id == facts.head.ptk_id else Refusal("actor.not_head", {"npsn": plan.npsn})


def _is_admin_of_another(actor: Actor, plan: Snapshot) -> bool:
    return "admin" in actor.scopes and not _is_own_plan(actor, plan)


def _check_admin(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    if "admin" not in actor.scopes:
        return Refusal("actor.not_admin")
    return OWN_PLAN if _is_own_plan(actor, plan) else None


def _check_dinas(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
    if _is_own_plan(actor, plan):
        return OWN_PLAN
    # Beside the reason of the head of the school it would only be noise.
    return None if "admin" in actor.scopes else Refusal("actor.not_dinas", unactionable=True)


def _fixed_rule(is_possible: Callable[[Actor, Snapshot], bool], refusal: Refusal) -> AuthorityRule:
    """Return a rule that does not depend on facts."""

    def check(actor: Actor, plan: Snapshot, facts: Facts) -> Refusal | None:
        return None if is_possible(actor, plan) else refusal

    return AuthorityRule(is_possible, check, (refusal.code,))


OWN_PLAN = Refusal("actor.own_plan")
HAS_OTHER_HEAD = AllOf((Not(Call("head_is", (("kind", HeadKind.KOSONG.value),))), Not(Call("head_is_owner"))))
AUTHORITIES: Mapping[Authority, AuthorityRule] = MappingProxyType(
    {
        Authority("teacher", "owner"): _fixed_rule(_is_owner, Refusal("actor.not_owner")),
        Authority("superior", "head_of_school"): AuthorityRule(
            lambda actor, plan: actor.ptk_id is not None and not _is_own_plan(actor, plan),
            _check_head,
            codes=("actor.own_plan", "head.vacant", "head.disputed", "actor.not_head"),
            reads=("head",),
            guard=HAS_OTHER_HEAD,
        ),
        # Admins act for the dinas, until offices have regions of their own.
        Authority("dinas", "any"): AuthorityRule(
            _is_admin_of_another, _check_dinas, ("actor.not_dinas", "actor.own_plan")
        ),
        Authority("admin", "any"): AuthorityRule(
            _is_admin_of_another, _check_admin, ("actor.not_admin", "actor.own_plan")
        ),
        Authority("system", "any"): _fixed_rule(
            lambda actor, plan: actor.system, Refusal("actor.not_system")
        ),
    }
)
