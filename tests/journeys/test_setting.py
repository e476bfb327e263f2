"""What stands behind the stage: no password is taken in, and a service that dies is not waited for in silence."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from demo.reference import ROOT
from demo.service import Died, Service, free_port
from tests.journeys.conftest import Performance

pytestmark = pytest.mark.timeout(300)

PASSWORD = "kata.sandi.yang.harus.hilang"


async def test_the_password_of_getpengguna_vanishes(performance: Performance) -> None:
    files = list((ROOT / "demo/data/sekolah").glob("*.json"))
    assert files
    assert all(PASSWORD in file.read_text("utf-8") for file in files), "the files carry it, as Dapodik does"
    url = performance.stage.environment["RENCANA_IDENTITY_DATABASE_URL"]
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
    assert any("sekar.contoh@guru.sd.belajar.id" in row for row in rows), "getPengguna was read"
    assert not any(PASSWORD in row for row in rows)


async def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    planning = Service("planning", free_port(), tmp_path / "planning.log")
    with pytest.raises(Died, match=re.escape("RENCANA_PLANNING_DATABASE_URL is required")):
        await planning.start({"RENCANA_ENV": "prod", "PATH": "/usr/bin:/bin"})
    await planning.stop()
