"""Loss of admission by a closed account or a lost assignment, and its return."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.identity.audit.model import AuditKind
from tests.conftest import Fresh
from tests.integration.planning.environment import sql
from tests.integration.sign_in.app import refresh, sign_in_app
from tests.integration.sign_in.environment import (
    Environment,
    fetch_session_token,
    open_environment,
    sign_in_browser,
)
from tests.small_registry import email_of
from tests.table import Table


@pytest.fixture(scope="module")
async def environment(fresh_url: Fresh) -> AsyncIterator[Environment]:
    """An environment for this module only, because it changes the data of identity."""
    async with open_environment(fresh_url) as environment:
        yield environment


OUT = [
    ("UPDATE account SET closed = {} WHERE email = $1", "'2024-01-10'", "NULL", "admission.closed"),
    (
        "UPDATE assignment SET left_at = {} WHERE ptk_id = (SELECT ptk_id FROM account WHERE email = $1)",
        "'2024-01-10'", "NULL", "admission.left",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "out", "back", "code"), OUT, ids=[row[-1] for row in OUT])
async def test_refused_admission_ends_neither_session(
    environment: Environment, refusals: Table, change: str, out: str, back: str, code: str
) -> None:
    await environment.expect_sign_in(1)
    first = await sign_in_app(environment)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        await sql(environment.database, change.format(out), email_of(1))
        before = await environment.dump_sessions()

        status, answer = await fetch_session_token(environment, browser)
        assert (status, [problem["code"] for problem in answer["problems"]]) == (403, [code])
        status, answer = await refresh(environment, first["refresh_token"])
        assert (status, answer["error"], answer["problems"][0]["code"]) == (400, "invalid_grant", code)
        status, _, page = await browser.get(f"{environment.identity}/login")
        assert (status, f"<small>{code} ·" in page) == (403, True)
        assert await environment.dump_sessions() == before

        await sql(environment.database, change.format(back), email_of(1))
        assert (await fetch_session_token(environment, browser))[0] == 200
        assert (await refresh(environment, first["refresh_token"]))[0] == 200
    refusals.add(f"living session, then {code}", code, "nothing")


async def test_audit_log_names_the_refused_account_and_reason(environment: Environment) -> None:
    await sql(environment.database, "UPDATE account SET closed = '2024-01-10' WHERE email = $1", email_of(2))
    await environment.expect_sign_in(2)
    async with environment.browser() as browser:
        assert (await browser.get(f"{environment.identity}/login"))[0] == 403
    rows = await sql(
        environment.database,
        "SELECT kind, outcome, email FROM audit JOIN account ON account.id = account_id ORDER BY seq DESC LIMIT 1",
    )
    assert rows == [{"kind": AuditKind.SIGN_IN, "outcome": "admission.closed", "email": email_of(2)}]
