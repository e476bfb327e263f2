"""What every act of an admin has in common: the right to it, and a reason that stays on record."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems
from services.planning.callers.model import ActorKind, AdminActor, Caller

MAX_REASON_LENGTH = 2_000


def require_admin(caller: Caller) -> AdminActor:
    """The caller as an admin; RequestRefused `actor.not_admin` for everybody else."""
    if "admin" not in caller.scopes:
        raise RequestRefused(Problem("actor.not_admin"))
    return AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id)


def find_reason_problems(reason: str) -> Iterator[Problem]:
    """What is wrong with a reason: none is given, or nobody can read it."""
    if not reason.strip():
        yield Problem("reason.missing", {}, ("reason",))
    yield from find_text_problems(reason, MAX_REASON_LENGTH, ("reason",))
