"""Maps of states: the new state of a plan, and findings about a map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.random_definitions import definitions
from tests.unit.workflows.samples import rename_submitted
from workflows.diff.state_map import check_state_map, is_advance, map_state
from workflows.files.loader import load_definition, load_shipped, read_shipped
from workflows.model.definition import Definition, Phase
from workflows.model.facts import Refusal

SHIPPED_DEFINITION = load_shipped()
WITH_RENAMED_STATE = load_definition(rename_submitted())
OTHER_PHASE = load_definition(
    read_shipped().decode().replace("    phase: auto_approved\n", "    phase: approved\n")
)


def check_codes(new: Definition, *pairs: tuple[str, str]) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(fault.code, fault.path) for fault in check_state_map(SHIPPED_DEFINITION, new, pairs)]


def test_a_state_of_the_same_name_and_phase_is_kept() -> None:
    assert [
        map_state(SHIPPED_DEFINITION, SHIPPED_DEFINITION, {}, state.name)
        for state in SHIPPED_DEFINITION.states
    ] == [state.name for state in SHIPPED_DEFINITION.states]


def test_a_removed_state_needs_the_map() -> None:
    refusal = map_state(SHIPPED_DEFINITION, WITH_RENAMED_STATE, {}, "submitted")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "moving.state_gone"
    assert (
        map_state(SHIPPED_DEFINITION, WITH_RENAMED_STATE, {"submitted": "handed_in"}, "submitted")
        == "handed_in"
    )


def test_a_changed_phase_needs_the_map() -> None:
    refusal = map_state(SHIPPED_DEFINITION, OTHER_PHASE, {}, "auto_approved")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.params["new"]) == ("moving.phase_changes", "approved")
    assert (
        map_state(SHIPPED_DEFINITION, OTHER_PHASE, {"auto_approved": "approved"}, "auto_approved")
        == "approved"
    )
    assert check_codes(OTHER_PHASE, ("auto_approved", "approved")) == []


def test_a_map_to_a_later_phase_is_refused() -> None:
    later = (("draft", "submitted"), ("submitted", "approved"), ("approved", "in_implementation"))
    assert check_codes(SHIPPED_DEFINITION, *later) == [
        ("map.onward", (0, "to_state")), ("map.onward", (1, "to_state")), ("map.onward", (2, "to_state")),
    ]  # fmt: skip
    assert check_codes(SHIPPED_DEFINITION, ("submitted", "draft"), ("approved", "auto_approved")) == []


def test_every_finding_names_its_place() -> None:
    assert check_codes(WITH_RENAMED_STATE, ("gone", "submitted"), ("draft", "draft"), ("draft", "handed_in")) == [
        ("map.from_unknown", (0, "from_state")), ("map.to_unknown", (0, "to_state")),
        ("map.twice", (2, "from_state")), ("map.onward", (2, "to_state")),
    ]  # fmt: skip


def test_a_map_between_two_workflows_is_refused() -> None:
    other_workflow = load_definition(
        read_shipped().decode().replace("workflow: perencanaan-kinerja", "workflow: lain")
    )
    assert check_codes(other_workflow) == [("map.other_workflow", ())]


@pytest.mark.parametrize("phase", Phase)
def test_a_phase_is_no_advance_on_itself(phase: Phase) -> None:
    assert not is_advance(phase, phase)


@given(definitions(), definitions(), st.data())
def test_a_checked_map_never_advances_a_plan(old: Definition, new: Definition, data: st.DataObject) -> None:
    names = st.sampled_from([state.name for state in (*old.states, *new.states)])
    pairs = data.draw(st.lists(st.tuples(names, names), max_size=3))
    if list(check_state_map(old, new, pairs)):
        return
    for state in old.states:
        result = map_state(old, new, dict(pairs), state.name)
        if not isinstance(result, Refusal):
            assert not is_advance(state.phase, new.state(result).phase)
            assert new.state(result).phase is state.phase or state.name in dict(pairs)
