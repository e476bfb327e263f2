"""`python -m tests.proofs.office`: a process of its own, in which the registry changes and the worker follows.

`POST /head {"npsn": …, "teacher": …, …}`: the principal's decree has ended and the Plt heads the school; the plan is
decided again at once. `POST /follow`: what the worker does next, as one that has just been started.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
from tests.proofs.registry import Lane, let_head
from tests.until import PATIENCE

PERIOD = "2024-1"
PORT = "RENCANA_PROOF_PORT"

T = TypeVar("T")


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """As the worker does: while identity has too much to do, later."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await work()
            except IdentityUnavailable:
                await asyncio.sleep(0.2)


async def main() -> None:
    """Serve until told to stop."""
    known, settings = load_settings(IdentitySettings), load_settings(PlanningSettings)
    clock = Clock(settings.now)
    services = Services(clock, IdentityClient(settings.identity_url, settings.credentials, clock))
    async with (
        open_database(known.identity_database_url, IDENTITY) as registry,
        open_database(settings.planning_database_url, PLANNING) as plans,
    ):

        async def head(request: Request) -> Response:
            lane = Lane(**await request.json())
            with registry.active():
                await let_head([lane], "plt")
            with plans.active():
                await patiently(
                    lambda: decide_again(
                        services, str(ptk(lane.teacher)), PERIOD, RegistryChange(int(lane.npsn))
                    )
                )
            return Response(status_code=204)

        async def follow(_: Request) -> Response:
            with plans.active():
                worker = Reconciler(services)
                # a job that identity delayed waits in the retry queue, which a round repeats later
                while await patiently(worker.run_round) or worker.retry_queue:  # noqa: ASYNC110 - only a round empties it
                    await asyncio.sleep(0.2 if worker.retry_queue else 0)
            return Response(status_code=204)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await services.identity.start()
            yield
            await services.identity.close()

        app = Starlette(
            routes=[
                Route("/head", head, methods=["POST"]),
                Route("/follow", follow, methods=["POST"]),
                *health_routes(plans.ping),
            ],
            lifespan=lifespan,
        )
        await serve(app, "127.0.0.1", int(os.environ[PORT]))


if __name__ == "__main__":
    asyncio.run(main())
