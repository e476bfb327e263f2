"""Programs of other languages and virtual environments, run as tests."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path

from devtools.npm import CHECKOUT


async def run(*command: str | Path, seconds: float = 240, folder: Path = CHECKOUT) -> tuple[int, str]:
    """Run a program in a folder, by default the checkout. Returns its exit code and its output."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()
