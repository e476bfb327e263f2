"""Shared parts of the commands: lazy loading, asynchronous bodies, and the operator's name."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from pkgutil import resolve_name
from typing import ClassVar, ParamSpec

import click

P = ParamSpec("P")

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
