"""The client of identity: what planning asks about people and schools."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel

from services.kit.clock import Clock
from services.planning.people.identity.answers import (
    Answer,
    Answers,
    AnswerStore,
    Asker,
    IdentityUnavailable,
    Question,
)
from services.planning.people.identity.credentials import Credentials
from services.planning.people.identity.shapes import (
    ChangePage,
    parse_address,
    parse_changes,
    parse_people,
    parse_school,
    parse_teacher,
)
from services.planning.people.identity.wire import Breaker, Connections
from services.planning.people.model import SchoolFacts, TeacherFacts

log = logging.getLogger(__name__)


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


def parse_keys(answer: object) -> Mapping[str, ECKey]:
    """The keys by id that can be used; ValueError where there is none: an issuer without a key is no issuer."""
    if usable := dict(_list_usable_keys(_KeySet.model_validate(answer).keys)):
        return usable
    raise ValueError("no key")


def _list_usable_keys(keys: list[dict[str, Any]]) -> Iterator[tuple[str, ECKey]]:
    for key in keys:
        if key.get("kty") == "EC" and key.get("crv") == "P-256" and key.get("use", "sig") == "sig":
            try:
                yield str(key["kid"]), ECKey.import_key(key)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                log.warning("a key of identity is of no use: %s", type(error).__name__)


Facts = TypeVar("Facts")
KEYS: Question[Mapping[str, ECKey]] = Question("keys", "/.well-known/jwks.json", parse_keys)
MAX_KEYS_AGE = timedelta(
    hours=24
)  # a process that starts while identity is away trusts keys not older than this


class IdentityClient:
    """Asks identity. While it is away, facts of `kept` answer; without `kept` it is IdentityAway.

    Whoever decides without being asked to (the worker) has no `kept`: it can wait. `seconds`: the machine's time.
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
        self._wire = Connections(url, credentials, Breaker(seconds), seconds)
        self._answers = Answers(Asker(self._wire, clock), clock, store)
        self._requests: dict[tuple[int, str], asyncio.Task[Any]] = {}
        self._addresses: dict[str, str] = {}
        self._pages = 0

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        await self._wire.start()

    async def close(self) -> None:
        """Give the connections back; whoever still waits for an answer gets none."""
        requests = list(self._requests.values())
        for flight in requests:
            flight.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        await self._wire.close()

    async def teacher(self, ptk_id: str) -> Answer[TeacherFacts] | None:
        """What identity knows of a teacher who heads schools by the day; None where it knows nobody of this id."""
        path = f"/v1/teachers/{ptk_id}"
        answer = await self._ask_once(Question("teacher", path, lambda told: parse_teacher(told, ptk_id)))
        return answer and replace(answer, facts=answer.facts.at(self._clock.now()))

    async def school(self, npsn: str) -> Answer[SchoolFacts] | None:
        """What identity knows of a school, with the head of the day; None where it knows no such school."""
        path = f"/v1/schools/{npsn}"
        answer = await self._ask_once(Question("school", path, lambda told: parse_school(told, npsn)))
        return answer and replace(answer, facts=answer.facts.at(self._clock.now()))

    async def people(self, numbers: Sequence[Mapping[str, str]]) -> list[str | None]:
        """Whom each number (`{"nip": …}` or `{"nuptk": …}`) means, by ptk_id: None where nobody is known for sure.

        Always asked, never kept; IdentityAway where it does not answer.
        """
        body, count = {"keys": list(numbers)}, len(numbers)
        return await self._fetch(
            Question("people", "/v1/teachers/resolve", lambda told: parse_people(told, count), body)
        )

    async def address(self, account: str) -> str | None:
        """The belajar.id address of an admin's account, which it has for good: asked once, never stored.

        None where identity knows no such account, and while it is away.
        """
        if account in self._addresses:
            return self._addresses[account]
        path = f"/v1/accounts/{account}"
        with suppress(IdentityUnavailable):
            if answer := await self._ask_once(
                Question("account", path, lambda told: parse_address(told, account))
            ):
                self._addresses[account] = answer.facts
        return self._addresses.get(account)

    async def changes(self, after: int, limit: int = 500) -> ChangePage:
        """What identity learned since `after`: always asked, never kept; IdentityAway where it does not answer.

        Whoever has read of a change hears nothing that was on its way before.
        """
        path = f"/v1/changes?after={after}&limit={limit}"
        page = await self._fetch(Question("changes", path, lambda told: parse_changes(told, after)))
        self._pages += 1
        return page

    async def keys(self) -> Mapping[str, ECKey]:
        """The public keys of identity's tokens by id, as they are now; IdentityAway where they cannot be had."""
        return await self._fetch(KEYS)

    async def cached_keys(self) -> Mapping[str, ECKey]:
        """The keys that identity last told any process of ours; IdentityAway where they are too old."""
        return (await self._answers.get_cached(KEYS, MAX_KEYS_AGE)).facts

    async def _fetch(self, question: Question[Facts]) -> Facts:
        answer = await self._answers.fetch(question)
        if answer is None:
            raise IdentityUnavailable
        return answer.facts

    async def _ask_once(self, question: Question[Facts]) -> Answer[Facts] | None:
        # Whoever asks the same while the answer is on its way waits for that one: load does not multiply.
        key = self._pages, question.path
        request = self._requests.get(key)
        if request is None:
            request = self._requests[key] = asyncio.create_task(self._answers.get(question))
            request.add_done_callback(lambda _: self._requests.pop(key, None))
        return cast("Answer[Facts] | None", await asyncio.shield(request))
