from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from devtools.postgres import PostgresUnavailable, PrivatePostgres, create_database, private_postgres

# uses the server until its input ends, and tells where it is
USER = """
import sys
from pathlib import Path
from devtools.postgres import private_postgres

with private_postgres(Path(sys.argv[1]), durable=False) as server:
    print(server.url("postgres"), flush=True)
    sys.stdin.read()
"""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    # as root PostgreSQL runs as somebody else, who must get through
    parent = Path(tempfile.mkdtemp(prefix="rencana-"))
    parent.chmod(0o711)
    yield parent / "postgres"
    shutil.rmtree(parent)


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """The folder of a server that each test starts and stops."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder."""
    with temporary_folder() as folder:
        yield folder


async def _start(folder: Path) -> tuple[Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", USER, str(folder), stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    return process, (await process.stdout.readline()).decode().strip()


async def _end(process: Process) -> int:
    assert process.stdin is not None
    process.stdin.close()
    return await process.wait()


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url.replace("asyncpg", "postgresql", 1))
    except OSError:
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()


async def test_processes_that_start_at_once_share_a_server_and_the_last_one_stops_it(
    shared_folder: Path,
) -> None:
    async with asyncio.timeout(120):
        (first, url), (second, same) = await asyncio.gather(_start(shared_folder), _start(shared_folder))
        assert url == same
        assert await _answers(url)
        assert await _end(first) == 0
        assert await _answers(url)
        third, again = await _start(shared_folder)
        assert again == url
        assert await _end(second) == 0
        assert await _answers(url)
        assert await _end(third) == 0
        assert not await _answers(url)


async def test_a_process_that_was_killed_leaves_a_server_that_the_next_one_uses_and_stops(
    shared_folder: Path,
) -> None:
    async with asyncio.timeout(120):
        killed_process, url = await _start(shared_folder)
        killed_process.kill()
        await killed_process.wait()
        assert await _answers(url)
        following, same = await _start(shared_folder)
        assert same == url
        assert await _end(following) == 0
        assert not await _answers(url)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_prints_settings_and_runs_until_it_is_interrupted(
    shared_folder: Path, ending: signal.Signals
) -> None:
    async with asyncio.timeout(120):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "devtools.postgres",
            "--folder",
            str(shared_folder),
            stdout=PIPE,
            stderr=PIPE,
        )
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode().strip() for _ in range(3)]
        settings = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        urls = [settings[f"RENCANA_{name}_DATABASE_URL"] for name in ("IDENTITY", "PLANNING")]
        assert settings["RENCANA_ENV"] == "dev"
        assert [await _answers(url) for url in urls] == [True, True]
        process.send_signal(ending)
        _, instructions = await process.communicate()
        assert process.returncode == 0
        assert b"rencana migrate" in instructions
        assert not await _answers(urls[0])


async def test_processes_that_create_one_database_at_once_get_one(postgres: PrivatePostgres) -> None:
    urls = await asyncio.gather(*(create_database(postgres, "together") for _ in range(8)))
    assert urls == [postgres.url("together")] * 8
    assert await _answers(urls[0])


def test_a_folder_that_is_a_link_is_not_used(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to(folder.parent / "elsewhere")
    with pytest.raises(PostgresUnavailable, match="is a link"), private_postgres(folder):
        pass
    assert list((folder.parent / "elsewhere").iterdir()) == []


def test_a_folder_of_another_user_is_not_used(folder: Path) -> None:
    foreign = Path("/usr")
    if os.geteuid() == 0:
        folder.mkdir()
        os.chown(folder, 12345, 12345)
        foreign = folder
    before = foreign.stat()
    with pytest.raises(PostgresUnavailable, match="belongs to another user"), private_postgres(foreign):
        pass
    assert foreign.stat() == before
