"""Any bytes are a definition or have findings in two languages. No other exception is raised."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from tests.unit.workflows.samples import dump_json, shipped_document
from tests.unit.workflows.witness_checks import WITNESS_CHECKS, check_witness
from workflows.diff.compare import diff_definitions
from workflows.files.diagram import draw_diagram
from workflows.files.loader import load_definition, load_shipped, read_shipped
from workflows.lint.check import build_proved_workflow, lint
from workflows.lint.witness_text import describe_witness
from workflows.model.findings import DefinitionError, Finding

SHIPPED_DEFINITION = load_shipped()
WORDS = sorted({word.strip('{}[],:"') for word in read_shipped().decode().split()} - {""})
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 10**15), st.text(max_size=3), st.sampled_from(WORDS)
)


def check_source(source: bytes | str) -> None:
    """Load, lint, describe, compare and draw a text."""
    try:
        definition = load_definition(source)
    except DefinitionError as error:
        assert_in_both_languages(error.findings)
        event("not a definition")
        return
    findings = lint(definition)
    event(findings[0].code if findings else "sound")
    assert_in_both_languages(tuple(findings))
    for finding in findings:
        describe_witness(definition, finding, "id")
        if finding.code in WITNESS_CHECKS:
            check_witness(definition, finding)
    for change in diff_definitions(SHIPPED_DEFINITION, definition):
        assert change.sentence("id")
        assert change.sentence("en")
    if not findings:
        build_proved_workflow(definition)
        draw_diagram(definition)


def assert_in_both_languages(findings: tuple[Finding, ...]) -> None:
    assert all(finding.message("id") != finding.message("en") for finding in findings)


def list_paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = list(
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    )
    return [path, *(inner for key, value in pairs for inner in list_paths(value, (*path, key)))]


PLACES = list_paths(shipped_document())[1:]


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), LEAVES, st.integers(0, 3)), max_size=3
    )
)
def test_a_definition_with_moved_removed_or_replaced_parts_is_read_or_refused(
    changes: list[tuple[Any, Any, Any, int]],
) -> None:
    data = shipped_document()
    for place, other, leaf, kind in changes:
        value = leaf if kind else copy_at(data, other)
        change_at(data, place, None if kind == 1 else (value,))
    check_source(dump_json(data))


def copy_at(data: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return None
    return json.loads(json.dumps(data))


def change_at(data: Any, place: tuple[Any, ...], value: tuple[Any] | None) -> None:
    *way, last = place
    inner = data
    try:
        for step in way:
            inner = inner[step]
        if value is None:
            del inner[last]
        else:
            inner[last] = value[0]
    except (LookupError, TypeError):
        return  # an earlier change removed the place


@given(st.data())
def test_a_definition_with_changed_lines_is_read_or_refused(data: st.DataObject) -> None:
    lines = read_shipped().decode().splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        first, second = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[first] = data.draw(
            st.sampled_from([lines[second], "", lines[first] + " x", "  " + lines[first]])
        )
    check_source("\n".join(lines))


def nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    entries = st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    return st.one_of(st.lists(inner, max_size=3), entries)


TREES = st.recursive(LEAVES, nest).map(lambda tree: json.dumps(tree).encode())
TEXTS = st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.one_of(st.binary(max_size=60), TEXTS, TREES))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    check_source(source)
