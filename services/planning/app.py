"""The composition root of planning: everything is put together here, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import workflows
from services.kit.clock import Clock
from services.planning.identity.client import IdentityClient
from services.planning.planning import Planning
from services.planning.settings import PlanningSettings

PACKAGE = "services.planning"
MESSAGES = (Path(__file__).parent / "messages.yaml", Path(workflows.__file__).parent / "messages.yaml")


def create_planning(settings: PlanningSettings) -> Planning:
    """What the use cases work with."""
    clock = Clock(settings.now)
    return Planning(clock, IdentityClient(settings.identity_url, settings.service_secret, clock))
