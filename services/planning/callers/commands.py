"""What every act of an admin has in common: the right to it, and a reason that stays on record."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problems import Problem, Refused
from services.kit.text import faults_of
from services.planning.callers.model import ActorKind, AdminActor, Caller

MAX_REASON_LENGTH = 2_000


def require_admin(caller: Caller) -> AdminActor:
    """The caller as an admin; Refused `actor.not_admin` for everybody else."""
    if "admin" not in caller.scopes:
        raise Refused(Problem("actor.not_admin"))
    return AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id)


def find_reason_problems(reason: str) -> Iterator[Problem]:
    """What is wrong with a reason: none is given, or nobody can read it."""
    if not reason.strip():
        yield Problem("reason.missing", {}, ("reason",))
    yield from faults_of(reason, MAX_REASON_LENGTH, ("reason",))
