"""A version of the workflow as the command line names it: by a file, or by how its SHA-256 begins."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from services.kit.problems import Problem, Refused
from services.planning.cli_command import opened
from services.planning.versions.commands import Done, sound
from services.planning.versions.queries import Version, version_of
from services.planning.versions.store import beginning_with
from workflows.model.definition import Definition

SHOWN = 12  # characters of a version, enough to name it
PREFIX = re.compile(r"[0-9a-f]{4,64}")


async def definition_in(text: str) -> Definition:
    """The definition in a file, or in a version."""
    if (raw := _in_file(text)) is not None:
        return await sound(raw, ())
    async with opened():
        return definition_of(await version_named(text))


def _in_file(text: str) -> bytes | None:
    try:
        return Path(text).read_bytes() if Path(text).is_file() else None
    except OSError as error:  # it may not be read, or no file can have such a name
        raise click.FileError(text, error.strerror) from None


async def version_named(sha: str) -> Version:
    """The version whose SHA-256 begins so."""
    version = await version_of(await named(sha), datetime.now(UTC))
    if version is None:
        raise Refused(Problem("workflow.unknown"))
    return version


async def named(sha: str) -> str:
    """The one version that begins so; Refused where there is none or more than one."""
    found = await beginning_with(sha) if PREFIX.fullmatch(sha) else []
    if not found:
        raise Refused(Problem("workflow.unknown"))
    if len(found) > 1:
        raise Refused(Problem("workflow.ambiguous", {"prefix": sha}))
    return found[0]


def definition_of(version: Version) -> Definition:
    """What a version says; Refused where only another release can read it."""
    definition = version.definition()
    if definition is None:
        raise Refused(Problem("workflow.beyond_release"))
    return definition


def told(done: Done, what: str) -> None:
    """Say what was done, with which version."""
    click.echo(f"{what}: {done.name} {done.sha256[:SHOWN]}")
