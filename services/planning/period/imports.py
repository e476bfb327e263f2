"""Catalogues and periods from files: in use at once while there is no plan, afterwards by two persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import AdminAct, Attribution, ChangeRequest
from services.planning.period import catalog_file, period_file, store
from services.planning.period.commands import KIND as REVISION
from services.planning.period.commands import revision_kind
from services.planning.period.model import Period
from services.planning.period.period_file import PeriodFile
from services.planning.period.queries import load_file_declarations
from services.planning.period.revision import SUBJECT, list_revision_numbers
from services.planning.versions.store import WorkflowCache, format_subject
from workflows.files.loader import load_shipped

CATALOG, PERIOD = "catalog", "period"
YAML = ("yaml",)

File = TypeVar("File")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file: `request` waits for a second person; None where what it says is in use.

    `is_new`: it was not in use before.
    """

    name: str
    request: ChangeRequest | None
    is_new: bool


def reference_kinds(workflows: WorkflowCache) -> Mapping[str, ChangeKind]:
    """The kinds of change that are executed as soon as a second person approves."""
    return {CATALOG: _catalog_kind(), PERIOD: _period_kind(workflows), REVISION: revision_kind(workflows)}


async def import_catalog(raw: bytes, clock: Clock, by: AdminActor, reason: str = "Imported.") -> ImportResult:
    """Put a catalogue in use, or propose it if there are plans. Raises RequestRefused with every fault of the file."""
    catalog, now = catalog_file.load(raw), clock.now()
    sha256, kind = catalog_file.sha256_of(catalog), _catalog_kind()

    async def work(connection: Connection) -> ImportResult:
        subject = f"{CATALOG} {catalog.code}"
        await change_requests_store.lock_subject(subject, connection)
        newest = await store.find_newest_catalog(catalog.code, connection)
        if newest == sha256:
            return ImportResult(sha256, None, is_new=False)
        before, after = {"sha256": newest}, {"sha256": sha256, "yaml": raw.decode()}
        if await store.has_plans(connection):
            request, _ = await commands.propose(
                kind, subject, before, after, Attribution(by, reason, now), connection
            )
            return ImportResult(sha256, request, is_new=True)
        await store.insert_catalog(catalog, now, connection)
        await change_requests_store.insert_admin_acts(
            [AdminAct(subject, "imported", by, reason, now, {"sha256": sha256})], connection
        )
        return ImportResult(sha256, None, is_new=True)

    return await run_in_transaction(work)


async def import_period(raw: bytes, clock: Clock, by: AdminActor, reason: str = "Imported.") -> ImportResult:
    """Add a period or the revisions it lacks, or propose them if there are plans.

    Raises RequestRefused if the file would rewrite what is stored, or names what is not there.
    """
    file, now, workflows = period_file.read(raw), clock.now(), WorkflowCache()

    async def work(connection: Connection) -> ImportResult:
        await _lock_period(file.code, connection)
        period, stored = await _check_period(file, workflows, now, connection)
        if stored is not None and len(_new(period, stored)) == 0:
            return ImportResult(file.code, None, is_new=False)
        if await store.has_plans(connection):
            before, after = _period_change(raw, stored)
            request, _ = await commands.propose(
                _period_kind(workflows),
                f"{SUBJECT}{file.code}",
                before,
                after,
                Attribution(by, reason, now),
                connection,
            )
            return ImportResult(file.code, request, is_new=True)
        await store.insert_period(period, connection)
        detail = {"numbers": _new(period, stored)}
        act = AdminAct(f"{SUBJECT}{file.code}", "imported", by, reason, now, detail)
        await change_requests_store.insert_admin_acts([act], connection)
        return ImportResult(file.code, None, is_new=True)

    return await run_in_transaction(work)


async def propose_catalog(clock: Clock, by: AdminActor, yaml: str, reason: str) -> tuple[ChangeRequest, bool]:
    """Propose a catalogue for a second person to approve. Returns it, and whether it was proposed before."""
    faults, now = list(find_reason_problems(reason)), clock.now()
    catalog = _read(lambda: catalog_file.load(yaml.encode()), faults)
    sha256 = catalog_file.sha256_of(catalog)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        subject = f"{CATALOG} {catalog.code}"
        await change_requests_store.lock_subject(subject, connection)
        newest = await store.find_newest_catalog(catalog.code, connection)
        if newest == sha256:
            raise RequestRefused(Problem("catalog.in_use", {}, YAML))
        before, after = {"sha256": newest}, {"sha256": sha256, "yaml": yaml}
        return await commands.propose(
            _catalog_kind(), subject, before, after, Attribution(by, reason, now), connection
        )

    return await run_in_transaction(work)


async def propose_period(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, yaml: str, reason: str
) -> tuple[ChangeRequest, bool]:
    """Propose a period, or revisions that it lacks. Returns the request, and whether it was proposed before."""
    faults, now = list(find_reason_problems(reason)), clock.now()
    file = _read(lambda: period_file.read(yaml.encode()), faults)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        await _lock_period(file.code, connection)
        try:
            period, stored = await _check_period(file, workflows, now, connection)
        except RequestRefused as refused:
            raise RequestRefused(replace(problem, path=YAML) for problem in refused.problems) from None
        if stored is not None and not _new(period, stored):
            raise RequestRefused(Problem("period.in_use", {}, YAML))
        before, after = _period_change(yaml.encode(), stored)
        kind, subject = _period_kind(workflows), f"{SUBJECT}{file.code}"
        return await commands.propose(kind, subject, before, after, Attribution(by, reason, now), connection)

    return await run_in_transaction(work)


