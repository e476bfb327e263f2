"""What the commands of both services share: commands that load when they are used, and whom the record names."""

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

    `registry` maps a command's name to the place of its object (`module:object`) and its line of help. The help
    stands here so that `--help` imports no command: that took 1.3 s and 98 MB.
    """

    lazy_commands: ClassVar[Mapping[str, tuple[str, str]]]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the registry."""
        return [*self.lazy_commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None if there is no such command."""
        if cmd_name not in self.lazy_commands:
            return None
        import_path, _ = self.lazy_commands[cmd_name]
        command = resolve_name(import_path)
        assert isinstance(command, click.Command), import_path
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the registry."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.lazy_commands.items()])


def async_command(work: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Make a coroutine function the body of a command. Refuses words that are not UTF-8."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if any(isinstance(word, str) and not _is_utf_8(word) for word in kwargs.values()):
            raise click.UsageError("what was typed is not UTF-8")
        asyncio.run(work(*args, **kwargs))

    return run


def get_operator() -> str:
    """Return the name of this machine's user for the record, or `uid N` for a user without a name."""
    # not getpass.getuser(): that believes LOGNAME, which anybody can set
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _is_utf_8(word: str) -> bool:
    # Python keeps a byte that is no character as half of a surrogate pair
    return not any("\ud800" <= letter <= "\udfff" for letter in word)
