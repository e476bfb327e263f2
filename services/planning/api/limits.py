"""Limits of an operation: depth, aliases, cost and fetches, measured before it is executed."""

from __future__ import annotations

import operator
from collections import defaultdict
from functools import reduce
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from services.kit.problems import Problem
from services.planning.api.errors import ApiError
from services.planning.review.approval import MAX_PLANS
from services.planning.status.queries import MAX_KEYS

LIST_SIZE = 10
PAGE_SIZE = 20  # of a connection whose `first` is missing or a variable, because variables have no values yet
PAGE_FIELDS = frozenset({"edges", "nodes"})

# Fields that query the database or identity for each object. A field that uses a data loader for the whole answer is
# not one of them. tests/unit/planning/test_limits.py compares this list with every async field below the roots.
FETCHING_FIELDS = frozenset({
    "ChangeRequest.isStale",
    "Migration.refused",
    "NotificationConnection.unreadCount",
    "Period.proposals",
    "Plan.availableTransitions",
    "Plan.changesSinceLastSubmission",
    "Plan.comments",
    "Plan.history",
    "Plan.movedTo",
    "Plan.perilakuKerjaSebelumnya",
    "Plan.timers",
    "Plan.transitions",
    "Plan.turn",
    "PlanNumbers.parts",
    "Trial.commands",
    "Trial.touched",
    "Viewer.notifications",
    "Viewer.plan",
    "WorkflowVersion.diff",
})  # fmt: skip
# A list counts as LIST_SIZE items. For these lists, fetches below count for every item that the list can have.
MAX_LIST_SIZES = {"ApprovedPlans.results": MAX_PLANS}


class Size(NamedTuple):
    """The size of a selection: a field costs 1, plus the cost of its children for each estimated item."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0
    fetches: int = 0

    def add(self, other: Size) -> Size:
        """Return the size of both selections together."""
        sums = map(operator.add, self[1:], other[1:])
        return Size(max(self.depth, other.depth), *sums)

    def max_with(self, other: Size) -> Size:
        """Return the size if only one of two selections applies, as for members of a union."""
        return Size(*map(max, self, other))


def estimate_items(node: FieldNode, field: GraphQLField) -> int:
    """Estimate the number of items of a field: page size, number of keys, LIST_SIZE for a list, else 1."""
    if "first" in field.args:
        return _read_page_size(node)
    if "keys" in field.args:
        return _count_keys(node)
    if node.name.value in PAGE_FIELDS:
        return 1  # the connection has counted them
    return LIST_SIZE if is_list_type(get_nullable_type(field.type)) else 1


def _count_keys(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "keys" and isinstance(argument.value, ListValueNode):
            return len(argument.value.values)
    return MAX_KEYS


def _read_page_size(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
            return int(argument.value.value[:6])
    return PAGE_SIZE


# graphql-core's own rule is quadratic in fields of one name; its default lets a hostile document take 1.4 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

LIMITS = Size(depth=12, aliases=30, cost=2_000, fetches=40)
Parent = GraphQLNamedType | None


class OperationLimits(ValidationRule):
    """Refuses an operation beyond LIMITS. An instance serves one document and measures each fragment once."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.fragment_sizes: dict[str, Size] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation and report each limit that it exceeds."""
        size = self._measure_selections(node.selection_set, self.context.schema.get_root_type(node.operation))
        for measure, value, limit in zip(Size._fields, size, LIMITS, strict=True):
            if value > limit:
                problem = Problem(f"query.{measure}", {"value": _abbreviate(value), "limit": limit})
                self.report_error(ApiError("LIMIT_EXCEEDED", problem, node=node))

    def _measure_selections(self, selections: SelectionSetNode, parent: Parent) -> Size:
        by_type: dict[GraphQLObjectType | None, Size] = defaultdict(Size)
        for selection in selections.selections:
            type_condition = self._find_type_condition(selection)
            object_type = type_condition if isinstance(type_condition, GraphQLObjectType) else None
            by_type[object_type] = by_type[object_type].add(
                self._measure_selection(selection, type_condition or parent)
            )
        unconditional = by_type.pop(None, Size())
        return unconditional.add(reduce(Size.max_with, by_type.values(), Size()))

    def _find_type_condition(self, selection: SelectionNode | FragmentDefinitionNode) -> Parent:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.context.get_fragment(selection.name.value)
            return self._find_type_condition(fragment) if fragment else None
        condition = getattr(selection, "type_condition", None)
        return self.context.schema.get_type(condition.name.value) if condition else None

    def _measure_selection(self, selection: SelectionNode, parent: Parent) -> Size:
        match selection:
            case FieldNode():
                return self._measure_field(selection, parent)
            case InlineFragmentNode():
                return self._measure_selections(selection.selection_set, parent)
            case FragmentSpreadNode():
                return self._measure_fragment(selection.name.value, parent)
        return Size()

    def _measure_fragment(self, name: str, parent: Parent) -> Size:
        if name not in self.fragment_sizes:
            self.fragment_sizes[name] = Size()  # the size in a cycle, which another rule reports
            fragment = self.context.get_fragment(name)
            if fragment:
                self.fragment_sizes[name] = self._measure_selections(fragment.selection_set, parent)
        return self.fragment_sizes[name]

    def _measure_field(self, node: FieldNode, parent: Parent) -> Size:
        name, alias = node.name.value, int(node.alias is not None)
        path = f"{parent}.{name}"
        fetches = int(path in FETCHING_FIELDS)
        if not node.selection_set or name.startswith("__"):  # graphql-core has a rule for introspection
            return Size(1, alias, 1, fetches)
        has_fields = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields.get(name) if has_fields else None  # type: ignore[union-attr]
        inner = self._measure_selections(node.selection_set, get_named_type(field.type) if field else None)
        item_count = estimate_items(node, field) if field else 1
        fetches += MAX_LIST_SIZES.get(path, item_count) * inner.fetches
        return Size(inner.depth + 1, inner.aliases + alias, 1 + item_count * inner.cost, fetches)


def _abbreviate(number: int) -> int | str:
    return number if number < 1_000_000 else "> 1000000"
