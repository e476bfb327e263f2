"""The command line: every command has a help, and loads no more than it runs on."""

from __future__ import annotations

import ast
import getpass
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from services.cli import Rencana, rencana
from services.kit.command_line import get_operator
from tests.composed import ROOT

# Each takes 0.1 to 0.6 s of CPU to import: the limit is 0.3 s for `rencana --help` and 0.6 s for a command.
SERVING = {"strawberry", "aiohttp", "uvicorn"}
DATABASE = {"tortoise", "asyncpg", "pydantic_settings"}


def find_loaded_packages(program: str) -> set[str]:
    """Run a program in a fresh interpreter. Returns the top-level packages that it has loaded."""
    program += "\nimport sys; print('loaded:', *{name.partition('.')[0] for name in sys.modules})"
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(process.stdout.rpartition("loaded:")[2].split())


def run_command(*words: str) -> str:
    """Return a program that runs `rencana …`."""
    return f"from services.cli import rencana; rencana({words!r}, standalone_mode=False)"


def import_all(names: Iterable[str]) -> str:
    """Return a program that imports modules, or objects named `module:object`."""
    return f"from pkgutil import resolve_name\nfor name in {sorted(names)!r}: resolve_name(name)"


def find_deferred_imports(file: Path) -> Iterator[str]:
    """Yield the modules that functions of a file import when they are called."""
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node.module or "" for node in function.body if isinstance(node, ast.ImportFrom))


def test_help_of_the_program_loads_no_command() -> None:
    packages = find_loaded_packages(run_command("--help"))
    assert not packages & (SERVING | DATABASE | {"pydantic", "starlette", "yaml", "workflows"})


def test_help_of_a_command_loads_neither_server_nor_database() -> None:
    packages = find_loaded_packages(import_all(place for place, _ in Rencana.lazy_commands.values()))
    assert not packages & (SERVING | DATABASE | {"starlette"})


def test_lint_of_a_file_loads_neither_server_nor_database() -> None:
    lint = run_command("workflow", "lint", "workflows/definitions/perencanaan-kinerja.yaml")
    assert not find_loaded_packages(lint) & (SERVING | DATABASE | {"starlette"})


def test_a_command_of_an_operator_loads_no_server() -> None:
    modules = {
        module
        for file in (ROOT / "services").glob("*/cli/*.py")
        if file.stem not in ("serve", "worker")
        for module in find_deferred_imports(file)
    }
    assert {"services.kit.database", "services.planning.erasure"} < modules
    assert not find_loaded_packages(import_all(modules)) & SERVING


def list_commands() -> Iterator[tuple[str, ...]]:
    with click.Context(rencana) as context:
        for name in rencana.list_commands(context):
            command = rencana.get_command(context, name)
            yield (name,)
            if isinstance(command, click.Group):
                yield from ((name, part) for part in command.commands)


@pytest.mark.parametrize("words", [(), *list_commands()], ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(rencana, [*words, "--help"], prog_name="rencana")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: {' '.join(('rencana', *words))} ")


def test_no_command_takes_an_author() -> None:
    for words in list_commands():
        assert "--by" not in CliRunner().invoke(rencana, [*words, "--help"]).output, words


@pytest.mark.parametrize("service", ["identity", "planning"])
def test_command_modules_do_not_import_each_other(service: str) -> None:
    commands = {place.partition(":")[0] for place, _ in Rencana.lazy_commands.values()}
    for file in (ROOT / "services" / service / "cli").glob("*.py"):
        imports = {
            node.module for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)
        }
        assert not imports & commands, file


def test_argument_that_is_not_utf8_is_refused() -> None:
    result = CliRunner().invoke(rencana, ["admin", "grant", "\udcff", "admin"])
    assert (result.exit_code, "not UTF-8" in result.stderr) == (2, True)


def test_operator_is_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "Sari Contoh")
    assert getpass.getuser() == "Sari Contoh"
    assert get_operator() != "Sari Contoh"
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    assert get_operator() == "uid 4000000"
