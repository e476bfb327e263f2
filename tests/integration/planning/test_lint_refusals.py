"""Three mistakes in a definition, refused over GraphQL and by `rencana workflow lint` with an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import rencana
from tests.integration.planning.environment import Environment
from tests.integration.planning.workflow_versions import mutate_version
from tests.small_registry import ADMIN
from tests.unit.workflows.draft_texts import STUCK_UNDER_PLT, SUBMIT_APPROVES, TWO_APPROVALS
from workflows.files.loader import load_definition
from workflows.lint.check import lint
from workflows.lint.witness_text import describe_witness
from workflows.model.findings import Finding
from workflows.model.messages import Language

PAGE = Path(__file__).parents[3] / "docs" / "workflow-admins.md"
MISTAKES = [
    pytest.param(STUCK_UNDER_PLT, "lint.stuck_plt", id="leaves the schools of a Plt stuck"),
    pytest.param(TWO_APPROVALS, "lint.ambiguous", id="is ambiguous"),
    pytest.param(SUBMIT_APPROVES, "lint.undecided", id="reaches approved from draft"),
]
LANGUAGES: tuple[Language, ...] = ("id", "en")


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


def find_finding(text: str, code: str) -> Finding:
    """The finding, which the unit tests replay in the engine."""
    return next(one for one in lint(load_definition(text)) if one.code == code)


async def dump_versions(environment: Environment) -> list[str]:
    """Every version and every act, to the letter."""
    rows = await environment.sql(
        "SELECT v::text AS row FROM workflow_version v UNION ALL SELECT a::text FROM admin_act a ORDER BY 1"
    )
    return [row["row"] for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("text", "code"), MISTAKES)
async def test_draft_with_a_mistake_is_refused_with_path_and_example(
    environment: Environment, text: str, code: str, language: Language
) -> None:
    finding, before = find_finding(text, code), await dump_versions(environment)
    answer = await mutate_version(environment, ADMIN, "proposeWorkflowVersion", language, yaml=text)
    problem = next(one for one in answer["problems"] if one["code"] == code)
    assert (problem["finding"]["location"], problem["finding"]["line"], problem["finding"]["column"]) == (
        finding.place,
        finding.line,
        finding.column,
    )
    assert problem["message"] == finding.message(language)
    assert problem["finding"]["witness"] == list(describe_witness(load_definition(text), finding, language))
    assert len(problem["finding"]["witness"]) >= 2
    assert await dump_versions(environment) == before


@pytest.mark.parametrize(("text", "code"), MISTAKES)
def test_lint_command_refuses_the_mistake_in_both_languages(text: str, code: str) -> None:
    refusal, finding = refusal_of(text), find_finding(text, code)
    assert f"{code} {finding.place} ({finding.position})\n" in refusal
    for language in LANGUAGES:
        outputs = [
            f"    - {sentence}" for sentence in describe_witness(load_definition(text), finding, language)
        ]
        assert "\n".join([f"  {finding.message(language)}", *outputs]) in refusal


@pytest.mark.parametrize(("text", "code"), MISTAKES)
def test_page_for_admins_shows_the_current_output(text: str, code: str) -> None:
    assert without_positions(refusal_of(text)) in without_positions(PAGE.read_text())


def refusal_of(text: str) -> str:
    """What `rencana workflow lint` writes about a definition that is not sound."""
    result = CliRunner().invoke(rencana, ["workflow", "lint", "-"], input=text)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def without_positions(text: str) -> str:
    """Remove line and column, which change with every release."""
    return re.sub(r" \(line \d+, column \d+\)", "", text)
