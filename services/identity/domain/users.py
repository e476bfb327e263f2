"""Accounts that getPengguna shows: a belajar.id address beside a `ptk_id` of the school's own people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from services.identity.domain.bundle import ReadSchool
from services.identity.domain.own_files import email_address
from services.identity.domain.registry import AccountFacts, Row
from services.kit.problem import Problem

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
