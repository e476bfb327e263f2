"""CSV files for data that Dapodik's Web Service lacks: accounts, tugas tambahan, and zones of provinces."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.identity.people.model import AccountFacts, DutyFacts, Row, ZoneFacts, parse_zone
from services.identity.registry import fields
from services.identity.registry.bundle import Bundle
from services.identity.registry.json_input import InputPath, Json
from services.identity.registry.rows import RowModel, read_row
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province

Model = TypeVar("Model", bound=BaseModel)
Facts = TypeVar("Facts")


def read_table(
    data: bytes, model: type[Model], parse_row: Callable[[Model, InputPath], tuple[str, Facts]]
) -> tuple[dict[str, Facts], list[Problem]]:
    """Return the rows by key, and the problems of refused rows. Raises RequestRefused for an unreadable file.

    `parse_row(row, path)` returns the key and value of a row, or raises RequestRefused. A second row with the same
    key and another value is refused.
    """
    facts: dict[str, Facts] = {}
    problems: list[Problem] = []
    for path, row in _read_lines(data, list(model.model_fields)):
        try:
            key, value = parse_row(read_row(model, row, path), path)
            if facts.setdefault(key, value) != value:
                raise RequestRefused(Problem("row.twice", {"key": key}, path))
        except RequestRefused as refusal:
            problems.extend(refusal.problems)
    return facts, problems


def _read_lines(data: bytes, columns: list[str]) -> list[tuple[InputPath, Json]]:
    try:
        text = data.decode("utf-8-sig")
        header = text.split("\n", 1)[0]
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True
        )
        table = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise RequestRefused(Problem("csv.unreadable")) from None
    names = [name.strip().lower() for name in table[0][1]] if table else []
    if sorted(names) != sorted(columns):
        raise RequestRefused(Problem("csv.header", {"columns": ", ".join(columns)}, ("line 1",)))
    # in a short line fields are missing, which the model reports; a long line is refused as a whole
    return [
        ((f"line {number}",), dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None)
        for number, cells in table[1:]
        if any(cell.strip() for cell in cells)
    ]


_EMAIL = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


class AccountRow(RowModel):
    """A line of the accounts file. `ptk_id` is empty for an officer who is not a PTK."""

    email: fields.RequiredText
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


def read_accounts(data: bytes) -> tuple[dict[str, AccountFacts], list[Problem]]:
    """Read the accounts file: accounts by address in lower case, and problems."""
    return read_table(data, AccountRow, _parse_account)


def read_duties(data: bytes) -> tuple[dict[str, DutyFacts], list[Problem]]:
    """Read the file of tugas tambahan: duties by `format_duty_key`, and problems."""
    return read_table(data, DutyRow, _parse_duty)


def read_zones(data: bytes) -> tuple[dict[str, ZoneFacts], list[Problem]]:
    """Read the file of zones: zones by `normalize_province`, and problems."""
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
        raise RequestRefused(Problem("account.email", path=(*path, "email")))
    if row.opened and row.closed and row.closed < row.opened:
        raise RequestRefused(Problem("row.ends_before_it_begins", path=(*path, "closed")))
    return email, AccountFacts(email, row.ptk_id, row.npsn, row.opened, row.closed)


def _parse_duty(row: DutyRow, path: InputPath) -> tuple[str, DutyFacts]:
    if row.tst and row.tst < row.tmt:
        raise RequestRefused(Problem("row.ends_before_it_begins", path=(*path, "tst")))
    duty = DutyFacts(row.ptk_id, row.npsn, row.jabatan_ptk_id, row.tmt, row.nomor_sk, row.tst)
    return format_duty_key(duty), duty


def _parse_zone(row: ZoneRow, path: InputPath) -> tuple[str, ZoneFacts]:
    zone = parse_zone(row.zone)
    if zone is None:
        raise RequestRefused(Problem("zone.unknown", path=(*path, "zone")))
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
