"""Commands on accounts: import them, grant and revoke platform scopes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from services.identity.accounts import store
from services.identity.accounts.model import ACCOUNT_DOMAINS, PLATFORM_SCOPES, matches_domain
from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.people import store as people_store
from services.identity.people.model import Account, AccountFacts, Provenance, Row
from services.identity.registry.json_input import InputPath
from services.identity.registry.own_files import read_accounts
from services.identity.registry.report import Report
from services.identity.registry.rows_diff import RowsDiff, compare_rows
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused

SOURCE = "file:accounts"
BATCH_SIZE = 500


async def import_accounts(
    data: bytes,
    subject: str,
    as_of: datetime,
    now: datetime | None = None,
    *,
    domains: Collection[str] = ACCOUNT_DOMAINS,
) -> Report:
    """Import the accounts file. Raises RequestRefused if it cannot be read.

    A row is refused if its ptk_id or NPSN is unknown, if its address could not sign in because it is outside
    `domains`, or if it would move an address to another person.
    """
    accounts, problems, lines, repeated_count = read_accounts(data)
    for email in [email for email in accounts if not matches_domain(email.rpartition("@")[2], domains)]:
        params = {"field": "email", "value": email, "domains": ", ".join(domains)}
        problems.append(Problem("account.domain", params, (*lines[email], "email")))
        del accounts[email]
    keys = list(accounts)
    total: RowsDiff[AccountFacts] = RowsDiff(problems=problems, unchanged_count=repeated_count)
    for start in range(0, len(keys), BATCH_SIZE):
        batch = {key: accounts[key] for key in keys[start : start + BATCH_SIZE]}
        total.add(await _import_batch(batch, lines, Provenance(SOURCE, as_of), now or as_of))
    return total.build_report(subject)


async def _import_batch(
    batch: dict[str, AccountFacts], lines: Mapping[str, InputPath], provenance: Provenance, now: datetime
) -> RowsDiff[AccountFacts]:
    async def work(connection: Connection) -> RowsDiff[AccountFacts]:
        people = {account.ptk_id for account in batch.values() if account.ptk_id}
        await people_store.lock_keys([people_store.ACCOUNTS_LOCK], connection)
        former = await people_store.load_accounts(batch, connection)
        names = await people_store.load_teacher_names(people, connection)
        npsns = {account.npsn for account in batch.values() if account.npsn}
        schools = await people_store.load_schools(npsns, connection)
        problems = {
            email: problem
            for email, account in batch.items()
            if (problem := _find_problem(account, former.get(email), names, schools, lines[email]))
        }
        valid = {email: account for email, account in batch.items() if email not in problems}
        diff = compare_rows("account", valid, lines, former, provenance, now)
        diff.problems += problems.values()
        diff.names = {str(ptk_id): name for ptk_id, name in names.items()}
        await people_store.upsert_accounts(diff.rows_to_save, connection)
        owners = {row.facts.ptk_id for row in diff.rows_to_save if row.facts.ptk_id}
        await people_store.insert_changes(
            {("teacher", str(ptk_id)) for ptk_id in owners}, provenance.as_of, connection
        )
        return diff

    return await run_in_transaction(work)


def _find_problem(
    account: AccountFacts,
    former: Row[AccountFacts] | None,
    people: Collection[UUID],
    npsns: Collection[str],
    line: InputPath,
) -> Problem | None:
    owner = former.facts.ptk_id if former else None
    if owner and owner != account.ptk_id:
        return Problem("account.address_taken", {"email": account.email}, line)
    if account.ptk_id and account.ptk_id not in people:
        return Problem(
            "account.person_unknown", {"ptk_id": str(account.ptk_id), "field": "ptk_id"}, (*line, "ptk_id")
        )
    if account.npsn and account.npsn not in npsns:
        params = {"npsn": account.npsn, "field": "npsn", "value": account.npsn}
        return Problem("account.school_unknown", params, (*line, "npsn"))
    return None


log = logging.getLogger(__name__)


async def grant_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Grant a platform scope. Returns False if the account has it. Raises RequestRefused `grant.*_unknown`."""
    if scope not in PLATFORM_SCOPES:
        raise RequestRefused(
            Problem("grant.scope_unknown", {"scope": scope, "known": ", ".join(PLATFORM_SCOPES)})
        )

    async def work(connection: Connection) -> bool:
        account = await _lock_account(email, connection)
        if scope in await store.load_scopes(account.id, connection):
            return False
        await store.insert_grant(account.id, scope, by, at, connection)
        await audit_store.insert_event(
            AuditEvent(at, AuditKind.SCOPE_GRANTED, account_id=account.id, actor=by, scope=scope), connection
        )
        log.info("scope %s granted to account %s", scope, account.id)
        return True

    return await run_in_transaction(work)


async def revoke_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Revoke a platform scope. Returns False if the account lacks it. Raises RequestRefused `grant.account_unknown`."""

    async def work(connection: Connection) -> bool:
        account = await _lock_account(email, connection)
        is_revoked = await store.revoke_grant(account.id, scope, at, connection)
        if is_revoked:
            event = AuditEvent(at, AuditKind.SCOPE_REVOKED, account_id=account.id, actor=by, scope=scope)
            await audit_store.insert_event(event, connection)
            log.info("scope %s revoked from account %s", scope, account.id)
        return bool(is_revoked)

    return await run_in_transaction(work)


async def _lock_account(email: str, connection: Connection) -> Account:
    """Find an account and lock its grants until the transaction ends."""
    account = await people_store.find_account_by_email(email.strip().lower(), connection)
    if account is None:
        raise RequestRefused(Problem("grant.account_unknown"))
    await people_store.lock_keys([f"grants {account.id}"], connection)
    return account
