"""Storage of workflow versions and of what admins did with them."""

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
from workflows.model.canonical import canonical_json
from workflows.model.canonical import hash_definition as sha256_of
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError

log = logging.getLogger(__name__)

SHA256_LENGTH = 64  # of an identity; whatever is asked for in another length, the table refuses to look up


class WorkflowCache:
    """Workflows by the SHA-256 of their definition."""

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}
        self._unsupported: set[str] = set()

    async def get(self, sha256: str, connection: Connection) -> Workflow:
        """The workflow of this identity; KeyError where it was never stored.

        It was proved before it was published and is not proved again: plans live by it, whatever a later linter knows.
        """
        if sha256 not in self._workflows:
            (body,) = (await load_bodies([sha256], connection)).values() or [None]
            if body is None:
                raise KeyError(sha256)
            self._workflows[sha256] = build_workflow(load_definition(body))
        return self._workflows[sha256]

    async def get_newest_supported(self, sha256s: Sequence[str], connection: Connection) -> Workflow:
        """The first that this process can build: a newer release may have stored what an older one cannot."""
        for sha256 in sha256s:
            if sha256 not in self._unsupported:
                try:
                    return await self.get(sha256, connection)
                except DefinitionError:
                    log.warning("workflow version %s is beyond this release", sha256)
                    self._unsupported.add(sha256)
        raise KeyError("no version of the workflow that this release can build")

    async def list_supported(self, connection: Connection) -> list[Workflow]:
        """Every version that this process can build. One query, and one more for each version that is new to it."""
        stored = (
            await WorkflowVersionTable.all(connection).order_by("sha256").values_list("sha256", flat=True)
        )
        return await self.get_supported([str(sha256) for sha256 in stored], connection)

    async def get_supported(self, sha256s: Sequence[str], connection: Connection) -> list[Workflow]:
        """Those of these versions that this process can build, in this order; a query for each that is new to it."""
        found: list[Workflow] = []
        for sha256 in sha256s:
            with suppress(DefinitionError):
                found.append(await self.get(sha256, connection))
        return found


async def load_bodies(sha256s: Sequence[str], connection: Connection) -> dict[str, str]:
    """The canonical JSON of versions, as it was stored; those that never were are left out."""
    possible = [sha256 for sha256 in sha256s if len(sha256) == SHA256_LENGTH]
    rows = (
        await WorkflowVersionTable.filter(sha256__in=possible)
        .using_db(connection)
        .values_list("sha256", "body")
    )
    return {str(sha256): str(body) for sha256, body in rows}


async def insert_version(definition: Definition, at: datetime, connection: Connection) -> str:
    """Keep a version, if it is not kept already; its SHA-256."""
    sha256, body = sha256_of(definition), canonical_json(definition).decode()
    row = WorkflowVersionTable(sha256=sha256, name=definition.name, body=body, stored_at=at)
    await WorkflowVersionTable.bulk_create([row], ignore_conflicts=True, using_db=connection)
    return sha256


_SQL = load_statements(Path(__file__).with_name("store.sql"))


def format_subject(name: str) -> str:
    """The subject of acts on the versions of a name."""
    return f"workflow {name}"


async def list_acts(name: str, connection: Connection) -> list[VersionAct]:
    """All acts on the versions of a name in their order: as many as admins have made decisions."""
    rows = await _SQL["select_acts"].fetch(connection, subject=format_subject(name))
    return [_act(name, number, row) for number, row in enumerate(rows, 1)]


async def load_name(sha256: str, connection: Connection) -> str | None:
    """The name of a version, None where it was never stored."""
    if len(sha256) != SHA256_LENGTH:
        return None
    versions = WorkflowVersionTable.filter(sha256=sha256).using_db(connection)
    names = await versions.values_list("name", flat=True)
    return str(names[0]) if names else None


async def count_plans(sha256s: Collection[str], connection: Connection) -> list[PlanCount]:
    """Count the plans of each version by period and state."""
    rows = await _SQL["count_plans_by_state"].fetch(connection, sha256s=list(sha256s))
    return [PlanCount(**row) for row in rows]


def _act(name: str, number: int, row: Mapping[str, Any]) -> VersionAct:
    parent = row["parent"] if row["act"] == "proposed" else None
    by = AdminActor(ActorKind(row["actor_kind"]), row["account"], row["ptk_id"])
    return VersionAct(
        name,
        number,
        row["sha256"],
        STATUS_BY_ACT[row["act"]],
        by,
        row["reason"],
        row["at"],
        parent,
        row["change_request"],
    )
