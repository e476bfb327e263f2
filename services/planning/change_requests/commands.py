"""Commands on change requests: propose, decide, execute.

Each runs in the caller's transaction and under the lock of the subject (`load_locked`, `store.lock_subject`), so of two
decisions at once one finds the other. The feature that owns a kind checks its own subject beside.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.change_request import EXPIRES_AFTER, Decision, State
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import store
from services.planning.change_requests.model import AdminAct, ChangeRequest, find_problems

log = logging.getLogger(__name__)

Path = tuple[str, ...]
Check = Callable[[ChangeRequest, datetime, Connection], Awaitable[list[Problem]]]
Execute = Callable[[ChangeRequest, AdminActor, datetime, Connection], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """How requests of one kind are checked and executed. `version` is that of the form of `before` and `after`.

    `validate` finds what is wrong with the change itself, `find_staleness` what has changed since it was proposed.
    `execute` makes the change and returns what the record keeps of it; it raises RequestRefused if it cannot.
    """

    name: str
    version: int
    validate: Check
    find_staleness: Check
    execute: Execute


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who decides about a request, why and when. `path` is the path of problems with the request."""

    actor: AdminActor
    reason: str
    at: datetime
    path: Path = ("change_request",)


async def propose(
    kind: ChangeKind,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    proposal: tuple[AdminActor, str, datetime],
    connection: Connection,
) -> tuple[ChangeRequest, bool]:
    """Store a change for a second person to decide. Returns it, and whether the same person had proposed it before."""
    actor, reason, at = proposal
    for request in await store.list_open(kind.name, subject, at, connection):
        is_repeat = (request.before, request.after, request.reason) == (before, after, reason)
        if is_repeat and request.proposal.actor.is_same_person(actor):
            return request, True
    request = ChangeRequest(
        0, kind.name, kind.version, subject, before, after, reason, State.PROPOSED, at + EXPIRES_AFTER, ()
    )
    act = AdminAct(subject, State.PROPOSED, actor, reason, at)
    return await store.insert_change_request(request, act, connection), False


async def load_locked(
    id: int, kinds: Mapping[str, ChangeKind], path: Path, connection: Connection
) -> ChangeRequest:
    """Load a request under the lock of its subject. Raises Refused `change_request.unknown`, also for other kinds."""
    request = await store.load_change_request(id, connection)
    if request is not None and request.kind in kinds:
        await store.lock_subject(request.subject, connection)
        request = await store.load_change_request(id, connection)
    if request is None or request.kind not in kinds:
        raise RequestRefused(Problem("change_request.unknown", {}, path))
    return request


async def decide(
    request: ChangeRequest,
    kind: ChangeKind,
    decision: Decision,
    verdict: Attribution,
    connection: Connection,
) -> ChangeRequest:
    """Approve and execute a change in one act, or reject or withdraw it."""
    if decision is not Decision.APPROVE:
        return await stop(request, decision, verdict, connection)
    return await execute(await approve(request, kind, verdict, connection), kind, verdict, connection)


async def approve(
    request: ChangeRequest, kind: ChangeKind, verdict: Attribution, connection: Connection
) -> ChangeRequest:
    """Record the approval of a second person. The change is not made yet.

    Raises RequestRefused if the person may not approve, or if the change is stale or no longer valid.
    """
    problems = _find_problems(request, Decision.APPROVE, verdict)
    if not problems and request.kind_version != kind.version:
        problems = [Problem("change_request.other_release", {}, verdict.path)]
    problems = problems or await kind.find_staleness(request, verdict.at, connection)
    if problems := problems or await kind.validate(request, verdict.at, connection):
        raise RequestRefused(problems)
    return await _update(request, State.APPROVED, verdict, {}, connection)


async def execute(
    request: ChangeRequest, kind: ChangeKind, verdict: Attribution, connection: Connection
) -> ChangeRequest:
    """Make an approved change, once. If the kind refuses to, the request fails with the codes as its reason."""
    if request.state is not State.APPROVED:
        raise RequestRefused(Problem(f"change_request.{request.state_at(verdict.at)}", {}, verdict.path))
    await connection.execute_script("SAVEPOINT execution")
    try:
        detail = await kind.execute(request, verdict.actor, verdict.at, connection)
    except RequestRefused as refused:
        await connection.execute_script("ROLLBACK TO SAVEPOINT execution")
        log.warning("change request %d failed: %s", request.id, refused)
        return await _update(request, State.FAILED, verdict, {"problems": str(refused)}, connection)
    await connection.execute_script("RELEASE SAVEPOINT execution")
    return await _update(request, State.EXECUTED, verdict, detail, connection)


async def stop(
    request: ChangeRequest, decision: Decision, verdict: Attribution, connection: Connection
) -> ChangeRequest:
    """Reject a change, which takes a second person, or withdraw it, which its proposer or another admin may do."""
    if problems := _find_problems(request, decision, verdict):
        raise RequestRefused(problems)
    return await _update(request, decision.state, verdict, {}, connection)


def _find_problems(request: ChangeRequest, decision: Decision, verdict: Attribution) -> list[Problem]:
    return [
        *find_problems(request, decision, verdict.actor, verdict.at, verdict.path),
        *find_reason_problems(verdict.reason),
    ]


async def _update(
    request: ChangeRequest,
    state: State,
    verdict: Attribution,
    detail: Mapping[str, Any],
    connection: Connection,
) -> ChangeRequest:
    act = AdminAct(
        request.subject, state, verdict.actor, verdict.reason, verdict.at, detail, change_request=request.id
    )
    updated = await store.update_state(request, state, act, connection)
    if updated is None:
        raise RequestRefused(Problem("change_request.decided", {}, verdict.path))
    return updated
