"""Looking up which values a period may have."""

from __future__ import annotations

from collections.abc import Collection

from services.planning.domain.declared import Declared
from services.planning.domain.workflow_version import published_of, to_come
from services.planning.storage import workflow_act as stored_acts
from services.planning.storage.period import PeriodInUse
from services.planning.storage.workflow import Workflows
from workflows import Param, load, shipped


async def declared_for(used: PeriodInUse, names: Collection[str], workflows: Workflows) -> Declared:
    """What the published version declares; beside it, where one of `names` is not among it, what is to come.

    Of versions to come that declare the same name the newest counts. One statement, and only where it is needed.
    """
    return await beside(used.workflow.definition.params, used.period.workflow, names, workflows)


async def declared_in_file(workflow: str, names: Collection[str], workflows: Workflows) -> Declared:
    """The same for the file of a period, which need not be there yet; and what this release itself reads of each."""
    acts = await stored_acts.acts_of(workflow)
    published = await workflows.buildable([sha256 for sha256 in [published_of(acts)] if sha256])
    own = {param.name: param for version in published for param in version.definition.params}
    own = {param.name: param for param in load(shipped()).params} | own
    return await beside(tuple(own.values()), workflow, names, workflows)


async def beside(
    own: tuple[Param, ...], workflow: str, names: Collection[str], workflows: Workflows
) -> Declared:
    """These parameters and, where one of `names` is not among them, those of the versions to come."""
    known = {param.name for param in own}
    if known.issuperset(names):
        return Declared(own)
    versions = await workflows.buildable(to_come(await stored_acts.acts_of(workflow)))
    coming = {param.name: param for version in reversed(versions) for param in version.definition.params}
    return Declared(own, tuple(param for name, param in coming.items() if name not in known))
