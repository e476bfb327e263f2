"""Problems, and the results of refused mutations."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NewType

import strawberry
from strawberry.federation.schema_directives import Tag
from strawberry.utils.str_converters import to_camel_case

from services.kit.availability import RETRY_AFTER_SECONDS
from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context
from services.planning.plan.model import AcknowledgeableProblem
from services.planning.versions.model import DefinitionProblem
from workflows.lint.witness_text import describe_witness
from workflows.model.messages import Language


@strawberry.enum(
    description="Who can remove the cause of a refusal. Values can be added: show the message for an unknown one."
)
class WhoCanFix(Enum):
    OPERATOR_SEKOLAH = strawberry.enum_value(
        "operator_sekolah", description="The operator sekolah, in Dapodik (data of persons and schools)."
    )
    DINAS = strawberry.enum_value("dinas", description="The dinas pendidikan (appointments, sekolah induk).")
    HELPDESK = strawberry.enum_value("helpdesk", description="The helpdesk.")


@strawberry.type(description="A finding of the linter in a workflow definition.")
class WorkflowFinding:
    location: str = strawberry.field(
        description="Path in the definition, such as `transitions[2].when.all[1]`; empty for the whole definition."
    )
    line: int | None = strawberry.field(description="Line of the text, from 1; null if not known.")
    column: int | None = strawberry.field(description="Column in that line, from 1; null if not known.")
    witness: list[str] = strawberry.field(
        description="An example, one sentence an item; empty if the path is enough."
    )


@strawberry.type(description="A reason for a refusal, in the language of the request.")
class Problem:
    code: str = strawberry.field(description="Stable code; docs/problems.md lists all codes.")
    message: str = strawberry.field(description="The sentence for people. It names a way out.")
    input_path: list[str] | None = strawberry.field(
        description='Path of a field of the input, such as `["tugas", "0", "nomorSk"]`; null if the problem is not '
        "about one."
    )
    plan_path: list[str] | None = strawberry.field(
        description='Path of a part of the plan, such as `["content", "praktikKinerja"]`; null if the problem is not '
        "about one."
    )
    is_acknowledgeable: bool = strawberry.field(
        default=False,
        description="Whether it is a warning. Send the command again with this code in `acknowledge` to accept it.",
    )
    who_can_fix: WhoCanFix | None = strawberry.field(
        default=None, description="Who can remove the cause; null unless it is a rule about who may plan."
    )
    expected_version: int | None = strawberry.field(
        default=None,
        description="The version that you sent; null unless the plan has changed since you read it.",
    )
    current_version: int | None = strawberry.field(
        default=None, description="The version of the plan; null unless it has changed since you read it."
    )
    retry_after_seconds: int | None = strawberry.field(
        default=None,
        description="Seconds to wait before the next attempt; null unless the failure is temporary.",
    )
    finding: WorkflowFinding | None = strawberry.field(
        default=None,
        description="What the linter found; null unless it is about a workflow definition. For admins.",
        directives=[Tag(name="admin")],
    )


WarningCode = NewType("WarningCode", str)
WARNING_CODE = strawberry.scalar(
    name="WarningCode",
    description="Code of a warning: a `Problem` with `isAcknowledgeable`.",
    serialize=str,
    parse_value=str,
)

Paths = dict[str, list[str] | None]


@strawberry.interface(description="The result of a mutation that was refused. Nothing changed.")
class Failure:
    problems: list[Problem] = strawberry.field(description="Every reason, each with a way out.")


@strawberry.type(description="A mutation was refused. Nothing changed.")
class Rejection(Failure):
    pass


def render_problem(problem: DomainProblem, context: Context) -> Problem:
    """Render a problem of a plan, or one that has no path."""
    return _render(problem, _paths(plan=problem.path), context)


def render_rejection(problem: DomainProblem, context: Context) -> Problem:
    """Render a problem of a mutation: its path is one of the input, unless it is marked as one of the plan."""
    paths = _paths(plan=problem.path) if problem.in_plan else _paths(input=problem.path)
    return _render(problem, paths, context)


def _paths(*, input: Sequence[str] = (), plan: Sequence[str] = ()) -> Paths:
    """Return the paths with the names of the SDL."""
    paths = {"input_path": input, "plan_path": plan}
    return {name: [to_camel_case(part) for part in path] or None for name, path in paths.items()}


def _render(problem: DomainProblem, paths: Paths, context: Context) -> Problem:
    rendered = Problem(
        code=problem.code,
        message=context.messages.text(problem, context.language),
        input_path=paths["input_path"],
        plan_path=paths["plan_path"],
        is_acknowledgeable=isinstance(problem, AcknowledgeableProblem),
    )
    params = problem.params
    if "who_can_fix" in params:
        rendered.who_can_fix = WhoCanFix(params["who_can_fix"])
    if problem.code == "version.conflict":
        rendered.expected_version = int(str(params["expected"]))
        rendered.current_version = int(str(params["current"]))
    if problem.code in {"identity.unavailable", "facts.stale"}:
        rendered.retry_after_seconds = RETRY_AFTER_SECONDS
    if isinstance(problem, DefinitionProblem):
        rendered.finding = _render_finding(problem, context.language)
    return rendered


def _render_finding(problem: DefinitionProblem, language: Language) -> WorkflowFinding:
    finding, definition = problem.finding, problem.definition
    return WorkflowFinding(
        location=finding.place,
        line=finding.line,
        column=finding.column,
        witness=list(describe_witness(definition, finding, language)) if definition else [],
    )
