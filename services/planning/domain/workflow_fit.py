"""Do a period's values suffice for a version of the workflow? Asked before it is published, never found out after."""

from __future__ import annotations

from datetime import datetime

from services.kit.problem import Problem
from services.planning.domain.parameters import as_given
from services.planning.domain.period import Period
from workflows import Definition, Finding, read_values
from workflows.messages import Said

PATH = ("input", "sha256")


def unfit(definition: Definition, period: Period, now: datetime) -> list[Problem]:
    """What a version lacks in a period, each once: in force now, or from some later instant on."""
    later = [revision.effective_from for revision in period.revisions if revision.effective_from > now]
    found: list[Finding] = []
    for instant in (now, *later):
        values = as_given(period.parameters_at(instant).values)
        declared = {param.name: values[param.name] for param in definition.params if param.name in values}
        found += [finding for finding in read_values(definition.params, declared)[1] if finding not in found]
    return [_problem(period, finding) for finding in found]


def _problem(period: Period, finding: Finding) -> Problem:
    name = str(finding.path[0])
    if finding.code == "value.missing":
        return Problem("workflow.parameter_missing", {"period": period.code, "name": name}, PATH)
    why = Said(finding.code, finding.params)
    return Problem("workflow.parameter_unfit", {"period": period.code, "name": name, "why": why}, PATH)
