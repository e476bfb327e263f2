"""A version of a workflow as GraphQL shows it to admins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.types.actors import WorkflowActor, render_actor
from services.planning.api.types.plan import Refused
from services.planning.callers.model import Caller
from services.planning.versions.model import PlanCount, VersionAct
from services.planning.versions.queries import Version, count_plans_by_version, load_version
from workflows.diff.changes import Change
from workflows.diff.compare import diff_definitions, overall_severity
from workflows.files.diagram import draw_diagram
from workflows.files.loader import dump_yaml
from workflows.model.definition import Definition
from workflows.model.messages import Language

PlanCounts = DataLoader[str, list[PlanCount]]


@strawberry.enum(description="Where a version stands, and the act that led there.")
class WorkflowStatus(Enum):
    DRAFTED = strawberry.enum_value("drafted", description="Proved and kept; waits for a second admin.")
    APPROVED = strawberry.enum_value(
        "approved", description="Can be published; also one that was published until another took its place."
    )
    PUBLISHED = strawberry.enum_value("published", description="New plans live by it.")
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected the draft.")
    EXPIRED = strawberry.enum_value(
        "expired", description="Nobody approved the draft within 30 days; no act says so."
    )
    RETIRED = strawberry.enum_value(
        "retired", description="No plan starts by it; plans that live by it go on."
    )


@strawberry.enum(description="Whether plans that live by one version could follow to another.")
class WorkflowChangeClass(Enum):
    ADDITIVE = strawberry.enum_value("additive", description="A living plan would lose nothing.")
    BREAKING = strawberry.enum_value("breaking", description="A living plan could lose something.")


@strawberry.type(description="What somebody did with a version: for good, and never edited.")
class WorkflowAct:
    act: WorkflowStatus = strawberry.field(description="What it became by this.")
    by: WorkflowActor = strawberry.field(description="Who.")
    at: datetime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="Why, as it was written.")


@strawberry.type(description="One change between two versions.")
class WorkflowChange:
    code: str = strawberry.field(description="Stable, dotted: which kind of change.")
    sentence: str = strawberry.field(description="What changes, and for whom.")
    gravity: WorkflowChangeClass = strawberry.field(name="class", description="How grave it is.")
    place: str = strawberry.field(description="Where in the definition; in the first one for what is gone.")


@strawberry.type(description="What changes from one version to another.")
class WorkflowDiff:
    gravity: WorkflowChangeClass = strawberry.field(name="class", description="The gravest of its changes.")
    changes: list[WorkflowChange] = strawberry.field(
        description="Every change; none where both say the same."
    )


@strawberry.type(description="How many plans of a period stand in a state of a version.")
class WorkflowPlans:
    period: strawberry.ID = strawberry.field(description="The period.")
    state: str = strawberry.field(description="The name of the state.")
    plans: int = strawberry.field(description="How many.")


@strawberry.type(description="A version of a workflow: its content for good, and what was done with it.")
class WorkflowVersion:
    version: strawberry.Private[Version]
    content: strawberry.Private[Definition | None]
    counts: strawberry.Private[PlanCounts]
    sha256: strawberry.ID = strawberry.field(description="Its identity: the SHA-256 of its canonical JSON.")
    name: str = strawberry.field(description="The workflow that it is a version of.")
    status: WorkflowStatus = strawberry.field(description="Where it stands.")
    label: str | None = strawberry.field(description="The name for people.")
    parent: strawberry.ID | None = strawberry.field(description="The version that it was made from.")
    acts: list[WorkflowAct] = strawberry.field(description="What was done with it, oldest first.")
    replayed: bool = strawberry.field(
        description="In the answer to `draftWorkflow`: it stood already. False everywhere else."
    )

    @field("The definition as YAML, to change and hand in: it reads as this very version. Without comments.")
    def yaml(self) -> str | None:
        return dump_yaml(self.content) if self.content else None

    @field("What would be different under another version; null where one of the two cannot be read.")
    async def diff(
        self, info: Info, to: Annotated[strawberry.ID, strawberry.argument(description="The other version.")]
    ) -> WorkflowDiff | None:
        # The comparison proves each kind of head, which takes long: it runs outside the event loop.
        other = await load_version(to, info.context.services.clock.now(), info.context.services.connection)
        if other is None:
            raise RequestRefused(Problem("workflow.unknown", {}, ("to",)))
        content = other.definition()
        if self.content is None or content is None:
            return None
        changes = await asyncio.to_thread(diff_definitions, self.content, content)
        return _render_diff(changes, info.context.language)

    @field("The states and transitions as a Mermaid diagram, in your language.")
    async def diagram(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="With the number of its plans in each state; none if left out."),
        ] = None,
    ) -> str | None:
        if self.content is None:
            return None
        counts = await self._in_each_state(period) if period else None
        return draw_diagram(self.content, info.context.language, counts)

    @field("How many plans live by it, by period and state.")
    async def plans(self) -> list[WorkflowPlans]:
        return [
            WorkflowPlans(period=strawberry.ID(one.period), state=one.state, plans=one.plans)
            for one in await self.counts.load(self.version.sha256)
        ]

    async def _in_each_state(self, period: str) -> dict[str, int]:
        assert self.content is not None, "asked before"
        counted = await self.counts.load(self.version.sha256)
        found = {one.state: one.plans for one in counted if one.period == period}
        return {state.name: found.get(state.name, 0) for state in self.content.states}


WorkflowResult = Annotated[
    WorkflowVersion | Refused,
    strawberry.union("WorkflowResult", description="The version as it stands now, or every reason why not."),
]


def create_count_loader(context: Context) -> PlanCounts:
    """Counts plans for all versions that ask in one answer, in one statement."""
    return DataLoader(load_fn=partial(count_plans_by_version, connection=context.connection))


def render_version(
    version: Version, context: Context, counts: PlanCounts | None = None, *, replayed: bool = False
) -> WorkflowVersion:
    """A version for an admin."""
    content = version.definition()
    return WorkflowVersion(
        version=version,
        content=content,
        counts=counts or create_count_loader(context),
        sha256=strawberry.ID(version.sha256),
        name=version.name,
        status=WorkflowStatus(version.status.value),
        label=getattr(content.label, context.language) if content else None,
        parent=strawberry.ID(version.parent) if version.parent else None,
        acts=[_render_act(act, context.require_caller()) for act in version.acts],
        replayed=replayed,
    )


def _render_act(act: VersionAct, caller: Caller) -> WorkflowAct:
    by = render_actor(act.actor, caller)
    return WorkflowAct(act=WorkflowStatus(act.act.value), by=by, at=act.at, reason=act.reason)


def _render_diff(changes: Sequence[Change], language: Language) -> WorkflowDiff:
    return WorkflowDiff(
        gravity=WorkflowChangeClass(overall_severity(tuple(changes)).value),
        changes=[
            WorkflowChange(
                code=change.code,
                sentence=change.sentence(language),
                gravity=WorkflowChangeClass(change.severity.value),
                place=".".join(map(str, change.path)),
            )
            for change in changes
        ],
    )
