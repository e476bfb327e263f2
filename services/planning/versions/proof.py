"""From the text of a definition to one that is sound, or every finding. No database."""

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

YAML, SHA256 = ("yaml",), ("sha256",)


async def prove_definition(
    raw: bytes, path: tuple[str, ...] = YAML, others: Sequence[Problem] = ()
) -> Definition:
    """The definition in a text, proved; Refused with every finding, and with what else is wrong."""
    definition, findings = await asyncio.to_thread(read_definition, raw)
    problems = [
        DefinitionProblem(one.code, one.params, path, finding=one, definition=definition) for one in findings
    ]
    if definition is None or problems or others:
        raise RequestRefused([*others, *problems])
    return definition


def read_definition(raw: bytes) -> tuple[Definition | None, Sequence[Finding]]:
    """What a text defines, if it can be read at all, and everything wrong with it."""
    definition = None
    try:
        definition = load_definition(raw)
        if findings := lint(definition):
            return definition, findings
        build_workflow(definition)
        # Kept as canonical JSON and given out as YAML: neither may come to be larger than what is read.
        load_definition(canonical_json(definition))
        load_definition(dump_yaml(definition))
    except DefinitionError as error:
        return definition, error.findings
    return definition, ()
