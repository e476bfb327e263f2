"""Commands whose output ends early, or whose input is a pipe: they do their whole work and say what happened."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import asyncpg
import pytest

from devtools.service_process import OPERATOR_ROLES, RENCANA, restrict_roles
from services.kit.command_line import OUTPUT_LOST
from tests.conftest import Fresh
from tests.identity_samples import bundle, gtk, sekolah
from tests.until import PATIENCE

SCHOOL_COUNT = 60


@pytest.fixture
def many_schools(tmp_path: Path) -> Path:
    path = tmp_path / "schools.ndjson"
    schools = (bundle(gtk(1), school=sekolah(str(20_000_000 + number))) for number in range(SCHOOL_COUNT))
    path.write_text("\n".join(map(json.dumps, schools)))
    return path


async def _run_shell(line: str, url: str, file: Path) -> tuple[int, str, str]:
    """Run a line of bash in which $rencana and $file are set. Returns its exit code, output and errors."""
    environment = {
        "PATH": os.environ["PATH"], "RENCANA_ENV": "dev", "RENCANA_IDENTITY_DATABASE_URL": url,
        "rencana": str(RENCANA), "file": str(file),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        line,
        env=restrict_roles(environment, **OPERATOR_ROLES),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        out, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), errors.decode()


async def _count_schools(url: str) -> int:
    connection = await asyncpg.connect(url.replace("asyncpg", "postgresql", 1))
    count: int = await connection.fetchval("SELECT count(*) FROM school")
    await connection.close()
    return count


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("$rencana dapodik import $file | head -2; exit ${PIPESTATUS[0]}", "Broken pipe"),
        ("$rencana dapodik import $file > /dev/full", "No space left on device"),
    ],
)
async def test_import_goes_on_when_its_report_cannot_be_written(
    fresh_url: Fresh, many_schools: Path, line: str, reason: str
) -> None:
    url = await fresh_url("services.identity")
    code, _, errors = await _run_shell(line, url, many_schools)
    assert await _count_schools(url) == SCHOOL_COUNT
    assert code == OUTPUT_LOST, errors
    assert f"the output was cut ({reason}); the command went on to its end" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "line",
    [
        "cat $file | $rencana dapodik import -",
        "cat $file | $rencana dapodik import /dev/stdin",
        "$rencana dapodik import <(cat $file)",
    ],
)
async def test_import_reads_a_pipe_once(fresh_url: Fresh, many_schools: Path, line: str) -> None:
    url = await fresh_url("services.identity")
    code, out, errors = await _run_shell(line, url, many_schools)
    assert code == 0, errors
    assert await _count_schools(url) == SCHOOL_COUNT
    assert out.count("1 new") + out.count("2 new") == SCHOOL_COUNT
