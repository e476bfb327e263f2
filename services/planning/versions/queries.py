"""Queries on workflow versions for admins: status, acts, and the number of plans that use a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    def based_on(self) -> str | None:
        """The version that the last proposal was made from."""
        return next((act.based_on for act in reversed(self.acts) if act.based_on), None)

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
    """Load a version, by default the published one. Takes two statements."""
    if sha256 is not None:
        return (await load_versions([sha256], now, connection)).get(sha256)
    acts = await store.list_acts(DEFAULT_WORKFLOW, connection)
    published = find_published(acts)
    if published is None:
        return None
    (version,) = _build_versions(acts, await store.load_bodies([published], connection), [published], now)
    return version


async def load_versions(sha256s: Sequence[str], now: datetime, connection: Connection) -> dict[str, Version]:
    """Load versions by their SHA-256, without unknown ones. Takes one statement, and one for each workflow."""
    stored = await store.load_names_and_bodies(sha256s, connection)
    bodies = {sha256: body for sha256, (_, body) in stored.items()}
    versions: dict[str, Version] = {}
    for name in sorted({name for name, _ in stored.values()}):
        acts = await store.list_acts(name, connection)
        shas = [one for one in stored if stored[one][0] == name and find_status(acts, one, now) is not None]
        versions |= {version.sha256: version for version in _build_versions(acts, bodies, shas, now)}
    return versions


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
    bodies = await store.load_bodies(older[:first], connection)
    return _build_versions(acts, bodies, older[:first], now), len(older) > first


def _build_versions(
    acts: Sequence[VersionAct], bodies: Mapping[str, str], sha256s: Sequence[str], now: datetime
) -> list[Version]:
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
