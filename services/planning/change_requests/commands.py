"""Commands on change requests: propose, decide, execute.

Each command runs in the caller's transaction under the lock of the subject, so that of two concurrent decisions the
second sees the first. A feature that owns a kind of change gives its own checks as a `ChangeKind`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.kit.change_request import EXPIRES_AFTER, Decision, State
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor
from services.planning.change_requests import store
from services.planning.change_requests.model import (
    Attribution,
    ChangeRequest,
    find_problems,
    is_repeat,
)

log = logging.getLogger(__name__)

Validate = Callable[[ChangeRequest, datetime, Connection], Awaitable[None]]
FindStaleness = Callable[[ChangeRequest, datetime, Connection], Awaitable[list[Problem]]]
Execute = Callable[[ChangeRequest, AdminActor, datetime, Connection], Awaitable[Mapping[str, Any]]]


async def _accept(request: ChangeRequest, now: datetime, connection: Connection) -> None:
    pass


async def _find_nothing(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
    return []


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """The checks and the execution of one kind of change. `version` is the version of the JSON in its requests.

    `execute` makes the change and returns the detail of the admin act. `validate` checks the change itself. Both raise
    RequestRefused. `find_staleness` finds what has changed since the proposal.
    """

    name: str
    version: int
    execute: Execute
    validate: Validate = _accept
    find_staleness: FindStaleness = _find_nothing


async def propose(
    kind: ChangeKind,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    attribution: Attribution,
    connection: Connection,
) -> tuple[ChangeRequest, bool]:
    """Store a change for a second person to decide.

    Returns the request, and whether the same person had proposed the same before. Then nothing is stored.
    """
    reason, at = attribution.reason, attribution.at
    for request in await store.list_open(kind.name, subject, at, connection):
        is_same = (request.before, request.after, request.reason) == (before, after, reason)
        if is_same and request.proposal.actor.is_same_person(attribution.actor):
            return request, True
    request = ChangeRequest(
        0, kind.name, kind.version, subject, before, after, reason, State.PROPOSED, at + EXPIRES_AFTER, ()
    )
    act = attribution.build_act(subject, State.PROPOSED, {})
    return await store.insert_change_request(request, act, connection), False


async def load_locked(
    id: int, kinds: Mapping[str, ChangeKind], path: tuple[str, ...], connection: Connection
) -> ChangeRequest:
    """Load a request of one of these kinds under the lock of its subject.

    Raises RequestRefused `change_request.unknown` for another kind and for an unknown id.
    """
    request = await store.load_change_request(id, connection)
    if request is None or request.kind not in kinds:
        raise RequestRefused(Problem("change_request.unknown", {}, path))
    await store.lock_subject(request.subject, connection)
    return await store.load_change_request(id, connection) or request


async def decide(
    request: ChangeRequest,
    kind: ChangeKind,
    decision: Decision,
    attribution: Attribution,
    connection: Connection,
) -> tuple[ChangeRequest, bool]:
    """Approve and execute a change, or reject or withdraw it.

    Returns the request, and whether the same person had made the same decision before. Then nothing is done.
    """
    if is_repeat(request, decision, attribution.actor):
        return request, True
    if decision is not Decision.APPROVE:
        return await stop(request, decision, attribution, connection), False
    request = await approve(request, kind, attribution, connection)
    return await execute(request, kind, attribution, connection), False


async def approve(
    request: ChangeRequest, kind: ChangeKind, attribution: Attribution, connection: Connection
) -> ChangeRequest:
    """Record the approval of a second person. The change is not made yet.

    Raises RequestRefused if the person may not approve, or if the change is stale or no longer valid.
    """
    problems = [*find_problems(request, Decision.APPROVE, attribution)]
    if not problems and request.kind_version != kind.version:
        problems = [Problem("change_request.other_release", {}, attribution.path)]
    if problems := problems or await kind.find_staleness(request, attribution.at, connection):
        raise RequestRefused(replace(problem, path=attribution.path) for problem in problems)
    try:
        await kind.validate(request, attribution.at, connection)
    except RequestRefused as refusal:
        # the kind names places of the change, which are not in this request
        raise RequestRefused(
            replace(problem, path=attribution.path) for problem in refusal.problems
        ) from None
    return await _update(request, State.APPROVED, attribution, {}, connection)


async def execute(
    request: ChangeRequest, kind: ChangeKind, attribution: Attribution, connection: Connection
) -> ChangeRequest:
    """Make an approved change, once. If the kind refuses, the request fails with the problem codes as its detail."""
    if request.state is not State.APPROVED:
        raise RequestRefused(
            Problem(f"change_request.{request.state_at(attribution.at)}", {}, attribution.path)
        )
    await connection.execute_script("SAVEPOINT execution")
    try:
        detail = await kind.execute(request, attribution.actor, attribution.at, connection)
    except RequestRefused as refusal:
        await connection.execute_script("ROLLBACK TO SAVEPOINT execution")
        log.warning("change request %d failed: %s", request.id, refusal)
        return await _update(request, State.FAILED, attribution, {"problems": str(refusal)}, connection)
    await connection.execute_script("RELEASE SAVEPOINT execution")
    return await _update(request, State.EXECUTED, attribution, detail, connection)


async def stop(
    request: ChangeRequest, decision: Decision, attribution: Attribution, connection: Connection
) -> ChangeRequest:
    """Reject a change, which takes a second person, or withdraw it, which takes any admin."""
    if problems := [*find_problems(request, decision, attribution)]:
        raise RequestRefused(problems)
    return await _update(request, decision.state, attribution, {}, connection)


async def _update(
    request: ChangeRequest,
    state: State,
    attribution: Attribution,
    detail: Mapping[str, Any],
    connection: Connection,
) -> ChangeRequest:
    act = attribution.build_act(request.subject, state, detail, request.id)
    updated = await store.update_state(request, state, act, connection)
    if updated is None:
        raise RequestRefused(Problem("change_request.decided", {}, attribution.path))
    return updated
