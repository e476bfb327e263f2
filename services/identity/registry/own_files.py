"""The files for what Dapodik's Web Service lacks: accounts, tugas tambahan, and the zones of provinces."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.identity.people.model import AccountFacts, DutyFacts, Row, ZoneFacts, zone_of
from services.identity.registry import fields
from services.identity.registry.bundle import ReadSchool
from services.identity.registry.json_input import Json, Place
from services.identity.registry.rows import read_row
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province

Model = TypeVar("Model", bound=BaseModel)
Facts = TypeVar("Facts")


def read_table(
    data: bytes, model: type[Model], facts_of: Callable[[Model, Place], tuple[str, Facts]]
) -> tuple[dict[str, Facts], list[Problem]]:
    """The rows by key, and the refused ones by line; RequestRefused when the file itself cannot be read.

    `facts_of(row, place)` gives a row's key and value, or raises RequestRefused. A key that stands twice with
    different values is refused at its second place; the first one stands.
    """
    facts: dict[str, Facts] = {}
    refused: list[Problem] = []
    for place, row in _lines(data, list(model.model_fields)):
        try:
            key, value = facts_of(read_row(model, row, place), place)
            if facts.setdefault(key, value) != value:
                raise RequestRefused(Problem("row.twice", {"key": key}, place))
        except RequestRefused as refusal:
            refused.extend(refusal.problems)
    return facts, refused


def _lines(data: bytes, columns: list[str]) -> list[tuple[Place, Json]]:
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
    # a short line leaves fields absent, which the model tells; a long one is no row at all
    return [
        ((f"line {number}",), dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None)
        for number, cells in table[1:]
        if any(cell.strip() for cell in cells)
    ]


_EMAIL = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class AccountRow(_Row):
    """A line of the accounts file; `ptk_id` may be empty (an officer who is no PTK)."""

    email: fields.RequiredText
    ptk_id: fields.Uuid = None
    npsn: fields.OptionalNpsn = None
    opened: fields.Date = None
    closed: fields.Date = None


class DutyRow(_Row):
    """A line of the tugas tambahan file."""

    ptk_id: fields.RequiredUuid
    jabatan_ptk_id: fields.RequiredCode
    npsn: fields.Npsn
    nomor_sk: fields.Text = None
    tmt: fields.RequiredDate
    tst: fields.Date = None


class ZoneRow(_Row):
    """A line of the zones file: `Prov. Bali,WITA`."""

    provinsi: fields.RequiredText
    zone: fields.RequiredText


def read_accounts(data: bytes) -> tuple[dict[str, AccountFacts], list[Problem]]:
    """Accounts by address in lower case, and what was refused."""
    return read_table(data, AccountRow, _account)


def read_duties(data: bytes) -> tuple[dict[str, DutyFacts], list[Problem]]:
    """Tugas tambahan by `duty_key`, and what was refused."""
    return read_table(data, DutyRow, _duty)


def read_zones(data: bytes) -> tuple[dict[str, ZoneFacts], list[Problem]]:
    """Zones by `province_key`, and what was refused."""
    return read_table(data, ZoneRow, _zone)


def duty_key(duty: DutyFacts) -> str:
    """What makes a tugas tambahan the same one: person, school, jabatan and first day."""
    return f"{duty.ptk_id} {duty.npsn} {duty.jabatan_ptk_id} {duty.tmt}"


def email_address(text: str) -> str | None:
    """An address in lower case, or None for what is none."""
    address = text.strip().lower()
    return address if _EMAIL.fullmatch(address) and len(address) <= 254 else None


def _account(row: AccountRow, place: Place) -> tuple[str, AccountFacts]:
    email = email_address(row.email)
    if email is None:
        raise RequestRefused(Problem("account.email", path=(*place, "email")))
    if row.opened and row.closed and row.closed < row.opened:
        raise RequestRefused(Problem("row.ends_before_it_begins", path=(*place, "closed")))
    return email, AccountFacts(email, row.ptk_id, row.npsn, row.opened, row.closed)


def _duty(row: DutyRow, place: Place) -> tuple[str, DutyFacts]:
    if row.tst and row.tst < row.tmt:
        raise RequestRefused(Problem("row.ends_before_it_begins", path=(*place, "tst")))
    duty = DutyFacts(row.ptk_id, row.npsn, row.jabatan_ptk_id, row.tmt, row.nomor_sk, row.tst)
    return duty_key(duty), duty


def _zone(row: ZoneRow, place: Place) -> tuple[str, ZoneFacts]:
    zone = zone_of(row.zone)
    if zone is None:
        raise RequestRefused(Problem("zone.unknown", path=(*place, "zone")))
    key = normalize_province(row.provinsi)
    return key, ZoneFacts(key, row.provinsi, zone)


DOMAIN = "belajar.id"


def shown_accounts(read: ReadSchool) -> dict[str, AccountFacts]:
    """By address: users with a belajar.id address and a `ptk_id` of this school, which is their induk."""
    shown: dict[str, AccountFacts] = {}
    for _, user in read.users:
        email = email_address(user.username or "")
        person = read.people.get(user.ptk_id) if user.ptk_id else None
        if email and person and person[1].induk and email.endswith(("@" + DOMAIN, "." + DOMAIN)):
            shown.setdefault(email, AccountFacts(email, person[0].ptk_id, read.school.npsn))
    return shown


def new_accounts(
    shown: Mapping[str, AccountFacts],
    known: Mapping[str, Row[AccountFacts]],
    people_with_one: Collection[UUID],
) -> tuple[list[AccountFacts], list[Problem]]:
    """The accounts to open, and warnings: a `username` never moves an address, nor adds one to who has one.

    Only the accounts file may do that, since an address decides who somebody is.
    """
    opened: list[AccountFacts] = []
    warnings: list[Problem] = []
    taken = set(people_with_one)
    for email, account in shown.items():
        if email in known and known[email].facts.ptk_id == account.ptk_id:
            continue
        if email in known or account.ptk_id in taken:
            warnings.append(
                Problem("account.not_taken_from_pengguna", path=("getPengguna", str(account.ptk_id)))
            )
            continue
        opened.append(account)
        taken.add(account.ptk_id)  # type: ignore[arg-type]  # shown accounts have a person
    return opened, warnings
