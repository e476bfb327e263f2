"""Commands on workflow versions: propose, approve, publish, retire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.kit.change_request import Decision, State
from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import Attribution, ChangeRequest
from services.planning.versions import store
from services.planning.versions.model import (
    INACTIVE,
    PATH,
    VersionAct,
    VersionStatus,
    find_change_request,
    find_problems,
    find_published,
    find_status,
)
from services.planning.versions.proof import prove_definition
from workflows.model.canonical import hash_definition
from workflows.model.definition import Definition

# Finds what periods lack for a definition, within the transaction that publishes it.
CheckPeriods = Callable[[Definition, Connection], Awaitable[list[Problem]]]
# Changes a version: gets the name of its workflow and the change request of its proposal, if it has one.
Change = Callable[[str, ChangeRequest | None, Connection], Awaitable[None]]


async def _return_sha256(
    request: ChangeRequest, _: AdminActor, __: datetime, ___: Connection
) -> Mapping[str, Any]:
    """Publish a version: the published version is the one that the last such act names."""
    return {"sha256": request.after["sha256"]}


# A proposal is a whole definition, which is proved before it is stored and again when it is published. It is never
# stale.
WORKFLOW_VERSION = ChangeKind("workflow_version", 1, _return_sha256)


async def propose(
    clock: Clock, by: AdminActor, raw: bytes, reason: str, based_on: str | None = None
) -> tuple[str, bool]:
    """Store a definition as a proposal that is based on a version, by default the published version.

    Returns its SHA-256, and whether the version was active before. Then nothing is done. Raises RequestRefused with
    everything that is wrong.
    """
    definition = await prove_definition(raw, ("yaml",), list(find_reason_problems(reason)))
    name, sha256, now = definition.name, hash_definition(definition), clock.now()

    async def work(connection: Connection) -> tuple[str, bool]:
        await change_requests_store.lock_subject(store.format_subject(name), connection)
        acts = await store.list_acts(name, connection)
        if based_on is not None and find_status(acts, based_on, now) is None:
            raise RequestRefused(Problem("workflow.based_on_unknown", {"name": name}, ("based_on_id",)))
        if find_status(acts, sha256, now) not in {None, *INACTIVE}:
            return sha256, True
        await propose_version(definition, acts, Attribution(by, reason, now), connection, based_on)
        return sha256, False

    return await run_in_transaction(work)


async def propose_version(
    definition: Definition,
    acts: Sequence[VersionAct],
    attribution: Attribution,
    connection: Connection,
    based_on: str | None = None,
) -> None:
    """Store a definition and the request to approve it, under the lock of its name."""
    await store.insert_version(definition, attribution.at, connection)
    published = find_published(acts)
    before, after = (
        {"sha256": published},
        {"sha256": hash_definition(definition), "based_on": based_on or published},
    )
    subject = store.format_subject(definition.name)
    await commands.propose(WORKFLOW_VERSION, subject, before, after, attribution, connection)


async def decide(clock: Clock, by: AdminActor, sha256: str, decision: Decision, reason: str) -> None:
    """Approve or reject a proposal. Raises RequestRefused for its author and for a version that is not proposed."""
    status = VersionStatus.APPROVED if decision is Decision.APPROVE else VersionStatus.REJECTED
    attribution = Attribution(by, reason, clock.now(), PATH)

    async def change(_: str, request: ChangeRequest | None, connection: Connection) -> None:
        assert request is not None, "every proposal has a change request"
        if decision is Decision.APPROVE:
            await commands.approve(request, WORKFLOW_VERSION, attribution, connection)
        else:
            await commands.stop(request, decision, attribution, connection)

    await _change_status(sha256, status, attribution, change)


async def publish(
    clock: Clock,
    by: AdminActor,
    sha256: str,
    reason: str,
    check_periods: CheckPeriods,
    connection: Connection,
) -> None:
    """Publish an approved version. New plans use it from now on, and existing plans keep their version.

    The version is proved again, because the linter may have learned new rules. Raises RequestRefused with its findings,
    and with those of `check_periods`: a value that a period lacks.
    """
    body = (await store.load_bodies([sha256], connection)).get(sha256)
    if body is None:
        raise RequestRefused(Problem("workflow.unknown", {}, PATH))
    definition = await prove_definition(body.encode(), PATH, list(find_reason_problems(reason)))
    status, attribution = VersionStatus.PUBLISHED, Attribution(by, reason, clock.now(), PATH)

    async def change(name: str, request: ChangeRequest | None, connection: Connection) -> None:
        if problems := await check_periods(definition, connection):
            raise RequestRefused(problems)
        if request is not None and request.state is State.APPROVED:
            await commands.execute(request, WORKFLOW_VERSION, attribution, connection)
        else:
            await _insert_act(name, sha256, status, attribution, connection)

    await _change_status(sha256, status, attribution, change)


async def retire(clock: Clock, by: AdminActor, sha256: str, reason: str) -> None:
    """Retire a version, so that it cannot be published. Raises RequestRefused for the published version."""
    status, attribution = VersionStatus.RETIRED, Attribution(by, reason, clock.now(), PATH)

    async def change(name: str, request: ChangeRequest | None, connection: Connection) -> None:
        if request is not None and request.state in {State.PROPOSED, State.APPROVED}:
            await commands.stop(request, Decision.WITHDRAW, attribution, connection)
        else:
            await _insert_act(name, sha256, status, attribution, connection)

    await _change_status(sha256, status, attribution, change)


async def _change_status(
    sha256: str, status: VersionStatus, attribution: Attribution, change: Change
) -> None:
    """Run `change` on a version that may get this status now, under the lock of its name."""
    reason_problems = list(find_reason_problems(attribution.reason))

    async def work(connection: Connection) -> None:
        name = await store.load_name(sha256, connection)
        if name is None:
            raise RequestRefused([Problem("workflow.unknown", {}, PATH), *reason_problems])
        await change_requests_store.lock_subject(store.format_subject(name), connection)
        acts = await store.list_acts(name, connection)
        if problems := [*find_problems(acts, sha256, status, attribution.at), *reason_problems]:
            raise RequestRefused(problems)
        id = find_change_request(acts, sha256)
        request = await change_requests_store.load_change_request(id, connection) if id else None
        await change(name, request, connection)

    await run_in_transaction(work)


async def _insert_act(
    name: str, sha256: str, status: VersionStatus, attribution: Attribution, connection: Connection
) -> None:
    """Record an act that takes one person: to retire a version, or to publish it again."""
    act = attribution.build_act(store.format_subject(name), status, {"sha256": sha256})
    await change_requests_store.insert_admin_acts([act], connection)
