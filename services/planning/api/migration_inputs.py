"""What the mutations take that move living plans to another version, or try one."""

from __future__ import annotations

import strawberry


@strawberry.input(description="A state of the one version, and the state of the other that takes its place.")
class StateMoveInput:
    """Where names alone do not tell."""

    from_: str = strawberry.field(name="from", description="A state of the version to move from.")
    to: str = strawberry.field(
        description="A state of the version to move to; of no later phase, for a migration takes no plan onward."
    )


@strawberry.input(description="Which living plans are to be moved to which version. For admins.")
class MigratePlansInput:
    """Checked as a whole before any plan is touched."""

    from_: strawberry.ID = strawberry.field(
        name="from", description="The `sha256` of the version that they live by."
    )
    to: strawberry.ID = strawberry.field(
        description="The `sha256` of an approved or published version of the same workflow."
    )
    period: strawberry.ID | None = strawberry.field(
        description="Only plans of this period; of all, if left out.", default=None
    )
    npsn: str | None = strawberry.field(
        description="Only plans of this school; of all, if left out.", default=None
    )
    states: list[StateMoveInput] = strawberry.field(
        description="Where a state has another name or another phase in the new version.",
        default_factory=list,
    )
    reason: str = strawberry.field(
        description="Why: it stands in the history of each plan, for owner and head to read, so it must name no "
        "person. Up to 500 characters."
    )


@strawberry.input(description="An act on a migration. For admins.")
class MigrationActInput:
    """The reason is required."""

    id: strawberry.ID = strawberry.field(description="The migration's id.")
    reason: str = strawberry.field(
        description="Why, for the other admins to read; that of an undoing stands in the history of each plan, so it "
        "must name no person. Up to 500 characters."
    )


@strawberry.input(description="A version to be tried on what really happened in a period. For admins.")
class TryWorkflowInput:
    """A draft will do."""

    sha256: strawberry.ID = strawberry.field(description="The version, a draft too.")
    period: strawberry.ID = strawberry.field(description="The period, such as `2024-1`.")
    states: list[StateMoveInput] = strawberry.field(
        description="Where a state of living plans has another name or another phase in the version.",
        default_factory=list,
    )
