"""Which values a period may have: those that its workflow declares, and those that a version to come will ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from workflows import Param


@dataclass(frozen=True, slots=True)
class Declared:
    """Parameters of a period's workflow: `own` of the published version, `coming` of those that may yet be published.

    What is only coming is never required, but can be given: so a version can ask for a value without a default, and
    find it there when it is published.
    """

    own: tuple[Param, ...]
    coming: tuple[Param, ...] = ()

    @property
    def all(self) -> tuple[Param, ...]:
        """Whatever may be given."""
        return (*self.own, *self.coming)

    def judged(self, given: Collection[str]) -> tuple[Param, ...]:
        """What is looked at when some are given: all that is in force, and of what is coming these alone."""
        return (*self.own, *(param for param in self.coming if param.name in given))
