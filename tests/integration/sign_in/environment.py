"""Identity with a real provider, and planning behind it, all over HTTP; what a browser and an app do there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from devtools.service_process import free_port
from services.identity.app import create_app as create_identity
from services.identity.people import tables
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.app import create_app as create_planning
from services.planning.settings import PlanningSettings
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY, connect_database, import_reference_data, sql
from tests.provider.process import CLIENT_ID, CLIENT_SECRET, Provider, provider
from tests.serving import serving
from tests.small_registry import AS_OF, PNS, SD, STAFF, email_of, import_account_rows, import_registry

WEB = "https://rencana.example"
APP, REDIRECT = "rencana-ponsel", "id.example.rencana:/masuk"
FROM_WEB = {"origin": WEB, "x-rencana": "1"}


CLOSED, EARLY, LEFT = "tutup@guru.sd.belajar.id", "segera@guru.sd.belajar.id", email_of(STAFF)


async def import_people() -> None:
    """The small registry, with an account that is closed, one that opens in February, and one of somebody who left."""
    await import_registry()
    await import_account_rows(
        f"{CLOSED},{ptk(PNS)},{SD},2018-01-01,2020-01-01", f"{EARLY},{ptk(PNS)},{SD},2024-02-01,"
    )
    await tables.Assignment.filter(ptk_id=ptk(STAFF)).update(left_at=AS_OF)


def provider_claims(address: str, /, **changed: object) -> dict[str, object]:
    """What the provider says of a belajar.id account; None leaves a claim out."""
    claims = {"email": address, "email_verified": True, "hd": address.rpartition("@")[2], **changed}
    return {name: value for name, value in claims.items() if value is not None}


class Browser:
    """Keeps cookies and follows redirects, as far as they lead to identity or the provider."""

    def __init__(self, session: aiohttp.ClientSession, own: tuple[str, ...]) -> None:
        self.session, self.own = session, own

    async def get(self, url: str, before: str | None = None) -> tuple[int, str, str]:
        """Where a page leads in the end: the status, the address, and the body there, or of the last own answer.

        It stops short of addresses that begin with `before`.
        """
        while True:
            headers = {"accept": "text/html", "accept-language": "en"}
            async with self.session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False
            ) as answer:
                body, status = await answer.text(), answer.status
                if status not in (302, 303):
                    return status, url, body
                url = str(URL(url, encoded=True).join(URL(answer.headers["location"], encoded=True)))
                if not url.startswith(self.own) or (before and url.startswith(before)):
                    return status, url, body


@dataclass
class Environment:
    """The three of them. `identity` is its own public address."""

    provider: Provider
    identity: str
    planning: str
    database: Database

    @property
    def url(self) -> URL:
        """Identity's address."""
        return URL(self.identity)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A browser without cookies."""
        jar = aiohttp.CookieJar(unsafe=True)  # which means: cookies of IP addresses too
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(session, (self.identity, self.provider.issuer))

    async def expect_sign_in(self, number: int | str = 1, /, **changed: object) -> None:
        """Let this person sign in next at the provider, who says this of them."""
        email = email_of(number) if isinstance(number, int) else number
        await self.provider.expects(claims=provider_claims(email, **changed))

    async def callback(self, browser: Browser) -> str:
        """The address to which the provider sends a browser that signs in, before it goes there."""
        _, url, body = await browser.get(
            f"{self.identity}/login?return_to=/rencana", f"{self.identity}/callback"
        )
        assert url.startswith(f"{self.identity}/callback?code="), body
        return url

    async def dump_sessions(self) -> Mapping[str, list[str]]:
        """All that signing in writes, to the letter, but for attempts under way and the audit."""
        return {table: await self._rows(table) for table in ("sessions", "app_codes", "refresh_tokens")}

    async def attempts(self) -> list[str]:
        """The attempts under way."""
        return await self._rows("sign_in_attempts")

    async def _rows(self, table: str) -> list[str]:
        return [
            row["row"] for row in await sql(self.database, f"SELECT t::text AS row FROM {table} t ORDER BY 1")
        ]


async def sign_in_browser(environment: Environment, browser: Browser, path: str = "/rencana") -> None:
    """Sign in with a browser, and come back to a page of the web client."""
    status, url, body = await browser.get(f"{environment.identity}/login?return_to={path}")
    assert (status, url) == (303, f"{WEB}{path}"), body


async def fetch_session_token(environment: Environment, browser: Browser, **headers: str) -> tuple[int, Any]:
    """Ask for an access token as the web client does, but for these headers; an empty one is left out."""
    sent = {name: value for name, value in (FROM_WEB | headers).items() if value}
    async with browser.session.post(f"{environment.identity}/session/token", headers=sent) as answer:
        return answer.status, await answer.json()


@asynccontextmanager
async def environment_at(
    identity: Database, planning: Database, now: datetime = JANUARY
) -> AsyncIterator[Environment]:
    """The environment, its clock at `now`; the provider lives in the present."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    async with provider(f"{issuer}/callback") as one:
        settings = IdentitySettings(
            env="dev", identity_issuer=issuer, oidc_issuer=one.issuer, oidc_client_id=CLIENT_ID,
            oidc_client_secret=SecretStr(CLIENT_SECRET), web_origins=(WEB,), apps={APP: (REDIRECT,)},
            sign_ins_per_account=100_000, sign_ins_per_address=100_000,
        )  # fmt: skip
        plans = PlanningSettings(
            env="dev", now=now, identity_url=issuer, identity_issuer=issuer, web_origins=(WEB,)
        )
        async with (
            serving(create_identity(settings, identity, Clock(now)), port),
            serving(create_planning(plans, planning)) as url,
        ):
            yield Environment(one, issuer, url, identity)


@asynccontextmanager
async def open_environment(fresh_url: Fresh) -> AsyncIterator[Environment]:
    """An environment with databases of its own, filled."""
    async with (
        connect_database(await fresh_url("services.identity"), "services.identity") as identity,
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as planning,
    ):
        with identity.active():
            await import_people()
        async with environment_at(identity, planning) as environment:
            yield environment
