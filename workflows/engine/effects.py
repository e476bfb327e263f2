"""The effects that a transition may have. The engine names them, planning carries them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.engine.predicates import ArgType
from workflows.model.decision import Effect
from workflows.model.definition import Call


@dataclass(frozen=True, slots=True)
class EffectKind:
    """An effect that definitions may name. The guard of a transition with it must imply `required_condition`.

    `changes_facts`: the plan has other facts afterwards (another school, another head), so automatic transitions wait
    for a new decision.
    """

    meaning: str
    args: Mapping[str, ArgType] = field(default_factory=dict)
    required_condition: Call | None = None
    changes_facts: bool = False


EFFECTS: Mapping[str, EffectKind] = MappingProxyType(
    {
        "remember_submission": EffectKind("Keep the content as it was submitted."),
        "open_revision": EffectKind(
            "Give the plan its own due date, this number of days from today.", {"days": ArgType.INT}
        ),
        "remember_reopening": EffectKind("Notify teacher and head until the plan is submitted again."),
        "move_to_sekolah_induk": EffectKind(
            "Move the plan to the school that is the teacher's induk school today.",
            required_condition=Call("may_move"),
            changes_facts=True,
        ),
    }
)
_FACT_CHANGING = frozenset(name for name, kind in EFFECTS.items() if kind.changes_facts)


def changes_facts(effects: Iterable[Call | Effect]) -> bool:
    """Return whether one of the effects changes the facts of the plan."""
    return not _FACT_CHANGING.isdisjoint(effect.name for effect in effects)
