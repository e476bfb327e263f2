"""The session of a browser: what it opens, how it ends, and that no other page can use it."""

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
    session_token,
    signed_in,
)
from tests.small_registry import email_of
from tests.table import Table

FOREIGN = "https://evil.example"


async def sign_out(environment: Environment, browser: Browser, **headers: str) -> int:
    """Sign out as the web client does, but for these headers; an empty one is left out."""
    sent = {name: value for name, value in (FROM_WEB | headers).items() if value}
    async with browser.session.post(f"{environment.identity}/logout", headers=sent) as answer:
        if answer.status == 200:
            assert await answer.json() == {"go_to": f"{WEB}/"}
        return answer.status


async def test_a_session_gives_one_token_after_another_and_ends_with_the_sign_out(
    environment: Environment,
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await signed_in(environment, browser)
        for _ in range(2):
            assert (await session_token(environment, browser))[0] == 200
        kept = dict(browser.session.cookie_jar.filter_cookies(environment.url))
        assert await sign_out(environment, browser) == 200
        assert (await session_token(environment, browser))[0] == 401
        browser.session.cookie_jar.update_cookies(kept, environment.url)
        status, answer = await session_token(environment, browser)
        assert (status, answer["problems"][0]["code"]) == (401, "signin.no_session")
    (event,) = await sql(
        environment.database, "SELECT kind, account_id, request_id FROM audit ORDER BY seq DESC LIMIT 1"
    )
    assert (event["kind"], event["request_id"] is not None) == (AuditKind.SIGN_OUT, True)


ENDED = [
    ("session unused for two hours", "used_at = used_at - interval '2 hours'"),
    ("session of half a day", "created_at = created_at - interval '12 hours'"),
    ("session that was ended", "ended_at = used_at"),
]


@pytest.mark.parametrize(("what", "change"), ENDED, ids=[row[0] for row in ENDED])
async def test_a_session_ends_by_itself(
    environment: Environment, refusals: Table, what: str, change: str
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await signed_in(environment, browser)
        await sql(environment.database, f"UPDATE sessions SET {change}")
        before = await environment.dump_sessions()
        status, answer = await session_token(environment, browser)
        assert (status, answer["problems"][0]["code"]) == (401, "signin.no_session")
        assert await environment.dump_sessions() == before
    refusals.add(what, "signin.no_session", "nothing")


async def test_a_made_up_cookie_opens_nothing(environment: Environment, refusals: Table) -> None:
    async with environment.browser() as browser:
        browser.session.cookie_jar.update_cookies({"rencana-session": "x" * 43}, environment.url)
        assert (await session_token(environment, browser))[0] == 401
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


@pytest.mark.parametrize(("what", "headers", "code"), CROSS_SITE, ids=[row[0] for row in CROSS_SITE])
async def test_no_other_page_uses_the_session(
    environment: Environment, refusals: Table, what: str, headers: dict[str, str], code: str
) -> None:
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await signed_in(environment, browser)
        before = await environment.dump_sessions()
        status, answer = await session_token(environment, browser, **headers)
        assert (status, answer["problems"][0]["code"]) == (403, code)
        assert await sign_out(environment, browser, **headers) == 403
        assert await environment.dump_sessions() == before
        assert (await session_token(environment, browser))[0] == 200
    refusals.add(what, code, "nothing")


@pytest.mark.parametrize("path", ["/session/token", "/logout"])
@pytest.mark.parametrize(
    ("origin", "allowed"), [(WEB, True), (FOREIGN, False), (f"{WEB}.evil.example", False)]
)
async def test_browsers_may_ask_first_and_are_told_which_pages_may(
    environment: Environment, path: str, origin: str, allowed: bool
) -> None:
    asked = {
        "origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "x-rencana",
    }  # fmt: skip
    async with environment.browser() as browser:
        async with browser.session.options(f"{environment.identity}{path}", headers=asked) as answer:
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
async def test_pages_of_our_own_may_bring_their_token_to_planning_and_no_others(
    environment: Environment, origin: str, allowed: bool
) -> None:
    """A browser asks first, for a token in a header; then it shows the answer to our own pages only."""
    told = WEB if allowed else None
    asked = {
        "origin": origin, "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }  # fmt: skip
    await environment.expect_sign_in(1)
    async with environment.browser() as browser:
        await signed_in(environment, browser)
        token = (await session_token(environment, browser))[1]["access_token"]
        async with browser.session.options(f"{environment.planning}/graphql", headers=asked) as answer:
            assert (answer.status == 200) is allowed
            assert answer.headers.get("access-control-allow-origin") == told
            assert "access-control-allow-credentials" not in answer.headers  # no cookie opens planning
        sent = {"origin": origin, "authorization": f"Bearer {token}"}
        question = {"query": "{ viewer { nama } }"}
        async with browser.session.post(
            f"{environment.planning}/graphql", json=question, headers=sent
        ) as answer:
            assert answer.status == 200
            assert answer.headers.get("access-control-allow-origin") == told
        sent["authorization"] = "Bearer none"
        async with browser.session.post(
            f"{environment.planning}/graphql", json=question, headers=sent
        ) as answer:
            assert (answer.status, answer.headers.get("access-control-allow-origin")) == (401, told)


async def test_an_operator_ends_every_session_of_an_account(
    environment: Environment, refusals: Table
) -> None:
    await environment.expect_sign_in(1)
    async with (
        environment.browser() as browser,
        environment.browser() as phone,
        environment.browser() as colleague,
    ):
        for one in (browser, phone):
            await signed_in(environment, one)
        await environment.expect_sign_in(2)
        await signed_in(environment, colleague)
        with environment.database.active():
            assert await end_account_sessions(email_of(1).upper(), "operator", JANUARY) >= 2
        assert [(await session_token(environment, one))[0] for one in (browser, phone, colleague)] == [
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


@pytest.mark.parametrize("asked", RETURNS)
async def test_there_is_no_way_to_another_site(environment: Environment, refusals: Table, asked: str) -> None:
    before = await environment.attempts()
    async with environment.browser() as browser:
        url = environment.url.joinpath("login").with_query(return_to=asked)
        async with browser.session.get(url, allow_redirects=False) as answer:
            problems = (await answer.json())["problems"]
            assert (answer.status, problems[0]["code"], problems[0]["path"]) == (
                400, "signin.return_to", ["return_to"]
            )  # fmt: skip
            assert "location" not in answer.headers
    assert await environment.attempts() == before
    refusals.add(f"return to {asked[:40]!r}", "signin.return_to", "nothing")


@pytest.mark.parametrize("path", ["/", "/rencana/1?tab=2#poin", "/%2F%2Fevil.example", "/x//y"])
async def test_a_page_of_the_web_client_is_returned_to(environment: Environment, path: str) -> None:
    await environment.expect_sign_in(1)
    for asked in (path, f"{WEB}{path}"):
        async with environment.browser() as browser:
            url = str(environment.url.joinpath("login").with_query(return_to=asked))
            assert (await browser.get(url))[1] == f"{WEB}{path}"
