"""Storage of workflow versions, their acts and the cache of built workflows."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.versions.model import STATUS_BY_ACT, PlanCount, VersionAct
from services.planning.versions.tables import WorkflowVersionTable
from workflows.engine.machine import Workflow
from workflows.files.loader import load_definition
from workflows.lint.check import build_workflow
from workflows.model.canonical import canonical_json, hash_definition
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError

log = logging.getLogger(__name__)

SHA256_LENGTH = 64
_SQL = load_statements(Path(__file__).with_name("store.sql"))


class WorkflowCache:
    """A cache of workflows by the SHA-256 of their definition. A version never changes."""

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}
        self._unsupported: set[str] = set()

    async def get(self, sha256: str, connection: Connection) -> Workflow:
        """Return a workflow. Raises KeyError if it is not stored, DefinitionError if this release cannot build it.

        It was proved before it was published and is not proved again, because plans use it even if a later linter
        finds problems.
        """
        if sha256 not in self._workflows:
            bodies = await load_bodies([sha256], connection)
            self._workflows[sha256] = build_workflow(load_definition(bodies[sha256]))
        return self._workflows[sha256]

    async def get_newest_supported(self, sha256s: Sequence[str], connection: Connection) -> Workflow:
        """Return the first workflow that this release can build: a newer release may have stored one that it cannot.

        Raises KeyError if there is none.
        """
        for sha256 in sha256s:
            if sha256 not in self._unsupported:
                try:
                    return await self.get(sha256, connection)
                except DefinitionError:
                    log.warning("workflow version %s is beyond this release", sha256)
                    self._unsupported.add(sha256)
        raise KeyError("no version of the workflow that this release can build")

    async def list_supported(self, connection: Connection) -> list[Workflow]:
        """List every version that this release can build. Takes one statement, and one for each uncached version."""
        versions = WorkflowVersionTable.all(connection).order_by("sha256")
        return await self.get_supported(
            [str(sha256) for sha256 in await versions.values_list("sha256", flat=True)], connection
        )

    async def get_supported(self, sha256s: Sequence[str], connection: Connection) -> list[Workflow]:
        """Return those of these versions that this release can build, in this order."""
        workflows: list[Workflow] = []
        for sha256 in sha256s:
            with suppress(DefinitionError):
                workflows.append(await self.get(sha256, connection))
        return workflows


async def load_bodies(sha256s: Sequence[str], connection: Connection) -> dict[str, str]:
    """Load the canonical JSON of versions. The result lacks versions that are not stored."""
    stored = await load_names_and_bodies(sha256s, connection)
    return {sha256: body for sha256, (_, body) in stored.items()}


async def load_names_and_bodies(sha256s: Sequence[str], connection: Connection) -> dict[str, tuple[str, str]]:
    """Load the name of the workflow and the canonical JSON of versions, without versions that are not stored."""
    known = [one for one in sha256s if len(one) == SHA256_LENGTH]
    if not known:
        return {}
    versions = WorkflowVersionTable.filter(sha256__in=known).using_db(connection)
    rows = await versions.values_list("sha256", "name", "body")
    return {str(sha256): (str(name), str(body)) for sha256, name, body in rows}


async def insert_version(definition: Definition, at: datetime, connection: Connection) -> None:
    """Store a version, unless it is stored already."""
    row = WorkflowVersionTable(
        sha256=hash_definition(definition),
        name=definition.name,
        body=canonical_json(definition).decode(),
        stored_at=at,
    )
    await WorkflowVersionTable.bulk_create([row], ignore_conflicts=True, using_db=connection)


def format_subject(name: str) -> str:
    """Return the subject of admin acts on the versions of a workflow."""
    return f"workflow {name}"


async def list_acts(name: str, connection: Connection) -> list[VersionAct]:
    """List all acts on the versions of a workflow, oldest first."""
    rows = await _SQL["select_acts"].fetch(connection, subject=format_subject(name))
    return [_read_act(name, number, row) for number, row in enumerate(rows, 1)]


async def load_name(sha256: str, connection: Connection) -> str | None:
    """Load the name of a version's workflow. Returns None if the version is not stored."""
    if len(sha256) != SHA256_LENGTH:  # Tortoise raises an error for a longer text
        return None
    versions = WorkflowVersionTable.filter(sha256=sha256).using_db(connection)
    names = await versions.values_list("name", flat=True)
    return str(names[0]) if names else None


async def count_plans(sha256s: Collection[str], connection: Connection) -> list[PlanCount]:
    """Count the plans of each version by period and state."""
    rows = await _SQL["count_plans_by_state"].fetch(connection, sha256s=list(sha256s))
    return [PlanCount(**row) for row in rows]


def _read_act(name: str, number: int, row: Mapping[str, Any]) -> VersionAct:
    return VersionAct(
        name,
        number,
        row["sha256"],
        STATUS_BY_ACT[row["act"]],
        AdminActor(ActorKind(row["actor_kind"]), row["account"], row["ptk_id"]),
        row["reason"],
        row["at"],
        row["based_on"] if row["act"] == "proposed" else None,
        row["change_request"],
    )
