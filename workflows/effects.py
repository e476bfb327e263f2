"""The closed registry of effects: a step names them, planning carries them out in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.facts import ParamValue
from workflows.predicates import ArgType
from workflows.trees import Call

EFFECTS: Mapping[str, Mapping[str, ArgType]] = MappingProxyType(
    {
        "remember_submission": {},  # keep the content as it was submitted
        "open_revision": {"days": ArgType.INT},  # give the plan its own due date, so many days from today
        "remember_reopening": {},  # teacher and head are told, until the plan is submitted again
        "move_to_sekolah_induk": {},  # the plan stands at the teacher's induk school of today from now on
    }
)

# What must be known of a plan before an effect can be carried out: the row's guard has to make sure of it.
NEEDS: Mapping[str, Call] = MappingProxyType({"move_to_sekolah_induk": Call("may_move")})

# After these the facts are others (another school, another head): automatic steps wait for a new decision.
CHANGING_FACTS = frozenset({"move_to_sekolah_induk"})


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a step, its arguments already resolved to the period's values."""

    name: str
    args: Mapping[str, ParamValue | str] = field(default_factory=dict)
