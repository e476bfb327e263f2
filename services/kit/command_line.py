"""Shared parts of the commands: lazy loading, asynchronous bodies, and the operator's name."""

from __future__ import annotations

import asyncio
import io
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from tempfile import mkdtemp
from typing import TYPE_CHECKING, ClassVar, ParamSpec

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

P = ParamSpec("P")

OUTPUT_LOST = 3  # exit code of a command that did its work and could not show all of it

language_option = click.option(
    "--language", type=click.Choice(["id", "en"]), default="id", help="of the messages"
)


class LazyGroup(click.Group):
    """A group that imports a command when it is used.

    `lazy_commands` maps the name of a command to its import path (`module:object`) and its line of help. The help is
    here so that `--help` imports no command: importing them all took 1.3 s and 98 MB.
    """

    lazy_commands: ClassVar[Mapping[str, tuple[str, str]]]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of `lazy_commands`."""
        return [*self.lazy_commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command. Returns None for an unknown name."""
        if cmd_name not in self.lazy_commands:
            return None
        import_path, _ = self.lazy_commands[cmd_name]
        command = resolve_name(import_path)
        assert isinstance(command, click.Command), import_path
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and their lines of help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.lazy_commands.items()])


def async_command(work: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Make a coroutine function the body of a command. Rejects arguments that are not UTF-8."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if any(isinstance(word, str) and not _is_utf_8(word) for word in kwargs.values()):
            raise click.UsageError("an argument is not UTF-8")
        asyncio.run(work(*args, **kwargs))

    return run


class _OutputThatMayEnd(io.FileIO):
    """Standard output that drops what it cannot write, and remembers the error."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or pretend to: a reader that stops must not end the work half done."""
        try:
            return super().write(data)
        except OSError as error:
            self.error = error
            return memoryview(data).nbytes


@contextmanager
def outlasting_output() -> Iterator[None]:
    """Let a command finish its work although its output ends early, as in `rencana … | head` or on a full disk.

    Says so on stderr afterwards, and exits with OUTPUT_LOST if the command itself succeeded.
    """
    output = _OutputThatMayEnd(sys.stdout.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(output), sys.stdout.encoding, sys.stdout.errors, line_buffering=True
    )
    try:
        yield
    except SystemExit as end:
        sys.stdout.flush()
        if output.error is None:
            raise
        click.echo(f"the output was cut ({output.error.strerror}); the command went on to its end", err=True)
        sys.exit(end.code or OUTPUT_LOST)


class InputFile(click.Path):
    """A path of a file to import. `-` is standard input, which is read once into a file, as a named pipe is."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, allow_dash=True, path_type=Path)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path of a file that can be read twice. Raises click.BadParameter."""
        path = super().convert(value, param, ctx)  # type: ignore[arg-type]  # click accepts every value
        assert isinstance(path, Path)
        is_input = str(path) == "-"
        if not is_input and stat.S_ISREG(path.stat().st_mode):
            return path
        folder = Path(mkdtemp())
        click.get_current_context().call_on_close(lambda: shutil.rmtree(folder))
        copy = folder / ("stdin" if is_input else path.name)
        with click.open_file(str(path), "rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        return copy


def get_operator() -> str:
    """Return the operating system's user name for the audit log, or `uid N` if the user has no name."""
    # getpass.getuser() trusts LOGNAME, which anybody can set
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _is_utf_8(word: str) -> bool:
    # Python decodes an invalid byte of an argument to half of a surrogate pair
    return not any("\ud800" <= character <= "\udfff" for character in word)
