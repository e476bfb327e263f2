"""The command `rencana` in a process with exactly the given environment."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import dataclass

from devtools.service_process import RENCANA
from tests.until import PATIENCE


@dataclass(frozen=True)
class ProcessResult:
    """The exit code and the output of a command."""

    code: int
    out: str
    complaint: str


async def rencana(words: str, environment: Mapping[str, str]) -> ProcessResult:
    """Run `rencana WORDS` to its end. Raises TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        RENCANA, *words.split(), env={"PATH": os.environ["PATH"], **environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, complaint = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return ProcessResult(process.returncode, out.decode(), complaint.decode())
