"""Commands on accounts: import them, give and take platform scopes."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from services.identity.accounts import store
from services.identity.accounts.model import PLATFORM_SCOPES
from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.people import store as people_store
from services.identity.people.model import Account, AccountFacts, Row, Told
from services.identity.registry.diff import RowsDiff, compare_rows
from services.identity.registry.own_files import read_accounts
from services.identity.registry.report import Report
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused

SOURCE = "file:accounts"
AT_ONCE = 500


async def import_accounts(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the accounts; RequestRefused when the file cannot be read.

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
    async def work(connection: Connection) -> RowsDiff[AccountFacts]:
        people = {account.ptk_id for account in part.values() if account.ptk_id}
        await people_store.lock_keys([people_store.ACCOUNTS_LOCK], connection)
        known = await people_store.load_accounts(part, connection)
        refusals = _refusals(part, known, set(await people_store.load_teacher_names(people, connection)))
        good = {email: account for email, account in part.items() if email not in refusals}
        diff = compare_rows("account", good, known, told)
        diff.refused = list(refusals.values())
        await people_store.upsert_accounts(diff.to_save, connection)
        owners = {row.facts.ptk_id for row in diff.to_save if row.facts.ptk_id}
        await people_store.insert_changes(
            {("teacher", str(ptk_id)) for ptk_id in owners}, told.as_of, connection
        )
        return diff

    return await run_in_transaction(work)


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


log = logging.getLogger(__name__)


async def grant_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Give the scope; False when the account holds it already. RequestRefused for an unknown scope or account."""
    if scope not in PLATFORM_SCOPES:
        raise RequestRefused(
            Problem("grant.scope_unknown", {"scope": scope, "known": ", ".join(PLATFORM_SCOPES)})
        )

    async def work(connection: Connection) -> bool:
        account = await _held(email, connection)
        if scope in await store.load_scopes(account.id, connection):
            return False
        await store.insert_grant(account.id, scope, by, at, connection)
        await audit_store.record(
            AuditEvent(at, Audited.SCOPE_GRANTED, account=account.id, by=by, scope=scope), connection
        )
        log.info("scope %s granted to account %s", scope, account.id)
        return True

    return await run_in_transaction(work)


async def revoke_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Take the scope away; False when the account does not hold it. RequestRefused for an unknown account."""

    async def work(connection: Connection) -> bool:
        account = await _held(email, connection)
        revoked = await store.revoke_grant(account.id, scope, at, connection)
        if revoked:
            event = AuditEvent(at, Audited.SCOPE_REVOKED, account=account.id, by=by, scope=scope)
            await audit_store.record(event, connection)
            log.info("scope %s revoked from account %s", scope, account.id)
        return bool(revoked)

    return await run_in_transaction(work)


async def _held(email: str, connection: Connection) -> Account:
    """The account, which nobody else grants to or revokes from until this transaction ends."""
    account = await people_store.find_account(email.strip().lower(), connection)
    if account is None:
        raise RequestRefused(Problem("grant.account_unknown"))
    await people_store.lock_keys([f"grants {account.id}"], connection)
    return account
