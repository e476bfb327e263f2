"""Versions of workflows: immutable, built once, kept in memory. Living plans keep the version they started with."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from services.planning.storage.tables import WorkflowVersionTable
from workflows import Definition, DefinitionError, Workflow, build, canonical, load
from workflows import sha256 as sha256_of

log = logging.getLogger(__name__)


class Workflows:
    """Workflows by the SHA-256 of their definition."""

    def __init__(self) -> None:
        self._built: dict[str, Workflow] = {}
        self._foreign: set[str] = set()

    async def get(self, sha256: str) -> Workflow:
        """The workflow of this identity, proved again as it is built; KeyError where it was never stored."""
        if sha256 not in self._built:
            rows = await WorkflowVersionTable.filter(sha256=sha256).values_list("body", flat=True)
            if not rows:
                raise KeyError(sha256)
            self._built[sha256] = build(load(str(rows[0]).encode()))
        return self._built[sha256]

    async def newest(self, sha256s: Sequence[str]) -> Workflow:
        """The first that this process can build: a newer release may have stored what an older one cannot."""
        for sha256 in sha256s:
            if sha256 not in self._foreign:
                try:
                    return await self.get(sha256)
                except DefinitionError:
                    log.warning("workflow version %s is beyond this release", sha256)
                    self._foreign.add(sha256)
        raise KeyError("no version of the workflow that this release can build")

    async def readable(self) -> list[Workflow]:
        """Every version that this process can build. One query, and one more for each version that is new to it."""
        found: list[Workflow] = []
        for sha256 in await WorkflowVersionTable.all().order_by("sha256").values_list("sha256", flat=True):
            with suppress(DefinitionError):
                found.append(await self.get(str(sha256)))
        return found


async def store(definition: Definition, at: datetime) -> tuple[str, bool]:
    """Keep a version; its SHA-256, and whether it is new."""
    sha256 = sha256_of(definition)
    if await WorkflowVersionTable.filter(sha256=sha256).exists():
        return sha256, False
    body = canonical(definition).decode()
    row = WorkflowVersionTable(sha256=sha256, name=definition.name, body=body, stored_at=at)
    await WorkflowVersionTable.bulk_create([row], ignore_conflicts=True)
    return sha256, True
