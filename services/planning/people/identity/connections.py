"""HTTP connections to identity, with timeouts and a circuit breaker."""

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
    "rencana_identity_breaker_open", "1 while the circuit breaker is open, because identity did not answer"
)

FAILURES = 3  # in a row, which is the number of attempts of one question
OPEN_SECONDS = 5.0


class BreakerOpen(Exception):
    """The circuit breaker is open: identity did not answer a moment ago."""


class Breaker:
    """A circuit breaker. It opens after FAILURES in a row, and then lets one attempt pass every OPEN_SECONDS."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._failures, self._open_until = 0, 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Guard one attempt: an error within it counts as a failure. Raises BreakerOpen if the breaker is open.

        A cancelled attempt does not count, because of many questions some end before identity could answer.
        """
        if self._failures >= FAILURES:
            if self._seconds() < self._open_until:
                raise BreakerOpen
            self._open_until = (
                self._seconds() + OPEN_SECONDS
            )  # other attempts wait for the result of this one
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
            log.warning("identity is unavailable (%s); next attempt in %g s", error, OPEN_SECONDS)
            BREAKER_OPEN.set(1)


REQUEST_SECONDS = 1.0  # a response takes milliseconds
MAX_CONNECTIONS = 20
MAX_TAG_LENGTH = 128
MAX_BODY_BYTES = 1 << 20  # ten times the longest page of changes
PRIVATE_PREFIX = "/v1/"
STATUS_UNAUTHORIZED = 401
REFUSAL_STATUSES = frozenset({400, 401, 403})  # responses of /token to wrong credentials


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it was received. `tag` is its ETag."""

    status: int
    tag: str | None
    body: bytes


class Connections:
    """The connections to identity. A request waits for a free one before it asks the circuit breaker."""

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
        """Open the connections. Must run in the event loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            # Compressed responses are refused, because they could expand to any size.
            headers={"accept-encoding": "identity"},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._token.close()
        if self._session:
            await self._session.close()

    async def get(self, path: str, tag: str | None) -> Response:
        """Send a GET, without a token if the path is public. Raises the same errors as `post`."""
        headers = {"if-none-match": tag} if tag else {}
        if path.startswith(PRIVATE_PREFIX):
            return await self._request_with_token("GET", path, headers=headers)
        async with self._slots:
            with self._breaker.attempt():
                return await self._request("GET", path, headers=headers)

    async def post(self, path: str, body: object) -> Response:
        """Send a POST. Raises aiohttp's errors, OSError or ValueError without a response, and BreakerOpen.

        A redirect is not followed, so that nobody else gets the token.
        """
        return await self._request_with_token("POST", path, headers={}, json=body)

    async def _request_with_token(self, method: str, path: str, **options: Any) -> Response:
        """Send a request with the token, and once more with a new one if identity refuses it."""
        token, answer = await self._try_with_token(method, path, **options)
        if answer.status == STATUS_UNAUTHORIZED:
            self._token.invalidate(token)
            _, answer = await self._try_with_token(method, path, **options)
        return answer

    async def _try_with_token(
        self, method: str, path: str, *, headers: Mapping[str, str], **options: Any
    ) -> tuple[str, Response]:
        async with self._slots:
            with self._breaker.attempt():
                # A failed fetch counts as a failure of every request that waits for the token.
                try:
                    token = await self._token.get()
                except ValueError as error:
                    refusal = error  # identity answered, so the breaker counts no failure
                else:
                    headers = {**headers, "authorization": f"Bearer {token}"}
                    return token, await self._request(method, path, headers=headers, **options)
        raise refusal

    async def _fetch_token(self) -> TokenResponse:
        """Fetch a new token. Raises CredentialsRefused, and ValueError for any other response without a token."""
        authorization = aiohttp.encode_basic_auth(self._credentials.client_id, self._credentials.secret)
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        answer = await self._request("POST", "/token", headers={"authorization": authorization}, data=form)
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
            # Status 500 is a fault of this request and would repeat. A higher one means that identity is unavailable.
            if response.status > 500:
                response.raise_for_status()
            return Response(
                response.status, _read_tag(response), await read_limited(response, MAX_BODY_BYTES)
            )


def _read_tag(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("etag", "")
    return tag if 0 < len(tag) <= MAX_TAG_LENGTH and tag.isascii() else None
