"""The contract of a definition: the names by which the API fires its transitions and reads its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workflows.model.facts import ParamValue


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mutation of the API. Every transition with its trigger requires the conditions named in `requires`."""

    name: str
    trigger: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowParams:
    """The dates between which teachers start plans and submit them for the first time."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class PltParams:
    """The dates from which the Plt banner is shown and a Plt can confirm."""

    banner_from: str
    confirmation_from: str


@dataclass(frozen=True, slots=True)
class ContractValues:
    """The values of a period that the API shows or decides by, under their meaning."""

    opens: date
    closes: date
    plt_banner_from: date
    plt_confirmation_from: date
    facts_max_age: timedelta
    minimum_points: int | None


@dataclass(frozen=True, slots=True)
class Contract:
    """The mutations with their triggers, and the names of the parameters that the API reads.

    `minimum_points` is None for a workflow without a minimum of points.
    """

    mutations: tuple[Mutation, ...]
    window: WindowParams
    plt: PltParams
    facts_max_age_minutes: str
    minimum_points: str | None = None

    @property
    def params(self) -> Mapping[tuple[str, ...], str | None]:
        """The names of the parameters by their keys in the file."""
        return {
            ("window", "opens"): self.window.opens,
            ("window", "closes"): self.window.closes,
            ("plt", "banner_from"): self.plt.banner_from,
            ("plt", "confirmation_from"): self.plt.confirmation_from,
            ("facts_max_age_minutes",): self.facts_max_age_minutes,
            ("minimum_points",): self.minimum_points,
        }

    def find_trigger(self, mutation: str) -> str:
        """Return the trigger of a mutation. Raises KeyError if the contract does not name it."""
        return {one.name: one.trigger for one in self.mutations}[mutation]

    def find_mutation(self, trigger: str) -> str | None:
        """Return the mutation that fires a trigger; None for a trigger of `firePlanTransition` alone."""
        return next((one.name for one in self.mutations if one.trigger == trigger), None)

    def read_values(self, params: Mapping[str, ParamValue]) -> ContractValues:
        """Return the values under their meaning. The linter proves that the parameters exist and have these types."""
        values: Mapping[str, Any] = params
        return ContractValues(
            opens=values[self.window.opens],
            closes=values[self.window.closes],
            plt_banner_from=values[self.plt.banner_from],
            plt_confirmation_from=values[self.plt.confirmation_from],
            facts_max_age=timedelta(minutes=values[self.facts_max_age_minutes]),
            minimum_points=values[self.minimum_points] if self.minimum_points else None,
        )
