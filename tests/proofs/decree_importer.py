"""A process that changes the heads of schools and reconciles plans: `python -m tests.proofs.decree_importer`.

`POST /change-head {"npsn": …, "teacher": …, …}` ends the principal's decree, so that the Plt is the head, and decides
the plan again. `POST /reconcile` runs the rounds of a worker that has just started.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.identity.settings import PACKAGE as IDENTITY
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from services.kit.database import open_database
from services.kit.http import health_routes
from services.kit.process import serve
from services.kit.settings import load_settings
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.plan.event_kinds import RegistryChange
from services.planning.plan.transitions import decide_again
from services.planning.reconcile.rounds import Reconciler
from services.planning.settings import PACKAGE as PLANNING
from services.planning.settings import PlanningSettings
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE
from tests.proofs.schools import SampleSchool, set_heads
from tests.until import PATIENCE

T = TypeVar("T")


async def retry_while_unavailable(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call while identity is too busy to answer, as the worker does."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await call()
            except IdentityUnavailable:
                await asyncio.sleep(0.2)


async def main() -> None:
    """Serve until the process is terminated."""
    identity_settings, settings = load_settings(IdentitySettings), load_settings(PlanningSettings)
    clock = Clock(settings.now)
    services = Services(clock, IdentityClient(settings.identity_url, settings.credentials, clock))
    async with (
        open_database(identity_settings.identity_database_url, IDENTITY) as identity_database,
        open_database(settings.planning_database_url, PLANNING) as planning_database,
    ):

        async def change_head(request: Request) -> Response:
            school = SampleSchool(**await request.json())
            with identity_database.active():
                await set_heads([school], "plt")
            change = RegistryChange(int(school.npsn))
            with planning_database.active():
                await retry_while_unavailable(
                    lambda: decide_again(services, str(ptk(school.teacher)), PERIOD_CODE, change)
                )
            return Response(status_code=204)

        async def reconcile(_: Request) -> Response:
            with planning_database.active():
                reconciler = Reconciler(services, timedelta(days=30))
                # a job that identity delayed waits in the retry queue, which a later round repeats
                while await retry_while_unavailable(reconciler.run_round) or reconciler.retry_queue:  # noqa: ASYNC110
                    await asyncio.sleep(0.2 if reconciler.retry_queue else 0)
            return Response(status_code=204)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await services.identity.start()
            yield
            await services.identity.close()

        app = Starlette(
            routes=[
                Route("/change-head", change_head, methods=["POST"]),
                Route("/reconcile", reconcile, methods=["POST"]),
                *health_routes(planning_database.ping),
            ],
            lifespan=lifespan,
        )
        await serve(app, "127.0.0.1", int(os.environ["RENCANA_IMPORTER_PORT"]))


if __name__ == "__main__":
    asyncio.run(main())
