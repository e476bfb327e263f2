"""The numbers of a period: where its plans are, where most wait for a decision, and for how long."""

from __future__ import annotations

from collections.abc import Collection

from services.kit.database import Connection, run_in_transaction
from services.planning.numbers import store
from services.planning.numbers.model import Numbers, PageRequest, Scope, add_up_states, list_empty_states
from services.planning.versions.store import WorkflowCache


async def count_numbers(
    scope: Scope, pages: Collection[PageRequest], workflows: WorkflowCache, connection: Connection
) -> Numbers:
    """Count the plans of a scope, with these pages of regions or schools, all in one snapshot."""
    versions = {workflow.sha256: workflow for workflow in await workflows.list_supported(connection)}

    async def count(transaction: Connection) -> Numbers:
        await store.take_snapshot(transaction)
        counts = await store.count_states(scope, transaction)
        stays = await store.measure_stays(scope, transaction)
        # A state that every plan has left is shown too, with the stays in it.
        left_states = stays.keys() - {count.state for count in counts}
        states = add_up_states([*counts, *list_empty_states(versions, left_states)], versions, stays)
        return Numbers(
            states, {page: await store.count_areas(scope, page, versions, transaction) for page in pages}
        )

    return await run_in_transaction(count)
