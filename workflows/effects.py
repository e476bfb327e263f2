"""The closed registry of effects: a step names them, planning carries them out in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.facts import ParamValue
from workflows.predicates import ArgType
from workflows.trees import Call


@dataclass(frozen=True, slots=True)
class EffectKind:
    """What can be carried out, with its arguments. `needs`: the row's guard has to make sure of it.

    `changes_facts`: after it the facts are others (another school, another head): automatic steps wait for a new
    decision.
    """

    meaning: str
    args: Mapping[str, ArgType] = field(default_factory=dict)
    needs: Call | None = None
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
            needs=Call("may_move"),
            changes_facts=True,
        ),
    }
)
CHANGING_FACTS = frozenset(name for name, kind in EFFECTS.items() if kind.changes_facts)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a step, its arguments already resolved to the period's values."""

    name: str
    args: Mapping[str, ParamValue | str] = field(default_factory=dict)
