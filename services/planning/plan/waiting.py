"""In which states plans wait for something that no request brings, and how many do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.database import Connection
from services.planning.plan import store
from services.planning.versions.store import WorkflowCache
from workflows.engine.machine import Workflow


@dataclass(frozen=True, slots=True)
class AutomaticStates:
    """In which states plans wait: by version of the workflow, of all versions that are `read`."""

    workflows: tuple[str, ...]
    states: tuple[str, ...]
    versions: tuple[str, ...]

    @classmethod
    def of(cls, read: Sequence[Workflow]) -> AutomaticStates:
        """The states with automatic transitions."""
        pairs = {
            (version.sha256, state)
            for version in read
            for row in version.definition.transitions
            if row.is_automatic
            for state in row.from_states
        }
        ordered = sorted(pairs)
        return cls(
            workflows=tuple(workflow for workflow, _ in ordered),
            states=tuple(state for _, state in ordered),
            versions=tuple(version.sha256 for version in read),
        )


async def count_waiting_plans(period: str, workflows: WorkflowCache, connection: Connection) -> int:
    """Count the plans of a period in states with automatic transitions. One statement, by index alone."""
    waits = AutomaticStates.of(await workflows.list_supported(connection))
    return await store.count_waiting_plans(period, waits.workflows, waits.states, connection)
