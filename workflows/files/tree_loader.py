"""The parts that the loader reads in many places: labels, guards and effects, arguments and the tree over them."""

from __future__ import annotations

from workflows.files.format import LABEL, PARAM_REF
from workflows.files.nodes import Node
from workflows.model.definition import AllOf, AnyOf, Argument, Call, Guard, Label, Not, ParamRef


def read_label(node: Node) -> Label:
    """A text in both languages."""
    keys = node.fields(*LABEL.names)
    return Label(keys["id"].text(), keys["en"].text())


def read_guard(node: Node) -> Guard:
    """A guard: a name, a name with arguments, or one of `all`, `any`, `not` over guards."""
    if isinstance(node.value, dict) and len(node.value) == 1:
        ((word, value),) = node.value.items()
        inner = node.at(word, value)
        if word == "not":
            return Not(read_guard(inner))
        if word == "all":
            return AllOf(tuple(read_guard(item) for item in inner.items(least=1)))
        if word == "any":
            return AnyOf(tuple(read_guard(item) for item in inner.items(least=1)))
    return read_call(node)


def read_call(node: Node) -> Call:
    """`tabs_complete`, or with arguments by name: `points_at_least: {minimum: {param: minimum_points}}`."""
    if isinstance(node.value, dict) and len(node.value) == 1:
        ((name, inner),) = node.entries()
        return Call(name, tuple((arg, read_argument(value)) for arg, value in inner.entries()))
    if isinstance(node.value, dict | list):
        node.find("definition.guard_expected")
        return Call("")
    return Call(node.name())


def read_argument(node: Node) -> Argument:
    """A literal, or `{param: name}`."""
    if isinstance(node.value, dict):
        return ParamRef(node.fields(*PARAM_REF.names)["param"].name())
    if not isinstance(node.value, bool | int | str):
        node.find("definition.argument_expected")
        return ""
    return node.value
