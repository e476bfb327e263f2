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
from services.planning.callers.model import By, Kind
from services.planning.versions.model import BY_ACT, Act, Living
from services.planning.versions.tables import WorkflowVersionTable
from workflows.engine.machine import Workflow
from workflows.files.loader import load
from workflows.lint.check import assemble
from workflows.model.canonical import canonical
from workflows.model.canonical import sha256 as sha256_of
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError

log = logging.getLogger(__name__)

LENGTH = 64  # of an identity; whatever is asked for in another length, the table refuses to look up


class Workflows:
    """Workflows by the SHA-256 of their definition."""

    def __init__(self) -> None:
        self._built: dict[str, Workflow] = {}
        self._foreign: set[str] = set()

    async def get(self, sha256: str, connection: Connection) -> Workflow:
        """The workflow of this identity; KeyError where it was never stored.

        It was proved before it was published and is not proved again: plans live by it, whatever a later linter knows.
        """
        if sha256 not in self._built:
            (body,) = (await bodies([sha256], connection)).values() or [None]
            if body is None:
                raise KeyError(sha256)
            self._built[sha256] = assemble(load(body))
        return self._built[sha256]

    async def newest(self, sha256s: Sequence[str], connection: Connection) -> Workflow:
        """The first that this process can build: a newer release may have stored what an older one cannot."""
        for sha256 in sha256s:
            if sha256 not in self._foreign:
                try:
                    return await self.get(sha256, connection)
                except DefinitionError:
                    log.warning("workflow version %s is beyond this release", sha256)
                    self._foreign.add(sha256)
        raise KeyError("no version of the workflow that this release can build")

    async def readable(self, connection: Connection) -> list[Workflow]:
        """Every version that this process can build. One query, and one more for each version that is new to it."""
        stored = (
            await WorkflowVersionTable.all(connection).order_by("sha256").values_list("sha256", flat=True)
        )
        return await self.buildable([str(sha256) for sha256 in stored], connection)

    async def buildable(self, sha256s: Sequence[str], connection: Connection) -> list[Workflow]:
        """Those of these versions that this process can build, in this order; a query for each that is new to it."""
        found: list[Workflow] = []
        for sha256 in sha256s:
            with suppress(DefinitionError):
                found.append(await self.get(sha256, connection))
        return found


async def bodies(sha256s: Sequence[str], connection: Connection) -> dict[str, str]:
    """The canonical JSON of versions, as it was stored; those that never were are left out."""
    possible = [sha256 for sha256 in sha256s if len(sha256) == LENGTH]
    rows = (
        await WorkflowVersionTable.filter(sha256__in=possible)
        .using_db(connection)
        .values_list("sha256", "body")
    )
    return {str(sha256): str(body) for sha256, body in rows}


async def store(definition: Definition, at: datetime, connection: Connection) -> str:
    """Keep a version, if it is not kept already; its SHA-256."""
    sha256, body = sha256_of(definition), canonical(definition).decode()
    row = WorkflowVersionTable(sha256=sha256, name=definition.name, body=body, stored_at=at)
    await WorkflowVersionTable.bulk_create([row], ignore_conflicts=True, using_db=connection)
    return sha256


_SQL = load_statements(Path(__file__).with_name("store.sql"))


def subject_of(name: str) -> str:
    """The subject of acts on the versions of a name."""
    return f"workflow {name}"


async def acts_of(name: str, connection: Connection) -> list[Act]:
    """All acts on the versions of a name in their order: as many as admins have made decisions."""
    rows = await _SQL["select_acts"].fetch(connection, subject=subject_of(name))
    return [_act(name, number, row) for number, row in enumerate(rows, 1)]


async def name_of(sha256: str, connection: Connection) -> str | None:
    """The name of a version, None where it was never stored."""
    if len(sha256) != LENGTH:
        return None
    versions = WorkflowVersionTable.filter(sha256=sha256).using_db(connection)
    names = await versions.values_list("name", flat=True)
    return str(names[0]) if names else None


async def living(sha256s: Collection[str], connection: Connection) -> list[Living]:
    """Count the plans of each version by period and state."""
    rows = await _SQL["count_plans_by_state"].fetch(connection, sha256s=list(sha256s))
    return [Living(**row) for row in rows]


def _act(name: str, number: int, row: Mapping[str, Any]) -> Act:
    parent = row["parent"] if row["act"] == "proposed" else None
    by = By(Kind(row["actor_kind"]), row["account"], row["ptk_id"])
    return Act(
        name,
        number,
        row["sha256"],
        BY_ACT[row["act"]],
        by,
        row["reason"],
        row["at"],
        parent,
        row["change_request"],
    )
