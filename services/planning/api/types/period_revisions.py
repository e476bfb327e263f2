"""Revisions of the values of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.types.actors import Actor, render_actor
from services.planning.period import revision as domain
from services.planning.period.model import PeriodSetup, Revision
from workflows.model.facts import ParamValue
from workflows.model.messages import format_value


@strawberry.type(description="A change of a value of a period.")
class ParameterChange:
    name: str = strawberry.field(description="Name of the parameter in the workflow.")
    label: str = strawberry.field(description="Name of the parameter for people.")
    before: str | None = strawberry.field(description="The earlier value, in words; null if there was none.")
    after: str = strawberry.field(description="The new value, in words.")
    sentence: str = strawberry.field(description="The change in a sentence.")


@strawberry.type(description="A revision of the values of a period, such as an extension.")
class PeriodRevision:
    revision: strawberry.Private[Revision]
    setup: strawberry.Private[PeriodSetup]
    number: int = strawberry.field(
        description="Number, from 1. Events name the revision that they were decided by."
    )
    effective_from: datetime = strawberry.field(description="When it takes effect.")
    author: Actor = strawberry.field(description="Who proposed it.")
    approver: Actor = strawberry.field(description="The second person, who approved it.")
    reason: str = strawberry.field(description="The reason: the guide, or a decree.")

    @field("The changes against the revision that it replaces.")
    async def changes(self, info: Info) -> list[ParameterChange]:
        period = self.setup.period
        before = domain.find_previous_values(period, self.revision)
        return await render_changes(period.code, before, self.revision.values, info.context)


def render_revisions(
    revisions: Sequence[Revision], setup: PeriodSetup, context: Context
) -> list[PeriodRevision]:
    """Render revisions of a period."""
    caller = context.require_caller()
    return [
        PeriodRevision(
            revision=revision,
            setup=setup,
            number=revision.number,
            effective_from=revision.effective_from,
            author=render_actor(revision.author, caller),
            approver=render_actor(revision.approver, caller),
            reason=revision.reason,
        )
        for revision in revisions
    ]


async def render_changes(
    code: str, before: domain.OptionalValues, after: Mapping[str, ParamValue], context: Context
) -> list[ParameterChange]:
    """Render the differences of two sets of values of the period of a code."""
    names = [name for name, value in after.items() if before.get(name) != value]
    declarations = await context.loaders.parameters.load_many([(code, name) for name in names])
    return [
        ParameterChange(
            name=change.name,
            label=format_value(change.label, context.language),
            before=None
            if change.before is None
            else format_value(domain.format_value(change.before), context.language),
            after=format_value(domain.format_value(change.after), context.language),
            sentence=context.messages.text(change.sentence, context.language),
        )
        for change in domain.list_changes([param for param in declarations if param], before, after)
    ]
