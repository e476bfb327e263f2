"""What changed a period's values, as GraphQL shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import strawberry
from strawberry.dataloader import DataLoader

from services.planning.api.context import Context, Info
from services.planning.api.describe import described
from services.planning.api.types.address import ADDRESS, address_of
from services.planning.domain import period_revision as domain
from services.planning.domain.period import Revision
from services.planning.storage.period import PeriodInUse
from services.planning.storage.workflow import Workflows
from services.planning.usecases.declared import declared_for
from workflows import Param, ParamValue
from workflows.messages import show

Params = DataLoader[str, Param | None]


@strawberry.type(description="A value of a period that changes.")
class ParameterChange:
    """Told in the reader's language."""

    name: str = strawberry.field(description="The parameter, as the workflow names it.")
    label: str = strawberry.field(description="The parameter, as people know it.")
    before: str | None = strawberry.field(description="What stood before, in words; null where nothing did.")
    after: str = strawberry.field(description="What stands then, in words.")
    sentence: str = strawberry.field(description="The change in a sentence.")


@strawberry.type(
    description="A revision of a period's values, such as an extension: who decided it, and why."
)
class PeriodRevision:
    """On record for ever; a later one replaces it."""

    revision: strawberry.Private[Revision]
    used: strawberry.Private[PeriodInUse]
    params: strawberry.Private[Params]
    number: int = strawberry.field(description="From 1; the events it decided name it.")
    effective_from: datetime = strawberry.field(description="In force from this instant on.")
    author: str = strawberry.field(
        description="Who drew it up: an institution, an operator, or the id of an admin's account."
    )
    approver: str = strawberry.field(description="The second person, who approved it.")
    reason: str = strawberry.field(description="Why: the guide, or a decree.")

    @described(f"Of who drew it up. {ADDRESS}")
    async def author_address(self, info: Info) -> str | None:
        """Asked of identity once for each admin."""
        return await address_of(self.author, info.context)

    @described(f"Of the second person. {ADDRESS}")
    async def approver_address(self, info: Info) -> str | None:
        """As for the author."""
        return await address_of(self.approver, info.context)

    @described("What it changes of the values that it takes the place of.")
    async def changes(self, info: Info) -> list[ParameterChange]:
        """Worked out only where it is asked for."""
        before = domain.before_revision(self.used.period, self.revision)
        return await shown_changes(self.params, before, self.revision.values, info.context)


def params_of(used: PeriodInUse, workflows: Workflows) -> Params:
    """The parameters of names, looked up together for all that ask in one answer; None for what is declared no more."""

    async def load(names: list[str]) -> list[Param | None]:
        declared = await declared_for(used, names, workflows)
        known = {param.name: param for param in declared.all}
        return [known.get(name) for name in names]

    return DataLoader(load_fn=load)


def revisions_of(used: PeriodInUse, workflows: Workflows) -> list[PeriodRevision]:
    """Every revision of a period, in order."""
    params = params_of(used, workflows)
    return [
        PeriodRevision(
            revision=one,
            used=used,
            params=params,
            number=one.number,
            effective_from=one.effective_from,
            author=one.author,
            approver=one.approver,
            reason=one.reason,
        )
        for one in used.period.revisions
    ]


async def shown_changes(
    params: Params, before: domain.Standing, after: Mapping[str, ParamValue], context: Context
) -> list[ParameterChange]:
    """What differs between two sets of values, in the reader's language."""
    declared = await params.load_many([name for name, value in after.items() if before.get(name) != value])
    return [
        ParameterChange(
            name=one.name,
            label=show(one.label, context.language),
            before=None if one.before is None else show(domain.in_words(one.before), context.language),
            after=show(domain.in_words(one.after), context.language),
            sentence=context.messages.text(one.sentence, context.language),
        )
        for one in domain.changes([param for param in declared if param], before, after)
    ]
