"""CSV files for data that Dapodik's Web Service lacks: accounts, tugas tambahan, and zones of provinces."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.identity.people.model import AccountFacts, DutyFacts, Row, ZoneFacts, parse_zone
from services.identity.registry import fields
from services.identity.registry.bundle import Bundle
from services.identity.registry.file_input import Record, read_records
from services.identity.registry.json_input import InputPath
from services.identity.registry.rows import RowModel, read_row
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province

Model = TypeVar("Model", bound=BaseModel)
Facts = TypeVar("Facts")


# The rows by key, the problems of refused rows, the line of each key, and the number of repeated lines.
FileRows = tuple[dict[str, Facts], list[Problem], dict[str, InputPath], int]


def read_table(
    data: bytes, model: type[Model], parse_row: Callable[[Model, InputPath], tuple[str, Facts]]
) -> FileRows[Facts]:
    """Return the rows of a file.

    `parse_row(row, path)` returns the key and value of a row, or raises RequestRefused. A second row with the same
    key and another value is refused. Raises RequestRefused for an unreadable file.
    """
    facts: dict[str, Facts] = {}
    problems: list[Problem] = []
    lines: dict[str, InputPath] = {}
    repeated_count = 0
    for record, row in _read_rows(data, list(model.model_fields)):
        try:
            if record.problem:
                raise RequestRefused(record.problem)
            key, value = parse_row(read_row(model, row, record.path), record.path)
            if facts.setdefault(key, value) != value:
                raise RequestRefused(Problem("row.twice", {"key": key}, record.path))
            repeated_count += lines.setdefault(key, record.path) != record.path
        except RequestRefused as refusal:
            problems.extend(_add_value(problem, row) for problem in refusal.problems)
    return facts, problems, lines, repeated_count


def _read_rows(data: bytes, columns: list[str]) -> Iterator[tuple[Record, dict[str, str] | None]]:
    records = read_records(data)
    header = next(records, Record((), []))
    if header.problem:
        raise RequestRefused(header.problem)
    names = _drop_empty_end([name.strip().lower() for name in header.cells], 0)
    if sorted(names) != sorted(columns):
        raise RequestRefused(Problem("csv.header", {"columns": ", ".join(columns)}, ("line 1",)))
    for record in records:
        cells = _drop_empty_end(record.cells, len(names))
        # in a short line fields are missing, which the model reports; a long line is refused as a whole
        yield record, dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None


def _drop_empty_end(cells: list[str], length: int) -> list[str]:
    """Drop empty cells at the end, beyond `length`: spreadsheets write them for empty columns."""
    end = len(cells)
    while end > length and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _add_value(problem: Problem, row: Mapping[str, str] | None) -> Problem:
    """Add the refused value to a problem of a field, for the report to its sender."""
    value = (row or {}).get(problem.path[-1])
    return replace(problem, params={**problem.params, "value": value}) if value else problem


_EMAIL = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


class AccountRow(RowModel):
    """A line of the accounts file. `ptk_id` is empty for an officer who is not a PTK."""

    email: fields.RequiredAddress
    ptk_id: fields.Uuid = None
    npsn: fields.OptionalNpsn = None
    opened: fields.Date = None
    closed: fields.Date = None


class DutyRow(RowModel):
    """A line of the tugas tambahan file."""

    ptk_id: fields.RequiredUuid
    jabatan_ptk_id: fields.RequiredCode
    npsn: fields.Npsn
    nomor_sk: fields.Text = None
    tmt: fields.RequiredDate
    tst: fields.Date = None


class ZoneRow(RowModel):
    """A line of the zones file: `Prov. Bali,WITA`."""

    provinsi: fields.RequiredText
    zone: fields.RequiredText


def read_accounts(data: bytes) -> FileRows[AccountFacts]:
    """Read the accounts file by address in lower case."""
    return read_table(data, AccountRow, _parse_account)


def read_duties(data: bytes) -> FileRows[DutyFacts]:
    """Read the file of tugas tambahan by `format_duty_key`."""
    return read_table(data, DutyRow, _parse_duty)


def read_zones(data: bytes) -> FileRows[ZoneFacts]:
    """Read the file of zones by `normalize_province`."""
    return read_table(data, ZoneRow, _parse_zone)


def format_duty_key(duty: DutyFacts) -> str:
    """Return the key of a tugas tambahan: person, school, jabatan and first day."""
    return f"{duty.ptk_id} {duty.npsn} {duty.jabatan_ptk_id} {duty.tmt}"


def normalize_email(text: str) -> str | None:
    """Return an e-mail address in lower case, or None for another text."""
    email = text.strip().lower()
    return email if _EMAIL.fullmatch(email) and len(email) <= 254 else None


def _parse_account(row: AccountRow, path: InputPath) -> tuple[str, AccountFacts]:
    email = normalize_email(row.email)
    if email is None:
        raise RequestRefused(Problem("account.email", {"field": "email"}, (*path, "email")))
    if row.opened and row.closed and row.closed < row.opened:
        raise RequestRefused(Problem("row.ends_before_it_begins", {"field": "closed"}, (*path, "closed")))
    return email, AccountFacts(email, row.ptk_id, row.npsn, row.opened, row.closed)


def _parse_duty(row: DutyRow, path: InputPath) -> tuple[str, DutyFacts]:
    if row.tst and row.tst < row.tmt:
        raise RequestRefused(Problem("row.ends_before_it_begins", {"field": "tst"}, (*path, "tst")))
    duty = DutyFacts(row.ptk_id, row.npsn, row.jabatan_ptk_id, row.tmt, row.nomor_sk, row.tst)
    return format_duty_key(duty), duty


def _parse_zone(row: ZoneRow, path: InputPath) -> tuple[str, ZoneFacts]:
    zone = parse_zone(row.zone)
    if zone is None:
        raise RequestRefused(Problem("zone.unknown", {"field": "zone"}, (*path, "zone")))
    key = normalize_province(row.provinsi)
    return key, ZoneFacts(key, row.provinsi, zone)


BELAJAR_DOMAIN = "belajar.id"


def list_candidate_accounts(bundle: Bundle) -> dict[str, AccountFacts]:
    """Return possible accounts by address: users with a belajar.id address and a ptk_id, at their induk school."""
    accounts: dict[str, AccountFacts] = {}
    for _, user in bundle.users:
        email = normalize_email(user.username or "")
        person = bundle.people.get(user.ptk_id) if user.ptk_id else None
        if (
            email
            and person
            and person[1].induk
            and email.endswith(("@" + BELAJAR_DOMAIN, "." + BELAJAR_DOMAIN))
        ):
            accounts.setdefault(email, AccountFacts(email, person[0].ptk_id, bundle.school.npsn))
    return accounts


def choose_new_accounts(
    candidates: Mapping[str, AccountFacts],
    existing_accounts: Mapping[str, Row[AccountFacts]],
    people_with_account: Collection[UUID],
) -> tuple[list[AccountFacts], list[Problem]]:
    """Return the accounts to open, and warnings about the others.

    A `username` never moves an address to another person, nor gives a person a second one. Only the accounts file may
    do that, because the address identifies a person at sign-in.
    """
    accounts: list[AccountFacts] = []
    warnings: list[Problem] = []
    owners = set(people_with_account)
    for email, account in candidates.items():
        if email in existing_accounts and existing_accounts[email].facts.ptk_id == account.ptk_id:
            continue
        if email in existing_accounts or account.ptk_id in owners:
            warnings.append(
                Problem("account.not_taken_from_pengguna", path=("getPengguna", str(account.ptk_id)))
            )
            continue
        accounts.append(account)
        owners.add(account.ptk_id)  # type: ignore[arg-type]  # candidates have a person
    return accounts, warnings
