"""Problems: each has a code, a message and a path, some have more fields."""

from __future__ import annotations

from dataclasses import replace
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
    path: list[str] = strawberry.field(
        description="Path of the field in the input or the plan; empty if it is about no field."
    )


@strawberry.type(description="A problem without further fields.")
class PlainProblem(Problem):
    pass


@strawberry.type(description="A failed rule about who may plan.")
class AccessProblem(Problem):
    who_can_fix: WhoCanFix = strawberry.field(description="Who can remove the cause.")


@strawberry.type(description="The plan has changed since you read it. `Refused.plan` is the current plan.")
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
    place: str = strawberry.field(
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


def render_problem(problem: DomainProblem, context: Context) -> Problem:
    """Render a problem as its GraphQL type."""
    message = context.messages.text(problem, context.language)
    code, params = problem.code, problem.params
    path = [to_camel_case(part) for part in problem.path]  # the names of the SDL
    if isinstance(problem, AcknowledgeableProblem):
        return UnacknowledgedWarning(code=code, message=message, path=path)
    if isinstance(problem, DefinitionProblem):
        return _render_finding(problem, message, path, context.language)
    if "who_can_fix" in params:
        who = WhoCanFix(params["who_can_fix"])
        return AccessProblem(code=code, message=message, path=path, who_can_fix=who)
    if code == "version.conflict":
        expected, current = int(str(params["expected"])), int(str(params["current"]))
        return VersionConflict(code=code, message=message, path=path, expected=expected, current=current)
    if code in {"identity.unavailable", "facts.stale"}:
        return TemporaryProblem(
            code=code, message=message, path=path, retry_after_seconds=RETRY_AFTER_SECONDS
        )
    return PlainProblem(code=code, message=message, path=path)


def render_rejection(problem: DomainProblem, context: Context) -> Problem:
    """Render a problem of a mutation. The path of a field of its input begins with `input`."""
    if problem.path and not problem.in_plan:
        problem = replace(problem, path=("input", *problem.path))
    return render_problem(problem, context)


def _render_finding(
    problem: DefinitionProblem, message: str, path: list[str], language: Language
) -> WorkflowProblem:
    finding, definition = problem.finding, problem.definition
    witness = describe_witness(definition, finding, language) if definition else ()
    return WorkflowProblem(
        code=problem.code,
        message=message,
        path=path,
        place=finding.place,
        line=finding.line,
        column=finding.column,
        witness=list(witness),
    )
