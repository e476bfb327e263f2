"""Differences between versions, their texts and their severity."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.unit.workflows.random_definitions import definitions
from tests.unit.workflows.samples import REMOVE, change_shipped, dump_json, shipped_document
from tests.unit.workflows.test_canonical import shuffle_keys
from workflows.diff.changes import Change, Severity
from workflows.diff.compare import diff_definitions, overall_severity
from workflows.files.loader import load_definition, load_shipped
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition
from workflows.model.messages import load_phrases

SHIPPED_DEFINITION = load_shipped()
ROWS: list[dict[str, Any]] = shipped_document()["transitions"]
SWITCH = {"param_on": {"value": {"param": "approve_automatically"}}}
FRESH = {"facts_fresh": {"minutes": {"param": "facts_max_age_minutes"}}}
CHECKED_STATE = {"label": {"id": "Diperiksa", "en": "Checked"}, "phase": "submitted", "turn": "head"}
AGE = {"type": "int", "default": 3, "label": {"id": "Usia", "en": "Age"}}
LABEL = {"id": "A", "en": "B"}
ADDITIVE, BREAKING = Severity.ADDITIVE, Severity.BREAKING
SUBMIT, REQUIRED = "contract.submitPlan", ["at_satminkal", "choices_offered", "may_plan"]
WHEN, PARAMS = "transitions.1.when", "params"

WAY_BACK = {"id": "back", "trigger": "@entered(approved)", "label": LABEL, "from": "approved", "to": "draft",
        "by": {"role": "system"}, "when": {"not": "at_satminkal"}}  # fmt: skip

DEFINITIF = {"head_is": {"kind": "definitif"}}
PLT = {"all": [{"head_is": {"kind": "plt"}}, {"not": "head_is_owner"}]}
ASKS, ASKS_NO_MORE = ("diff.asks", ADDITIVE), ("diff.asks_no_more", ADDITIVE)
STRICTER, LOOSER = ("diff.stricter", BREAKING), ("diff.looser", ADDITIVE)
CHANGES: list[tuple[list[tuple[str, object]], list[tuple[str, Severity]]]] = [
    ([("workflow", "lain")], [("diff.workflow", BREAKING)]),
    ([("label.en", "Another")], [("diff.label", ADDITIVE)]),
    ([("states.draft.label.id", "Konsep")], [("diff.label", ADDITIVE)]),
    ([(f"{SUBMIT}.trigger", "ajukan")], [("diff.contract_trigger", ADDITIVE)]),
    ([(f"{SUBMIT}.requires", ["tabs_complete", *REQUIRED])], [("diff.contract_ensures_no_more", BREAKING)]),
    ([("contract.approvePlan.requires", "may_plan")], [("diff.contract_ensures", ADDITIVE)]),
    ([("contract.minimum_points", REMOVE)], [("diff.contract_param", ADDITIVE)]),
    ([("contract.window.closes", "plt_banner_from")], [("diff.contract_param", ADDITIVE)]),
    ([(f"{PARAMS}.age", AGE)], [("diff.param_added", ADDITIVE)]),
    ([(f"{PARAMS}.age", {"type": "date", "label": LABEL})], [("diff.param_required", BREAKING)]),
    ([(f"{PARAMS}.minimum_points.default", 40)], [("diff.param_default", ADDITIVE)]),
    ([(f"{PARAMS}.minimum_points.default", REMOVE)], [("diff.param_default_gone", BREAKING)]),
    ([(f"{PARAMS}.minimum_points.minimum", 8)], [("diff.param_tighter", BREAKING)]),
    ([(f"{PARAMS}.minimum_points.minimum", REMOVE)], [("diff.param_looser", ADDITIVE)]),
    ([(f"{PARAMS}.plt_confirmation_from.not_before", REMOVE)], [("diff.param_looser", ADDITIVE)]),
    ([("states.checked", CHECKED_STATE)], [("diff.state_added", ADDITIVE)]),
    ([("states.approved.phase", "auto_approved")], [("diff.state_phase", BREAKING)]),
    ([("states.approved.final", True)], [("diff.state_final", ADDITIVE)]),
    ([("states.in_implementation.final", False)], [("diff.state_not_final", BREAKING)]),
    ([("states.approved.turn", "head")], [("diff.state_turn", ADDITIVE)]),
    ([("start.when.all.3", "may_plan")], [("diff.asks", ADDITIVE)]),
    ([("transitions.14", ROWS[2] | {"id": "again", "trigger": "again"})], [("diff.row_added", ADDITIVE)]),
    ([("transitions.3", REMOVE)], [("diff.row_removed", BREAKING)]),
    ([("transitions.2.trigger", "agree")], [("diff.row_trigger", BREAKING)]),
    ([("transitions.2.require", ["reason"])], [("diff.row_require", BREAKING)]),
    ([("transitions.3.require", REMOVE)], [("diff.row_require", ADDITIVE)]),
    # without `open_revision` a plan that is returned after the window cannot be submitted again
    ([("transitions.3.effects", REMOVE)], [("diff.row_effects", BREAKING)]),
    ([("transitions.2.effects", ["remember_submission"])], [("diff.row_effects", ADDITIVE)]),
    # an automatic transition to an earlier phase loses an approval
    ([("transitions.14", WAY_BACK)], [("diff.row_added", BREAKING)]),
    ([("transitions.3.exceptional", True)], [("diff.row_exceptional", BREAKING)]),
    ([("transitions.6.exceptional", False)], [("diff.row_normal", ADDITIVE)]),
    # a condition that the contract names
    ([("transitions.0.when.all.0", REMOVE)], [(ASKS_NO_MORE[0], BREAKING), (LOOSER[0], BREAKING)]),
    ([("transitions.0.when.all.2", {"any": ["tabs_complete", "within_revision"]})],
     [ASKS, (ASKS_NO_MORE[0], BREAKING), (LOOSER[0], BREAKING)]),
    ([("transitions.0.when.all.6", REMOVE)], [ASKS_NO_MORE, LOOSER]),
    ([("transitions.2.when", {"all": [FRESH, "may_plan"]})], [("diff.asks", BREAKING), STRICTER]),
    ([("transitions.2.when", {"all": [FRESH]})], [("diff.rewritten", ADDITIVE)]),
    ([("timers.1", REMOVE)], [("diff.timer_removed", ADDITIVE)]),
    ([("timers.0.after.days", {"param": "revision_days"})], [("diff.timer_changed", ADDITIVE)]),
    ([("timers.2.at.days", 0)], [("diff.timer_changed", ADDITIVE)]),
    ([("timers.2.at.days", 3), ("timers.2.label.en", "Late")],
     [("diff.label", ADDITIVE), ("diff.timer_changed", ADDITIVE)]),
    ([("timers.0.do", {"fire": {"trigger": "expire"}})], [("diff.timer_changed", ADDITIVE)]),
    # a condition that follows from the former one requires no more
    ([("transitions.2.when", {"any": [FRESH, "may_plan"]})], [ASKS, ASKS_NO_MORE, LOOSER]),
    ([("transitions.0.warn", "tabs_complete")], [("diff.warns", ADDITIVE), ("diff.warns_no_more", ADDITIVE)]),
    ([("transitions.1", ROWS[2]), ("transitions.2", ROWS[1])], [("diff.order", ADDITIVE)]),
    ([(f"{WHEN}.all.0", {"any": [DEFINITIF, PLT, SWITCH]})], [ASKS, ASKS_NO_MORE, LOOSER]),
    ([(f"{WHEN}.all.0", SWITCH)], [("diff.asks", BREAKING), ASKS_NO_MORE, STRICTER]),
    ([("transitions.4.to", "submitted")], [("diff.row_to", BREAKING)]),
    ([("transitions.2.by", {"role": "admin"})], [("diff.row_by", BREAKING)]),
    ([("transitions.2.from", ["submitted", "draft"])], [("diff.row_from", ADDITIVE)]),
    ([("states.draft.initial", False), ("states.approved.initial", True)],
     [("diff.state_not_initial", ADDITIVE), ("diff.state_initial", ADDITIVE)]),
    ([(f"{PARAMS}.plt_banner_from.type", "bool"), (f"{PARAMS}.plt_confirmation_from.not_before", REMOVE)],
     [("diff.param_type", BREAKING), ("diff.param_looser", ADDITIVE)]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CHANGES)
def test_a_change_has_its_code_and_severity(
    changes: list[tuple[str, object]], expected: list[tuple[str, Severity]]
) -> None:
    changes_found = diff_definitions(SHIPPED_DEFINITION, load_definition(change_shipped(*changes)))
    assert [(change.code, change.severity) for change in changes_found] == expected
    assert overall_severity(changes_found) is (
        BREAKING if BREAKING in [grave for _, grave in expected] else ADDITIVE
    )
    assert_readable(changes_found)


def assert_readable(changes: tuple[Change, ...]) -> None:
    for change in changes:
        sentences = [change.sentence("id"), change.sentence("en")]
        assert sentences[0] != sentences[1]
        assert all(text.endswith(".") and "…" not in text.replace(" … ", "") for text in sentences), sentences
        assert not any(
            f"{prefix}." in text for text in sentences for prefix in ("diff", "cond", "who", "fact")
        )


def test_a_looser_guard_comes_with_example_facts() -> None:
    switch_or_definitif = {"any": [DEFINITIF, SWITCH]}

    changes = diff_definitions(
        SHIPPED_DEFINITION, load_definition(change_shipped((f"{WHEN}.all.0", switch_or_definitif)))
    )

    (looser,) = (change for change in changes if change.code == "diff.looser")
    facts = "the school has a definitif principal; “Approve every plan automatically” is off"
    assert looser.sentence("en").endswith(f"for example under these facts: {facts}.")
    (stricter,) = (change for change in changes if change.code == "diff.stricter")
    facts = "the school is led by a Plt; “Approve every plan automatically” is off"
    assert stricter.sentence("en").endswith(f"for example under these facts: {facts}.")
    assert "kini menolak rencana yang sebelumnya diperbolehkan" in stricter.sentence("id")


def test_a_looser_guard_of_an_automatic_way_back_is_breaking() -> None:
    old, new = (
        load_definition(change_shipped(("transitions.14", WAY_BACK | {"when": when})))
        for when in ({"all": [{"not": "at_satminkal"}, {"not": "may_plan"}]}, {"not": "at_satminkal"})
    )

    assert [(change.code, change.severity) for change in diff_definitions(old, new)] == [
        ("diff.asks_no_more", BREAKING),
        ("diff.looser", BREAKING),
    ]
    assert overall_severity(diff_definitions(new, old)) is BREAKING


def test_a_guard_change_has_no_facts_if_a_version_cannot_run() -> None:
    invalid_version = load_definition(
        change_shipped(
            (f"{PARAMS}.minimum_points.not_before", "planning_opens"), ("transitions.2.when", "may_plan")
        )
    )

    changes = {
        change.code: change.severity for change in diff_definitions(SHIPPED_DEFINITION, invalid_version)
    }

    assert changes["diff.asks"] is BREAKING
    assert "diff.stricter" not in changes


def test_a_boolean_is_written_as_in_definitions() -> None:
    (change,) = diff_definitions(
        SHIPPED_DEFINITION, load_definition(change_shipped((f"{PARAMS}.approve_automatically.default", True)))
    )
    assert change.sentence("id").endswith("berubah dari false menjadi true.")


def test_the_changes_cover_every_code() -> None:
    codes = {code for _, expected in CHANGES for code, _ in expected}
    for changes, _ in CHANGES:
        codes |= {
            change.code
            for change in diff_definitions(load_definition(change_shipped(*changes)), SHIPPED_DEFINITION)
        }
    assert {code for code in load_phrases() if code.startswith("diff.")} == codes


def test_another_spelling_of_a_version_is_no_difference() -> None:
    assert (
        diff_definitions(
            SHIPPED_DEFINITION, load_definition(dump_json(shuffle_keys(shipped_document(), random.Random(7))))
        )
        == ()
    )


@given(definitions(), definitions(), st.booleans())
def test_versions_differ_exactly_if_their_canonical_json_does(
    old: Definition, new: Definition, same: bool
) -> None:
    new = load_definition(canonical_json(old)) if same else new
    differences = diff_definitions(old, new)
    event(str(len(differences)))
    assert (differences == ()) is (canonical_json(old) == canonical_json(new))
    assert_readable(differences)
