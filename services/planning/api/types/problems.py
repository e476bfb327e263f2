"""Problems as GraphQL types: each has code, message and path; some say more."""

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
    HELPDESK = strawberry.enum_value("helpdesk", description="The helpdesk: the cause is not yours to find.")


@strawberry.interface(
    description="One reason why something was not done, in the language that was asked for."
)
class Problem:
    code: str = strawberry.field(description="Stable, dotted; docs/problems.md lists every code.")
    message: str = strawberry.field(description="The sentence for a person; it names the way out.")
    path: list[str] = strawberry.field(
        description="The field it is about, from the input or the plan; may be empty."
    )


@strawberry.type(description="A problem that is fully said by its message.")
class PlainProblem(Problem):
    pass


@strawberry.type(description="A rule about who may plan has failed.")
class AccessProblem(Problem):
    who_can_fix: WhoCanFix = strawberry.field(description="Who can remove the cause.")


@strawberry.type(description="The plan has moved on since it was read; `Refused.plan` is how it stands now.")
class VersionConflict(Problem):
    expected: int = strawberry.field(description="The version that was sent.")
    current: int = strawberry.field(description="The version that the plan has.")


@strawberry.type(
    description="A warning. Send the command again with this code in `acknowledge` to accept it."
)
class UnacknowledgedWarning(Problem):
    pass


@strawberry.type(
    description="Nothing is wrong with the request; trying again later may help. Nothing was changed."
)
class TemporaryProblem(Problem):
    retry_after_seconds: int = strawberry.field(description="When to try again at the earliest.")


@strawberry.type(description="A finding in the definition of a workflow, with what shows it.")
class WorkflowProblem(Problem):
    place: str = strawberry.field(
        description="The place in the definition, such as `transitions[2].when.all[1]`; empty for the whole of it."
    )
    line: int | None = strawberry.field(description="The line of the text, from 1, where it is known.")
    column: int | None = strawberry.field(description="The column in that line, from 1, where it is known.")
    witness: list[str] = strawberry.field(
        description="An example that shows it, a sentence an item; empty where the place alone does."
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
    """A problem as its type, with its sentence in the caller's language."""
    message = context.messages.text(problem, context.language)
    code, params = problem.code, problem.params
    path = [to_camel_case(part) for part in problem.path]  # as the fields are called in this contract
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
    """A problem of a mutation: the path of a field of its input begins with `input`."""
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
