"""What every act of an admin has in common: the right to it, and a reason that stays on record."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problems import Problem, Refused
from services.kit.text import faults_of
from services.planning.callers.model import By, Caller, Kind

LONGEST_REASON = 2_000


def admin_of(caller: Caller) -> By:
    """The caller as an admin; Refused `actor.not_admin` for everybody else."""
    if "admin" not in caller.scopes:
        raise Refused(Problem("actor.not_admin"))
    return By(Kind.ADMIN, caller.account, caller.ptk_id)


def reason_faults(reason: str) -> Iterator[Problem]:
    """What is wrong with a reason: none is given, or nobody can read it."""
    if not reason.strip():
        yield Problem("reason.missing", {}, ("reason",))
    yield from faults_of(reason, LONGEST_REASON, ("reason",))
