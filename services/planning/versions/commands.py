"""Commands on workflow versions: draft, approve, publish, retire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.change_request import Decision, State
from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import Attribution, ChangeKind
from services.planning.change_requests.model import AdminAct, ChangeRequest
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
from services.planning.versions.proof import SHA256, YAML, prove_definition
from workflows.model.canonical import hash_definition as sha256_of
from workflows.model.definition import Definition

KIND = "workflow_version"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The version that was acted on. `replayed`: it stood already, nothing was done."""

    sha256: str
    name: str
    replayed: bool = False


async def _find_nothing(_: ChangeRequest, __: datetime, ___: Connection) -> list[Problem]:
    """A draft is a whole definition, proved when it came and again before it is published: it is never stale."""
    return []


async def _name_version(
    request: ChangeRequest, _: AdminActor, __: datetime, ___: Connection
) -> Mapping[str, Any]:
    """Publishing is the act itself: the published version is the last one that an act published."""
    return {"sha256": request.after["sha256"]}


WORKFLOW_VERSION = ChangeKind(KIND, 1, _find_nothing, _find_nothing, _name_version)


async def draft(
    clock: Clock, by: AdminActor, raw: bytes, reason: str, parent: str | None = None
) -> CommandResult:
    """Keep a sound definition as a draft made from `parent` (default: the published version).

    Refused with everything that is wrong with it; then nothing is stored. What stands already stands.
    """
    definition = await prove_definition(raw, YAML, list(find_reason_problems(reason)))
    name, sha256, now = definition.name, sha256_of(definition), clock.now()

    async def work(connection: Connection) -> CommandResult:
        await change_requests_store.lock_subject(store.format_subject(name), connection)
        acts = await store.list_acts(name, connection)
        if parent is not None and find_status(acts, parent, now) is None:
            raise RequestRefused(Problem("workflow.parent_unknown", {"name": name}, ("parent",)))
        if find_status(acts, sha256, now) not in {None, *INACTIVE}:
            return CommandResult(sha256, name, replayed=True)
        await propose_version(definition, acts, (by, reason, now), connection, parent)
        return CommandResult(sha256, name)

    return await run_in_transaction(work)


async def propose_version(
    definition: Definition,
    acts: Sequence[VersionAct],
    proposal: tuple[AdminActor, str, datetime],
    connection: Connection,
    parent: str | None = None,
) -> None:
    """Store a definition and the request to have it approved, under the lock of its name."""
    await store.insert_version(definition, proposal[2], connection)
    published = find_published(acts)
    before, after = {"sha256": published}, {"sha256": sha256_of(definition), "parent": parent or published}
    subject = store.format_subject(definition.name)
    await commands.propose(WORKFLOW_VERSION, subject, before, after, proposal, connection)


async def decide(clock: Clock, by: AdminActor, sha256: str, decision: Decision, reason: str) -> CommandResult:
    """Approve or reject a draft, as a second person; Refused for the author, and for what is no draft."""
    wanted = VersionStatus.APPROVED if decision is Decision.APPROVE else VersionStatus.REJECTED

    async def work(version: _Version, request: ChangeRequest | None, connection: Connection) -> None:
        assert request is not None, "every draft is a change request"
        if decision is Decision.APPROVE:
            await commands.approve(request, WORKFLOW_VERSION, version.verdict, connection)
        else:
            await commands.stop(request, decision, version.verdict, connection)

    return await _act(_Version(sha256, wanted, Attribution(by, reason, clock.now(), PATH)), work)


# What periods lack for a definition; called with the connection of the transaction that publishes it.
CheckPeriods = Callable[[Definition, Connection], Awaitable[list[Problem]]]


async def publish(
    clock: Clock,
    by: AdminActor,
    sha256: str,
    reason: str,
    check_periods: CheckPeriods,
    connection: Connection,
) -> CommandResult:
    """Publish an approved version: new plans live by it from now on, in every process; others keep theirs.

    The version is proved again, because the linter may know more by now. Raises Refused with the findings, and with
    what `check_periods` finds: a period whose values do not suffice.
    """
    definition = await prove_definition(
        await _body(sha256, connection), SHA256, list(find_reason_problems(reason))
    )

    async def work(version: _Version, request: ChangeRequest | None, connection: Connection) -> None:
        if problems := await check_periods(definition, connection):
            raise RequestRefused(problems)
        if request is not None and request.state is State.APPROVED:
            await commands.execute(request, WORKFLOW_VERSION, version.verdict, connection)
        else:
            await _record(definition.name, version, connection)

    return await _act(
        _Version(sha256, VersionStatus.PUBLISHED, Attribution(by, reason, clock.now(), PATH)), work
    )


async def retire(clock: Clock, by: AdminActor, sha256: str, reason: str) -> CommandResult:
    """No plan starts by this version any more; Refused for the published one, which can only be replaced."""

    async def work(version: _Version, request: ChangeRequest | None, connection: Connection) -> None:
        if request is not None and request.state in {State.PROPOSED, State.APPROVED}:
            await commands.stop(request, Decision.WITHDRAW, version.verdict, connection)
        else:
            name = await store.load_name(sha256, connection)
            await _record(str(name), version, connection)

    return await _act(
        _Version(sha256, VersionStatus.RETIRED, Attribution(by, reason, clock.now(), PATH)), work
    )


@dataclass(frozen=True, slots=True)
class _Version:
    """A version, the status that somebody wants it to have, and who wants it and why."""

    sha256: str
    wanted: VersionStatus
    verdict: Attribution


Work = Callable[[_Version, ChangeRequest | None, Connection], Awaitable[None]]


async def _act(version: _Version, change: Work) -> CommandResult:
    """Run `change` on a version that may have the wanted status next, under the lock of its name."""
    sha256, verdict = version.sha256, version.verdict
    faults = list(find_reason_problems(verdict.reason))

    async def work(connection: Connection) -> CommandResult:
        name = await store.load_name(sha256, connection)
        if name is None:
            raise RequestRefused([Problem("workflow.unknown", {}, SHA256), *faults])
        await change_requests_store.lock_subject(store.format_subject(name), connection)
        acts = await store.list_acts(name, connection)
        if problems := [*find_problems(acts, sha256, version.wanted, verdict.at), *faults]:
            raise RequestRefused(problems)
        number = find_change_request(acts, sha256)
        request = await change_requests_store.load_change_request(number, connection) if number else None
        await change(version, request, connection)
        return CommandResult(sha256, name)

    return await run_in_transaction(work)


async def _record(name: str, version: _Version, connection: Connection) -> None:
    """Record an act that takes one person: a version is retired, or published again."""
    verdict = version.verdict
    act = AdminAct(
        store.format_subject(name),
        version.wanted,
        verdict.actor,
        verdict.reason,
        verdict.at,
        {"sha256": version.sha256},
    )
    await change_requests_store.insert_admin_acts([act], connection)


async def _body(sha256: str, connection: Connection) -> bytes:
    body = (await store.load_bodies([sha256], connection)).get(sha256)
    if body is None:
        raise RequestRefused(Problem("workflow.unknown", {}, SHA256))
    return body.encode()
