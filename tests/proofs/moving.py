"""Workers that migrate a whole season: run as processes, measured, and killed in the middle."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.proofs.processes import RENCANA
from tests.until import until

BATCH = 500
PATIENCE = 1_800  # seconds in which half of a season is moved, whatever else the machine does
WORKER = "worker"  # serves: while identity answers too late it tries again, where `--once` would end


@dataclass(frozen=True)
class Ran:
    """What a command wrote, how long it took and how much memory it had at its most (MB)."""

    told: str
    seconds: float
    memory: float


@dataclass(frozen=True)
class Desk:
    """Where commands are typed: the environment, a folder for what they write, and a look past them."""

    environment: Mapping[str, str]
    folder: Path
    store: asyncpg.Connection

    def begin(self, *words: str) -> tuple[subprocess.Popen[bytes], Path]:
        """Start a command."""
        out = self.folder / f"{time.monotonic_ns()}.log"
        with out.open("wb") as log:
            process = subprocess.Popen(
                (RENCANA, *words),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return process, out

    async def run(self, *words: str) -> Ran:
        """A command to its end, which must be a good one."""
        began, megabytes = time.monotonic(), 0.0
        process, out = self.begin(*words)
        while process.poll() is None:
            megabytes = max(megabytes, _high_water(process.pid))
            await asyncio.sleep(0.02)
        assert process.returncode == 0, out.read_text()[-4000:]
        return Ran(out.read_text(), time.monotonic() - began, megabytes)

    async def work_off(self) -> Ran:
        """Run a worker until nothing that admins ordered is left to do."""
        began, megabytes = time.monotonic(), 0.0
        process, out = self.begin(WORKER)
        try:
            while await self.store.fetchval("SELECT EXISTS (SELECT FROM run WHERE ended_at IS NULL)"):
                assert process.poll() is None, out.read_text()[-4000:]
                megabytes = max(megabytes, _high_water(process.pid))
                await asyncio.sleep(0.02)
            seconds = time.monotonic() - began
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)
        return Ran(out.read_text(), seconds, megabytes)

    async def killed(self, held: str, after: int) -> None:
        """A worker that is killed as it waits for a plan that somebody holds, when so many plans are done."""
        holder = await asyncpg.connect(self.environment["STORE"])
        try:
            async with holder.transaction():
                await holder.execute("SELECT FROM plan WHERE ptk_id = $1 FOR UPDATE", held)
                process, out = self.begin(WORKER)

                async def waits() -> bool:
                    assert process.poll() is None, out.read_text()[-4000:]
                    return await self.waiting() > 0 and await self.done() >= after

                await until(waits, PATIENCE)
                process.send_signal(signal.SIGKILL)
                process.wait()
        finally:
            await holder.close()

    async def waiting(self) -> int:
        """How many statements wait for a lock."""
        waits = "datname = current_database() AND wait_event_type = 'Lock'"
        return int(await self.store.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {waits}"))

    async def done(self) -> int:
        """How many plans the last run says are done."""
        counted = "SELECT sum(n::int) FROM run, jsonb_each_text(counts) AS c(name, n) WHERE ended_at IS NULL"
        return int(await self.store.fetchval(counted) or 0)

    async def by_version(self) -> dict[str, int]:
        """How many plans live by each version."""
        rows = await self.store.fetch("SELECT workflow, count(*) AS plans FROM plan GROUP BY 1")
        return {row["workflow"]: row["plans"] for row in rows}

    async def outcomes(self, back: bool) -> int:
        """How many plans are said to have been moved."""
        moved = "SELECT count(*) FROM migration_outcome WHERE is_backward = $1 AND version IS NOT NULL"
        return int(await self.store.fetchval(moved, back))


def _high_water(pid: int) -> float:
    """The most memory that a process has had, in MB; 0 where it has ended.

    `ru_maxrss` would count what the tests themselves have: a new process starts as a copy of them.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
