"""From strict YAML to a definition: the exact format, or findings with place, line and two languages."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workflows.world import VALUES, document, facts, plan, written
from workflows import (
    SYSTEM,
    Actor,
    DefinitionError,
    Finding,
    available,
    build,
    check_values,
    decide,
    load,
    shipped,
)
from workflows.definition import By, Param, ParamType, Turn
from workflows.reader import LIMIT

Spoil = Callable[[dict[str, Any]], object]


def found(source: bytes | str) -> list[Finding]:
    with pytest.raises(DefinitionError) as refused:
        load(source)
    return list(refused.value.findings)


def test_the_shipped_definition_is_read_as_written() -> None:
    definition = load(shipped())
    assert definition.name == "perencanaan-kinerja"
    assert definition.initial.name == "draft"
    assert definition.state("submitted").turn[0].who is Turn.HEAD
    points = next(param for param in definition.params if param.name == "minimum_points")
    assert (points.type, points.default, points.minimum) == (ParamType.INT, 32, 0)
    ask = next(row for row in definition.transitions if row.id == "return")
    assert (ask.by, ask.require) == (By("superior", "head_of_school"), ("reason",))
    assert next(row for row in definition.transitions if row.automatic).by == By("system", "any")


@pytest.mark.parametrize(
    ("spoil", "code", "place"),
    [
        (lambda d: d.update(timers=[]), "definition.unknown_key", "timers"),
        (lambda d: d.pop("states"), "definition.missing_key", ""),
        (lambda d: d.update(format=2), "definition.unknown_format", "format"),
        (lambda d: d.update(format="1"), "definition.int_expected", "format"),
        (lambda d: d.update(workflow="Perencanaan Kinerja"), "definition.bad_name", "workflow"),
        (lambda d: d.update(states=[]), "definition.mapping_expected", "states"),
        (lambda d: d.update(transitions=[]), "definition.list_expected", "transitions"),
        (lambda d: d["states"].update({"Draft 2": d["states"]["draft"]}), "definition.bad_name", "states.Draft 2"),
        (lambda d: d["states"]["draft"].pop("phase"), "definition.missing_key", "states.draft"),
        (lambda d: d["states"]["draft"].update(phase="drafting"), "definition.unknown_word", "states.draft.phase"),
        (lambda d: d["states"]["draft"].update(turn="teacher"), "definition.unknown_word", "states.draft.turn"),
        (lambda d: d["states"]["draft"].update(turn=[]), "definition.list_expected", "states.draft.turn"),
        (lambda d: d["states"]["draft"].update(initial="yes"), "definition.bool_expected", "states.draft.initial"),
        (lambda d: d["states"]["draft"]["label"].pop("id"), "definition.missing_key", "states.draft.label"),
        (lambda d: d["states"]["draft"]["label"].update(en=" "), "definition.text_expected", "states.draft.label.en"),
        (lambda d: d["label"].update(en="a\nb"), "definition.text_expected", "label.en"),
        (lambda d: d["label"].update(en="x" * 201), "definition.text_expected", "label.en"),
        (lambda d: d["transitions"][0].update(on="submit"), "definition.unknown_key", "transitions[0].on"),
        (lambda d: d["transitions"][0].update(before="os.system"), "definition.unknown_key", "transitions[0].before"),
        (lambda d: d["transitions"][0].update(trigger="to approved"), "definition.bad_name", "transitions[0].trigger"),
        (lambda d: d["transitions"][0].update(trigger="state"), "definition.bad_name", "transitions[0].trigger"),
        (lambda d: d["transitions"][0].update(trigger="@left(draft)"), "definition.bad_name", "transitions[0].trigger"),
        (lambda d: d["transitions"][0].update({"from": "*"}), "definition.bad_name", "transitions[0].from"),
        (lambda d: d["transitions"][0].update({"from": []}), "definition.list_expected", "transitions[0].from"),
        (lambda d: d["transitions"][0].update({"from": ["a", "a"]}), "definition.twice", "transitions[0].from"),
        (lambda d: d["transitions"][0].update(to="="), "definition.bad_name", "transitions[0].to"),
        (lambda d: d["transitions"][0].update(by="owner"), "definition.mapping_expected", "transitions[0].by"),
        (lambda d: d["transitions"][0].update(when={"all": []}), "definition.list_expected", "transitions[0].when.all"),
        (lambda d: d["transitions"][0].update(when={"not": []}), "definition.guard_expected", "transitions[0].when.not"),
        (lambda d: d["transitions"][0].update(when={"a": {}, "b": {}}), "definition.guard_expected", "transitions[0].when"),
        (lambda d: d["transitions"][0].update(when="__import__('os')"), "definition.bad_name", "transitions[0].when"),
        (lambda d: d["transitions"][0]["when"]["all"].insert(1, {"head_is": "plt"}),
         "definition.mapping_expected", "transitions[0].when.all[1].head_is"),
        (lambda d: d["transitions"][0]["when"]["all"].insert(1, {"head_is": {"kind": [1]}}),
         "definition.argument_expected", "transitions[0].when.all[1].head_is.kind"),
        (lambda d: d["transitions"][0]["when"]["all"].insert(1, {"head_is": {"kind": {"fact": "x"}}}),
         "definition.unknown_key", "transitions[0].when.all[1].head_is.kind.fact"),
        (lambda d: d["params"]["revision_days"].update(default="7"), "value.int_expected", "params.revision_days.default"),
        (lambda d: d["params"]["revision_days"].update(default=0), "value.out_of_bounds", "params.revision_days.default"),
        (lambda d: d["params"]["revision_days"].update(type="days"), "definition.unknown_word", "params.revision_days.type"),
        (lambda d: d["params"]["plt_banner_from"].update(default="2024-02-30"),
         "value.date_expected", "params.plt_banner_from.default"),
        (lambda d: d["params"]["approve_automatically"].update(default=1),
         "value.bool_expected", "params.approve_automatically.default"),
    ],
)  # fmt: skip
def test_what_is_not_the_format_is_named_with_its_place(spoil: Spoil, code: str, place: str) -> None:
    data = document()
    spoil(data)
    findings = found(written(data))
    assert (code, place) in [(finding.code, finding.place) for finding in findings]
    assert all(finding.line for finding in findings)


def test_a_finding_names_the_line_and_the_way_out_in_both_languages() -> None:
    text = shipped().decode().replace("    phase: submitted\n", "    phase: dikirim\n")
    (finding,) = found(text)
    assert finding.line == text.splitlines().index("    phase: dikirim") + 1
    assert "dikirim" in finding.message("id")
    assert "Choose one of: draft, submitted, approved" in finding.message("en")
    assert str(DefinitionError([finding])).startswith(f"states.submitted.phase (line {finding.line}): ")


def test_everything_wrong_is_told_at_once() -> None:
    findings = found("format: 1\nworkflow: x\nlabel: {id: A}\nstates: {}\ntransitions: [{}]\nextra: 1\n")
    assert [finding.code for finding in findings].count("definition.missing_key") == 7
    assert findings[0].code == "definition.unknown_key"


def test_a_date_default_is_a_date() -> None:
    data = document()
    data["params"]["plt_banner_from"]["default"] = "2024-02-01"
    params = {param.name: param for param in load(written(data)).params}
    assert isinstance(params["plt_banner_from"], Param)
    assert str(params["plt_banner_from"].default) == "2024-02-01"


def test_a_definition_larger_than_the_limit_is_refused() -> None:
    (finding,) = found(shipped() + b"#" * LIMIT)
    assert finding.code == "yaml.too_large"


JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**14,
        1.5,
        "",
        "draft",
        "x",
        "*",
        "=",
        "@entered(draft)",
        "all",
        [],
        {},
        [[]],
        {"not": "x"},
    ]
    + [
        {"param": "minimum_points"},
        {"head_is": {"kind": "plt"}},
        ["draft", "approved"],
        {"id": "a", "en": "b"},
    ]
)


def places(data: Any) -> list[tuple[Any, Any]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [pair for key, value in inside for pair in [(data, key), *places(value)]]


@settings(max_examples=400)
@given(st.data())
def test_a_spoiled_definition_is_refused_or_runs(data: st.DataObject) -> None:
    spoiled = document()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(spoiled)))
        action = data.draw(st.sampled_from(["replace", "remove", "copy"]))
        if action == "replace":
            container[key] = data.draw(JUNK)
        elif action == "remove":
            del container[key]
        elif isinstance(container, list):
            container.append(container[key])
    try:
        workflow = build(load(written(spoiled)))
    except DefinitionError as refused:
        texts = [(finding.message("id"), finding.message("en")) for finding in refused.findings]
        assert texts
        assert not any("." in text and " " not in text for pair in texts for text in pair)
        return
    if not check_values(workflow.definition, VALUES):
        walk(workflow)


def walk(workflow: Any) -> None:
    """Fire everything from everywhere: no exception, and only declared ways."""
    ways = {
        (source, row.trigger): row.to_state
        for row in workflow.definition.transitions
        for source in row.from_states
    }
    for state in workflow.definition.states:
        for trigger in workflow.machine.events:
            for actor in (Actor("ptk-guru"), Actor("ptk-kepala"), SYSTEM):
                decision = decide(workflow, plan(state.name), trigger, actor, facts())
                assert decision.allowed or decision.refusals or decision.warnings
                assert all(ways[step.from_state, step.trigger] == step.to_state for step in decision.steps)
                available(workflow, plan(state.name), actor, facts())


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_a_definition_with_broken_characters_is_read_or_refused(luck: random.Random) -> None:
    text = bytearray(shipped())
    for _ in range(luck.randint(1, 5)):
        where = luck.randrange(len(text))
        text[where : where + luck.randint(0, 2)] = luck.choice(
            [b"\t", b":", b"'", b'"', b"\xff", b"&a ", b"\n", b"{", b"]"]
        )
    try:
        assert load(bytes(text)).states
    except DefinitionError as refused:
        assert refused.findings  # noqa: PT017
