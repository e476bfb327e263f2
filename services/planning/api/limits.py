"""Size of an operation before it is executed. docs/clients.md explains the cost to clients."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from services.kit.problems import Problem
from services.planning.review.approval import MAX_PLANS
from services.planning.status.queries import MAX_KEYS

LIST_SIZE = 5  # items that a list without `first` counts as
FETCH_COST = 20
MUTATION_COST = 10
PAGE_FIELDS = frozenset({"edges", "nodes"})
# A field with one of these arguments returns an item for each of its keys.
KEY_ARGUMENTS = frozenset({"keys", "ids", "representations"})

# Fields that query the database or identity for each object. A field that uses a data loader for the whole answer is
# not one of them. tests/unit/planning/test_limits.py compares this list with every async field below the roots.
FETCHING_FIELDS = frozenset({
    "Banner.satuanPendidikan",
    "DryRun.commandGroups",
    "DryRun.planGroups",
    "Headship.reviewQueue",
    "Headship.satuanPendidikan",
    "NotificationConnection.unreadCount",
    "Period.changeRequests",
    "Plan.availableTransitions",
    "Plan.changesSinceLastSubmission",
    "Plan.comments",
    "Plan.explainedTransitions",
    "Plan.history",
    "Plan.perilakuKerjaSebelumnya",
    "Plan.registeredDuties",
    "Plan.timers",
    "Plan.turn",
    "PlanMigration.skippedPlans",
    "PlanStatistics.areas",
    "RoleAssignment.satuanPendidikan",
    "Viewer.notifications",
    "Viewer.plan",
    "Viewer.plans",
    "WorkflowVersion.diff",
})  # fmt: skip
# Lists that count as the longest that they can be, because their items may contain fields that fetch.
LIST_SIZES = {"ApprovePlansPayload.results": MAX_PLANS}

# graphql-core's own rule is quadratic in fields of one name; its default lets a hostile document take 1.4 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000


class Size(NamedTuple):
    """The size of a selection.

    Each object costs 1 for each time that the answer may hold it. A field that fetches costs FETCH_COST more, a
    mutation MUTATION_COST. Scalars, enums, fragments and `__typename` cost nothing. `fields` counts the selected
    fields, those of a fragment each time that it is spread.
    """

    depth: int = 0
    aliases: int = 0
    cost: int = 0
    fields: int = 0

    def add(self, other: Size) -> Size:
        """Return the size of both selections together."""
        sums = map(operator.add, self[1:], other[1:])
        return Size(max(self.depth, other.depth), *sums)

    def max_with(self, other: Size) -> Size:
        """Return the size if only one of two selections applies, as for members of a union."""
        return Size(*map(max, self, other))


LIMITS = Size(depth=12, aliases=30, cost=2_000, fields=500)


def find_exceeded_limits(size: Size) -> list[Problem]:
    """Return a problem for each limit that a size exceeds."""
    return [
        Problem(f"query.{measure}", {"value": _abbreviate(value), "limit": limit})
        for measure, value, limit in zip(Size._fields, size, LIMITS, strict=True)
        if value > limit
    ]


def _abbreviate(number: int) -> int | str:
    return number if number < 1_000_000 else "> 1000000"


def measure_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Size:
    """Measure an operation. `variables` are the values as the client sent them.

    A literal `first: 100` and a variable of that value count the same. The document need not be valid: what the schema
    does not know is left to the validation.
    """
    defaults = {
        definition.variable.name.value: definition.default_value
        for definition in operation.variable_definitions or ()
    }
    root = schema.get_root_type(operation.operation)
    measurement = _Measurement(schema, document, defaults, variables)
    return measurement.measure_selections(operation.selection_set, root)


Parent = GraphQLNamedType | None


class _Measurement:
    """Measures one operation, each fragment once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        defaults: Mapping[str, ValueNode | None],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema, self._defaults, self._variables = schema, defaults, variables
        self._fragments = {
            part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)
        }
        self._fragment_sizes: dict[tuple[str, int], Size] = {}

    def measure_selections(self, selections: SelectionSetNode, parent: Parent, page_size: int = 1) -> Size:
        """Measure the selections on `parent`. `page_size`: the items of `edges` or `nodes` among them."""
        by_type: dict[GraphQLObjectType | None, Size] = defaultdict(Size)
        for selection in selections.selections:
            type_condition = self._find_type_condition(selection)
            object_type = type_condition if isinstance(type_condition, GraphQLObjectType) else None
            by_type[object_type] = by_type[object_type].add(
                self._measure_selection(selection, type_condition or parent, page_size)
            )
        unconditional = by_type.pop(None, Size())
        return unconditional.add(reduce(Size.max_with, by_type.values(), Size()))

    def _find_type_condition(self, selection: SelectionNode | FragmentDefinitionNode) -> Parent:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self._fragments.get(selection.name.value)
            return self._find_type_condition(fragment) if fragment else None
        condition = getattr(selection, "type_condition", None)
        return self._schema.get_type(condition.name.value) if condition else None

    def _measure_selection(self, selection: SelectionNode, parent: Parent, page_size: int) -> Size:
        match selection:
            case FieldNode():
                return self._measure_field(selection, parent, page_size)
            case InlineFragmentNode():
                return self.measure_selections(selection.selection_set, parent, page_size)
            case FragmentSpreadNode():
                return self._measure_fragment(selection.name.value, parent, page_size)
        return Size()

    def _measure_fragment(self, name: str, parent: Parent, page_size: int) -> Size:
        key = name, page_size
        if key not in self._fragment_sizes:
            self._fragment_sizes[key] = Size()  # the size in a cycle, which the validation reports
            if fragment := self._fragments.get(name):
                self._fragment_sizes[key] = self.measure_selections(fragment.selection_set, parent, page_size)
        return self._fragment_sizes[key]

    def _measure_field(self, node: FieldNode, parent: Parent, page_size: int) -> Size:
        name, alias = node.name.value, int(node.alias is not None)
        path = f"{parent}.{name}"
        if name.startswith("__"):  # graphql-core has a rule for introspection
            return Size(1, alias, 0, 1)
        extra_cost = FETCH_COST if path in FETCHING_FIELDS else 0
        extra_cost += MUTATION_COST if parent is self._schema.mutation_type else 0
        if not node.selection_set:
            return Size(1, alias, extra_cost, 1)
        has_fields = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields.get(name) if has_fields else None  # type: ignore[union-attr]
        items = page_size if name in PAGE_FIELDS else 1
        inner_page_size = 1
        if field is not None and name not in PAGE_FIELDS:
            items = LIST_SIZES.get(path) or self._count_items(node, field)
            inner_page_size = self._read_page_size(node, field)
        inner = self.measure_selections(
            node.selection_set, get_named_type(field.type) if field else None, inner_page_size
        )
        cost = extra_cost + items * (1 + inner.cost)
        return Size(inner.depth + 1, inner.aliases + alias, cost, inner.fields + 1)

    def _count_items(self, node: FieldNode, field: GraphQLField) -> int:
        for name in KEY_ARGUMENTS & field.args.keys():
            keys = self._find_argument(node, name)
            return len(keys) if isinstance(keys, list) else MAX_KEYS
        return LIST_SIZE if is_list_type(get_nullable_type(field.type)) else 1

    def _read_page_size(self, node: FieldNode, field: GraphQLField) -> int:
        if "first" not in field.args:
            return 1
        for size in (self._find_argument(node, "first"), self._read_default(field.args["first"])):
            if isinstance(size, int) and not isinstance(size, bool):
                return max(size, 0)
        return LIST_SIZE

    def _find_argument(self, node: FieldNode, name: str) -> object:
        argument = next((argument for argument in node.arguments or () if argument.name.value == name), None)
        return self._resolve(argument.value) if argument else None

    def _read_default(self, argument: GraphQLArgument) -> object:
        default = argument.default
        if default is None:
            return argument.default_value
        return default.value if default.literal is None else self._resolve(default.literal)

    def _resolve(self, value: ValueNode | None) -> object:
        """Return an integer, a list or what the client sent for a variable; None for any other literal."""
        if isinstance(value, VariableNode):
            name = value.name.value
            if name in self._variables:
                return self._variables[name]
            value = self._defaults.get(name)
        match value:
            case IntValueNode():
                return int(value.value[:9])
            case ListValueNode():
                return list(value.values)
        return None
