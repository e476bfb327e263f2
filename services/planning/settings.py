"""Planning's settings."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, SecretStr

from services.kit.settings import CommonSettings


class PlanningSettings(CommonSettings):
    """What the planning service reads from the environment."""

    planning_database_url: SecretStr | None = None
    planning_host: str = "127.0.0.1"
    planning_port: int = 8000
    # how long what identity last said serves readers and drafts while it is away; 0: not at all
    kept_facts_hours: int = Field(72, ge=0, le=24 * 31)
    # the worker: health and metrics there, and how often it asks for what changed
    worker_host: str = "127.0.0.1"
    worker_port: int = 8002
    follow_seconds: float = Field(5, gt=0, le=300)

    def complaints(self) -> Iterator[str]:
        """As of every process; and planning has a database of its own."""
        yield from super().complaints()
        yield from self.stay_home_in_dev("planning_host")
        yield from self.stay_home_in_dev("worker_host")
        yield from self.unfit_database("planning_database_url")
