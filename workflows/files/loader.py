"""Strict YAML → `Definition`. Refuses what is not exactly the format, and tells everything at once.

Here only the shape is judged; whether the parts fit together is the linter's question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files

from workflows.files.format import BY, DEFINITION, FORMAT, PARAM, START, STATE, TRANSITION, TURN_RULE
from workflows.files.nodes import Node
from workflows.files.reader import LIMIT, read, read_yaml
from workflows.files.timer_loader import read_timer
from workflows.files.tree_loader import read_call, read_guard, read_label
from workflows.model.definition import (
    By,
    Definition,
    Guard,
    Param,
    ParamType,
    Phase,
    State,
    Transition,
    Turn,
    TurnRule,
)
from workflows.model.findings import DefinitionError, Finding
from workflows.model.values import parse_value

__all__ = ["LIMIT", "load", "read_yaml", "shipped"]

KEBAB = re.compile(r"[a-z][a-z0-9-]{0,59}", re.ASCII)
# `state` is where the machine keeps the state, so the library refuses it as a trigger.
TRIGGER = re.compile(r"(?!state$)[a-z][A-Za-z0-9]{0,59}|@entered\([a-z][a-z0-9_]{0,59}\)", re.ASCII)


def shipped(name: str = "perencanaan-kinerja") -> bytes:
    """The text of a definition that comes with the house."""
    return files("workflows").joinpath("definitions", f"{name}.yaml").read_bytes()


def load(source: bytes | str) -> Definition:
    """A definition from strict YAML. Raises `DefinitionError` with every finding, whatever the bytes."""
    document = read(source)
    findings: list[Finding] = []
    definition = _definition(Node(document, findings, document.value))
    if findings:
        raise DefinitionError(findings)
    return definition


def _definition(node: Node) -> Definition:
    keys = node.fields(*DEFINITION.names)
    if keys["format"].whole() != FORMAT:
        keys["format"].find("definition.unknown_format", known=FORMAT)
    return Definition(
        name=keys["workflow"].name(KEBAB),
        label=read_label(keys["label"]),
        params=tuple(_param(name, entry) for name, entry in _entries(keys, "params")),
        states=tuple(_state(name, entry) for name, entry in keys["states"].entries()),
        transitions=tuple(_transition(item) for item in keys["transitions"].items(least=1)),
        start=_optional_guard(keys["start"].fields(*START.names), "when") if "start" in keys else None,
        timers=tuple(read_timer(item) for item in keys["timers"].items()) if "timers" in keys else (),
        lines=node.document.lines,
    )


def _entries(keys: Mapping[str, Node], key: str) -> list[tuple[str, Node]]:
    return keys[key].entries() if key in keys else []


def _param(name: str, node: Node) -> Param:
    keys = node.fields(*PARAM.names)
    param = Param(
        name=name,
        type=keys["type"].word(ParamType),
        label=read_label(keys["label"]),
        minimum=keys["minimum"].whole() if "minimum" in keys else None,
        maximum=keys["maximum"].whole() if "maximum" in keys else None,
        not_before=keys["not_before"].name() if "not_before" in keys else None,
    )
    if "default" not in keys:
        return param
    default, findings = parse_value(param, keys["default"].value)
    for finding in findings:
        keys["default"].find(finding.code, **finding.params)
    return replace(param, default=default)


def _state(name: str, node: Node) -> State:
    keys = node.fields(*STATE.names)
    return State(
        name=name,
        label=read_label(keys["label"]),
        phase=keys["phase"].word(Phase),
        turn=_turn(keys["turn"]),
        initial=_flag(keys, "initial"),
        final=_flag(keys, "final"),
    )


def _turn(node: Node) -> tuple[TurnRule, ...]:
    """`turn: owner`, or rules in order: `[{who: head, when: …}, {who: owner}]`."""
    if not isinstance(node.value, list):
        return (TurnRule(node.word(Turn)),)
    rules = [item.fields(*TURN_RULE.names) for item in node.items(least=1)]
    return tuple(TurnRule(keys["who"].word(Turn), _optional_guard(keys, "when")) for keys in rules)


def _transition(node: Node) -> Transition:
    keys = node.fields(*TRANSITION.names)
    by = keys["by"].fields(*BY.names)
    return Transition(
        id=keys["id"].name(),
        trigger=keys["trigger"].name(TRIGGER),
        from_states=keys["from"].names(),
        to_state=keys["to"].name(),
        by=By(by["role"].name(), by["relation"].name() if "relation" in by else "any"),
        label=read_label(keys["label"]),
        when=_optional_guard(keys, "when"),
        warn=_optional_guard(keys, "warn"),
        require=keys["require"].names() if "require" in keys else (),
        effects=tuple(read_call(item) for item in keys["effects"].items()) if "effects" in keys else (),
        exceptional=_flag(keys, "exceptional"),
    )


def _flag(keys: Mapping[str, Node], key: str) -> bool:
    return key in keys and keys[key].flag()


def _optional_guard(keys: Mapping[str, Node], key: str) -> Guard | None:
    return read_guard(keys[key]) if key in keys else None
