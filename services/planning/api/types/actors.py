"""Who acted: persons in a plan, admins, operators, releases, and the system."""

from __future__ import annotations

from enum import Enum

import strawberry

from services.planning.api.context import Info
from services.planning.api.fields import field
from services.planning.callers.model import ActorKind, AdminActor, Caller


@strawberry.enum(
    description="The role in which somebody acted, at that time. Roles can be added: show an unknown one as it is."
)
class ActorRole(Enum):
    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    KEPALA_SEKOLAH = strawberry.enum_value("kepala_sekolah", description="The appointed head of its school.")
    PLT = strawberry.enum_value("plt", description="The acting head (pelaksana tugas) of its school.")
    DINAS = strawberry.enum_value(
        "dinas", description="The education office (dinas), for which an admin acted."
    )
    ADMIN = strawberry.enum_value("admin", description="An admin of the platform, through this API.")
    OPERATOR = strawberry.enum_value("operator", description="An operator, at the command line.")
    RELEASE = strawberry.enum_value("release", description="A release of this software, at its start.")
    INSTITUTION = strawberry.enum_value(
        "institution", description="An institution, as the author of a document."
    )
    SYSTEM = strawberry.enum_value("system", description="The system: an automatic transition.")


@strawberry.type(description="Who acted.")
class Actor:
    account_id: strawberry.Private[str | None] = None
    role: ActorRole = strawberry.field(description="The role in which they acted.")
    nama: str | None = strawberry.field(
        description="Name of the teacher, head, operator, release or institution. Null for admins and the system, and "
        "after erasure."
    )
    is_viewer: bool = strawberry.field(description="Whether it is you, with this account or another.")

    @field("The account id of an admin. Null for others, and if you are not an admin. For admins.")
    def account(self, info: Info) -> str | None:
        return self.account_id if info.context.is_admin else None

    @field(
        "The belajar.id address of an admin. Null for others, while identity is unavailable, and if you are not an "
        "admin. For admins."
    )
    async def address(self, info: Info) -> str | None:
        if self.account_id is None or not info.context.is_admin:
            return None
        return await info.context.services.identity.address(self.account_id)


def render_actor(actor: AdminActor, caller: Caller) -> Actor:
    """Render the actor of an admin act or a revision for a caller."""
    is_admin = actor.kind is ActorKind.ADMIN
    return Actor(
        account_id=actor.account if is_admin else None,
        role=ActorRole(actor.kind.value),
        nama=None if is_admin else actor.account,
        is_viewer=actor.is_same_person(AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id)),
    )
