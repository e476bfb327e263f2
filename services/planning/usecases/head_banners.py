"""What the head of schools should be told now, of each school apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.problem import Problem
from services.planning.domain import banner
from services.planning.domain.banner import Banner
from services.planning.planning import Planning
from services.planning.review.store import count_reopened
from services.planning.storage.period import PeriodInUse
from services.planning.usecases.period import today_in
from services.planning.usecases.person import Person


async def for_plt(planning: Planning, npsns: Sequence[str], used: PeriodInUse) -> tuple[Banner, ...]:
    """The reminder to confirm, for the schools that are not confirmed yet, each by its own calendar."""
    revision = used.period.parameters_at(planning.clock.now())
    schools = await asyncio.gather(*(planning.identity.school(npsn) for npsn in npsns))

    def due() -> Iterator[Banner]:
        for facts in (known.facts for known in schools if known):
            today = today_in(planning, facts.zone.value)
            for told in banner.banners_for_plt(facts.nama.value or facts.npsn, revision, today):
                yield Banner(told, "plt", facts.npsn)

    return tuple(due())


async def for_head(person: Person, used: PeriodInUse, connection: BaseDBAsyncClient) -> tuple[Banner, ...]:
    """How many plans of each school an admin has opened again, until they are handed in."""
    teacher = person.teacher
    headed = teacher.heads
    if not headed:
        return ()
    return tuple(
        Banner(
            Problem("banner.reopened_here", {"sekolah": here.nama, "plans": here.plans}),
            "kepala_sekolah" if here.npsn in teacher.kepala_at else "plt",
            here.npsn,
        )
        for here in await count_reopened(used.period.code, headed, teacher.ptk_id, connection)
    )
