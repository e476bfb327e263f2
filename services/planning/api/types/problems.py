"""Problems, and the results of refused mutations. Some problems have more fields than code, message and paths."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NewType

import strawberry
from strawberry.utils.str_converters import to_camel_case

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context
from services.planning.plan.model import AcknowledgeableProblem
from services.planning.versions.model import DefinitionProblem
from workflows.lint.witness_text import describe_witness
from workflows.model.messages import Language

RETRY_AFTER_SECONDS = 5


@strawberry.enum(description="Who can remove the cause of a refusal.")
class WhoCanFix(Enum):
    OPERATOR_SEKOLAH = strawberry.enum_value(
        "operator_sekolah", description="The operator sekolah, in Dapodik (data of persons and schools)."
    )
    DINAS = strawberry.enum_value("dinas", description="The dinas pendidikan (appointments, sekolah induk).")
    HELPDESK = strawberry.enum_value("helpdesk", description="The helpdesk.")


@strawberry.interface(description="A reason for a refusal, in the language of the request.")
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


@strawberry.type(description="A problem without further fields.")
class PlainProblem(Problem):
    pass


@strawberry.type(description="A failed rule about who may plan.")
class AccessProblem(Problem):
    who_can_fix: WhoCanFix = strawberry.field(description="Who can remove the cause.")


@strawberry.type(
    description="The plan has changed since you read it. `PlanRejection.currentPlan` is the current plan."
)
class VersionConflict(Problem):
    expected: int = strawberry.field(description="The version that you sent.")
    current: int = strawberry.field(description="The version of the plan.")


@strawberry.type(
    description="A warning. Send the command again with this code in `acknowledge` to accept it."
)
class UnacknowledgedWarning(Problem):
    pass


@strawberry.type(description="A temporary failure. Nothing changed; try again later.")
class TemporaryProblem(Problem):
    retry_after_seconds: int = strawberry.field(description="Seconds to wait before the next attempt.")


@strawberry.type(description="A finding of the linter in a workflow definition.")
class WorkflowProblem(Problem):
    location: str = strawberry.field(
        description="Path in the definition, such as `transitions[2].when.all[1]`; empty for the whole definition."
    )
    line: int | None = strawberry.field(description="Line of the text, from 1; null if not known.")
    column: int | None = strawberry.field(description="Column in that line, from 1; null if not known.")
    witness: list[str] = strawberry.field(
        description="An example, one sentence an item; empty if the path is enough."
    )


WarningCode = NewType("WarningCode", str)
WARNING_CODE = strawberry.scalar(
    name="WarningCode",
    description="Code of a warning, as in `UnacknowledgedWarning`.",
    serialize=str,
    parse_value=str,
)

PROBLEM_TYPES = (
    PlainProblem, AccessProblem, VersionConflict, UnacknowledgedWarning, TemporaryProblem, WorkflowProblem,
)  # fmt: skip


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
    message = context.messages.text(problem, context.language)
    code, params = problem.code, problem.params
    if isinstance(problem, AcknowledgeableProblem):
        return UnacknowledgedWarning(code=code, message=message, **paths)
    if isinstance(problem, DefinitionProblem):
        return _render_finding(problem, message, paths, context.language)
    if "who_can_fix" in params:
        who = WhoCanFix(params["who_can_fix"])
        return AccessProblem(code=code, message=message, **paths, who_can_fix=who)
    if code == "version.conflict":
        expected, current = int(str(params["expected"])), int(str(params["current"]))
        return VersionConflict(code=code, message=message, **paths, expected=expected, current=current)
    if code in {"identity.unavailable", "facts.stale"}:
        return TemporaryProblem(code=code, message=message, **paths, retry_after_seconds=RETRY_AFTER_SECONDS)
    return PlainProblem(code=code, message=message, **paths)


def _render_finding(
    problem: DefinitionProblem, message: str, paths: Paths, language: Language
) -> WorkflowProblem:
    finding, definition = problem.finding, problem.definition
    witness = describe_witness(definition, finding, language) if definition else ()
    return WorkflowProblem(
        code=problem.code,
        message=message,
        **paths,
        location=finding.place,
        line=finding.line,
        column=finding.column,
        witness=list(witness),
    )
