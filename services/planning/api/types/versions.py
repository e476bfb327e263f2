"""Versions of workflows, for admins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import parse_workflow_version_id, workflow_version_id
from services.planning.api.types.actors import Actor, render_actor
from services.planning.api.types.node import Node
from services.planning.api.types.period import Period, render_period
from services.planning.callers.model import Caller
from services.planning.versions.model import PlanCount, VersionAct
from services.planning.versions.queries import Version
from workflows.diff.changes import Change
from workflows.diff.compare import diff_definitions, overall_severity
from workflows.files.diagram import draw_diagram
from workflows.files.loader import dump_yaml
from workflows.model.definition import Definition
from workflows.model.messages import Language


@strawberry.enum(description="The status of a version, and the act that led to it.")
class WorkflowVersionStatus(Enum):
    PROPOSED = strawberry.enum_value(
        "proposed", description="Checked and stored. It waits for a second admin."
    )
    APPROVED = strawberry.enum_value(
        "approved", description="It can be published. Also a version that was published and replaced."
    )
    PUBLISHED = strawberry.enum_value("published", description="New plans start with it.")
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected the proposal.")
    EXPIRED = strawberry.enum_value(
        "expired", description="Nobody approved the proposal within 30 days. No act records it."
    )
    RETIRED = strawberry.enum_value(
        "retired", description="No plan starts with it. Plans that have it keep it."
    )


@strawberry.enum(description="Whether plans of one version can move to another.")
class WorkflowChangeSeverity(Enum):
    ADDITIVE = strawberry.enum_value("additive", description="No plan would lose anything.")
    BREAKING = strawberry.enum_value("breaking", description="A plan could lose something.")


@strawberry.type(description="An act on a version. It never changes.")
class WorkflowVersionAct:
    status: WorkflowVersionStatus = strawberry.field(description="The status after the act.")
    actor: Actor = strawberry.field(description="Who acted.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")


@strawberry.type(description="One change between two versions.")
class WorkflowChange:
    code: str = strawberry.field(
        description="Stable code of the kind of change. Codes can be added: show `sentence` for an unknown one."
    )
    sentence: str = strawberry.field(description="What changes, and for whom.")
    severity: WorkflowChangeSeverity = strawberry.field(description="The severity of the change.")
    location: str = strawberry.field(
        description="Path in the definition, such as `states.submitted.label`. For something removed, in the old one."
    )


@strawberry.type(description="What changes from one version to another.")
class WorkflowDiff:
    severity: WorkflowChangeSeverity = strawberry.field(description="The severity of the most severe change.")
    changes: list[WorkflowChange] = strawberry.field(description="All changes; empty if both are the same.")


@strawberry.type(description="The number of plans of a period in a state of a version.")
class WorkflowPlanCount:
    period_code: strawberry.Private[str]
    state: str = strawberry.field(description="Name of the state in the definition.")
    plan_count: int = strawberry.field(description="Number of plans.")

    @field("The period.")
    async def period(self, info: Info) -> Period:
        return render_period(await info.context.loaders.periods.load(self.period_code), info.context)


@strawberry.type(description="A version of a workflow. Its content never changes. For admins.")
class WorkflowVersion(Node):
    version: strawberry.Private[Version]
    content: strawberry.Private[Definition | None]
    sha256: str = strawberry.field(description="The SHA-256 of its canonical JSON, in hexadecimal digits.")
    name: str = strawberry.field(description="Name of the workflow.")
    status: WorkflowVersionStatus = strawberry.field(description="The current status.")
    label: str | None = strawberry.field(
        description="Name for people; null if this release cannot read the version."
    )
    acts: list[WorkflowVersionAct] = strawberry.field(description="The acts on it, oldest first.")

    @field("The version that it is based on; null for the first one.")
    async def based_on(self, info: Info) -> WorkflowVersion | None:
        sha256 = self.version.based_on
        return await resolve_version(sha256, info.context) if sha256 else None

    @field(
        "The definition as YAML, without comments. If you propose it unchanged, you get this version again. Null if "
        "this release cannot read it."
    )
    def yaml(self) -> str | None:
        return dump_yaml(self.content) if self.content else None

    @field("The changes from this version to another. Null if this release cannot read one of them.")
    async def diff(
        self,
        info: Info,
        to_id: Annotated[strawberry.ID, strawberry.argument(description="Id of the other version.")],
    ) -> WorkflowDiff | None:
        path = ("to_id",)
        # The comparison proves each kind of head, which takes long: it runs outside the event loop.
        other = await info.context.loaders.workflow_versions.load(parse_workflow_version_id(to_id, path))
        if other is None:
            raise RequestRefused(Problem("workflow.unknown", {}, path))
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
        counts = None
        if period:
            plan_counts = await self._count_plans(info.context)
            plans = {count.state: count.plans for count in plan_counts if count.period == period}
            counts = {state.name: plans.get(state.name, 0) for state in self.content.states}
        return draw_diagram(self.content, info.context.language, counts)

    @field("The number of its plans by period and state.")
    async def plan_counts(self, info: Info) -> list[WorkflowPlanCount]:
        return [
            WorkflowPlanCount(period_code=count.period, state=count.state, plan_count=count.plans)
            for count in await self._count_plans(info.context)
        ]

    async def _count_plans(self, context: Context) -> list[PlanCount]:
        return await context.loaders.version_plan_counts.load(self.version.sha256)


async def resolve_version(sha256: str, context: Context) -> WorkflowVersion | None:
    """Load a version with the others of the answer and render it; None if there is none."""
    version = await context.loaders.workflow_versions.load(sha256)
    return render_version(version, context) if version else None


async def resolve_known_version(sha256: str, context: Context) -> WorkflowVersion:
    """Resolve a version that a plan or a recorded act refers to. It is never deleted."""
    version = await resolve_version(sha256, context)
    assert version is not None, "a foreign key or an act refers to it"
    return version


def render_version(version: Version, context: Context) -> WorkflowVersion:
    """Render a version for an admin."""
    content = version.definition()
    return WorkflowVersion(
        id=strawberry.ID(workflow_version_id(version.sha256)),
        version=version,
        content=content,
        sha256=version.sha256,
        name=version.name,
        status=WorkflowVersionStatus(version.status.value),
        label=getattr(content.label, context.language) if content else None,
        acts=[_render_act(act, context.require_caller()) for act in version.acts],
    )


def _render_act(act: VersionAct, caller: Caller) -> WorkflowVersionAct:
    return WorkflowVersionAct(
        status=WorkflowVersionStatus(act.act.value),
        actor=render_actor(act.actor, caller),
        occurred_at=act.at,
        reason=act.reason,
    )


def _render_diff(changes: Sequence[Change], language: Language) -> WorkflowDiff:
    return WorkflowDiff(
        severity=WorkflowChangeSeverity(overall_severity(tuple(changes)).value),
        changes=[
            WorkflowChange(
                code=change.code,
                sentence=change.sentence(language),
                severity=WorkflowChangeSeverity(change.severity.value),
                location=".".join(map(str, change.path)),
            )
            for change in changes
        ],
    )
