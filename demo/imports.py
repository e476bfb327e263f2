"""The data of the scenarios, imported with the command `rencana` as an operator does it."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from glob import glob
from pathlib import Path

from demo.transcript import Transcript
from devtools.service_process import OPERATOR_ROLES, RENCANA, restrict_roles

CHECKOUT = Path(__file__).parents[1]
AS_OF = ("--as-of", "2024-01-05T03:00:00Z")

IDENTITY_COMMANDS = (
    ("zones", "import", *AS_OF),
    ("dapodik", "import", *AS_OF, "demo/data/schools/*.json"),
    ("accounts", "import", *AS_OF, "demo/data/accounts.csv"),
    ("tugas-tambahan", "import", *AS_OF, "demo/data/tugas-tambahan.csv"),
    ("admin", "grant", "laras.contoh@dinas.belajar.id", "admin"),
    ("admin", "grant", "teguh.contoh@dinas.belajar.id", "admin"),
)
PLANNING_COMMANDS = (
    ("catalog", "import", "services/planning/data/catalog-2024-1.yaml"),
    ("period", "import", "services/planning/data/period-2024-1.yaml"),
)


class CommandFailed(Exception):
    """A command `rencana` failed. The message is its output."""


async def import_all(settings: Mapping[str, str], transcript: Transcript) -> None:
    """Migrate both databases, then fill both at the same time. A repetition changes nothing."""
    await run_command(("migrate",), settings, transcript)
    await asyncio.gather(
        *(_run_in_order(group, settings, transcript) for group in (IDENTITY_COMMANDS, PLANNING_COMMANDS))
    )


async def run_command(arguments: tuple[str, ...], settings: Mapping[str, str], transcript: Transcript) -> str:
    """Run `rencana` with these arguments and return its output. Raises CommandFailed.

    The transcript omits the indented lines of the output.
    """
    if arguments[0] != "migrate":
        settings = restrict_roles(settings, **OPERATOR_ROLES)
    output = await _run(arguments, settings)
    transcript.request(
        " ".join(("rencana", *(shlex.quote(word) if " " in word else word for word in arguments)))
    )
    transcript.answer(*(line for line in output.splitlines() if not line.startswith(" ")))
    return output


async def _run_in_order(
    commands: tuple[tuple[str, ...], ...], settings: Mapping[str, str], transcript: Transcript
) -> None:
    for arguments in commands:
        await run_command(arguments, settings, transcript)


async def _run(arguments: tuple[str, ...], settings: Mapping[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        RENCANA, *_expand_globs(arguments), cwd=CHECKOUT, env=settings, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:  # cancelled: the caller stops the database next
            process.kill()
            await process.wait()
    if process.returncode:
        raise CommandFailed(f"rencana {' '.join(arguments)}\n{output.decode()}{errors.decode()}")
    return output.decode()


def _expand_globs(arguments: tuple[str, ...]) -> list[str]:
    """Replace each pattern with `*` by the matching files, as a shell does."""
    return [
        name
        for word in arguments
        for name in (sorted(glob(word, root_dir=CHECKOUT)) if "*" in word else [word])
    ]
