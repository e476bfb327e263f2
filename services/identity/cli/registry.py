"""`rencana dapodik …`, `accounts …`, `tugas-tambahan …`, `zones …`: imports into the registry.

Exit code 0: everything was stored. Exit code 2: something was refused, and the rest was stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.identity.cli.options import open_identity
from services.identity.registry.report import Report, ReportPrinter
from services.kit.command_line import InputFile, async_command, language_option
from services.kit.problems import Problem, RequestRefused
from workflows.model.messages import Language

if TYPE_CHECKING:
    from services.identity.registry.bundle import Bundle

SHIPPED_ZONES = Path(__file__).parents[1] / "data" / "zones.csv"

# the subject of the report, and the import with the instant of the data and now
Step = tuple[str, Callable[[datetime, datetime], Awaitable[Report]]]
ImportCommand = Callable[[tuple[Path, ...], str, Language, datetime | None], None]


@click.group()
def dapodik() -> None:
    """Data of schools and their people, from Dapodik's Web Service."""


@click.group()
def accounts() -> None:
    """Accounts of belajar.id."""


@click.group("tugas-tambahan")
def tugas_tambahan() -> None:
    """Additional duties, Plt among them."""


@click.group()
def zones() -> None:
    """Time zones of provinces."""


def import_command(
    group: click.Group, *, needs_files: bool = True
) -> Callable[[ImportCommand], click.Command]:
    """Return a decorator that adds the command `import` with its arguments to a group."""
    as_of = click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]),
        help="instant of the data (UTC); default: now",
    )
    report = click.option("--report", "form", type=click.Choice(["text", "json"]), default="text")
    files = click.argument("files", nargs=-1, required=needs_files, type=InputFile())
    return lambda body: group.command("import")(files(report(language_option(as_of(body)))))


@import_command(dapodik)
def dapodik_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import bundles {"getSekolah": …, "getGtk": …, "getPengguna": …}: one, an array, or NDJSON."""
    from services.identity.registry.commands import import_school
    from services.identity.registry.dapodik_files import count_schools, read_schools

    async def import_bundle(bundle: Bundle | RequestRefused, as_of: datetime, now: datetime) -> Report:
        if isinstance(bundle, RequestRefused):
            raise bundle
        return await import_school(bundle, as_of, now)

    bundles = (item for path in files for item in read_schools(path))
    steps = ((name, partial(import_bundle, bundle)) for name, bundle in bundles)
    _run_import("schools", sum(map(count_schools, files)), steps, as_of, ReportPrinter(form, language))


@import_command(accounts)
def accounts_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns email, ptk_id, npsn, opened, closed."""
    from services.identity.accounts.commands import import_accounts
    from services.identity.settings import IdentitySettings
    from services.kit.settings import load_settings

    domains = load_settings(IdentitySettings).oidc_hd
    _import_files(files, partial(import_accounts, domains=domains), as_of, ReportPrinter(form, language))


@import_command(tugas_tambahan)
def duties_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns ptk_id, jabatan_ptk_id, npsn, nomor_sk, tmt, tst."""
    from services.identity.registry.own_file_commands import import_duties

    _import_files(files, import_duties, as_of, ReportPrinter(form, language))


@import_command(zones, needs_files=False)
def zones_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns provinsi, zone. Without a file, import the shipped zones of 38 provinces."""
    from services.identity.registry.own_file_commands import import_zones

    _import_files(files or (SHIPPED_ZONES,), import_zones, as_of, ReportPrinter(form, language))


def _import_files(
    files: tuple[Path, ...],
    import_file: Callable[[bytes, str, datetime, datetime], Awaitable[Report]],
    as_of: datetime | None,
    printer: ReportPrinter,
) -> None:
    def read_steps() -> Iterator[Step]:
        for path in files:
            yield path.name, partial(import_file, path.read_bytes(), path.name)

    _run_import("files", len(files), read_steps(), as_of, printer)


def _run_import(
    label: str, total: int, steps: Iterable[Step], as_of: datetime | None, printer: ReportPrinter
) -> None:
    from services.kit.process import show_progress

    async def run() -> None:
        async with open_identity() as (now, _):
            data_as_of = _check_as_of(as_of, now)
            with show_progress(label, total) as advance:
                for subject, import_data in steps:
                    try:
                        report = await import_data(data_as_of, now)
                    except RequestRefused as refusal:
                        report = Report(subject, problems=refusal.problems, is_complete=False)
                    printer.add(report)
                    advance()

    asyncio.run(run())
    printer.exit()


def _check_as_of(as_of: datetime | None, now: datetime) -> datetime:
    """Return the instant of the data. Raises RequestRefused for a future one: later data would then be older."""
    instant = as_of.replace(tzinfo=UTC) if as_of else now
    if instant > now:
        params = {"as_of": instant.isoformat(), "now": now.isoformat()}
        raise RequestRefused(Problem("import.future", params, ("as_of",)))
    return instant


def _parse_npsn(_: click.Context, __: click.Parameter, value: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from services.identity.registry.fields import Npsn

    try:
        return TypeAdapter(Npsn).validate_python(value)
    except ValidationError:
        raise click.BadParameter("8 characters: digits, or a leading P for non-formal units") from None


@dapodik.command("token")
@click.argument("npsn", callback=_parse_npsn)
@click.option("--revoke", is_flag=True, help="revoke the school's tokens instead of issuing one")
@async_command
async def dapodik_token(npsn: str, revoke: bool) -> None:
    """Issue a school's push token. It is shown once, and revokes earlier ones."""
    from services.identity.registry.commands import issue_push_token, revoke_push_tokens

    async with open_identity() as (now, connection):
        if revoke:
            click.echo(f"{await revoke_push_tokens(npsn, now, connection)} revoked")
        else:
            click.echo(await issue_push_token(npsn, now))
