"""Proof of a definition: from its text to a definition without findings. No database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.kit.problems import Problem, RequestRefused
from services.planning.versions.model import DefinitionProblem
from workflows.files.loader import dump_yaml, load_definition
from workflows.lint.check import build_workflow, lint
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError, Finding


async def prove_definition(raw: bytes, path: tuple[str, ...], problems: Sequence[Problem] = ()) -> Definition:
    """Return the definition of a text. Raises RequestRefused with every finding, after the caller's own problems."""
    definition, findings = await asyncio.to_thread(read_definition, raw)
    problems = [
        *problems,
        *(DefinitionProblem(f.code, f.params, path, finding=f, definition=definition) for f in findings),
    ]
    if definition is None or problems:
        raise RequestRefused(problems)
    return definition


def read_definition(raw: bytes) -> tuple[Definition | None, Sequence[Finding]]:
    """Return the definition of a text, if it can be parsed, and every finding in it."""
    definition = None
    try:
        definition = load_definition(raw)
        if findings := lint(definition):
            return definition, findings
        build_workflow(definition)
        # It is stored as canonical JSON and returned as YAML. Neither may be larger than the reader accepts.
        load_definition(canonical_json(definition))
        load_definition(dump_yaml(definition))
    except DefinitionError as error:
        return definition, error.findings
    return definition, ()
