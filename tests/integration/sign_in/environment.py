"""Identity with a real provider, and planning, over real HTTP; requests of a browser."""

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
from tests.provider.process import CLIENT_ID, CLIENT_SECRET, Provider, start_provider
from tests.serving import serving
from tests.small_registry import AS_OF, PNS, SD, STAFF, email_of, import_account_rows, import_registry

WEB = "https://rencana.example"
APP, REDIRECT = "rencana-ponsel", "id.example.rencana:/masuk"
FROM_WEB = {"origin": WEB, "x-rencana": "1"}


CLOSED, EARLY, FORMER_STAFF = "tutup@guru.sd.belajar.id", "segera@guru.sd.belajar.id", email_of(STAFF)


async def import_people() -> None:
    """Import the small registry with a closed account, one that opens in February, and one of somebody who left."""
    await import_registry()
    await import_account_rows(
        f"{CLOSED},{ptk(PNS)},{SD},2018-01-01,2020-01-01", f"{EARLY},{ptk(PNS)},{SD},2024-02-01,"
    )
    await tables.Assignment.filter(ptk_id=ptk(STAFF)).update(left_at=AS_OF)


def provider_claims(address: str, /, **changed: object) -> dict[str, object]:
    """Return the claims of a belajar.id account. None omits a claim."""
    claims = {"email": address, "email_verified": True, "hd": address.rpartition("@")[2], **changed}
    return {name: value for name, value in claims.items() if value is not None}


class Browser:
    """A browser: keeps cookies and follows redirects to identity and the provider."""

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
    """Identity, planning and the provider. `identity` is identity's public address."""

    provider: Provider
    identity: str
    planning: str
    database: Database

    @property
    def url(self) -> URL:
        """The address of identity."""
        return URL(self.identity)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """Open a browser without cookies."""
        jar = aiohttp.CookieJar(unsafe=True)  # which means: cookies of IP addresses too
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(session, (self.identity, self.provider.issuer))

    async def expect_sign_in(self, number: int | str = 1, /, **changed: object) -> None:
        """Let the provider sign this person in next, with these claims."""
        email = email_of(number) if isinstance(number, int) else number
        await self.provider.set_next_answer(claims=provider_claims(email, **changed))

    async def callback(self, browser: Browser) -> str:
        """Return the callback URL of a sign-in before the browser requests it."""
        _, url, body = await browser.get(
            f"{self.identity}/login?return_to=/rencana", f"{self.identity}/callback"
        )
        assert url.startswith(f"{self.identity}/callback?code="), body
        return url

    async def dump_sessions(self) -> Mapping[str, list[str]]:
        """Return the rows that sign-in writes, without attempts and the audit log."""
        return {table: await self._rows(table) for table in ("session", "app_code", "refresh_token")}

    async def attempts(self) -> list[str]:
        """Return the stored attempts."""
        return await self._rows("sign_in_attempt")

    async def _rows(self, table: str) -> list[str]:
        return [
            row["row"] for row in await sql(self.database, f"SELECT t::text AS row FROM {table} t ORDER BY 1")
        ]


async def sign_in_browser(environment: Environment, browser: Browser, path: str = "/rencana") -> None:
    """Sign in with a browser and return to a page of the web client."""
    status, url, body = await browser.get(f"{environment.identity}/login?return_to={path}")
    assert (status, url) == (303, f"{WEB}{path}"), body


async def fetch_session_token(environment: Environment, browser: Browser, **headers: str) -> tuple[int, Any]:
    """Request an access token like the web client, with other headers. An empty header is omitted."""
    sent_headers = {name: value for name, value in (FROM_WEB | headers).items() if value}
    async with browser.session.post(f"{environment.identity}/session/token", headers=sent_headers) as answer:
        return answer.status, await answer.json()


@asynccontextmanager
async def environment_at(
    identity: Database, planning: Database, now: datetime = JANUARY
) -> AsyncIterator[Environment]:
    """Open an environment with its clock at `now`. The provider uses the system clock."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    async with start_provider(f"{issuer}/callback") as one:
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
    """Open an environment with new databases and an imported registry."""
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
