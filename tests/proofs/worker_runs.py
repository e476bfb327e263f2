"""Commands and workers as processes: run to their end, measured, or killed during a migration."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from devtools.service_process import RENCANA, restrict_roles
from tests.until import until

BATCH = 500
TIMEOUT_SECONDS = 1_800  # for half of the plans, on a busy machine
WORKER = "worker"  # it retries when identity is slow, where `worker --once` ends


@dataclass(frozen=True)
class CommandRun:
    """The output of a command, its duration, and its peak memory in MB."""

    output: str
    seconds: float
    memory: float


@dataclass(frozen=True)
class CommandRunner:
    """Runs `rencana` with these settings, with logs in `folder`. `connection` is to the database of planning."""

    settings: Mapping[str, str]
    folder: Path
    connection: asyncpg.Connection
    dsn: str

    async def run(self, *arguments: str) -> CommandRun:
        """Run a command to its end. It must succeed."""
        process, log = self._start(*arguments)

        async def has_ended() -> bool:
            return process.poll() is not None

        seconds, memory = await _measure(process.pid, has_ended)
        assert process.returncode == 0, log.read_text()[-4000:]
        return CommandRun(log.read_text(), seconds, memory)

    async def run_worker(self) -> CommandRun:
        """Run a worker until every ordered migration and dry run has ended."""
        process, log = self._start(WORKER)

        async def has_finished() -> bool:
            assert process.poll() is None, log.read_text()[-4000:]
            return bool(
                await self.connection.fetchval(
                    "SELECT NOT EXISTS (SELECT FROM batch_run WHERE ended_at IS NULL)"
                )
            )

        try:
            seconds, memory = await _measure(process.pid, has_finished)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)
        return CommandRun(log.read_text(), seconds, memory)

    async def kill_worker(self, locked_plan: str, processed_plans: int) -> None:
        """Lock a plan, and kill a worker that waits for it after it has processed this many plans."""
        lock_connection = await asyncpg.connect(self.dsn)
        try:
            async with lock_connection.transaction():
                await lock_connection.execute("SELECT FROM plan WHERE ptk_id = $1 FOR UPDATE", locked_plan)
                process, log = self._start(WORKER)

                async def waits_for_lock() -> bool:
                    assert process.poll() is None, log.read_text()[-4000:]
                    is_waiting = await self._count_waiting_statements() > 0
                    return is_waiting and await self.count_processed() >= processed_plans

                await until(waits_for_lock, TIMEOUT_SECONDS)
                process.send_signal(signal.SIGKILL)
                process.wait()
        finally:
            await lock_connection.close()

    async def count_processed(self) -> int:
        """Return how many plans the current run has processed."""
        query = (
            "SELECT sum(n::int) FROM batch_run, jsonb_each_text(counts) AS c(name, n) WHERE ended_at IS NULL"
        )
        return int(await self.connection.fetchval(query) or 0)

    async def count_by_version(self) -> dict[str, int]:
        """Return the number of plans of each workflow version."""
        rows = await self.connection.fetch("SELECT workflow, count(*) AS plans FROM plan GROUP BY 1")
        return {row["workflow"]: row["plans"] for row in rows}

    async def count_outcomes(self, is_backward: bool) -> int:
        """Return the number of plans with a recorded migration in one direction."""
        query = "SELECT count(*) FROM migration_outcome WHERE is_backward = $1 AND version IS NOT NULL"
        return int(await self.connection.fetchval(query, is_backward))

    async def _count_waiting_statements(self) -> int:
        condition = "datname = current_database() AND wait_event_type = 'Lock'"
        return int(await self.connection.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {condition}"))

    def _start(self, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        path = self.folder / f"{time.monotonic_ns()}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                (RENCANA, *arguments),
                env=restrict_roles(self.settings, planning="worker"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return process, path


def peak_memory(pid: int) -> float:
    """Return the peak memory of a process in MB, 0 if it has ended.

    `ru_maxrss` includes the memory of the tests: a new process starts as a copy of them.
    """
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


async def _measure(pid: int, has_ended: Callable[[], Awaitable[bool]]) -> tuple[float, float]:
    """Wait for a condition. Returns the seconds and the peak memory of the process in MB."""
    start, memory = time.monotonic(), 0.0
    while not await has_ended():
        memory = max(memory, peak_memory(pid))
        await asyncio.sleep(0.02)
    return time.monotonic() - start, memory
