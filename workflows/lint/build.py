"""From a definition to a workflow that runs: checked by the linter, then built by the engine."""

from __future__ import annotations

from workflows.engine.machine import Workflow, build_machine
from workflows.lint.check import lint, words
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError


def build(definition: Definition) -> Workflow:
    """Prove a definition and build its machine. Raises `DefinitionError` with every finding of the linter."""
    if findings := lint(definition):
        raise DefinitionError(findings)
    return assemble(definition)


def assemble(definition: Definition) -> Workflow:
    """Build the machine of a definition that was proved before, or that is only tried.

    A version that plans live by stays alive under a later release whose linter knows more, so only names are
    checked. Raises `DefinitionError` if the engine could not run it at all.
    """
    if findings := [*words(definition)]:
        raise DefinitionError(findings)
    return build_machine(definition)
