"""The files for what Dapodik's Web Service lacks: accounts, tugas tambahan, and the zones of provinces."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

from services.identity.domain import fields
from services.identity.domain.csv_input import read_table
from services.identity.domain.envelope import Place
from services.identity.domain.registry import AccountFacts, DutyFacts, ZoneFacts
from services.identity.domain.zones import zone_of
from services.kit.problem import Problem, Refused
from services.kit.region import province_key

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
        raise Refused(Problem("account.email", path=(*place, "email")))
    if row.opened and row.closed and row.closed < row.opened:
        raise Refused(Problem("row.ends_before_it_begins", path=(*place, "closed")))
    return email, AccountFacts(email, row.ptk_id, row.npsn, row.opened, row.closed)


def _duty(row: DutyRow, place: Place) -> tuple[str, DutyFacts]:
    if row.tst and row.tst < row.tmt:
        raise Refused(Problem("row.ends_before_it_begins", path=(*place, "tst")))
    duty = DutyFacts(row.ptk_id, row.npsn, row.jabatan_ptk_id, row.tmt, row.nomor_sk, row.tst)
    return duty_key(duty), duty


def _zone(row: ZoneRow, place: Place) -> tuple[str, ZoneFacts]:
    zone = zone_of(row.zone)
    if zone is None:
        raise Refused(Problem("zone.unknown", path=(*place, "zone")))
    key = province_key(row.provinsi)
    return key, ZoneFacts(key, row.provinsi, zone)
