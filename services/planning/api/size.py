"""The size of a selection: how deep, how many aliases, what it costs, and how often it fetches."""

from __future__ import annotations

from typing import NamedTuple

from graphql import FieldNode, GraphQLField, IntValueNode, ListValueNode, get_nullable_type, is_list_type

from services.planning.usecases.approve_plans import MOST
from services.planning.usecases.plan_status import MOST as MOST_KEYS

LIST_FACTOR = 10
PAGE = 20  # of a connection whose `first` is left out, or is a variable: values are not known yet
ITEMS_OF_A_PAGE = frozenset({"edges", "nodes"})

# Fields that ask the database or identity by themselves, each time one is met; a field that fetches for all of a page
# at once is not one of them. A test holds this list against every awaited field below the roots.
FETCHING = frozenset({
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
    "Trial.named",
    "Trial.touched",
    "Viewer.notifications",
    "Viewer.plan",
    "WorkflowVersion.diff",
})  # fmt: skip
# A list is a handful by its cost; how often one fetches below this one is counted by all that it may hold.
LARGEST = {"ApprovedPlans.results": MOST}


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
