"""The data that the stage needs, imported as an operator would: by the command `rencana`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from glob import glob
from pathlib import Path

from demo.service import RENCANA
from demo.transcript import Transcript

ROOT = Path(__file__).parents[1]
AS_OF = ("--as-of", "2024-01-05T03:00:00Z")

REGISTRY = (
    ("zones", "import", *AS_OF),
    ("dapodik", "import", *AS_OF, "demo/data/sekolah/*.json"),
    ("accounts", "import", *AS_OF, "demo/data/accounts.csv"),
    ("tugas-tambahan", "import", *AS_OF, "demo/data/tugas-tambahan.csv"),
    ("admin", "grant", "laras.contoh@dinas.belajar.id", "admin"),
    ("admin", "grant", "teguh.contoh@dinas.belajar.id", "admin"),
)
PERIOD = (
    ("catalog", "import", "services/planning/data/catalog-2024-1.yaml"),
    ("period", "import", "services/planning/data/period-2024-1.yaml"),
)


class NotImported(Exception):
    """An import was refused; its own report says why."""


async def import_all(environment: Mapping[str, str], say: Transcript) -> None:
    """Migrate both databases, then fill both at the same time. Repeating it changes nothing."""
    await told(("migrate",), environment, say)
    await asyncio.gather(_import(REGISTRY, environment, say), _import(PERIOD, environment, say))


async def _import(
    commands: tuple[tuple[str, ...], ...], environment: Mapping[str, str], say: Transcript
) -> None:
    for words in commands:
        await told(words, environment, say)


async def told(words: tuple[str, ...], environment: Mapping[str, str], say: Transcript) -> str:
    """A command `rencana`, as an operator types it, and the gist of what it answers. NotImported where it fails."""
    report = await _run(words, environment)
    say.request(" ".join(("rencana", *(shlex.quote(word) if " " in word else word for word in words))))
    say.answer(*(line for line in report.splitlines() if not line.startswith(" ")))
    return report


def _expanded(words: tuple[str, ...]) -> list[str]:
    """The words as a shell would give them."""
    return [
        found for word in words for found in (sorted(glob(word, root_dir=ROOT)) if "*" in word else [word])
    ]


async def _run(words: tuple[str, ...], environment: Mapping[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        RENCANA, *_expanded(words), cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        report, errors = await process.communicate()
    finally:
        if process.returncode is None:  # interrupted: its database is about to go away
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotImported(f"rencana {' '.join(words)}\n{report.decode()}{errors.decode()}")
    return report.decode()
