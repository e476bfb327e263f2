"""The numbers of a period: where its plans are, where most wait for a decision, for how long; and its schools."""

from __future__ import annotations

from collections.abc import Collection

from services.kit.database import Connection, run_in_transaction
from services.planning.callers.model import Territory
from services.planning.numbers import store
from services.planning.numbers.model import (
    Numbers,
    PageRequest,
    SchoolFilter,
    SchoolPageRequest,
    SchoolPlans,
    Scope,
    add_up_states,
    find_covered_regions,
    find_regions,
    list_empty_states,
)
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


async def list_schools(
    period: str,
    filter: SchoolFilter,
    territory: Territory,
    page: SchoolPageRequest,
    workflows: WorkflowCache,
    connection: Connection,
) -> tuple[list[SchoolPlans], bool]:
    """List the schools of a territory that have plans in a period. Returns a page, and whether more follow.

    The regions of the plans are loaded first if the territory or the filter names one, because people spell them in
    many ways.
    """
    versions = {workflow.sha256: workflow for workflow in await workflows.list_supported(connection)}
    names_region = filter.provinsi is not None or filter.kabupaten_kota is not None
    has_regions = not territory.nationwide and bool(territory.provinsi or territory.kabupaten_kota)
    regions = await store.list_regions(period, connection) if names_region or has_regions else []
    return await store.list_schools(
        period,
        filter,
        find_regions(regions, filter) if names_region else None,
        territory.npsn,
        None if territory.nationwide else find_covered_regions(regions, territory),
        page,
        versions,
        connection,
    )
