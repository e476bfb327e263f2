"""The session of a browser: tokens, end, and protection from other pages."""

from __future__ import annotations

import pytest

from services.identity.audit.model import AuditKind
from services.identity.sign_in.commands import end_account_sessions
from tests.integration.planning.environment import JANUARY, sql
from tests.integration.sign_in.environment import (
    FROM_WEB,
    WEB,
    Browser,
    Environment,
    fetch_session_token,
    sign_in_browser,
)
from tests.small_registry import email_of
from tests.table import Table

FOREIGN = "https://evil.example"


async def sign_out(environment: Environment, browser: Browser, **headers: str) -> int:
    """Sign out like the web client, with other headers. An empty header is omitted."""
    sent_headers = {name: value for name, value in (FROM_WEB | headers).items() if value}
    async with browser.session.post(f"{environment.identity}/logout", headers=sent_headers) as answer:
        if answer.status == 200:
            assert await answer.json() == {"go_to": f"{WEB}/"}
        return answer.status


async def test_session_issues_tokens_until_sign_out(
    environment: Environment,
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        for _ in range(2):
            assert (await fetch_session_token(environment, browser))[0] == 200
        cookies = dict(browser.session.cookie_jar.filter_cookies(environment.url))
        assert await sign_out(environment, browser) == 200
        assert (await fetch_session_token(environment, browser))[0] == 401
        browser.session.cookie_jar.update_cookies(cookies, environment.url)
        status, answer = await fetch_session_token(environment, browser)
        assert (status, answer["problems"][0]["code"]) == (401, "signin.no_session")
    (event,) = await sql(
        environment.database, "SELECT kind, account_id, request_id FROM audit ORDER BY seq DESC LIMIT 1"
    )
    assert (event["kind"], event["request_id"] is not None) == (AuditKind.SIGN_OUT, True)


ENDED_SESSIONS = [
    ("session unused for two hours", "used_at = used_at - interval '2 hours'"),
    ("session of half a day", "created_at = created_at - interval '12 hours'"),
    ("session that was ended", "ended_at = used_at"),
]


@pytest.mark.parametrize(("case", "change"), ENDED_SESSIONS, ids=[row[0] for row in ENDED_SESSIONS])
async def test_session_expires(environment: Environment, refusals: Table, case: str, change: str) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        await sql(environment.database, f"UPDATE session SET {change}")
        before = await environment.dump_sessions()
        status, answer = await fetch_session_token(environment, browser)
        assert (status, answer["problems"][0]["code"]) == (401, "signin.no_session")
        assert await environment.dump_sessions() == before
    refusals.add(case, "signin.no_session", "nothing")


async def test_invented_cookie_is_refused(environment: Environment, refusals: Table) -> None:
    async with environment.browser() as browser:
        browser.session.cookie_jar.update_cookies({"rencana-session": "x" * 43}, environment.url)
        assert (await fetch_session_token(environment, browser))[0] == 401
    refusals.add("made-up session cookie", "signin.no_session", "nothing")


CROSS_SITE = [
    ("request of another site", {"origin": FOREIGN}, "signin.foreign_page"),
    ("request of a lookalike site", {"origin": f"{WEB}.evil.example"}, "signin.foreign_page"),
    ("request of our site without https", {"origin": "http://rencana.example"}, "signin.foreign_page"),
    ("request of our site at another port", {"origin": f"{WEB}:8443"}, "signin.foreign_page"),
    ("request of a sandboxed page", {"origin": "null"}, "signin.foreign_page"),
    ("request without an origin", {"origin": ""}, "signin.foreign_page"),
    ("request as a form sends it", {"x-rencana": ""}, "signin.header"),
]


@pytest.mark.parametrize(("case", "headers", "code"), CROSS_SITE, ids=[row[0] for row in CROSS_SITE])
async def test_page_of_another_origin_cannot_use_the_session(
    environment: Environment, refusals: Table, case: str, headers: dict[str, str], code: str
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        before = await environment.dump_sessions()
        status, answer = await fetch_session_token(environment, browser, **headers)
        assert (status, answer["problems"][0]["code"]) == (403, code)
        assert await sign_out(environment, browser, **headers) == 403
        assert await environment.dump_sessions() == before
        assert (await fetch_session_token(environment, browser))[0] == 200
    refusals.add(case, code, "nothing")


@pytest.mark.parametrize("path", ["/session/token", "/logout"])
@pytest.mark.parametrize(
    ("origin", "allowed"), [(WEB, True), (FOREIGN, False), (f"{WEB}.evil.example", False)]
)
async def test_preflight_allows_own_origins_only(
    environment: Environment, path: str, origin: str, allowed: bool
) -> None:
    preflight_headers = {
        "origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "x-rencana",
    }  # fmt: skip
    async with environment.browser() as browser:
        async with browser.session.options(
            f"{environment.identity}{path}", headers=preflight_headers
        ) as answer:
            assert (answer.status == 200) is allowed
            assert answer.headers.get("access-control-allow-origin") == (WEB if allowed else None)
        async with browser.session.options(
            f"{environment.identity}{path}", headers={"origin": origin}
        ) as answer:
            assert answer.status == 403
        async with browser.session.get(f"{environment.identity}{path}", headers=FROM_WEB) as answer:
            assert answer.status == 405


@pytest.mark.parametrize(
    ("origin", "allowed"), [(WEB, True), (FOREIGN, False), (f"{WEB}.evil.example", False), ("null", False)]
)
async def test_planning_allows_own_origins_only(environment: Environment, origin: str, allowed: bool) -> None:
    """A browser sends a preflight request for the header, and shows the response to our own pages only."""
    allowed_origin = WEB if allowed else None
    preflight_headers = {
        "origin": origin, "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }  # fmt: skip
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await sign_in_browser(environment, browser)
        token = (await fetch_session_token(environment, browser))[1]["access_token"]
        async with browser.session.options(
            f"{environment.planning}/graphql", headers=preflight_headers
        ) as answer:
            assert (answer.status == 200) is allowed
            assert answer.headers.get("access-control-allow-origin") == allowed_origin
            assert "access-control-allow-credentials" not in answer.headers  # no cookie opens planning
        headers = {"origin": origin, "authorization": f"Bearer {token}"}
        question = {"query": "{ viewer { nama } }"}
        async with browser.session.post(
            f"{environment.planning}/graphql", json=question, headers=headers
        ) as answer:
            assert answer.status == 200
            assert answer.headers.get("access-control-allow-origin") == allowed_origin
        headers["authorization"] = "Bearer none"
        async with browser.session.post(
            f"{environment.planning}/graphql", json=question, headers=headers
        ) as answer:
            assert (answer.status, answer.headers.get("access-control-allow-origin")) == (401, allowed_origin)


async def test_operator_ends_every_session_of_an_account(environment: Environment, refusals: Table) -> None:
    await environment.expect_sign_in(1)
    async with (
        environment.browser() as browser,
        environment.browser() as phone,
        environment.browser() as colleague,
    ):
        for one in (browser, phone):
            await sign_in_browser(environment, one)
        await environment.expect_sign_in(2)
        await sign_in_browser(environment, colleague)
        with environment.database.active():
            assert await end_account_sessions(email_of(1).upper(), "operator", JANUARY) >= 2
        assert [(await fetch_session_token(environment, one))[0] for one in (browser, phone, colleague)] == [
            401,
            401,
            200,
        ]
    refusals.add("session that an operator ended", "signin.no_session", "nothing")


RETURNS = [
    "//evil.example", "https://evil.example", "https://evil.example/https://rencana.example/", f"{WEB}@evil.example/",
    f"{WEB}.evil.example/", "/\\evil.example", "\\\\evil.example", "https:evil.example", "javascript:alert(1)", "evil",
    "%2F%2Fevil.example", "/%09/evil.example\t", "/a\r\nset-cookie: x=1", "/\u2044evil.example", "",
    " /", "/" + "x" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("return_to", RETURNS)
async def test_return_url_of_another_site_is_refused(
    environment: Environment, refusals: Table, return_to: str
) -> None:
    before = await environment.attempts()
    async with environment.browser() as browser:
        url = environment.url.joinpath("login").with_query(return_to=return_to)
        async with browser.session.get(url, allow_redirects=False) as answer:
            problems = (await answer.json())["problems"]
            assert (answer.status, problems[0]["code"], problems[0]["path"]) == (
                400, "signin.return_to", ["return_to"]
            )  # fmt: skip
            assert "location" not in answer.headers
    assert await environment.attempts() == before
    refusals.add(f"return to {return_to[:40]!r}", "signin.return_to", "nothing")


@pytest.mark.parametrize("path", ["/", "/rencana/1?tab=2#poin", "/%2F%2Fevil.example", "/x//y"])
async def test_sign_in_returns_to_a_page_of_the_web_client(environment: Environment, path: str) -> None:
    await environment.expect_sign_in(1)
    for return_to in (path, f"{WEB}{path}"):
        async with environment.browser() as browser:
            url = str(environment.url.joinpath("login").with_query(return_to=return_to))
            assert (await browser.get(url))[1] == f"{WEB}{path}"
