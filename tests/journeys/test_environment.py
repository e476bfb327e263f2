"""Identity stores no password of Dapodik, and a service that cannot start reports why."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from demo.imports import CHECKOUT
from devtools.service_process import ProcessDied, ServiceProcess, free_port
from tests.journeys.conftest import ScenarioRunner

pytestmark = pytest.mark.timeout(300)

PASSWORD = "kata.sandi.yang.harus.hilang"


async def test_password_of_getpengguna_is_not_stored(runner: ScenarioRunner) -> None:
    files = list((CHECKOUT / "demo/data/schools").glob("*.json"))
    assert files
    assert all(PASSWORD in file.read_text("utf-8") for file in files), (
        "the files contain it, as those of Dapodik do"
    )
    url = runner.services.settings["RENCANA_IDENTITY_DATABASE_URL"]
    connection = await asyncpg.connect(url.replace("asyncpg://", "postgresql://", 1))
    try:
        tables = [
            row[0]
            for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        rows = [
            str(row[0])
            for name in tables
            for row in await connection.fetch(f'SELECT t::text FROM "{name}" t')
        ]
    finally:
        await connection.close()
    assert any("sekar.contoh@guru.sd.belajar.id" in row for row in rows), "getPengguna was imported"
    assert not any(PASSWORD in row for row in rows)


async def test_service_that_cannot_start_reports_why(tmp_path: Path) -> None:
    planning = ServiceProcess("planning", free_port(), tmp_path / "planning.log")
    with pytest.raises(ProcessDied, match=re.escape("RENCANA_PLANNING_DATABASE_URL is required")):
        await planning.start({"RENCANA_ENV": "prod", "PATH": "/usr/bin:/bin"})
    await planning.stop()
