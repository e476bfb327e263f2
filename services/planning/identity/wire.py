"""One try to ask identity over HTTP, bounded in time, size and number; nothing of an answer is believed yet.

What is asked of `/v1` is asked in planning's own name: with a token that its credentials were changed for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from services.kit.bounded import bounded_body
from services.planning.identity.breaker import Breaker
from services.planning.identity.credentials import SCOPE, Credentials, CredentialsRefused, Granted, Token

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
            return Answer(response.status, _tag(response), await bounded_body(response, LARGEST))


def _tag(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("etag", "")
    return tag if 0 < len(tag) <= LONGEST_TAG and tag.isascii() else None
