"""The retry queue of the worker: slow failing jobs take turns and do not delay the round."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from services.kit.clock import Clock
from services.planning.people.identity.client import IdentityClient
from services.planning.reconcile import retry
from services.planning.reconcile.retry import RetryQueue
from tests.credentials import PLANNING


async def test_one_retry_per_budget_takes_the_job_that_ran_longest_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "RETRY_INTERVAL_SECONDS", 0)
    monkeypatch.setattr(retry, "RETRY_BUDGET_SECONDS", 0)
    queue = RetryQueue(
        IdentityClient("", PLANNING, Clock(datetime(2024, 2, 20, tzinfo=UTC))), asyncio.Event()
    )
    runs = ""

    def failing_job(name: str) -> retry.Job:
        async def run() -> None:
            nonlocal runs
            runs += name
            raise ValueError

        return run

    for name in "abc":
        await queue.run_or_queue(name, failing_job(name))
    for _ in range(4):
        await queue.retry_due()

    assert runs == "abc" + "abca"
    assert len(queue) == 3
