"""Versions of workflows, for admins."""

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
from services.planning.api.types.actors import WorkflowActor, render_workflow_actor
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


@strawberry.enum(description="The status of a version, and the act that led to it.")
class WorkflowStatus(Enum):
    DRAFTED = strawberry.enum_value("drafted", description="Checked and stored. It waits for a second admin.")
    APPROVED = strawberry.enum_value(
        "approved", description="It can be published. Also a version that was published and replaced."
    )
    PUBLISHED = strawberry.enum_value("published", description="New plans start with it.")
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected the draft.")
    EXPIRED = strawberry.enum_value(
        "expired", description="Nobody approved the draft within 30 days. No act records it."
    )
    RETIRED = strawberry.enum_value(
        "retired", description="No plan starts with it. Plans that have it keep it."
    )


@strawberry.enum(description="Whether plans of one version can move to another.")
class WorkflowChangeClass(Enum):
    ADDITIVE = strawberry.enum_value("additive", description="No plan would lose anything.")
    BREAKING = strawberry.enum_value("breaking", description="A plan could lose something.")


@strawberry.type(description="An act on a version. It never changes.")
class WorkflowAct:
    act: WorkflowStatus = strawberry.field(description="The status after the act.")
    by: WorkflowActor = strawberry.field(description="Who acted.")
    at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")


@strawberry.type(description="One change between two versions.")
class WorkflowChange:
    code: str = strawberry.field(description="Stable code of the kind of change.")
    sentence: str = strawberry.field(description="What changes, and for whom.")
    gravity: WorkflowChangeClass = strawberry.field(name="class", description="The class of the change.")
    place: str = strawberry.field(
        description="Path in the definition; for something removed, in the old one."
    )


@strawberry.type(description="What changes from one version to another.")
class WorkflowDiff:
    gravity: WorkflowChangeClass = strawberry.field(
        name="class", description="The class of the gravest change."
    )
    changes: list[WorkflowChange] = strawberry.field(description="All changes; empty if both are the same.")


@strawberry.type(description="The number of plans of a period in a state of a version.")
class WorkflowPlans:
    period: strawberry.ID = strawberry.field(description="Code of the period.")
    state: str = strawberry.field(description="Name of the state.")
    plans: int = strawberry.field(description="Number of plans.")


@strawberry.type(description="A version of a workflow. Its content never changes.")
class WorkflowVersion:
    version: strawberry.Private[Version]
    content: strawberry.Private[Definition | None]
    counts: strawberry.Private[PlanCounts]
    sha256: strawberry.ID = strawberry.field(
        description="The SHA-256 of its canonical JSON. It identifies the version."
    )
    name: str = strawberry.field(description="Name of the workflow.")
    status: WorkflowStatus = strawberry.field(description="The status.")
    label: str | None = strawberry.field(
        description="Name for people; null if this release cannot read the version."
    )
    parent: strawberry.ID | None = strawberry.field(
        description="`sha256` of the version that it is based on."
    )
    acts: list[WorkflowAct] = strawberry.field(description="The acts on it, oldest first.")

    @field(
        "The definition as YAML, without comments. Drafting it unchanged returns this version. Null if this "
        "release cannot read it."
    )
    def yaml(self) -> str | None:
        return dump_yaml(self.content) if self.content else None

    @field("The changes from this version to another. Null if this release cannot read one of them.")
    async def diff(
        self,
        info: Info,
        to: Annotated[strawberry.ID, strawberry.argument(description="`sha256` of the other version.")],
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

    @field(
        "States and transitions as a Mermaid diagram, in the language of the request. Null if this release "
        "cannot read the version."
    )
    async def diagram(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Code of a period: adds the number of its plans in each state. Default: no numbers."
            ),
        ] = None,
    ) -> str | None:
        if self.content is None:
            return None
        counts = await self._in_each_state(period) if period else None
        return draw_diagram(self.content, info.context.language, counts)

    @field("The number of its plans by period and state.")
    async def plans(self) -> list[WorkflowPlans]:
        return [
            WorkflowPlans(period=strawberry.ID(count.period), state=count.state, plans=count.plans)
            for count in await self.counts.load(self.version.sha256)
        ]

    async def _in_each_state(self, period: str) -> dict[str, int]:
        assert self.content is not None, "diagram has checked it"
        counts = await self.counts.load(self.version.sha256)
        plans = {count.state: count.plans for count in counts if count.period == period}
        return {state.name: plans.get(state.name, 0) for state in self.content.states}


def create_count_loader(context: Context) -> PlanCounts:
    """Create the loader of plan counts: one statement for all versions of an answer."""
    return DataLoader(load_fn=partial(count_plans_by_version, connection=context.connection))


def render_version(version: Version, context: Context, counts: PlanCounts | None = None) -> WorkflowVersion:
    """Render a version for an admin."""
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
    )


def _render_act(act: VersionAct, caller: Caller) -> WorkflowAct:
    by = render_workflow_actor(act.actor, caller)
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
