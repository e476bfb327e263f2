"""`rencana api`: a command for each document of admins. Its options are the variables of the document."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from services.kit.command_line import async_command, language_option

if TYPE_CHECKING:
    from services.planning.cli.client.documents import Document, Parameter
    from services.planning.cli.client.request import Send

REFUSED = 2
POLL_SECONDS = 1.0
# The document that reads an object again, by the field of a payload that holds it.
PROGRESS_DOCUMENTS = {"planMigration": "PlanMigration", "dryRun": "DryRun"}
CLICK_TYPES: Mapping[str, click.ParamType[Any]] = {
    "Int": click.INT,
    "Boolean": click.BOOL,
    "Float": click.FLOAT,
}


class Documents(click.Group):
    """A group whose commands are the documents of admins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of `login`, `logout` and of every document."""
        from services.planning.cli.client.documents import load_documents

        return [*super().list_commands(ctx), *map(_command_name, load_documents())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Build the command of a document. Returns None for an unknown name."""
        from services.planning.cli.client.documents import load_documents

        names = {_command_name(name): name for name in load_documents()}
        if cmd_name not in names:
            return super().get_command(ctx, cmd_name)
        return _build_command(load_documents()[names[cmd_name]])


@click.group(cls=Documents)
@click.option(
    "--planning", envvar="RENCANA_PLANNING_URL", default="http://127.0.0.1:8000", help="Address of planning."
)
@click.option(
    "--identity", envvar="RENCANA_IDENTITY_URL", default="http://127.0.0.1:8001", help="Address of identity."
)
@click.pass_context
def api(ctx: click.Context, planning: str, identity: str) -> None:
    """Commands of admins: a client of the GraphQL API. The token is in RENCANA_TOKEN, or you sign in."""
    ctx.obj = planning, identity


@api.command()
@click.pass_obj
@async_command
async def login(addresses: tuple[str, str]) -> None:
    """Sign in in the browser. The sign-in is valid for fifteen minutes."""
    from services.planning.cli.client.session import check_address, sign_in

    await sign_in(check_address(addresses[1]))
    click.echo("signed in")


@api.command()
def logout() -> None:
    """Delete the token of the last sign-in."""
    from services.planning.cli.client.session import forget_token

    click.echo("signed out" if forget_token() else "nobody was signed in")


def _build_command(document: Document) -> click.Command:
    from services.planning.cli.client.documents import describe, list_parameters

    parameters = list(list_parameters(document))
    options: dict[str, Parameter] = {f"p{index}": parameter for index, parameter in enumerate(parameters)}

    @click.pass_obj
    @async_command
    async def run(
        addresses: tuple[str, str],
        /,
        language: str,
        as_json: bool,
        wait: bool = False,
        **given: object,
    ) -> None:
        from services.planning.cli.client.documents import build_variables

        values = [
            (options[key], _parse(options[key], value)) for key, value in given.items() if _is_given(value)
        ]
        await _run(document, build_variables(values), addresses, language, as_json, wait)

    command = click.Command(
        _command_name(document.name), callback=run, help=describe(document),
        params=[_option(key, parameter) for key, parameter in options.items()],
    )  # fmt: skip
    decorators: list[Callable[[click.Command], click.Command]] = [
        language_option,
        click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
    ]
    if any(field in document.payload_fields for field in PROGRESS_DOCUMENTS):
        decorators.append(
            click.option("--wait", is_flag=True, help="Wait for the end, and show the progress.")
        )
    for decorate in decorators:
        command = decorate(command)
    return command


def _command_name(document_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", document_name).lower()


def _option(key: str, parameter: Parameter) -> click.Option:
    name = re.sub(r"(?=[A-Z])", "-", parameter.path[-1]).lower()
    return click.Option(
        [f"--{name}", key],
        type=_click_type(parameter),
        required=parameter.is_required,
        multiple=parameter.is_list,
        help=parameter.description,
        metavar="JSON" if parameter.is_object else None,
    )


def _click_type(parameter: Parameter) -> click.ParamType[Any]:
    from services.planning.cli.client.documents import FILE_FIELD

    if parameter.path[-1] == FILE_FIELD:
        return click.File("r", encoding="utf-8")
    if parameter.values:
        return click.Choice(parameter.values, case_sensitive=False)
    return CLICK_TYPES.get(parameter.type_name, click.STRING)


def _is_given(value: object) -> bool:
    return value is not None and value != ()


def _parse(parameter: Parameter, value: Any) -> object:
    if isinstance(value, tuple):
        return [_parse(parameter, item) for item in value]
    if hasattr(value, "read"):
        return value.read()
    if not parameter.is_object:
        return value
    try:
        return json.loads(value)
    except ValueError:
        name = re.sub(r"(?=[A-Z])", "-", parameter.path[-1]).lower()
        raise click.UsageError(f'--{name} takes JSON, such as {{"name": …}}') from None


async def _run(
    document: Document,
    variables: Mapping[str, Any],
    addresses: tuple[str, str],
    language: str,
    as_json: bool,
    wait: bool,
) -> None:
    from services.kit.text import escape_text
    from services.planning.cli.client.documents import load_documents
    from services.planning.cli.client.output import format_answer, format_problems
    from services.planning.cli.client.request import open_client

    async with open_client(*addresses, language) as send:
        answer = await send(document, variables)
        if wait and "problems" not in answer:
            for field, name in PROGRESS_DOCUMENTS.items():
                if field in answer:
                    answer = await _follow(send, load_documents()[name], answer[field]["id"])
    if as_json:
        click.echo(escape_text(json.dumps(answer, ensure_ascii=False, indent=2)))
    elif isinstance(answer, Mapping) and "problems" in answer:
        for line in format_problems(answer["problems"]):
            click.echo(line, err=True)
    else:
        for line in format_answer(answer):
            click.echo(line)
    if isinstance(answer, Mapping) and "problems" in answer:
        sys.exit(REFUSED)


async def _follow(send: Send, document: Document, id: str) -> dict[str, Any]:
    """Read an object until its work has ended, and show its progress on stderr."""
    while True:
        value: dict[str, Any] = await send(document, {"id": id})
        progress = next(value[name] for name in ("rollback", "forward", "progress") if value.get(name))
        numbers = ", ".join(
            f"{name} {number}" for name, number in progress.items() if isinstance(number, int | float)
        )
        click.echo(f"\r{numbers}", err=True, nl=progress["endedAt"] is not None)
        if progress["endedAt"] is not None:
            return value
        await asyncio.sleep(POLL_SECONDS)
