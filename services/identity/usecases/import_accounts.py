"""Import a file of belajar.id accounts, some hundred rows in each unit of work."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.identity.domain.diff import RowsDiff, compare_rows
from services.identity.domain.own_files import read_accounts
from services.identity.domain.registry import AccountFacts, Row, Told
from services.identity.domain.report import Report
from services.identity.storage import accounts, changes, teachers
from services.kit.problem import Problem
from services.kit.unit_of_work import in_unit_of_work

SOURCE = "file:accounts"
AT_ONCE = 500


async def import_accounts(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the accounts; Refused when the file cannot be read.

    A row of an unknown person is refused, and so is one that would give an address to somebody else.
    """
    read, refused = read_accounts(data)
    keys = list(read)
    whole: RowsDiff[AccountFacts] = RowsDiff(refused=refused)
    for start in range(0, len(keys), AT_ONCE):
        part = {key: read[key] for key in keys[start : start + AT_ONCE]}
        whole.tell(await _import_part(part, Told(SOURCE, as_of)))
    return whole.report(subject)


async def _import_part(part: dict[str, AccountFacts], told: Told) -> RowsDiff[AccountFacts]:
    async def work(_: object) -> RowsDiff[AccountFacts]:
        people = {account.ptk_id for account in part.values() if account.ptk_id}
        await changes.hold([accounts.LOCK])
        known = await accounts.by_email(part)
        refusals = _refusals(part, known, set(await teachers.names(people)))
        good = {email: account for email, account in part.items() if email not in refusals}
        diff = compare_rows("account", good, known, told)
        diff.refused = list(refusals.values())
        await accounts.save(diff.to_save)
        owners = {row.facts.ptk_id for row in diff.to_save if row.facts.ptk_id}
        await changes.record({("teacher", str(ptk_id)) for ptk_id in owners}, told.as_of)
        return diff

    return await in_unit_of_work(work)


def _refusals(
    part: dict[str, AccountFacts], known: dict[str, Row[AccountFacts]], people: set[UUID]
) -> dict[str, Problem]:
    refusals: dict[str, Problem] = {}
    for email, account in part.items():
        owner = known[email].facts.ptk_id if email in known else None
        if owner and owner != account.ptk_id:
            refusals[email] = Problem("account.address_taken", {"email": email}, (email,))
        elif account.ptk_id and account.ptk_id not in people:
            refusals[email] = Problem("account.person_unknown", {"ptk_id": str(account.ptk_id)}, (email,))
    return refusals
