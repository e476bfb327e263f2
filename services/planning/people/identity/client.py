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
    Answers,
    IdentityAway,
    KeptAnswers,
    Known,
    Question,
    Questions,
)
from services.planning.people.identity.credentials import Credentials
from services.planning.people.identity.shapes import (
    Changes,
    address_of,
    changes_of,
    people_of,
    school_of,
    teacher_of,
)
from services.planning.people.identity.wire import Breaker, Wire
from services.planning.people.model import SchoolFacts, TeacherFacts

log = logging.getLogger(__name__)


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


def keys_of(answer: object) -> Mapping[str, ECKey]:
    """The keys by id that can be used; ValueError where there is none: an issuer without a key is no issuer."""
    if usable := dict(_usable(_KeySet.model_validate(answer).keys)):
        return usable
    raise ValueError("no key")


def _usable(keys: list[dict[str, Any]]) -> Iterator[tuple[str, ECKey]]:
    for told in keys:
        if told.get("kty") == "EC" and told.get("crv") == "P-256" and told.get("use", "sig") == "sig":
            try:
                yield str(told["kid"]), ECKey.import_key(told)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                log.warning("a key of identity is of no use: %s", type(error).__name__)


Facts = TypeVar("Facts")
KEYS: Question[Mapping[str, ECKey]] = Question("keys", "/.well-known/jwks.json", keys_of)
KEYS_LIFE = timedelta(
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
        kept: KeptAnswers | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._wire = Wire(url, credentials, Breaker(seconds), seconds)
        self._answers = Answers(Questions(self._wire, clock), clock, kept)
        self._flights: dict[tuple[int, str], asyncio.Task[Any]] = {}
        self._addresses: dict[str, str] = {}
        self._pages = 0

    async def start(self) -> None:
        """Open the connections; to be called in the running loop."""
        await self._wire.start()

    async def close(self) -> None:
        """Give the connections back; whoever still waits for an answer gets none."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._wire.close()

    async def teacher(self, ptk_id: str) -> Known[TeacherFacts] | None:
        """What identity knows of a teacher who heads schools by the day; None where it knows nobody of this id."""
        path = f"/v1/teachers/{ptk_id}"
        known = await self._together(Question("teacher", path, lambda told: teacher_of(told, ptk_id)))
        return known and replace(known, facts=known.facts.at(self._clock.now()))

    async def school(self, npsn: str) -> Known[SchoolFacts] | None:
        """What identity knows of a school, with the head of the day; None where it knows no such school."""
        path = f"/v1/schools/{npsn}"
        known = await self._together(Question("school", path, lambda told: school_of(told, npsn)))
        return known and replace(known, facts=known.facts.at(self._clock.now()))

    async def people(self, numbers: Sequence[Mapping[str, str]]) -> list[str | None]:
        """Whom each number (`{"nip": …}` or `{"nuptk": …}`) means, by ptk_id: None where nobody is known for sure.

        Always asked, never kept; IdentityAway where it does not answer.
        """
        sent, many = {"keys": list(numbers)}, len(numbers)
        return await self._now(
            Question("people", "/v1/teachers/resolve", lambda told: people_of(told, many), sent)
        )

    async def address(self, account: str) -> str | None:
        """The belajar.id address of an admin's account, which it has for good: asked once, never stored.

        None where identity knows no such account, and while it is away.
        """
        if account in self._addresses:
            return self._addresses[account]
        path = f"/v1/accounts/{account}"
        with suppress(IdentityAway):
            if known := await self._together(
                Question("account", path, lambda told: address_of(told, account))
            ):
                self._addresses[account] = known.facts
        return self._addresses.get(account)

    async def changes(self, after: int, limit: int = 500) -> Changes:
        """What identity learned since `after`: always asked, never kept; IdentityAway where it does not answer.

        Whoever has read of a change hears nothing that was on its way before.
        """
        path = f"/v1/changes?after={after}&limit={limit}"
        page = await self._now(Question("changes", path, lambda told: changes_of(told, after)))
        self._pages += 1
        return page

    async def keys(self) -> Mapping[str, ECKey]:
        """The public keys of identity's tokens by id, as they are now; IdentityAway where they cannot be had."""
        return await self._now(KEYS)

    async def kept_keys(self) -> Mapping[str, ECKey]:
        """The keys that identity last told any process of ours; IdentityAway where they are too old."""
        return (await self._answers.last(KEYS, KEYS_LIFE)).facts

    async def _now(self, question: Question[Facts]) -> Facts:
        known = await self._answers.now(question)
        if known is None:
            raise IdentityAway
        return known.facts

    async def _together(self, question: Question[Facts]) -> Known[Facts] | None:
        # Whoever asks the same while the answer is on its way waits for that one: load does not multiply.
        which = self._pages, question.path
        flight = self._flights.get(which)
        if flight is None:
            flight = self._flights[which] = asyncio.create_task(self._answers.known(question))
            flight.add_done_callback(lambda _: self._flights.pop(which, None))
        return cast("Known[Facts] | None", await asyncio.shield(flight))