async def decide(
    clock: Clock,
    workflows: WorkflowCache,
    by: AdminActor,
    decision: Decision,
    id: int,
    reason: str,
    path: tuple[str, ...],
) -> tuple[ChangeRequest, bool]:
    """Approve, reject or withdraw a catalogue, a period or a revision. What is approved is in use at once.

    Returns the request, and whether the same person had decided the same before.
    """
    kinds = reference_kinds(workflows)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        # Before the lock of a period, in the order in which a version is published.
        await change_requests_store.lock_subject(format_subject(load_shipped().name), connection)
        request = await commands.load_locked(id, kinds, path, connection)
        attribution = Attribution(by, reason, clock.now(), path)
        return await commands.decide(request, kinds[request.kind], decision, attribution, connection)

    return await run_in_transaction(work)


def _catalog_kind() -> ChangeKind:
    async def validate(request: ChangeRequest, _: datetime, __: Connection) -> list[Problem]:
        return _problems(lambda: catalog_file.load(request.after["yaml"].encode()))

    async def find_staleness(request: ChangeRequest, _: datetime, connection: Connection) -> list[Problem]:
        newest = await store.find_newest_catalog(request.subject.removeprefix(f"{CATALOG} "), connection)
        return [Problem("catalog.proposal_outdated")] if newest != request.before["sha256"] else []

    async def execute(
        request: ChangeRequest, _: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        catalog = catalog_file.load(request.after["yaml"].encode())
        sha256, _new = await store.insert_catalog(catalog, now, connection)
        return {"sha256": sha256}

    return ChangeKind(CATALOG, 1, validate, find_staleness, execute)


def _period_kind(workflows: WorkflowCache) -> ChangeKind:
    def read(request: ChangeRequest) -> PeriodFile:
        return period_file.read(request.after["yaml"].encode())

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        try:
            await _check_period(read(request), workflows, now, connection)
        except RequestRefused as refused:
            return list(refused.problems)
        return []

    async def find_staleness(request: ChangeRequest, _: datetime, connection: Connection) -> list[Problem]:
        used = await store.load_period(request.subject.removeprefix(SUBJECT), workflows, connection)
        revisions = len(used.period.revisions) if used else 0
        return [Problem("period.file_outdated")] if revisions != request.before["revisions"] else []

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        period, stored = await _check_period(read(request), workflows, now, connection)
        numbers = _new(period, stored)
        # Who drew it up and who approved it is who did, whatever the file says.
        author = request.proposal.actor.account
        revisions = tuple(
            replace(one, author=author, approver=approver.account) if one.number in numbers else one
            for one in period.revisions
        )
        await store.insert_period(replace(period, revisions=revisions), connection)
        return {"revisions": numbers}

    return ChangeKind(PERIOD, 1, validate, find_staleness, execute)


async def _lock_period(code: str, connection: Connection) -> None:
    # No version is published in between. This order is that of publishing.
    await change_requests_store.lock_subject(format_subject(load_shipped().name), connection)
    await change_requests_store.lock_subject(f"{SUBJECT}{code}", connection)


async def _check_period(
    file: PeriodFile, workflows: WorkflowCache, now: datetime, connection: Connection
) -> tuple[Period, Period | None]:
    """Return the period of a file, and what is stored of it. Raises RequestRefused with everything that is wrong."""
    workflow = load_shipped().name
    if file.workflow != workflow:
        raise RequestRefused(Problem("period.workflow_unknown", {"workflow": file.workflow}, ("workflow",)))
    setup = await store.load_period(file.code, workflows, connection)
    stored = setup.period if setup else None
    names = {name for row in file.revisions for name in row.values}
    declared = await load_file_declarations(workflow, names, workflows, now, connection)
    period = period_file.build_period(file, declared, stored)
    if await store.find_newest_catalog(period.catalog, connection) is None:
        raise RequestRefused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
    made_here = set(
        list_revision_numbers(
            await change_requests_store.list_admin_acts(f"{SUBJECT}{period.code}", connection)
        )
    )
    problems = period_file.find_rewrites(stored, period, made_here) if stored else ()
    if stored and await store.has_plans(connection):
        problems += period_file.find_backdated(stored, period, now)
    if problems:
        raise RequestRefused(problems)
    return period, stored


def _new(period: Period, stored: Period | None) -> list[int]:
    """The numbers of the revisions that a file adds."""
    known = {revision.number for revision in stored.revisions} if stored else set()
    return [revision.number for revision in period.revisions if revision.number not in known]


def _period_change(raw: bytes, stored: Period | None) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"revisions": len(stored.revisions) if stored else 0}, {"yaml": raw.decode()}


def _read(read: Callable[[], File], faults: list[Problem]) -> File:
    """Read a file that came with a reason. Raises RequestRefused with what is wrong with both."""
    try:
        file = read()
    except RequestRefused as refused:
        raise RequestRefused(
            [*faults, *(replace(problem, path=YAML) for problem in refused.problems)]
        ) from None
    if faults:
        raise RequestRefused(faults)
    return file


def _problems(read: Callable[[], object]) -> list[Problem]:
    try:
        read()
    except RequestRefused as refused:
        return list(refused.problems)
    return []
