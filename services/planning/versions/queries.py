"""Queries on workflow versions for admins: status, acts, and the number of plans that use a version."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.versions import store
from services.planning.versions.model import (
    PlanCount,
    VersionAct,
    VersionStatus,
    find_published,
    find_status,
)
from workflows.files.definition_models import KEBAB
from workflows.files.loader import load_definition
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError

DEFAULT_WORKFLOW = "perencanaan-kinerja"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a workflow with its acts. `body` is its canonical JSON."""

    sha256: str
    name: str
    status: VersionStatus
    acts: tuple[VersionAct, ...]
    body: str

    @property
    def parent(self) -> str | None:
        """The version that the last draft was made from."""
        return next((act.parent for act in reversed(self.acts) if act.parent), None)

    @property
    def number(self) -> int:
        """The place of the version among those of its workflow."""
        return self.acts[0].number

    def definition(self) -> Definition | None:
        """Load the definition. Returns None if this release cannot read it."""
        with suppress(DefinitionError):
            return _load_body(self.body)
        return None


@lru_cache(maxsize=128)
def _load_body(body: str) -> Definition:
    """Load a definition once, because it never changes and loading blocks the event loop for milliseconds."""
    return load_definition(body)


async def load_version(sha256: str | None, now: datetime, connection: Connection) -> Version | None:
    """Load a version, by default the published one. Takes two or three statements."""
    name = DEFAULT_WORKFLOW if sha256 is None else await store.load_name(sha256, connection)
    if name is None:
        return None
    acts = await store.list_acts(name, connection)
    sha256 = sha256 or find_published(acts)
    if sha256 is None or find_status(acts, sha256, now) is None:
        return None
    (version,) = await _load_versions(acts, [sha256], now, connection)
    return version


async def list_versions(
    name: str, first: int, before: int | None, now: datetime, connection: Connection
) -> tuple[list[Version], bool]:
    """List a page of the versions of a workflow, newest first, and whether more follow. Takes two statements."""
    check_page_size(first)
    if not KEBAB.fullmatch(name):
        return [], False
    acts = await store.list_acts(name, connection)
    first_numbers: dict[str, int] = {}
    for act in acts:
        first_numbers.setdefault(act.sha256, act.number)
    older = [
        sha256 for sha256, number in reversed(first_numbers.items()) if before is None or number < before
    ]
    return await _load_versions(acts, older[:first], now, connection), len(older) > first


async def _load_versions(
    acts: Sequence[VersionAct], sha256s: Sequence[str], now: datetime, connection: Connection
) -> list[Version]:
    bodies = await store.load_bodies(sha256s, connection) if sha256s else {}
    versions = []
    for sha256 in sha256s:
        status, own = find_status(acts, sha256, now), tuple(act for act in acts if act.sha256 == sha256)
        assert status is not None, "every version has an act"
        versions.append(Version(sha256, own[0].name, status, own, bodies[sha256]))
    return versions


async def count_plans_by_version(sha256s: list[str], connection: Connection) -> list[list[PlanCount]]:
    """Count the plans that use each of these versions, by period and state. Takes one statement."""
    counts = await store.count_plans(sha256s, connection)
    return [[count for count in counts if count.workflow == sha256] for sha256 in sha256s]
