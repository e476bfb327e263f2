"""The loader reads the exact format, and returns findings for everything else."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.samples import (
    PERIOD_VALUES,
    REMOVE,
    change_shipped,
    dump_json,
    facts,
    plan,
    shipped_document,
)
from workflows.engine.decide import decide, list_transitions
from workflows.engine.machine import Workflow
from workflows.files.loader import load_definition, load_shipped, read_shipped
from workflows.files.reader import MAX_BYTES
from workflows.lint.check import build_proved_workflow
from workflows.model.definition import Authority, ParamType, Turn
from workflows.model.facts import SYSTEM, Actor
from workflows.model.findings import DefinitionError, Finding
from workflows.model.messages import Language
from workflows.model.values import read_values

LANGUAGES: tuple[Language, ...] = ("id", "en")
SIGNS = (b"\t", b":", b"'", b'"', b"\xff", b"&a ", b"\n", b"{", b"]")


def find_errors(source: bytes | str) -> list[Finding]:
    with pytest.raises(DefinitionError) as error:
        load_definition(source)
    return list(error.value.findings)


def test_the_shipped_definition_is_read_as_written() -> None:
    definition = load_shipped()
    assert definition.name == "perencanaan-kinerja"
    assert definition.initial.name == "draft"
    assert [rule.turn for rule in definition.state("submitted").turn] == [Turn.DINAS, Turn.HEAD]
    points = next(param for param in definition.params if param.name == "minimum_points")
    assert (points.type, points.default, points.minimum) == (ParamType.INT, 32, 0)
    ask = next(row for row in definition.transitions if row.id == "return")
    assert (ask.authority, ask.require) == (Authority("superior", "head_of_school"), ("reason",))
    assert next(row for row in definition.transitions if row.is_automatic).authority == Authority(
        "system", "any"
    )


INVALID_CHANGES: list[tuple[str, object, str, str]] = [
    ("jadwal", [], "definition.unknown_key", "jadwal"),
    ("timers", {}, "definition.list_expected", "timers"),
    ("timers.0.label", REMOVE, "definition.missing_key", "timers[0]"),
    ("timers.0.repeat.max", REMOVE, "definition.missing_key", "timers[0].repeat"),
    ("timers.0.after", REMOVE, "definition.one_of", "timers[0]"),
    ("timers.0.at", {"param": "planning_closes"}, "definition.one_of", "timers[0]"),
    ("timers.0.after.days", True, "definition.int_expected", "timers[0].after.days"),
    ("timers.0.after.days", "three", "definition.int_expected", "timers[0].after.days"),
    ("timers.0.do", {}, "definition.one_of", "timers[0].do"),
    ("timers.0.do", "remind", "definition.mapping_expected", "timers[0].do"),
    ("timers.0.do.send_mail", {}, "definition.unknown_key", "timers[0].do.send_mail"),
    ("timers.0.do.remind.who", "semua", "definition.unknown_word", "timers[0].do.remind.who"),
    (
        "timers.0.do",
        {"fire": {"trigger": "@entered(draft)"}},
        "definition.bad_name",
        "timers[0].do.fire.trigger",
    ),
    ("states", REMOVE, "definition.missing_key", ""),
    ("format", 2, "definition.unknown_format", "format"),
    ("format", "1", "definition.int_expected", "format"),
    ("workflow", "Perencanaan Kinerja", "definition.bad_name", "workflow"),
    ("states", [], "definition.mapping_expected", "states"),
    ("transitions", [], "definition.list_expected", "transitions"),
    ("states.Draft 2", {}, "definition.bad_name", "states.Draft 2"),
    ("states.draft.phase", REMOVE, "definition.missing_key", "states.draft"),
    ("states.draft.phase", "drafting", "definition.unknown_word", "states.draft.phase"),
    ("states.draft.turn", "teacher", "definition.unknown_word", "states.draft.turn"),
    ("states.draft.turn", [], "definition.list_expected", "states.draft.turn"),
    ("states.draft.initial", "yes", "definition.bool_expected", "states.draft.initial"),
    ("states.draft.label.id", REMOVE, "definition.missing_key", "states.draft.label"),
    ("states.draft.label.en", " ", "definition.text_expected", "states.draft.label.en"),
    ("label.en", "\u3164\ufe0f", "definition.text_expected", "label.en"),
    ("label.en", "a\u202eb", "definition.text_expected", "label.en"),
    ("label.en", "a\nb", "definition.text_expected", "label.en"),
    ("label.en", "x" * 201, "definition.text_expected", "label.en"),
    ("transitions.0.on", "submit", "definition.unknown_key", "transitions[0].on"),
    ("transitions.0.before", "os.system", "definition.unknown_key", "transitions[0].before"),
    ("transitions.0.trigger", "to approved", "definition.bad_name", "transitions[0].trigger"),
    ("transitions.0.trigger", "state", "definition.bad_name", "transitions[0].trigger"),
    ("transitions.0.trigger", "@left(draft)", "definition.bad_name", "transitions[0].trigger"),
    ("transitions.0.from", "*", "definition.bad_name", "transitions[0].from"),
    ("transitions.0.from", [], "definition.list_expected", "transitions[0].from"),
    ("transitions.0.from", ["a", "a"], "definition.twice", "transitions[0].from"),
    ("transitions.0.to", "=", "definition.bad_name", "transitions[0].to"),
    ("transitions.0.by", "owner", "definition.mapping_expected", "transitions[0].by"),
    ("transitions.0.when", {"all": []}, "definition.list_expected", "transitions[0].when.all"),
    ("transitions.0.when", {"not": []}, "definition.guard_expected", "transitions[0].when.not"),
    ("transitions.0.when", {"a": {}, "b": {}}, "definition.guard_expected", "transitions[0].when"),
    ("transitions.0.when", "__import__('os')", "definition.bad_name", "transitions[0].when"),
    ("transitions.0.warn", {"head_is": "plt"}, "definition.mapping_expected", "transitions[0].warn.head_is"),
    ("transitions.0.warn.x", {"kind": 1}, "definition.guard_expected", "transitions[0].warn"),
    (
        "transitions.0.when.all.1",
        {"a": {"b": [1]}},
        "definition.argument_expected",
        "transitions[0].when.all[1].a.b",
    ),
    ("transitions.0.warn", {"a": {"b": {"x": 1}}}, "definition.unknown_key", "transitions[0].warn.a.b.x"),
    ("params.revision_days.default", "7", "value.int_expected", "params.revision_days.default"),
    ("params.revision_days.default", 0, "value.out_of_bounds", "params.revision_days.default"),
    ("params.revision_days.type", "days", "definition.unknown_word", "params.revision_days.type"),
    ("params.plt_banner_from.default", "2024-02-30", "value.date_expected", "params.plt_banner_from.default"),
    (
        "params.approve_automatically.default",
        1,
        "value.bool_expected",
        "params.approve_automatically.default",
    ),
]


@pytest.mark.parametrize(("path", "value", "code", "place"), INVALID_CHANGES)
def test_an_invalid_value_has_a_finding_with_its_place(
    path: str, value: object, code: str, place: str
) -> None:
    findings = find_errors(change_shipped((path, value)))
    assert (code, place) in [(finding.code, finding.place) for finding in findings]
    assert all(finding.line and finding.column for finding in findings)


def test_a_finding_has_its_position_and_known_values_in_both_languages() -> None:
    text = read_shipped().decode().replace("    phase: submitted\n", "    phase: dikirim\n")
    (finding,) = find_errors(text)
    assert (finding.line, finding.column) == (text.splitlines().index("    phase: dikirim") + 1, 5)
    assert "dikirim" in finding.message("id")
    assert "Choose one of: draft, submitted, approved" in finding.message("en")
    assert str(DefinitionError([finding])).startswith(f"states.submitted.phase ({finding.position}): ")


def test_all_findings_are_reported_at_once() -> None:
    findings = find_errors(
        "format: 1\nworkflow: x\nlabel: {id: A}\nstates: {}\ntransitions: [{}]\nextra: 1\n"
    )
    assert [finding.code for finding in findings].count("definition.missing_key") == 8
    assert findings[-1].code == "definition.unknown_key"
    assert [finding.line for finding in findings] == [1, 3, 5, 5, 5, 5, 5, 5, 6]


def test_a_date_default_is_a_date() -> None:
    definition = load_definition(change_shipped(("params.plt_banner_from.default", "2024-02-01")))
    assert date(2024, 2, 1) in [param.default for param in definition.params]


def test_a_definition_larger_than_the_limit_is_refused() -> None:
    (finding,) = find_errors(read_shipped() + b"#" * MAX_BYTES)
    assert finding.code == "yaml.too_large"


SCALARS = (None, True, 0, -1, 10**14, 1.5, "", "draft", "x", "*", "=", "@entered(draft)", "all")
TREES: tuple[object, ...] = (
    [],
    {},
    [[]],
    {"not": "x"},
    {"param": "minimum_points"},
    {"head_is": {"kind": "plt"}},
    ["draft", "approved"],
)
WRONG_VALUES = st.sampled_from([*SCALARS, *TREES, {"id": "a", "en": "b"}])


def list_places(data: Any) -> list[tuple[Any, Any]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [pair for key, value in inside for pair in [(data, key), *list_places(value)]]


@given(st.data())
def test_a_changed_definition_is_refused_or_runs(data: st.DataObject) -> None:
    data_now = shipped_document()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list_places(data_now)))
        action = data.draw(st.sampled_from(["replace", "remove", "copy"]))
        if action == "replace":
            container[key] = data.draw(WRONG_VALUES)
        elif action == "remove":
            del container[key]
        elif isinstance(container, list):
            container.append(container[key])
    workflow, findings = try_build(dump_json(data_now))
    texts = [finding.message(language) for finding in findings for language in LANGUAGES]
    assert all(" " in text for text in texts)  # a sentence, not a code without text
    if workflow and not read_values(workflow.definition.params, PERIOD_VALUES)[1]:
        fire_everything(workflow)


def try_build(source: bytes) -> tuple[Workflow | None, tuple[Finding, ...]]:
    """The workflow, or the findings of a DefinitionError."""
    try:
        return build_proved_workflow(load_definition(source)), ()
    except DefinitionError as error:
        return None, error.findings


def fire_everything(workflow: Workflow) -> None:
    """Fire every trigger from every state: only declared transitions fire."""
    rows = workflow.definition.transitions
    ways = {(source, row.trigger, row.to_state) for row in rows for source in row.from_states}
    for state in workflow.definition.states:
        for trigger in workflow.machine.events:
            for actor in (Actor("ptk-guru"), Actor("ptk-kepala"), SYSTEM):
                decision = decide(workflow, plan(state.name), trigger, actor, facts())
                assert decision.allowed or decision.refusals or decision.warnings
                assert ways >= {(step.from_state, step.trigger, step.to_state) for step in decision.steps}
                list_transitions(workflow, plan(state.name), actor, facts())


@given(st.randoms(use_true_random=False))
def test_a_definition_with_broken_characters_is_read_or_refused(luck: random.Random) -> None:
    text = bytearray(read_shipped())
    for _ in range(luck.randint(1, 5)):
        where = luck.randrange(len(text))
        text[where : where + luck.randint(0, 2)] = luck.choice(SIGNS)
    workflow, findings = try_build(bytes(text))
    assert bool(workflow) is not bool(findings)
