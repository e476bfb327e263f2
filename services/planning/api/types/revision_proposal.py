"""Changes of a period's values that admins propose, as GraphQL shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Protocol

import strawberry

from services.kit.problem import Problem
from services.kit.problem import Refused as NotDone
from services.planning.api.context import Context, Info
from services.planning.api.describe import described
from services.planning.api.ids import cursor, parse_cursor, proposal_id
from services.planning.api.types.address import ADDRESS, address_of
from services.planning.api.types.page import PageInfo
from services.planning.api.types.period_revision import ParameterChange, params_of, shown_changes
from services.planning.api.types.result import Refused
from services.planning.domain import period_revision as domain
from services.planning.domain.admin import By, Kind
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.period_revision import proposals_of, waiting_plans

PLACE, NUMBER = "proposals", re.compile(r"[0-9]{1,9}")


@strawberry.enum(description="Where a proposal stands.")
class ProposalStatus(Enum):
    """It ends once."""

    WAITING = strawberry.enum_value("waiting", description="Another admin may approve it.")
    APPROVED = strawberry.enum_value("approved", description="A revision came of it.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="It is off.")


@strawberry.type(description="The act that ended a proposal.")
class ProposalEnd:
    """Never edited."""

    by: str = strawberry.field(description="The id of an admin's account, or an operator's name.")
    at: datetime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="Why.")
    revisions: list[int] = strawberry.field(
        description="The revisions that came of it: one, and one more for each that was planned for later and would "
        "have undone it."
    )

    @described(ADDRESS)
    async def address(self, info: Info) -> str | None:
        """Asked of identity once for each admin."""
        return await address_of(self.by, info.context)


@strawberry.type(description="A change of a period's values that an admin proposes. For admins.")
class RevisionProposal:
    """In force once a second admin has approved it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    period: strawberry.ID = strawberry.field(description="The period.")
    status: ProposalStatus = strawberry.field(description="Where it stands.")
    changes: list[ParameterChange] = strawberry.field(description="What changes, and what stood there then.")
    effective_from: datetime | None = strawberry.field(
        description="From when it is to count, and never before it is approved; null: as soon as it is."
    )
    author: str = strawberry.field(description="The id of an admin's account, or an operator's name.")
    by_viewer: bool = strawberry.field(
        description="Whether it is yours, so that somebody else has to approve it."
    )
    reason: str = strawberry.field(description="Why.")
    proposed_at: datetime = strawberry.field(description="When.")
    ended: ProposalEnd | None = strawberry.field(description="How it ended; null while it waits.")
    waiting_plans: int | None = strawberry.field(
        description="While it waits: how many plans of the period stand where the workflow may move them by itself. "
        "Each is decided again once the change is in force; not each of them moves."
    )
    replayed: bool = strawberry.field(
        description="In the answer to a mutation: it stood so already; nothing was done again."
    )

    @described(f"Of its author. {ADDRESS}")
    async def author_address(self, info: Info) -> str | None:
        """Asked of identity once for each admin."""
        return await address_of(self.author, info.context)


@strawberry.type(description="A proposal and its place among those of its period.")
class RevisionProposalEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here.")
    node: RevisionProposal = strawberry.field(description="The proposal.")


@strawberry.type(description="The proposals of a period, newest first.")
class RevisionProposals:
    """A page of them."""

    edges: list[RevisionProposalEdge] = strawberry.field(description="The proposals of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


RevisionProposalResult = Annotated[
    RevisionProposal | Refused,
    strawberry.union(
        "RevisionProposalResult", description="The proposal as it stands, or every reason why not."
    ),
]


class Shown(Protocol):
    """The period above, whose own module shows this field and so cannot be imported here."""

    used: PeriodInUse


async def shown_proposals(
    root: Shown,
    info: Info,
    first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Go on to older proposals after this cursor.")
    ] = None,
) -> RevisionProposals | None:
    """Two statements, whatever there is."""
    context, code = info.context, root.used.period.code
    if "admin" not in context.signed_in().scopes:
        return None
    found, more = await proposals_of(code, first, _number(after) if after else None)
    nodes = await proposals_shown(found, root.used, context)
    edges = [
        RevisionProposalEdge(cursor=cursor(PLACE, str(one.number)), node=node)
        for one, node in zip(found, nodes, strict=True)
    ]
    end = edges[-1].cursor if edges else None
    return RevisionProposals(edges=edges, page_info=PageInfo(has_next_page=more, end_cursor=end))


async def proposals_shown(
    proposals: Sequence[domain.Proposal], used: PeriodInUse, context: Context, *, replayed: bool = False
) -> list[RevisionProposal]:
    """Proposals of one period, with the plans that those which wait concern."""
    waits = any(one.ended is None for one in proposals)
    plans = await waiting_plans(used.period.code, context.planning.workflows) if waits else None
    params, caller = params_of(used, context.planning.workflows), context.signed_in()
    viewer = By(Kind.ADMIN, caller.account, caller.ptk_id)
    return [
        RevisionProposal(
            id=strawberry.ID(proposal_id(one.period, one.number)),
            period=strawberry.ID(one.period),
            status=ProposalStatus(one.ended.how.value if one.ended else "waiting"),
            changes=await shown_changes(params, one.before, one.values, context),
            effective_from=one.wanted,
            author=one.by.account,
            by_viewer=one.by.is_same_person(viewer),
            reason=one.reason,
            proposed_at=one.at,
            ended=_ended(one.ended) if one.ended else None,
            waiting_plans=None if one.ended else plans,
            replayed=replayed,
        )
        for one in proposals
    ]


def _ended(ended: domain.Ended) -> ProposalEnd:
    return ProposalEnd(by=ended.by.account, at=ended.at, reason=ended.reason, revisions=list(ended.revisions))


def _number(after: str) -> int:
    place, number = parse_cursor(after, ("after",))
    if place != PLACE or not NUMBER.fullmatch(number):
        raise NotDone(Problem("cursor.invalid", {}, ("after",)))
    return int(number)
