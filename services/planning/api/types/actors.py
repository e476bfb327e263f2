"""Who acted: accounts of admins, operators and releases."""

from __future__ import annotations

from enum import Enum
from uuid import UUID

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.callers.model import ActorKind, AdminActor, Caller


def describe_address(subject: str) -> str:
    """Return the SDL description of the address of a person."""
    return (
        f"The belajar.id address of {subject}. Null for operators and releases, while identity is unavailable, and if "
        "you are not an admin."
    )


@strawberry.enum(description="The kind of an actor.")
class WorkflowActorKind(Enum):
    ADMIN = strawberry.enum_value("admin", description="An admin, through this API.")
    OPERATOR = strawberry.enum_value("operator", description="An operator, at the command line.")
    RELEASE = strawberry.enum_value("release", description="A release of this software, at its start.")


@strawberry.type(description="An admin, an operator or a release that acted.")
class WorkflowActor:
    kind: WorkflowActorKind = strawberry.field(description="The kind of the actor.")
    account: str = strawberry.field(
        description="The account id of an admin, the user name of an operator, or name and version of a release."
    )
    is_viewer: bool = strawberry.field(description="Whether it is you, with this account or another.")

    @field(describe_address("the actor"))
    async def address(self, info: Info) -> str | None:
        return await find_address(self.account, info.context)


async def find_address(account: str, context: Context) -> str | None:
    """Return the address of an account id; None for any other text, and if the caller is not an admin."""
    if "admin" not in context.require_caller().scopes or not _is_uuid(account):
        return None
    return await context.services.identity.address(account)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def render_actor(actor: AdminActor, caller: Caller) -> WorkflowActor:
    """Render an actor for a caller."""
    kind = WorkflowActorKind(actor.kind.value)
    return WorkflowActor(kind=kind, account=actor.account, is_viewer=is_viewer(actor, caller))


def is_viewer(actor: AdminActor, caller: Caller) -> bool:
    """Whether the caller is the person who acted, with the same account or another."""
    return actor.is_same_person(AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id))
