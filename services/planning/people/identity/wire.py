"""HTTP to identity: tries, timeouts, and a breaker that leaves a silent service alone for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from prometheus_client import Gauge

from services.kit.http import read_limited
from services.planning.people.identity.credentials import (
    SCOPE,
    AccessToken,
    Credentials,
    CredentialsRefused,
    TokenResponse,
)

log = logging.getLogger(__name__)
BREAKER_OPEN = Gauge(
    "rencana_identity_breaker_open", "1 while identity is left alone because it did not answer"
)

FAILURES = 3  # in a row: as often as one question tries
OPEN_SECONDS = 5.0


class BreakerOpen(Exception):
    """Identity did not answer just now, and is not asked again yet."""


class Breaker:
    """Closed while identity answers. After FAILURES in a row it is open: each OPEN_SECONDS one may try."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._failures, self._open_until = 0, 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one try: an error that it raises is a failure. BreakerOpen where it is not to be made.

        A try that is called off is none: of many questions at once some end before identity has had its time.
        """
        if self._failures >= FAILURES:
            if self._seconds() < self._open_until:
                raise BreakerOpen
            self._open_until = self._seconds() + OPEN_SECONDS  # this one tries; all others see how it fares
        try:
            yield
        except Exception as error:
            self._count_failure(type(error).__name__)
            raise
        if self._failures >= FAILURES:
            log.info("identity answers again")
        self._failures = 0
        BREAKER_OPEN.set(0)

    def _count_failure(self, error: str) -> None:
        self._failures += 1
        if self._failures == FAILURES:
            self._open_until = self._seconds() + OPEN_SECONDS
            log.warning("identity is away (%s); it is asked again in %g s", error, OPEN_SECONDS)
            BREAKER_OPEN.set(1)


REQUEST_SECONDS = 1.0  # an answer takes milliseconds
MAX_CONNECTIONS = 20
MAX_TAG_LENGTH = 128
MAX_BODY_BYTES = 1 << 20  # bytes; the longest page of changes is a tenth of it
PRIVATE_PREFIX = "/v1/"
UNAUTHORIZED = 401
REFUSAL_STATUSES = frozenset(
    {400, 401, 403}
)  # of /token: as it is asked by us, that our credentials are wrong


@dataclass(frozen=True, slots=True)
class Response:
    """What came over the wire, whatever it is; `tag` names the body."""

    status: int
    tag: str | None
    body: bytes


class Connections:
    """The connections to identity, few at a time: who waited for a turn asks the breaker only then."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        breaker: Breaker,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._breaker, self._credentials = url.rstrip("/"), breaker, credentials
        self._token = AccessToken(self._fetch_token, seconds)
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            # An answer that is packed could unfold to any size: identity packs none, and none is unpacked.
            headers={"accept-encoding": "identity"},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._token.close()
        if self._session:
            await self._session.close()

    async def get(self, path: str, tag: str | None) -> Response:
        """What is answered to a GET; what is public is asked without a token. Errors as of `post`."""
        headers = {"if-none-match": tag} if tag else {}
        if path.startswith(PRIVATE_PREFIX):
            return await self._request_with_token("GET", path, headers=headers)
        async with self._slots:
            with self._breaker.attempt():
                return await self._request("GET", path, headers=headers)

    async def post(self, path: str, body: object) -> Response:
        """The answer; aiohttp's errors, OSError or ValueError where none came, BreakerOpen where none is expected.

        A redirect is an answer like any other: token and secret go to nobody else.
        """
        return await self._request_with_token("POST", path, headers={}, json=body)

    async def _request_with_token(self, method: str, path: str, **options: Any) -> Response:
        """With our token; once more with a new one where identity does not take it, as after a loss of its keys."""
        token, answer = await self._try_with_token(method, path, **options)
        if answer.status == UNAUTHORIZED:
            self._token.invalidate(token)
            _, answer = await self._try_with_token(method, path, **options)
        return answer

    async def _try_with_token(
        self, method: str, path: str, *, headers: Mapping[str, str], **options: Any
    ) -> tuple[str, Response]:
        async with self._slots:
            with self._breaker.attempt():
                # who has no token fails with whoever fetches it: each of them counts, as each question does
                try:
                    token = await self._token.get()
                except ValueError as error:
                    refused = error  # an answer, if none of use: identity is not away
                else:
                    authorized = {**headers, "authorization": f"Bearer {token}"}
                    return token, await self._request(method, path, headers=authorized, **options)
        raise refused

    async def _fetch_token(self) -> TokenResponse:
        """A new token. CredentialsRefused where identity says so, ValueError for any answer but a token."""
        ours = aiohttp.encode_basic_auth(self._credentials.client_id, self._credentials.secret)
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        answer = await self._request("POST", "/token", headers={"authorization": ours}, data=form)
        if answer.status in REFUSAL_STATUSES:
            raise CredentialsRefused
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return TokenResponse.model_validate_json(answer.body)

    async def _request(self, method: str, path: str, **options: Any) -> Response:
        assert self._session is not None, "start() comes first"
        async with self._session.request(
            method, self._url + path, allow_redirects=False, **options
        ) as response:
            # 500 is a fault about what was asked, as it would be again; beyond it nobody is there to ask.
            if response.status > 500:
                response.raise_for_status()
            return Response(
                response.status, _read_tag(response), await read_limited(response, MAX_BODY_BYTES)
            )


def _read_tag(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("etag", "")
    return tag if 0 < len(tag) <= MAX_TAG_LENGTH and tag.isascii() else None
