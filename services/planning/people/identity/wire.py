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
    Credentials,
    CredentialsRefused,
    Granted,
    Token,
)

log = logging.getLogger(__name__)
OPEN = Gauge("rencana_identity_breaker_open", "1 while identity is left alone because it did not answer")

FAILURES = 3  # in a row: as often as one question tries
OPEN_SECONDS = 5.0


class BreakerOpen(Exception):
    """Identity did not answer just now, and is not asked again yet."""


class Breaker:
    """Closed while identity answers. After FAILURES in a row it is open: each OPEN_SECONDS one may try."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._failures, self._shut_until = 0, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around one try: an error that it raises is a failure. BreakerOpen where it is not to be made.

        A try that is called off is none: of many questions at once some end before identity has had its time.
        """
        if self._failures >= FAILURES:
            if self._seconds() < self._shut_until:
                raise BreakerOpen
            self._shut_until = self._seconds() + OPEN_SECONDS  # this one tries; all others see how it fares
        try:
            yield
        except Exception as error:
            self._failed(type(error).__name__)
            raise
        if self._failures >= FAILURES:
            log.info("identity answers again")
        self._failures = 0
        OPEN.set(0)

    def _failed(self, how: str) -> None:
        self._failures += 1
        if self._failures == FAILURES:
            self._shut_until = self._seconds() + OPEN_SECONDS
            log.warning("identity is away (%s); it is asked again in %g s", how, OPEN_SECONDS)
            OPEN.set(1)


TRY_SECONDS = 1.0  # an answer takes milliseconds
CONNECTIONS = 20
LONGEST_TAG = 128
LARGEST = 1 << 20  # bytes; the longest page of changes is a tenth of it
PRIVATE = "/v1/"
UNAUTHORIZED = 401
REFUSED = frozenset({400, 401, 403})  # of /token: as it is asked by us, that our credentials are wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire, whatever it is; `tag` names the body."""

    status: int
    tag: str | None
    body: bytes


class Wire:
    """The connections to identity, few at a time: who waited for a turn asks the breaker only then."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        breaker: Breaker,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._breaker, self._credentials = url.rstrip("/"), breaker, credentials
        self._token = Token(self._granted, seconds)
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
            # An answer that is packed could unfold to any size: identity packs none, and none is unpacked.
            headers={"accept-encoding": "identity"},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._token.close()
        if self._session:
            await self._session.close()

    async def get(self, path: str, tag: str | None) -> Answer:
        """What is answered to a GET; what is public is asked without a token. Errors as of `post`."""
        headers = {"if-none-match": tag} if tag else {}
        if path.startswith(PRIVATE):
            return await self._authorized("GET", path, headers=headers)
        async with self._turns:
            with self._breaker.asking():
                return await self._answered("GET", path, headers=headers)

    async def post(self, path: str, body: object) -> Answer:
        """The answer; aiohttp's errors, OSError or ValueError where none came, BreakerOpen where none is expected.

        A redirect is an answer like any other: token and secret go to nobody else.
        """
        return await self._authorized("POST", path, headers={}, json=body)

    async def _authorized(self, method: str, path: str, **sent: Any) -> Answer:
        """With our token; once more with a new one where identity does not take it, as after a loss of its keys."""
        token, answer = await self._with_token(method, path, **sent)
        if answer.status == UNAUTHORIZED:
            self._token.refused(token)
            _, answer = await self._with_token(method, path, **sent)
        return answer

    async def _with_token(
        self, method: str, path: str, *, headers: Mapping[str, str], **sent: Any
    ) -> tuple[str, Answer]:
        async with self._turns:
            with self._breaker.asking():
                # who has no token fails with whoever fetches it: each of them counts, as each question does
                try:
                    token = await self._token.get()
                except ValueError as error:
                    refused = error  # an answer, if none of use: identity is not away
                else:
                    authorized = {**headers, "authorization": f"Bearer {token}"}
                    return token, await self._answered(method, path, headers=authorized, **sent)
        raise refused

    async def _granted(self) -> Granted:
        """A new token. CredentialsRefused where identity says so, ValueError for any answer but a token."""
        ours = aiohttp.encode_basic_auth(self._credentials.client_id, self._credentials.secret)
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        answer = await self._answered("POST", "/token", headers={"authorization": ours}, data=form)
        if answer.status in REFUSED:
            raise CredentialsRefused
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return Granted.model_validate_json(answer.body)

    async def _answered(self, method: str, path: str, **sent: Any) -> Answer:
        assert self._session is not None, "start() comes first"
        async with self._session.request(method, self._url + path, allow_redirects=False, **sent) as response:
            # 500 is a fault about what was asked, as it would be again; beyond it nobody is there to ask.
            if response.status > 500:
                response.raise_for_status()
            return Answer(response.status, _tag(response), await read_limited(response, LARGEST))


def _tag(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("etag", "")
    return tag if 0 < len(tag) <= LONGEST_TAG and tag.isascii() else None
