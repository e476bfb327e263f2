"""The linter finds each mistake at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.workflows.mistakes import MISTAKES
from tests.unit.workflows.samples import REMOVE, change_shipped
from tests.unit.workflows.witness_checks import WITNESS_CHECKS, check_witness
from workflows.files.loader import load_definition, load_shipped
from workflows.lint.check import build_proved_workflow, build_workflow, lint
from workflows.model.definition import Label
from workflows.model.findings import DefinitionError
from workflows.model.messages import load_messages


@pytest.mark.parametrize(("changes", "code", "place"), MISTAKES)
def test_a_mistake_has_a_finding_with_its_place(
    changes: list[tuple[str, object]], code: str, place: str
) -> None:
    definition = load_definition(apply_changes(changes))
    findings = lint(definition)
    assert (code, place) in [(finding.code, finding.place) for finding in findings]
    assert all(finding.line for finding in findings)
    for finding in findings:
        if finding.code in WITNESS_CHECKS:
            check_witness(definition, finding)
    with pytest.raises(DefinitionError) as error:
        build_proved_workflow(definition)
    assert error.value.findings == tuple(findings)


def apply_changes(changes: list[tuple[str, object]]) -> bytes:
    """The changed definition, without defaults that do not fit the changed bounds."""
    extra = [
        (path.replace("maximum", "default"), REMOVE) for path, _ in changes if path.endswith("s.maximum")
    ]
    return change_shipped(*extra, *changes)


def test_the_mistakes_cover_every_code_of_the_linter() -> None:
    covered_codes = {code for _, code, _ in MISTAKES} | {"lint.too_intricate"}
    assert covered_codes - {"value.too_early"} == {
        code for code in load_messages() if code.startswith("lint.")
    }


def test_duplicate_names_are_found_in_states_and_params() -> None:
    definition = load_shipped()
    twice = replace(
        definition, states=definition.states * 2, params=definition.params * 2, label=Label("A", "B")
    )
    groups = {finding.path[0] for finding in lint(twice) if finding.code == "lint.duplicate"}
    assert groups == {"states", "params"}


def test_a_version_that_the_linter_refuses_can_be_built() -> None:
    """A later release must run versions that an earlier one proved."""
    definition = load_definition(
        change_shipped(("states.submitted.turn", "owner"), ("params.planning_closes.not_before", REMOVE))
    )
    assert lint(definition)
    assert build_workflow(definition).sha256
    with pytest.raises(DefinitionError):
        build_workflow(load_definition(change_shipped(("transitions.0.to", "nirvana"))))
