"""The closed registry of effects: a step names them, planning carries them out in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.facts import ParamValue
from workflows.predicates import ArgType

EFFECTS: Mapping[str, Mapping[str, ArgType]] = MappingProxyType(
    {
        "remember_submission": {},  # keep the content as it was submitted
        "open_revision": {"days": ArgType.INT},  # give the plan its own due date, so many days from today
    }
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a step, its arguments already resolved to the period's values."""

    name: str
    args: Mapping[str, ParamValue | str] = field(default_factory=dict)
