"""What admins read about versions of a workflow: where each stands, who did what, and how many plans live by it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.versions import store
from services.planning.versions.model import PlanCount, VersionAct, VersionStatus, find_published, find_status
from workflows.files.definition_models import KEBAB
from workflows.files.loader import load_definition
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError

DEFAULT_WORKFLOW = "perencanaan-kinerja"  # what is meant where no name is given


@dataclass(frozen=True, slots=True)
class Version:
    """A version and its story."""

    sha256: str
    name: str
    status: VersionStatus
    acts: tuple[VersionAct, ...]
    body: str

    @property
    def parent(self) -> str | None:
        """The version that it was made from, as its last draft says."""
        return next((act.parent for act in reversed(self.acts) if act.parent), None)

    @property
    def number(self) -> int:
        """Its place among the versions of its name."""
        return self.acts[0].number

    def definition(self) -> Definition | None:
        """What it says; None where only another release can read it."""
        with suppress(DefinitionError):
            return _load_definition(self.body)
        return None


@lru_cache(maxsize=128)
def _load_definition(body: str) -> Definition:
    """Once for each version, which never changes: reading takes milliseconds that everybody would wait for."""
    return load_definition(body)


async def load_version(sha256: str | None, now: datetime, connection: Connection) -> Version | None:
    """Return a version, by default the published one. Returns None where there is none. Two or three statements."""
    name = DEFAULT_WORKFLOW if sha256 is None else await store.load_name(sha256, connection)
    if name is None:
        return None
    acts = await store.list_acts(name, connection)
    target = find_published(acts) if sha256 is None else sha256
    if target is None or find_status(acts, target, now) is None:
        return None
    (version,) = await _versions(acts, [target], now, connection)
    return version


async def list_versions(
    name: str, first: int, before: int | None, now: datetime, connection: Connection
) -> tuple[list[Version], bool]:
    """A page of the versions of a name, newest first, and whether more follow. Two statements."""
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
    return await _versions(acts, older[:first], now, connection), len(older) > first


async def _versions(
    acts: Sequence[VersionAct], sha256s: Sequence[str], now: datetime, connection: Connection
) -> list[Version]:
    bodies = await store.load_bodies(sha256s, connection) if sha256s else {}
    return [_version(acts, sha256, bodies[sha256], now) for sha256 in sha256s]


def _version(acts: Sequence[VersionAct], sha256: str, body: str, now: datetime) -> Version:
    status, own = find_status(acts, sha256, now), tuple(act for act in acts if act.sha256 == sha256)
    assert status is not None, "every version has an act"
    return Version(sha256, own[0].name, status, own, body)


async def count_plans_by_version(sha256s: list[str], connection: Connection) -> list[list[PlanCount]]:
    """How many plans live by each of these versions, by period and state. One statement."""
    counted = await store.count_plans(sha256s, connection)
    return [[one for one in counted if one.workflow == sha256] for sha256 in sha256s]
