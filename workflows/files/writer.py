"""A definition as YAML again, in the order of the shipped file: what an author gets to change and to hand in.

Comments and the order of params and states are lost, for they mean nothing; the rest loads as the same version.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from workflows.model.canonical import canonical
from workflows.model.definition import Definition

ORDER = (
    "format", "workflow", "id", "en", "trigger", "type", "label", "from", "to", "by", "phase", "turn", "initial",
    "final", "default", "minimum", "maximum", "not_before", "params", "start", "states", "transitions", "timers", "who",
    "when", "warn", "require", "effects", "exceptional", "while", "after", "at", "param", "days", "hour", "repeat",
    "max", "do",
    "role", "relation", "opens", "closes",
)  # fmt: skip
PLAIN = {"initial": False, "final": False, "exceptional": False}  # what need not be said


def as_yaml(definition: Definition) -> str:
    """Strict YAML that `load` reads as the same version."""
    document = _ordered(json.loads(canonical(definition)))
    text: str = yaml.safe_dump(
        document, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )
    return text


def _ordered(node: Any) -> Any:
    """Keys in the order of a reader; names of params, states and arguments stay as they are."""
    if isinstance(node, list):
        return [_ordered(item) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and [*node.values()] == [{}]:
        return next(iter(node))  # a condition or an effect without arguments is just its name
    keys = sorted(node, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    return {key: _ordered(node[key]) for key in keys if node[key] is not PLAIN.get(key)}
