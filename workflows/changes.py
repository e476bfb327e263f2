"""One change between two versions: where, what, how grave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflows.messages import Language, say
from workflows.trees import Path


class Gravity(StrEnum):
    """Whether living plans could move to the new version without loss (`workflows.diff` says exactly when)."""

    ADDITIVE = "additive"
    BREAKING = "breaking"

    def sentence(self, language: Language) -> str:
        """What it means for the plans that live."""
        return say(f"diff.{self}", {}, language)


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is the place in the new file, or in the old one for what is gone."""

    code: str
    path: Path
    params: Mapping[str, object] = field(default_factory=dict)
    gravity: Gravity = Gravity.ADDITIVE

    def sentence(self, language: Language) -> str:
        """The change as a person reads it."""
        return say(self.code, self.params, language)


def worse(breaking: bool) -> Gravity:
    """The gravity of a change that breaks, or does not."""
    return Gravity.BREAKING if breaking else Gravity.ADDITIVE
