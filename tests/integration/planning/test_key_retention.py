"""The worker deletes idempotency keys after a time; what they were stored with stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.planning.reconcile import retention
from tests.integration.planning.environment import JANUARY, Environment, problem_codes
from tests.integration.planning.plans import INDIKATOR
from tests.integration.planning.reconciliation import open_reconciler, reconcile
from tests.small_registry import PNS

DAYS = 30


def read_metric() -> float:
    return REGISTRY.get_sample_value("rencana_worker_deleted_keys_total") or 0.0


async def test_old_keys_are_deleted_in_batches_and_newer_ones_stay(
    environment_of_own_database: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environment_of_own_database
    monkeypatch.setattr(retention, "PAGE_SIZE", 2)
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1, idempotencyKey="confirm-1")
    for version in range(2, 7):
        await person.mutate_plan(
            "savePraktikKinerja", version, **INDIKATOR, idempotencyKey=f"save-tab-{version}"
        )
    await environment.sql("UPDATE command_key SET at = at + interval '1 day' WHERE key = 'save-tab-6'")
    deleted = read_metric()

    await reconcile(environment, now=JANUARY + timedelta(days=DAYS), command_key_days=DAYS)
    assert (len(await environment.sql("SELECT FROM command_key")), read_metric()) == (6, deleted)
    await reconcile(environment, now=JANUARY + timedelta(days=DAYS, seconds=1), command_key_days=DAYS)

    assert [row["key"] for row in await environment.sql("SELECT key FROM command_key")] == ["save-tab-6"]
    assert read_metric() - deleted == 5
    before = await environment.dump_tables()
    arguments = {"planId": person.plan_id, "expectedVersion": 2, **INDIKATOR, "idempotencyKey": "save-tab-2"}
    assert problem_codes(await person.mutate("savePraktikKinerja", arguments)) == ["version.conflict"]
    assert await environment.dump_tables() == before


async def test_worker_looks_for_old_keys_once_an_hour(
    environment_of_own_database: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environment_of_own_database
    looks = []

    async def count(*_: object) -> int:
        looks.append(1)
        return 0

    monkeypatch.setattr(retention, "delete_keys", count)
    async with open_reconciler(environment) as reconciler:
        for _ in range(3):
            await reconciler.run_round()
    assert len(looks) == 1
