"""`rencana dapodik …`, `accounts …`, `tugas-tambahan …`, `zones …`: imports into the registry.

Exit code 0: everything was stored; 2: something was refused, the rest was stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.identity.cli.options import open_identity
from services.identity.registry.report import Report, ReportPrinter
from services.kit.command_line import async_command, language_option
from services.kit.problems import Problem, RequestRefused
from workflows.model.messages import Language

if TYPE_CHECKING:
    from services.identity.registry.bundle import Bundle
    from services.identity.settings import IdentitySettings

SHIPPED_ZONES = Path(__file__).parents[1] / "data" / "zones.csv"

files_argument = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
report_option = click.option("--report", "form", type=click.Choice(["text", "json"]), default="text")
as_of_option = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]),
    help="the instant (UTC) the data are of; now, if not given",
)

Import = Callable[[bytes, str, datetime], Awaitable[Report]]


@click.group()
def dapodik() -> None:
    """Data of schools and their people, as Dapodik's Web Service gives them."""


@click.group()
def accounts() -> None:
    """Accounts of belajar.id."""


@click.group("tugas-tambahan")
def tugas_tambahan() -> None:
    """Additional duties, Plt among them."""


@click.group()
def zones() -> None:
    """Time zones of provinces."""


@dapodik.command("import")
@files_argument
@report_option
@language_option
@as_of_option
def dapodik_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import bundles {"getSekolah": …, "getGtk": …, "getPengguna": …}, one, an array, or NDJSON."""
    printer = ReportPrinter(form, language)
    asyncio.run(_import_schools(files, as_of, printer))
    printer.exit()


async def _import_schools(files: tuple[Path, ...], as_of: datetime | None, printer: ReportPrinter) -> None:
    from services.identity.registry.dapodik_files import count_schools, read_schools
    from services.identity.settings import PACKAGE, IdentitySettings
    from services.kit.database import open_database
    from services.kit.process import show_progress
    from services.kit.settings import load_settings

    settings = load_settings(IdentitySettings)
    as_of_instant = _parse_as_of(as_of, settings)
    with show_progress("schools", sum(map(count_schools, files))) as advance:
        async with open_database(settings.identity_database_url, PACKAGE):
            for place, read in (found for path in files for found in read_schools(path)):
                printer.add(await _import_bundle(place, read, as_of_instant))
                advance()


async def _import_bundle(place: str, bundle: Bundle | RequestRefused, as_of: datetime) -> Report:
    from services.identity.registry.commands import import_school

    try:
        if isinstance(bundle, RequestRefused):
            raise bundle
        return await import_school(bundle, as_of)
    except RequestRefused as refusal:
        return Report(place, problems=refusal.problems, is_complete=False)


def _parse_npsn(_: click.Context, __: click.Parameter, value: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from services.identity.registry.fields import Npsn

    try:
        return TypeAdapter(Npsn).validate_python(value)
    except ValidationError:
        raise click.BadParameter("8 characters: digits, or a leading P for non-formal units") from None


@dapodik.command("token")
@click.argument("npsn", callback=_parse_npsn)
@click.option("--revoke", is_flag=True, help="stop the school's tokens instead of issuing one")
@async_command
async def dapodik_token(npsn: str, revoke: bool) -> None:
    """Issue a school's push token. It is shown once; earlier ones stop working."""
    from services.identity.registry.commands import issue_push_token, revoke_push_tokens

    async with open_identity() as (now, connection):
        if revoke:
            click.echo(f"{await revoke_push_tokens(npsn, now, connection)} revoked")
        else:
            click.echo(await issue_push_token(npsn, now))


@accounts.command("import")
@files_argument
@report_option
@language_option
@as_of_option
def accounts_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns email, ptk_id, npsn, opened, closed."""
    from services.identity.accounts.commands import import_accounts

    _import_files(files, as_of, ReportPrinter(form, language), import_accounts)


@tugas_tambahan.command("import")
@files_argument
@report_option
@language_option
@as_of_option
def duties_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns ptk_id, jabatan_ptk_id, npsn, nomor_sk, tmt, tst."""
    from services.identity.registry.commands import import_duties

    _import_files(files, as_of, ReportPrinter(form, language), import_duties)


@zones.command("import")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@report_option
@language_option
@as_of_option
def zones_import(files: tuple[Path, ...], form: str, language: Language, as_of: datetime | None) -> None:
    """Import CSV with the columns provinsi, zone; without a file, the 38 provinces that are shipped."""
    from services.identity.registry.commands import import_zones

    _import_files(files or (SHIPPED_ZONES,), as_of, ReportPrinter(form, language), import_zones)


def _import_files(
    files: tuple[Path, ...], as_of: datetime | None, printer: ReportPrinter, import_one: Import
) -> None:
    from services.identity.settings import PACKAGE, IdentitySettings
    from services.kit.database import open_database
    from services.kit.process import show_progress
    from services.kit.settings import load_settings

    async def run() -> None:
        settings = load_settings(IdentitySettings)
        at = _parse_as_of(as_of, settings)
        with show_progress("files", len(files)) as advance:
            async with open_database(settings.identity_database_url, PACKAGE):
                for path in files:
                    try:
                        printer.add(await import_one(path.read_bytes(), path.name, at))
                    except RequestRefused as refusal:
                        printer.add(Report(path.name, problems=refusal.problems, is_complete=False))
                    advance()

    asyncio.run(run())
    printer.exit()


def _parse_as_of(as_of: datetime | None, settings: IdentitySettings) -> datetime:
    """The instant the data are of; RequestRefused where it is still to come: until then all others would be older."""
    from services.kit.clock import Clock

    now = Clock(settings.now).now()
    at = as_of.replace(tzinfo=UTC) if as_of else now
    if at > now:
        raise RequestRefused(
            Problem("import.future", {"as_of": at.isoformat(), "now": now.isoformat()}, ("as_of",))
        )
    return at
