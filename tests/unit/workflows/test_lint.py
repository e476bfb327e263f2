"""A broken definition is refused before anyone depends on it: one mistake, its finding, its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.workflows.world import REMOVED, document, spoiled
from workflows import DefinitionError, Finding, Label, build, lint, load, shipped
from workflows.lint import CHECKS
from workflows.messages import texts

ROWS: list[dict[str, Any]] = document()["transitions"]
SELF_STATE = {"label": {"id": "A", "en": "A"}, "phase": "submitted", "turn": "owner"}


def row(number: int, **changes: Any) -> dict[str, Any]:
    return ROWS[number] | changes


def automatic(number: int, source: str, to: str) -> dict[str, Any]:
    return row(1, id=f"auto_{number}", trigger=f"@entered({source})", **{"from": source}, to=to)


WHEN = "transitions.0.when"
AT, WARN = "transitions[0].when", "transitions[0].warn"
TURN, OPENS = "states.auto_approved.turn", "params.planning_opens"
OWNER = {"role": "teacher", "relation": "owner"}
LOOP = automatic(6, "auto_approved", "submitted")
BROKEN: list[tuple[list[tuple[str, object]], str, str]] = [
    ([("transitions.0.to", "nirvana")], "lint.unknown_state", "transitions[0].to"),
    ([("transitions.0.from", ["draft", "limbo"])], "lint.unknown_state", "transitions[0].from"),
    ([("transitions.1.trigger", "@entered(limbo)")], "lint.automatic_from", "transitions[1].from"),
    ([("transitions.0.by.role", "dukun")], "lint.unknown_actor", "transitions[0].by"),
    ([("transitions.0.by.relation", "head_of_school")], "lint.unknown_actor", "transitions[0].by"),
    ([("transitions.0.by.relation", REMOVED)], "lint.unknown_actor", "transitions[0].by"),
    ([(WHEN, "moon_is_full")], "lint.unknown_predicate", AT),
    ([("transitions.0.warn", {"not": "moon"})], "lint.unknown_predicate", "transitions[0].warn.not"),
    ([("start.when.all.0", "moon")], "lint.unknown_predicate", "start.when.all[0]"),
    ([(f"{TURN}.0.when", "moon")], "lint.unknown_predicate", f"{TURN}[0].when"),
    ([(WHEN, "head_is")], "lint.wrong_arguments", AT),
    ([(WHEN, {"tabs_complete": {"x": 1}})], "lint.wrong_arguments", AT),
    ([(WHEN, {"head_is": {"kind": "raja"}})], "lint.wrong_head", f"{AT}.head_is.kind"),
    ([(WHEN, {"head_is": {"kind": True}})], "lint.wrong_head", f"{AT}.head_is.kind"),
    ([(WHEN, {"param_on": {"value": 1}})], "lint.wrong_bool", f"{AT}.param_on.value"),
    ([(WHEN, {"points_at_least": {"minimum": True}})], "lint.wrong_int", f"{AT}.points_at_least.minimum"),
    ([(WHEN, {"plt_confirmed": {"opens": "2024-02-16"}})], "lint.wrong_date", f"{AT}.plt_confirmed.opens"),
    (
        [(WHEN, {"param_on": {"value": {"param": "minimum_points"}}})],
        "lint.wrong_param_type",
        f"{AT}.param_on.value",
    ),
    (
        [(WHEN, {"all": ["at_satminkal", {"param_on": {"value": {"param": "moon"}}}]})],
        "lint.unknown_param",
        f"{AT}.all[1].param_on.value",
    ),
    ([("params.minimum_points", REMOVED)], "lint.unknown_param", f"{WARN}.points_at_least.minimum"),
    ([("transitions.0.effects", ["send_money"])], "lint.unknown_effect", "transitions[0].effects[0]"),
    ([("transitions.3.effects", ["open_revision"])], "lint.wrong_arguments", "transitions[3].effects[0]"),
    ([("transitions.3.require", ["signature"])], "lint.unknown_requirement", "transitions[3].require"),
    ([("transitions.5.id", "submit")], "lint.duplicate", "transitions[5].id"),
    ([("states.draft.initial", REMOVED)], "lint.initial_count", "states"),
    ([("states.approved.initial", True)], "lint.initial_count", "states"),
    ([("states.draft.phase", "submitted")], "lint.initial_phase", "states.draft.phase"),
    ([("transitions.2", REMOVED)], "lint.unreachable", "states.approved"),
    ([("states.lost", SELF_STATE)], "lint.unreachable", "states.lost"),
    ([("transitions.4", REMOVED)], "lint.dead_end", "states.approved"),
    ([("transitions.4.to", "approved")], "lint.dead_end", "states.approved"),
    ([("states.in_implementation.final", False)], "lint.no_final", "states"),
    ([("transitions.4.exceptional", True)], "lint.no_way_to_final", "states.approved"),
    ([(f"transitions.{n}.to", "submitted") for n in (4, 5)], "lint.no_way_to_final", "states.draft"),
    ([("transitions.6", LOOP)], "lint.automatic_loop", "transitions[1]"),
    ([("transitions.6", automatic(6, "approved", "approved"))], "lint.automatic_loop", "transitions[6]"),
    ([("transitions.6", row(2, id="again"))], "lint.ambiguous", "transitions[6]"),
    ([("transitions.6", row(2, id="again", to="draft"))], "lint.ambiguous", "transitions[6]"),
    ([("transitions.1.by", OWNER)], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.1.require", ["reason"])], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.1.warn", "tabs_complete")], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.0.by", {"role": "admin"})], "lint.draft_exit", "states.draft"),
    ([("transitions.0.exceptional", True)], "lint.draft_exit", "states.draft"),
    ([("states.submitted.phase", "draft")], "lint.draft_exit", "states.submitted"),
    ([("states.draft.final", True)], "lint.draft_exit", "states.draft"),
    ([(f"{TURN}.2", REMOVED)], "lint.turn_open", TURN),
    ([("states.draft.turn", [{"who": "owner"}, {"who": "head"}])], "lint.turn_open", "states.draft.turn"),
    ([(f"{OPENS}.minimum", 1)], "lint.bounds_need_int", OPENS),
    ([("params.minimum_points.maximum", -1)], "lint.bounds_crossed", "params.minimum_points"),
    ([(f"{OPENS}.not_before", "minimum_points")], "lint.not_before_needs_date", OPENS),
    ([(f"{OPENS}.not_before", "planning_opens")], "lint.not_before_needs_date", OPENS),
    ([("params.revision_days.not_before", "x")], "lint.not_before_needs_date", "params.revision_days"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "place"), BROKEN)
def test_a_mistake_is_found_at_its_place(changes: list[tuple[str, object]], code: str, place: str) -> None:
    definition = load(remade(changes))
    findings = lint(definition)
    assert (code, place) in [(finding.code, finding.place) for finding in findings]
    assert all(finding.line for finding in findings)
    with pytest.raises(DefinitionError) as refused:
        build(definition)
    assert refused.value.findings == tuple(findings)


def remade(changes: list[tuple[str, object]]) -> bytes:
    """Spoiled; a default that no longer fits the spoiled bounds is dropped too."""
    extra = [
        (path.replace("maximum", "default"), REMOVED) for path, _ in changes if path.endswith("s.maximum")
    ]
    return spoiled(*extra, *changes)


def test_the_mistakes_above_show_every_code_of_the_linter() -> None:
    shown = {code for _, code, _ in BROKEN} | {"lint.no_label"}
    assert shown == {code for code in texts() if code.startswith("lint.")}


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_label_is_needed_in_both_languages(language: str) -> None:
    definition = load(shipped())
    label = replace(definition.label, **{language: " "})
    states = (replace(definition.states[0], label=label), *definition.states[1:])
    findings = lint(replace(definition, states=states, lines={}))
    assert findings == [Finding("lint.no_label", ("states", "draft", "label", language))]


def test_names_given_twice_are_found_in_every_group() -> None:
    definition = load(shipped())
    twice = replace(
        definition, states=definition.states * 2, params=definition.params * 2, label=Label("A", "B")
    )
    found = {finding.path[0] for finding in lint(twice) if finding.code == "lint.duplicate"}
    assert found == {"states", "params"}


def test_the_shipped_definition_passes_every_check() -> None:
    assert [finding for check in CHECKS for finding in check(load(shipped()))] == []
