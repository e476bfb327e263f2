"""Retry queue of the worker: a job that fails stops neither the other jobs nor the worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from prometheus_client import Gauge

from services.kit.availability import DatabaseBusy, DatabaseUnavailable
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient

log = logging.getLogger(__name__)
QUEUE_SIZE = Gauge(
    "rencana_worker_retry_queue_size", "Number of failed jobs in the retry queue of the worker"
)

RETRY_INTERVAL_SECONDS = 10.0
RETRY_BUDGET_SECONDS = 5.0  # per round, so that jobs that fail slowly do not delay waiting plans
MAX_QUEUE_SIZE = 1000  # so many failures have a common cause: the worker starts no new work

Job = Callable[[], Awaitable[object]]


class WorkerStopped(Exception):
    """A round ended early because the worker stops. The jobs in progress are finished; no position is stored."""


class RetryQueue:
    """Failed jobs by name, in memory. The worker stores no feed position while the queue holds a job."""

    def __init__(self, identity: IdentityClient, stopping: asyncio.Event) -> None:
        self._identity, self._stopping = identity, stopping
        self._jobs: dict[str, Job] = {}
        self._next_retry = 0.0

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, name: str) -> bool:
        return name in self._jobs

    @property
    def is_full(self) -> bool:
        """Whether the worker must start no new work."""
        return len(self._jobs) >= MAX_QUEUE_SIZE

    async def run_or_queue(self, name: str, job: Job) -> None:
        """Run the job; queue it for retry if it fails. A queued job waits for `retry_due`.

        Raises IdentityUnavailable if identity does not answer at all, not if it fails for this job only; and
        DatabaseUnavailable, but not DatabaseBusy, which is about the rows of this job.
        """
        if name not in self._jobs:
            await self._run(name, job)

    def check_stopping(self) -> None:
        """Raise WorkerStopped if the worker stops."""
        if self._stopping.is_set():
            raise WorkerStopped

    async def run_all_or_queue(
        self, name: str, job: Callable[[Sequence[str]], Awaitable[object]], keys: Sequence[str]
    ) -> None:
        """Run the job once for all keys, which is cheap. If that fails, run or queue it for each key."""
        if not keys:
            return
        try:
            await job(keys)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001 - the runs for single keys log the failures
            for key in keys:
                self.check_stopping()
                await self.run_or_queue(f"{name} {key}", partial(job, [key]))

    async def retry_due(self) -> None:
        """Retry queued jobs every RETRY_INTERVAL_SECONDS for RETRY_BUDGET_SECONDS, the least recent first."""
        start = time.monotonic()
        if not self._jobs or start < self._next_retry:
            return
        self._next_retry = start + RETRY_INTERVAL_SECONDS
        for name, job in list(self._jobs.items()):
            self.check_stopping()
            self._jobs[name] = self._jobs.pop(name)
            await self._run(name, job)
            if time.monotonic() - start >= RETRY_BUDGET_SECONDS:
                return

    async def _run(self, name: str, job: Job) -> None:
        try:
            await job()
        except Exception as error:
            self._jobs[name] = job
            if isinstance(error, DatabaseUnavailable) and not isinstance(error, DatabaseBusy):
                raise
            is_known = isinstance(error, IdentityUnavailable | DatabaseBusy)
            log.error("%s failed and is queued for retry: %s", name, error, exc_info=not is_known)
            if isinstance(error, IdentityUnavailable):
                await self._identity.changes(
                    0, 1
                )  # raises IdentityUnavailable if identity answers nothing at all
        else:
            self._jobs.pop(name, None)
        finally:
            QUEUE_SIZE.set(len(self._jobs))
