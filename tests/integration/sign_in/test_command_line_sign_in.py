"""`rencana api`: an admin signs in through the browser, with a redirect to the loopback interface (RFC 8252)."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import aiohttp
import click
import pytest
from yarl import URL

from services.planning.cli.client import session
from services.planning.cli.client.session import forget_token, get_token, sign_in
from tests.integration.sign_in.environment import Environment
from tests.small_registry import ADMIN


def read_cache(file: Path) -> dict[str, object] | None:
    return dict(json.loads(file.read_text())) if file.exists() else None


def expire(file: Path) -> None:
    file.write_text(json.dumps({**(read_cache(file) or {}), "expires_at": 0}))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("RENCANA_TOKEN", raising=False)
    return tmp_path / "rencana" / "token.json"


@pytest.fixture
def pages(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> list[asyncio.Task[str]]:
    """The pages that a browser ends at, which `webbrowser.open` sends through identity and the provider."""
    tasks: list[asyncio.Task[str]] = []

    async def browse(url: str) -> str:
        async with environment.browser() as browser, aiohttp.ClientSession() as last:
            _, url, body = await browser.get(url)
            if url.startswith("http://127.0.0.1") and "/callback?" in url:
                async with last.get(url) as answer:
                    return await answer.text()
            return body

    def open_browser(url: str) -> None:
        tasks.append(asyncio.get_running_loop().create_task(browse(url)))

    monkeypatch.setattr("webbrowser.open", open_browser)
    return tasks


async def test_sign_in_stores_a_token_for_fifteen_minutes_only(
    environment: Environment, pages: list[asyncio.Task[str]], cache: Path
) -> None:
    await environment.expect_sign_in(ADMIN)
    token = await sign_in(environment.identity)
    assert session.SIGNED_IN in await pages[0]
    stored = read_cache(cache)
    assert stored is not None
    assert stored.keys() == {"identity", "access_token", "expires_at"}
    assert stat.S_IMODE(os.stat(cache).st_mode) == 0o600
    headers = {"authorization": f"Bearer {token}"}
    query = {"query": "{ viewer { roles { role } } }"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{environment.planning}/graphql", json=query, headers=headers) as answer,
    ):
        assert "ADMIN" in await answer.text()


async def test_stored_token_is_used_until_it_expires(
    environment: Environment, pages: list[asyncio.Task[str]], cache: Path
) -> None:
    await environment.expect_sign_in(ADMIN)
    token = await get_token(environment.identity)
    assert (await get_token(environment.identity), len(pages)) == (token, 1)
    expire(cache)
    await environment.expect_sign_in(ADMIN)
    await get_token(environment.identity)
    assert (len(pages), forget_token(), forget_token()) == (2, True, False)


async def test_token_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_TOKEN", "from the environment")
    assert await get_token("http://127.0.0.1:1") == "from the environment"


async def test_answer_with_another_state_is_refused(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    async def send_forged_answer(redirect_uri: str) -> None:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{redirect_uri}?code=stolen&state=forged&iss={environment.identity}") as answer,
        ):
            assert answer.status == 200

    tasks = []

    def open_browser(url: str) -> None:
        redirect_uri = URL(url).query["redirect_uri"]
        tasks.append(asyncio.get_running_loop().create_task(send_forged_answer(redirect_uri)))

    monkeypatch.setattr("webbrowser.open", open_browser)
    with pytest.raises(click.ClickException, match="does not belong to this sign-in"):
        await sign_in(environment.identity)
    assert read_cache(cache) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:4711/other",
        "http://127.0.0.2:4711/callback",
        "http://127.0.0.1:4711@evil.example/callback",
        "http://localhost:4711/callback",
    ],
)
async def test_redirect_elsewhere_is_refused(environment: Environment, uri: str) -> None:
    params = {
        "response_type": "code", "client_id": session.APP, "redirect_uri": uri, "state": "s" * 12,
        "code_challenge": "c" * 43, "code_challenge_method": "S256",
    }  # fmt: skip
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{environment.identity}/authorize", params=params, allow_redirects=False) as answer,
    ):
        assert answer.status == 400


async def test_sign_in_at_an_identity_that_hangs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    writers: list[asyncio.StreamWriter] = []

    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    try:
        with pytest.raises(click.ClickException, match="does not answer"):
            await sign_in(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
        for writer in writers:
            writer.close()
