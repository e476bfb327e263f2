"""How big a document may be: measured before anything is executed.

Every fragment is measured once, so the work is linear in the text: 757 characters of fragments that spread
each other twice unfold to millions of fields, and are refused without unfolding them.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from services.kit.problem import Problem
from services.planning.api.errors import ApiError
from services.planning.api.size import FETCHING, LARGEST, Size, items

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
