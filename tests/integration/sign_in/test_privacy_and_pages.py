"""Sign-in: number of statements, privacy of logs and tables, and the failure page."""

from __future__ import annotations

import logging
from html.parser import HTMLParser

import pytest
from starlette.responses import Response
from yarl import URL

from services.identity.api.browser import Cookie
from services.identity.sign_in.model import ATTEMPT_LIFETIME
from tests.integration.planning.environment import sql
from tests.integration.sign_in.app import VERIFIER, exchange_code, fetch_code, refresh
from tests.integration.sign_in.environment import Environment, fetch_session_token
from tests.queries import counting_queries
from tests.small_registry import email_of


async def test_each_step_runs_a_fixed_number_of_statements(environment: Environment) -> None:
    await environment.expect_sign_in(1)
    code = await fetch_code(environment, 1)
    async with environment.browser() as browser:
        with counting_queries() as login:
            callback = await environment.callback(browser)
        with counting_queries() as answered:
            await browser.get(callback)
        with counting_queries() as token:
            await fetch_session_token(environment, browser)
    with counting_queries() as queries:
        _, first = await exchange_code(environment, code)
    with counting_queries() as refreshed:
        await refresh(environment, first["refresh_token"])
    assert [len(one) for one in (login, answered, token, queries, refreshed)] == [2, 10, 9, 12, 12]


async def test_secrets_and_addresses_are_neither_logged_nor_stored(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await environment.expect_sign_in(1)
    code = await fetch_code(environment, 1)
    _, first = await exchange_code(environment, code)
    _, second = await refresh(environment, first["refresh_token"])
    secrets = [
        code,
        VERIFIER,
        *(one[name] for one in (first, second) for name in ("access_token", "refresh_token")),
    ]
    async with environment.browser() as browser:
        callback = URL(await environment.callback(browser))
        await browser.get(str(callback))
        secrets += [
            callback.query["code"],
            callback.query["state"],
            (await fetch_session_token(environment, browser))[1]["access_token"],
        ]
        secrets += [cookie.value for cookie in browser.session.cookie_jar if cookie.key.startswith("rencana")]
    stored_text = str(await environment.dump_sessions()) + str(await environment.attempts())
    stored_text += str(await sql(environment.database, "SELECT audit::text FROM audit"))
    # asyncio's are the test client's; uvicorn's access log is off (kit.serve), and pytest alone wakes it
    log_records = (record for record in caplog.records if record.name not in ("asyncio", "uvicorn.access"))
    ours = "\n".join(record.getMessage() for record in log_records)
    assert "POST /token 200" in ours
    for secret in (*secrets, email_of(1)):
        assert secret not in ours
        assert secret not in stored_text


class Reader(HTMLParser):
    """Collects what a screen reader reads of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.languages: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.languages += [value for name, value in attrs if name == "lang" and value]


@pytest.mark.parametrize("language", ["id", "en"])
async def test_failure_page_is_accessible(environment: Environment, language: str) -> None:
    headers = {"accept": "text/html", "accept-language": language}
    async with (
        environment.browser() as browser,
        browser.session.get(
            f"{environment.identity}/callback?state=<script>alert(1)</script>", headers=headers
        ) as answer,
    ):
        page, policy = await answer.text(), answer.headers.getall("content-security-policy")
        assert (answer.status, answer.headers["cache-control"]) == (400, "no-store")
    reader = Reader()
    reader.feed(page)
    assert reader.languages == [language, {"id": "en", "en": "id"}[language]]
    assert {"main", "h1", "h2", "title", "a"} <= set(reader.tags)
    assert not {"script", "img", "link", "form", "iframe"} & set(reader.tags)
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "alert" not in page


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-rencana-session"), (False, "rencana-session")])
def test_cookie_is_bound_to_the_host(secure: bool, name: str) -> None:
    response = Response()
    Cookie("rencana-session", ATTEMPT_LIFETIME, secure=secure).set(response, "x")
    parts = {part.strip().lower() for part in response.headers["set-cookie"].split(";")}
    assert f"{name}=x".lower() in parts
    assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= parts
    assert ("secure" in parts) is secure
    assert not [part for part in parts if part.startswith("domain")]
