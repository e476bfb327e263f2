"""Catalogues and periods from files: in use at once before there are plans, proposed to a second person afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import Attribution, ChangeRequest
from services.planning.period import catalog_file, period_file, store
from services.planning.period.catalog import Catalog
from services.planning.period.commands import revision_kind
from services.planning.period.model import Period
from services.planning.period.period_file import PeriodFile
from services.planning.period.queries import load_file_declarations
from services.planning.period.revision import SUBJECT, list_revision_numbers
from services.planning.period.staleness import CATALOG, PERIOD, REVISION, staleness_finder
from services.planning.versions.store import WorkflowCache, format_subject
from workflows.files.loader import load_shipped

YAML = ("yaml",)

File = TypeVar("File")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `request` is the change request, or None if the content of the file is in use.

    `is_new` is False if it was in use before.
    """

    name: str
    request: ChangeRequest | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change that a file makes. `insert` makes it at once and returns the detail of the admin act."""

    kind: ChangeKind
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    insert: Callable[[Connection], Awaitable[Mapping[str, Any]]]


FindChange = Callable[[Connection], Awaitable[FileChange | None]]


def reference_kinds(workflows: WorkflowCache) -> Mapping[str, ChangeKind]:
    """Return the kinds of change that are executed as soon as a second person approves them."""
    return {
        CATALOG: _catalog_kind(workflows),
        PERIOD: _period_kind(workflows),
        REVISION: revision_kind(workflows),
    }


async def import_catalog(raw: bytes, clock: Clock, by: AdminActor, reason: str = "Imported.") -> ImportResult:
    """Use a catalogue, or propose it if there are plans. Raises RequestRefused with everything wrong with the file."""
    catalog, now = catalog_file.load(raw), clock.now()
    find_change = partial(_find_catalog_change, catalog, raw.decode(), now)
    return await _import(catalog_file.sha256_of(catalog), find_change, Attribution(by, reason, now))


async def import_period(raw: bytes, clock: Clock, by: AdminActor, reason: str = "Imported.") -> ImportResult:
    """Add a period or the revisions that it lacks, or propose them if there are plans.

    Raises RequestRefused if the file changes what is stored, or names a catalogue or workflow that is not stored.
    """
    file, now = period_file.read(raw), clock.now()
    find_change = partial(_find_period_change, file, raw.decode(), WorkflowCache(), now)
    return await _import(file.code, find_change, Attribution(by, reason, now))


async def _import(name: str, find_change: FindChange, attribution: Attribution) -> ImportResult:
    async def work(connection: Connection) -> ImportResult:
        change = await find_change(connection)
        if change is None:
            return ImportResult(name, None, is_new=False)
        if await store.has_plans(connection):
            request, _ = await _propose(change, attribution, connection)
            return ImportResult(name, request, is_new=True)
        act = attribution.build_act(change.subject, "imported", await change.insert(connection))
        await change_requests_store.insert_admin_acts([act], connection)
        return ImportResult(name, None, is_new=True)

    return await run_in_transaction(work)


async def propose_catalog(clock: Clock, by: AdminActor, yaml: str, reason: str) -> tuple[ChangeRequest, bool]:
    """Propose a catalogue to a second person. Returns the request, and whether it was proposed before."""
    now = clock.now()
    catalog = _read(partial(catalog_file.load, yaml.encode()), reason)
    find_change = partial(_find_catalog_change, catalog, yaml, now)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        change = await find_change(connection)
        if change is None:
            raise RequestRefused(Problem("catalog.in_use", {}, YAML))
        return await _propose(change, Attribution(by, reason, now), connection)

    return await run_in_transaction(work)


async def propose_period(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, yaml: str, reason: str
) -> tuple[ChangeRequest, bool]:
    """Propose a period or revisions that it lacks. Returns the request, and whether it was proposed before."""
    now = clock.now()
    file = _read(partial(period_file.read, yaml.encode()), reason)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        try:
            change = await _find_period_change(file, yaml, workflows, now, connection)
        except RequestRefused as refusal:
            raise RequestRefused(replace(problem, path=YAML) for problem in refusal.problems) from None
        if change is None:
            raise RequestRefused(Problem("period.in_use", {}, YAML))
        return await _propose(change, Attribution(by, reason, now), connection)

    return await run_in_transaction(work)


async def decide(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, decision: Decision, id: int, reason: str
) -> tuple[ChangeRequest, bool]:
    """Approve, reject or withdraw a catalogue, a period or a revision. An approved change is in use at once.

    Returns the request, and whether the same person had made the same decision before.
    """
    kinds = reference_kinds(workflows)

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        await _lock_workflow(connection)
        attribution = Attribution(by, reason, clock.now())
        request = await commands.load_locked(id, kinds, attribution.path, connection)
        return await commands.decide(request, kinds[request.kind], decision, attribution, connection)

    return await run_in_transaction(work)


async def _propose(
    change: FileChange, attribution: Attribution, connection: Connection
) -> tuple[ChangeRequest, bool]:
    return await commands.propose(
        change.kind, change.subject, change.before, change.after, attribution, connection
    )


async def _find_catalog_change(
    catalog: Catalog, yaml: str, now: datetime, connection: Connection
) -> FileChange | None:
    """Find the change of a catalogue under its lock. Returns None if the catalogue is in use."""
    subject, sha256 = f"{CATALOG} {catalog.code}", catalog_file.sha256_of(catalog)
    await change_requests_store.lock_subject(subject, connection)
    newest = await store.find_newest_catalog(catalog.code, connection)
    if newest == sha256:
        return None

    async def insert(connection: Connection) -> Mapping[str, Any]:
        await store.insert_catalog(catalog, now, connection)
        return {"sha256": sha256}

    before, after = {"sha256": newest}, {"sha256": sha256, "yaml": yaml}
    return FileChange(_catalog_kind(WorkflowCache()), subject, before, after, insert)


def _catalog_kind(workflows: WorkflowCache) -> ChangeKind:
    async def validate(request: ChangeRequest, _: datetime, __: Connection) -> None:
        catalog_file.load(request.after["yaml"].encode())

    async def execute(
        request: ChangeRequest, _: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        await store.insert_catalog(catalog_file.load(request.after["yaml"].encode()), now, connection)
        return {"sha256": request.after["sha256"]}

    return ChangeKind(CATALOG, 1, execute, validate, staleness_finder(workflows))


async def _find_period_change(
    file: PeriodFile, yaml: str, workflows: WorkflowCache, now: datetime, connection: Connection
) -> FileChange | None:
    """Find the change of a period under its lock. Returns None if all revisions of the file are stored."""
    subject = f"{SUBJECT}{file.code}"
    await _lock_workflow(connection)
    await change_requests_store.lock_subject(subject, connection)
    period, stored_period = await _check_period(file, workflows, now, connection)
    numbers = _list_new_numbers(period, stored_period)
    if stored_period is not None and not numbers:
        return None

    async def insert(connection: Connection) -> Mapping[str, Any]:
        await store.insert_period(period, connection)
        return {"numbers": numbers}

    before, after = {"revisions": len(stored_period.revisions) if stored_period else 0}, {"yaml": yaml}
    return FileChange(_period_kind(workflows), subject, before, after, insert)


def _period_kind(workflows: WorkflowCache) -> ChangeKind:
    def read(request: ChangeRequest) -> PeriodFile:
        return period_file.read(request.after["yaml"].encode())

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> None:
        await _check_period(read(request), workflows, now, connection)

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        period, stored_period = await _check_period(read(request), workflows, now, connection)
        numbers = _list_new_numbers(period, stored_period)
        # The author and the approver are the persons of the change request, not those in the file.
        author = request.proposal.actor
        revisions = tuple(
            replace(one, author=author, approver=approver) if one.number in numbers else one
            for one in period.revisions
        )
        await store.insert_period(replace(period, revisions=revisions), connection)
        return {"revisions": numbers}

    return ChangeKind(PERIOD, 1, execute, validate, staleness_finder(workflows))


async def _lock_workflow(connection: Connection) -> None:
    """Let nobody publish a version until the transaction ends. Publishing takes this lock before that of a period."""
    await change_requests_store.lock_subject(format_subject(load_shipped().name), connection)


async def _check_period(
    file: PeriodFile, workflows: WorkflowCache, now: datetime, connection: Connection
) -> tuple[Period, Period | None]:
    """Return the period of a file and the stored one. Raises RequestRefused with everything that is wrong."""
    workflow = load_shipped().name
    if file.workflow != workflow:
        raise RequestRefused(Problem("period.workflow_unknown", {"workflow": file.workflow}, ("workflow",)))
    setup = await store.load_period(file.code, workflows, connection)
    stored_period = setup.period if setup else None
    names = {name for revision in file.revisions for name in revision.values}
    declarations = await load_file_declarations(workflow, names, workflows, now, connection)
    period = period_file.build_period(file, declarations, stored_period)
    if overlaps := await store.list_overlapping_codes(period, connection):
        raise RequestRefused(Problem("period.overlaps", {"other": code}, ("code",)) for code in overlaps)
    if await store.find_newest_catalog(period.catalog, connection) is None:
        raise RequestRefused(Problem("period.catalog_unknown", {"catalog": period.catalog}, ("catalog",)))
    acts = await change_requests_store.list_admin_acts(f"{SUBJECT}{period.code}", connection)
    problems = (
        period_file.find_rewrites(stored_period, period, set(list_revision_numbers(acts)))
        if stored_period
        else ()
    )
    if stored_period and await store.has_plans(connection):
        problems += period_file.find_backdated(stored_period, period, now)
    if problems:
        raise RequestRefused(problems)
    return period, stored_period


def _list_new_numbers(period: Period, stored_period: Period | None) -> list[int]:
    stored_numbers = {revision.number for revision in stored_period.revisions} if stored_period else set()
    return [revision.number for revision in period.revisions if revision.number not in stored_numbers]


def _read(read: Callable[[], File], reason: str) -> File:
    """Read a file that came with a reason. Raises RequestRefused with what is wrong with both."""
    problems = list(find_reason_problems(reason))
    try:
        file = read()
    except RequestRefused as refusal:
        problems += [replace(problem, path=YAML) for problem in refusal.problems]
        raise RequestRefused(problems) from None
    if problems:
        raise RequestRefused(problems)
    return file
