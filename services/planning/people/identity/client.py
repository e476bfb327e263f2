"""The client of identity: questions about people, schools and keys."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel

from services.kit.clock import Clock
from services.planning.people.identity.answers import (
    Answer,
    AnswerSource,
    AnswerStore,
    IdentityUnavailable,
    Question,
    QuestionSender,
)
from services.planning.people.identity.connections import Breaker, Connections
from services.planning.people.identity.credentials import Credentials
from services.planning.people.identity.parsers import (
    ChangePage,
    parse_address,
    parse_changes,
    parse_people,
    parse_school,
    parse_teacher,
)
from services.planning.people.model import SchoolFacts, TeacherFacts

log = logging.getLogger(__name__)


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


def parse_keys(answer: object) -> Mapping[str, ECKey]:
    """Parse a key set into its usable keys by id. Raises ValueError if none is usable."""
    if usable := dict(_list_usable_keys(_KeySet.model_validate(answer).keys)):
        return usable
    raise ValueError("no key")


def _list_usable_keys(keys: list[dict[str, Any]]) -> Iterator[tuple[str, ECKey]]:
    for key in keys:
        if key.get("kty") == "EC" and key.get("crv") == "P-256" and key.get("use", "sig") == "sig":
            try:
                yield str(key["kid"]), ECKey.import_key(key)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                log.warning("a key of identity is not usable: %s", type(error).__name__)


Facts = TypeVar("Facts")
KEYS: Question[Mapping[str, ECKey]] = Question("keys", "/.well-known/jwks.json", parse_keys)
MAX_KEYS_AGE = timedelta(hours=24)  # for a process that starts while identity is unavailable


class IdentityClient:
    """Asks identity. With a `store` the client returns cached facts while identity is unavailable.

    The worker has no `store`, because it can wait. `seconds` is a monotonic clock.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        store: AnswerStore | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._connections = Connections(url, credentials, Breaker(seconds), seconds)
        self._answers = AnswerSource(QuestionSender(self._connections, clock), clock, store)
        self._requests: dict[tuple[int, str], asyncio.Task[Any]] = {}
        self._addresses: dict[str, str] = {}
        self._pages = 0

    async def start(self) -> None:
        """Open the connections. Must run in the event loop."""
        await self._connections.start()

    async def close(self) -> None:
        """Cancel the requests that are running and close the connections."""
        requests = list(self._requests.values())
        for flight in requests:
            flight.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        await self._connections.close()

    async def teacher(self, ptk_id: str) -> Answer[TeacherFacts] | None:
        """Return the facts about a teacher as of now, or None for an unknown ptk_id. Raises IdentityUnavailable."""
        path = f"/v1/teachers/{ptk_id}"
        answer = await self._ask_once(Question("teacher", path, partial(parse_teacher, ptk_id=ptk_id)))
        return answer and replace(answer, facts=answer.facts.at(self._clock.now()))

    async def school(self, npsn: str) -> Answer[SchoolFacts] | None:
        """Return the facts about a school as of now, or None for an unknown NPSN. Raises IdentityUnavailable."""
        path = f"/v1/schools/{npsn}"
        answer = await self._ask_once(Question("school", path, partial(parse_school, npsn=npsn)))
        return answer and replace(answer, facts=answer.facts.at(self._clock.now()))

    async def people(self, numbers: Sequence[Mapping[str, str]]) -> list[str | None]:
        """Return the ptk_id for each number (`{"nip": …}` or `{"nuptk": …}`), or None for an unknown or ambiguous one.

        The answer is never cached. Raises IdentityUnavailable.
        """
        body, count = {"keys": list(numbers)}, len(numbers)
        return await self._fetch(
            Question("people", "/v1/teachers/resolve", partial(parse_people, count=count), body)
        )

    async def address(self, account: str) -> str | None:
        """Return the belajar.id address of an admin's account, which never changes. It is cached in memory only.

        Returns None for an unknown account, and while identity is unavailable.
        """
        if account in self._addresses:
            return self._addresses[account]
        path = f"/v1/accounts/{account}"
        with suppress(IdentityUnavailable):
            if answer := await self._ask_once(
                Question("account", path, partial(parse_address, account=account))
            ):
                self._addresses[account] = answer.facts
        return self._addresses.get(account)

    async def changes(self, after: int, limit: int = 500) -> ChangePage:
        """Return a page of changes after a position. It is never cached. Raises IdentityUnavailable.

        A question after this call never gets an answer that was requested before it.
        """
        path = f"/v1/changes?after={after}&limit={limit}"
        page = await self._fetch(Question("changes", path, partial(parse_changes, after=after)))
        self._pages += 1
        return page

    async def keys(self) -> Mapping[str, ECKey]:
        """Fetch the public keys of identity's tokens by id. Raises IdentityUnavailable."""
        return await self._fetch(KEYS)

    async def cached_keys(self) -> Mapping[str, ECKey]:
        """Return the cached keys of any process. Raises IdentityUnavailable if they are too old."""
        return (await self._answers.get_cached(KEYS, MAX_KEYS_AGE)).facts

    async def _fetch(self, question: Question[Facts]) -> Facts:
        answer = await self._answers.fetch(question)
        if answer is None:
            raise IdentityUnavailable
        return answer.facts

    async def _ask_once(self, question: Question[Facts]) -> Answer[Facts] | None:
        # The same question waits for the running request, so that load does not multiply.
        key = self._pages, question.path
        request = self._requests.get(key)
        if request is None:
            request = self._requests[key] = asyncio.create_task(self._answers.get(question))
            request.add_done_callback(lambda _: self._requests.pop(key, None))
        return cast("Answer[Facts] | None", await asyncio.shield(request))
