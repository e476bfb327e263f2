"""Looking up which values a period may have."""

from __future__ import annotations

from collections.abc import Collection

from services.planning.domain.declared import Declared
from services.planning.domain.workflow_version import to_come
from services.planning.storage import workflow_act as stored_acts
from services.planning.storage.period import PeriodInUse
from services.planning.storage.workflow import Workflows


async def declared_for(used: PeriodInUse, names: Collection[str], workflows: Workflows) -> Declared:
    """What the published version declares; beside it, where one of `names` is not among it, what is to come.

    Of versions to come that declare the same name the newest counts. One statement, and only where it is needed.
    """
    own = used.workflow.definition.params
    known = {param.name for param in own}
    if known.issuperset(names):
        return Declared(own)
    versions = await workflows.buildable(to_come(await stored_acts.acts_of(used.period.workflow)))
    coming = {param.name: param for version in reversed(versions) for param in version.definition.params}
    return Declared(own, tuple(param for name, param in coming.items() if name not in known))
