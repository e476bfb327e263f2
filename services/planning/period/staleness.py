"""Which change requests are stale: their subject has changed since the proposal, so nobody can approve them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from services.kit.database import Connection
from services.kit.problems import Problem
from services.planning.change_requests.commands import FindStaleness
from services.planning.change_requests.model import ChangeRequest
from services.planning.period import store
from services.planning.period.model import ParameterDeclarations, PeriodSetup
from services.planning.period.queries import load_declarations
from services.planning.period.revision import (
    SUBJECT,
    Proposal,
    find_outdated_values,
    find_undeclared_values,
    find_values_at,
)
from services.planning.versions.store import WorkflowCache

CATALOG, PERIOD, REVISION = "catalog", "period", "period_revision"  # kinds of change requests
KINDS = (CATALOG, PERIOD, REVISION)


def staleness_finder(workflows: WorkflowCache) -> FindStaleness:
    """Return the function that finds what has changed since one request."""

    async def find(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        return (await find_staleness([request], workflows, now, connection))[request.id]

    return find


async def find_staleness(
    requests: Collection[ChangeRequest], workflows: WorkflowCache, now: datetime, connection: Connection
) -> Mapping[int, list[Problem]]:
    """Find for each request, by its id, what has changed since it was proposed.

    Takes one statement for all catalogues and one for all periods. Values that no published version declares take one
    more for each of their periods.
    """
    catalogs = _list_names(requests, CATALOG)
    newest = await store.find_newest_catalogs(catalogs, connection) if catalogs else {}
    codes = {*_list_names(requests, PERIOD), *_list_names(requests, REVISION)}
    setups = await store.load_periods(sorted(codes), workflows, connection) if codes else {}
    proposals = [Proposal.read(request) for request in requests if request.kind == REVISION]
    declarations: dict[str, ParameterDeclarations] = {}
    for code in {proposal.period for proposal in proposals} & setups.keys():
        names = {name for proposal in proposals if proposal.period == code for name in proposal.values}
        declarations[code] = await load_declarations(setups[code], names, workflows, now, connection)
    problems = {
        proposal.request.id: _find_revision_problems(proposal, setups, declarations, now)
        for proposal in proposals
    }
    for request in requests:
        if request.kind == CATALOG:
            problems[request.id] = _find_catalog_problems(request, newest)
        elif request.kind == PERIOD:
            problems[request.id] = _find_file_problems(request, setups)
    return problems


def _list_names(requests: Iterable[ChangeRequest], kind: str) -> Sequence[str]:
    """List the codes of the catalogues or periods that the requests of a kind change."""
    return [request.subject.partition(" ")[2] for request in requests if request.kind == kind]


def _find_catalog_problems(request: ChangeRequest, newest: Mapping[str, str]) -> list[Problem]:
    (code,) = _list_names([request], CATALOG)
    return [Problem("catalog.proposal_outdated")] if newest.get(code) != request.before["sha256"] else []


def _find_file_problems(request: ChangeRequest, setups: Mapping[str, PeriodSetup]) -> list[Problem]:
    setup = setups.get(request.subject.removeprefix(SUBJECT))
    revisions = len(setup.period.revisions) if setup else 0
    return [Problem("period.file_outdated")] if revisions != request.before["revisions"] else []


def _find_revision_problems(
    proposal: Proposal,
    setups: Mapping[str, PeriodSetup],
    declarations: Mapping[str, ParameterDeclarations],
    now: datetime,
) -> list[Problem]:
    if proposal.period not in setups:
        return [Problem("period.unknown", {"code": proposal.period})]
    declared = declarations[proposal.period]
    if problems := [*find_undeclared_values(proposal, declared)]:
        return problems
    values = find_values_at(declared.all, setups[proposal.period].period, proposal.effective_at(now))
    return [*find_outdated_values(proposal, declared.all, values)]
