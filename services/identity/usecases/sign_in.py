"""The door: every way of signing in ends here, once it has proved that the address is the caller's.

`admit` decides by the registry who may enter; `issue_token` gives a token to whom it admitted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.identity.domain.account import Account
from services.identity.domain.admission import admission_problems
from services.identity.domain.audit import Audited, AuditEvent
from services.identity.domain.registry import induk_of
from services.identity.domain.token import Bearer
from services.identity.login.keys import Keyring
from services.identity.storage import accounts, assignments, audit, grants
from services.identity.usecases.local_day import day_at
from services.identity.usecases.signed_token import IssuedToken as IssuedToken
from services.identity.usecases.signed_token import signed_token as signed_token
from services.kit.problem import Problem, Refused

log = logging.getLogger(__name__)


class NotAdmitted(Refused):
    """Who may not enter, with every rule that failed; `account` where the address is known, for the audit."""

    def __init__(self, problems: Iterable[Problem], account: UUID | None) -> None:
        super().__init__(problems)
        self.account = account


async def admit(email: str, now: datetime) -> Bearer:
    """Who may have a token, for a proven address in any case; NotAdmitted with every rule that failed."""
    return await _admitted(await accounts.find(email.strip().lower()), now)


async def admit_again(account_id: UUID, now: datetime) -> Bearer:
    """Who may have another token, for an account that signed in before; NotAdmitted as `admit`."""
    return await _admitted(await accounts.get(account_id), now)


async def _admitted(account: Account | None, now: datetime) -> Bearer:
    scopes = await grants.scopes_of(account.id) if account else frozenset()
    places = await _active_places(account)
    npsn = (account.npsn if account else None) or induk_of(places)
    day = await day_at(npsn, now)
    problems = admission_problems(account, is_active=bool(places), scopes=scopes, day=day)
    if problems or account is None:
        log.info("sign-in refused: %s", ", ".join(problem.code for problem in problems))
        raise NotAdmitted(problems, account.id if account else None)
    return Bearer(account.id, account.ptk_id, scopes)


async def issue_token(
    bearer: Bearer, keyring: Keyring, issuer: str, now: datetime, request: str | None = None
) -> IssuedToken:
    """A token for one whom `admit` let in; `request` is the id by which the log knows the request."""
    token = await signed_token(bearer, keyring, issuer, now)
    await audit.record(
        AuditEvent(
            now, Audited.TOKEN, account=bearer.account_id, scope=" ".join(sorted(bearer.scopes)),
            request=request,
        )
    )  # fmt: skip
    log.info("token issued to account %s", bearer.account_id)
    return token


async def _active_places(account: Account | None) -> assignments.Assignments:
    if account is None or account.ptk_id is None:
        return []
    rows = (await assignments.of_people([account.ptk_id])).get(account.ptk_id, [])
    return [row for row in rows if row.left_at is None]
