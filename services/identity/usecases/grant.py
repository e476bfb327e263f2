"""Give a platform scope to an account, or take it away. Tokens follow within their life of 15 minutes."""

from __future__ import annotations

import logging
from datetime import datetime

from services.identity.domain.account import Account
from services.identity.domain.audit import Audited, AuditEvent
from services.identity.domain.grant import PLATFORM_SCOPES
from services.identity.storage import accounts, audit, changes, grants
from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work

log = logging.getLogger(__name__)


async def grant_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Give the scope; False when the account holds it already. Refused for an unknown scope or account."""
    if scope not in PLATFORM_SCOPES:
        raise Refused(Problem("grant.scope_unknown", {"scope": scope, "known": ", ".join(PLATFORM_SCOPES)}))

    async def work(_: object) -> bool:
        account = await _held(email)
        if scope in await grants.scopes_of(account.id):
            return False
        await grants.add(account.id, scope, by, at)
        await audit.record(AuditEvent(at, Audited.SCOPE_GRANTED, account=account.id, by=by, scope=scope))
        log.info("scope %s granted to account %s", scope, account.id)
        return True

    return await in_unit_of_work(work)


async def revoke_scope(email: str, scope: str, by: str, at: datetime) -> bool:
    """Take the scope away; False when the account does not hold it. Refused for an unknown account."""

    async def work(_: object) -> bool:
        account = await _held(email)
        revoked = await grants.revoke(account.id, scope, at)
        if revoked:
            event = AuditEvent(at, Audited.SCOPE_REVOKED, account=account.id, by=by, scope=scope)
            await audit.record(event)
            log.info("scope %s revoked from account %s", scope, account.id)
        return bool(revoked)

    return await in_unit_of_work(work)


async def _held(email: str) -> Account:
    """The account, which nobody else grants to or revokes from until this transaction ends."""
    account = await accounts.find(email.strip().lower())
    if account is None:
        raise Refused(Problem("grant.account_unknown"))
    await changes.hold([f"grants {account.id}"])
    return account
