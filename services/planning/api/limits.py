"""How big a document may be: depth, aliases, cost and fetches, measured before anything is executed."""

from __future__ import annotations

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
from services.planning.status.queries import MAX_KEYS as MOST_KEYS

LIST_FACTOR = 10
PAGE = 20  # of a connection whose `first` is left out, or is a variable: values are not known yet
ITEMS_OF_A_PAGE = frozenset({"edges", "nodes"})

# Fields that ask the database or identity by themselves, each time one is met; a field that fetches for all of a page
# at once is not one of them. A test holds this list against every awaited field below the roots.
FETCHING = frozenset({
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
# A list is a handful by its cost; how often one fetches below this one is counted by all that it may hold.
LARGEST = {"ApprovedPlans.results": MAX_PLANS}


class Size(NamedTuple):
    """A field costs 1 (and fetches, or not), and what its children do for each item that it may hold."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0
    fetches: int = 0

    def beside(self, other: Size) -> Size:
        """Of two selections that are both made."""
        added = (mine + theirs for mine, theirs in zip(self[1:], other[1:], strict=True))
        return Size(max(self.depth, other.depth), *added)

    def instead_of(self, other: Size) -> Size:
        """Of two selections of which one is made: the members of a union exclude each other."""
        return Size(*map(max, self, other))


def items(node: FieldNode, field: GraphQLField) -> int:
    """How many items a field may hold: its page, one for each key, a handful for a list, one for everything else."""
    if "first" in field.args:
        return _page(node)
    if "keys" in field.args:
        return _given(node)
    if node.name.value in ITEMS_OF_A_PAGE:
        return 1  # counted at the field that pages
    return LIST_FACTOR if is_list_type(get_nullable_type(field.type)) else 1


def _given(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "keys" and isinstance(argument.value, ListValueNode):
            return len(argument.value.values)
    return MOST_KEYS


def _page(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
            return int(argument.value.value[:6])
    return PAGE


# graphql-core's own rule is quadratic in fields of one name; its default lets a hostile document take 1.4 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

LIMITS = Size(depth=12, aliases=30, cost=2_000, fetches=40)
Parent = GraphQLNamedType | None


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

    def _of_selections(self, selections: SelectionSetNode, parent: Parent) -> Size:
        by_type: dict[GraphQLObjectType | None, Size] = defaultdict(Size)
        for selection in selections.selections:
            on = self._condition(selection)
            alone = on if isinstance(on, GraphQLObjectType) else None
            by_type[alone] = by_type[alone].beside(self._of_one(selection, on or parent))
        always = by_type.pop(None, Size())
        return always.beside(reduce(Size.instead_of, by_type.values(), Size()))

    def _condition(self, selection: SelectionNode | FragmentDefinitionNode) -> Parent:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.context.get_fragment(selection.name.value)
            return self._condition(fragment) if fragment else None
        condition = getattr(selection, "type_condition", None)
        return self.context.schema.get_type(condition.name.value) if condition else None

    def _of_one(self, selection: SelectionNode, parent: Parent) -> Size:
        match selection:
            case FieldNode():
                return self._of_field(selection, parent)
            case InlineFragmentNode():
                return self._of_selections(selection.selection_set, parent)
            case FragmentSpreadNode():
                return self._of_fragment(selection.name.value, parent)
        return Size()

    def _of_fragment(self, name: str, parent: Parent) -> Size:
        if name not in self.measured:
            self.measured[name] = Size()  # met again below itself: a cycle, which another rule reports
            fragment = self.context.get_fragment(name)
            if fragment:
                self.measured[name] = self._of_selections(fragment.selection_set, parent)
        return self.measured[name]

    def _of_field(self, node: FieldNode, parent: Parent) -> Size:
        name, alias = node.name.value, int(node.alias is not None)
        place = f"{parent}.{name}"
        fetches = int(place in FETCHING)
        if not node.selection_set or name.startswith("__"):  # introspection has a rule of graphql-core's
            return Size(1, alias, 1, fetches)
        has_fields = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields.get(name) if has_fields else None  # type: ignore[union-attr]
        inner = self._of_selections(node.selection_set, get_named_type(field.type) if field else None)
        many = items(node, field) if field else 1
        fetches += LARGEST.get(place, many) * inner.fetches
        return Size(inner.depth + 1, inner.aliases + alias, 1 + many * inner.cost, fetches)


def _few_digits(number: int) -> int | str:
    return number if number < 1_000_000 else "> 1000000"
