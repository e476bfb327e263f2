"""How big a document may be: depth, aliases and cost, measured before anything is executed.

Every fragment is measured once, so the work is linear in the text: 757 characters of fragments that spread
each other twice unfold to millions of fields, and are refused without unfolding them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from services.kit.problem import Problem
from services.planning.api.errors import ApiError

# graphql-core's own rule is quadratic in fields of one name; its default lets a hostile document take 1.4 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

LIST_FACTOR = 10
PAGE = 20  # of a connection whose `first` is left out, or is a variable: values are not known yet
ITEMS_OF_A_PAGE = frozenset({"edges", "nodes"})


class Size(NamedTuple):
    """What is limited. A field costs 1, and what its children cost for each item that it may hold."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0


LIMITS = Size(depth=12, aliases=30, cost=2_000)


class WithinLimits(ValidationRule):
    """Refuses an operation beyond LIMITS. Made anew for each document, whose fragments it remembers."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.measured: dict[str, Size] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure one operation."""
        size = self._of_selections(node.selection_set, self.context.schema.get_root_type(node.operation))
        for what, found, limit in zip(Size._fields, size, LIMITS, strict=True):
            if found > limit:
                problem = Problem(f"query.{what}", {"found": _few_digits(found), "limit": limit})
                self.report_error(ApiError("LIMIT_EXCEEDED", problem, node=node))

    def _of_selections(self, selections: SelectionSetNode, parent: GraphQLNamedType | None) -> Size:
        sizes = [self._of_one(selection, parent) for selection in selections.selections]
        return Size(
            max((size.depth for size in sizes), default=0),
            sum(size.aliases for size in sizes),
            sum(size.cost for size in sizes),
        )

    def _of_one(self, selection: SelectionNode, parent: GraphQLNamedType | None) -> Size:
        match selection:
            case FieldNode():
                return self._of_field(selection, parent)
            case FragmentSpreadNode():
                return self._of_fragment(selection.name.value)
            case InlineFragmentNode():
                condition = selection.type_condition
                on = self.context.schema.get_type(condition.name.value) if condition else parent
                return self._of_selections(selection.selection_set, on)
        return Size()

    def _of_fragment(self, name: str) -> Size:
        if name not in self.measured:
            self.measured[name] = Size()  # met again below itself: a cycle, which another rule reports
            fragment = self.context.get_fragment(name)
            if fragment:
                condition = self.context.schema.get_type(fragment.type_condition.name.value)
                self.measured[name] = self._of_selections(fragment.selection_set, condition)
        return self.measured[name]

    def _of_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Size:
        name, alias = node.name.value, int(node.alias is not None)
        if not node.selection_set or name.startswith("__"):  # introspection has a rule of graphql-core's
            return Size(1, alias, 1)
        has_fields = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields.get(name) if has_fields else None  # type: ignore[union-attr]
        inner = self._of_selections(node.selection_set, get_named_type(field.type) if field else None)
        items = _items(node, field) if field else 1
        return Size(inner.depth + 1, inner.aliases + alias, 1 + items * inner.cost)


def _items(node: FieldNode, field: GraphQLField) -> int:
    if "first" in field.args:
        return max([int(value[:6]) for value in _literal_pages(node)], default=PAGE)
    if node.name.value in ITEMS_OF_A_PAGE:
        return 1
    return LIST_FACTOR if is_list_type(get_nullable_type(field.type)) else 1


def _literal_pages(node: FieldNode) -> Iterator[str]:
    for argument in node.arguments or ():
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
            yield argument.value.value


def _few_digits(number: int) -> int | str:
    return number if number < 1_000_000 else "> 1000000"


class PlainStrings(ValidationRule):
    """Refuses NUL in a string of the document: PostgreSQL cannot store it (variables: json_body.py)."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one literal."""
        if "\0" in node.value:
            self.report_error(ApiError("BAD_REQUEST", Problem("request.text"), node=node))
