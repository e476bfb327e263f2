"""The command line: every command has a help, and `rencana --help` loads none of what commands run."""

from __future__ import annotations

import ast
import getpass
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from services.cli import Rencana, rencana
from services.kit.command_line import get_operator
from tests.composed import ROOT

HEAVY = ("strawberry", "tortoise", "aiohttp", "starlette", "pydantic", "workflows")


def loaded_by(*words: str) -> set[str]:
    """The top-level packages that a fresh interpreter holds after `rencana …`."""
    program = (
        "import sys; from services.cli import rencana\n"
        f"rencana({words!r}, standalone_mode=False)\n"
        "print('loaded:', *{name.partition('.')[0] for name in sys.modules})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.rpartition("loaded:")[2].split())


def test_help_loads_no_command() -> None:
    assert not loaded_by("--help") & set(HEAVY)


def test_lint_of_a_file_loads_no_database() -> None:
    lint = ("workflow", "lint", "workflows/definitions/perencanaan-kinerja.yaml")
    assert not loaded_by(*lint) & {"strawberry", "tortoise", "aiohttp", "starlette"}


def every_command() -> Iterator[tuple[str, ...]]:
    with click.Context(rencana) as context:
        for name in rencana.list_commands(context):
            found = rencana.get_command(context, name)
            yield (name,)
            if isinstance(found, click.Group):
                yield from ((name, part) for part in found.commands)


@pytest.mark.parametrize("words", [(), *every_command()], ids=" ".join)
def test_every_command_has_a_help(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(rencana, [*words, "--help"], prog_name="rencana")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: {' '.join(('rencana', *words))} ")


def test_admins_have_no_command_that_believes_a_typed_author() -> None:
    for words in every_command():
        assert "--by" not in CliRunner().invoke(rencana, [*words, "--help"]).output, words


@pytest.mark.parametrize("service", ["identity", "planning"])
def test_no_command_imports_the_module_of_another(service: str) -> None:
    commands = {place.partition(":")[0] for place, _ in Rencana.lazy_commands.values()}
    for file in (ROOT / "services" / service / "cli").glob("*.py"):
        imports = {
            node.module for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)
        }
        assert not imports & commands, file


def test_a_typed_byte_that_is_no_character_is_refused() -> None:
    result = CliRunner().invoke(rencana, ["admin", "grant", "\udcff", "admin"])
    assert (result.exit_code, "not UTF-8" in result.stderr) == (2, True)


def test_the_record_names_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "Sari Contoh")
    assert getpass.getuser() == "Sari Contoh"
    assert get_operator() != "Sari Contoh"
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    assert get_operator() == "uid 4000000"
