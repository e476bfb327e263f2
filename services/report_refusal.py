"""The report of a refusal on the command line, in both languages."""

from __future__ import annotations

import click

from services.identity.settings import MESSAGE_FILES as IDENTITY_MESSAGES
from services.kit.problems import Messages, Problem, RequestRefused
from services.kit.text import escape_text
from services.planning.settings import MESSAGE_FILES as PLANNING_MESSAGES
from services.planning.versions.model import DefinitionProblem
from workflows.lint.witness_text import describe_witness
from workflows.model.messages import Language, format_value

LANGUAGES: tuple[Language, ...] = ("id", "en")


def report_refusal(refusal: RequestRefused) -> None:
    """Write every problem of a refusal to stderr."""
    messages = Messages.load(*{*PLANNING_MESSAGES, *IDENTITY_MESSAGES}, format_value=format_value)
    for problem in refusal.problems:
        _report(problem, messages)


def _report(problem: Problem, messages: Messages) -> None:
    """Write a problem on several lines: its place, its text in both languages, and its witness."""
    definition, finding = (
        (problem.definition, problem.finding) if isinstance(problem, DefinitionProblem) else (None, None)
    )
    place = finding.place if finding else ".".join(problem.path)
    position = f"({finding.position})" if finding and finding.position else ""
    click.echo(" ".join(filter(None, (problem.code, place, position))), err=True)
    for language in LANGUAGES:
        click.echo(escape_text(f"  {messages.text(problem, language)}"), err=True)
        if definition and finding:
            for sentence in describe_witness(definition, finding, language):
                click.echo(escape_text(f"    - {sentence}"), err=True)
