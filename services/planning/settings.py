"""Planning's settings."""

from __future__ import annotations

from pydantic import Field, model_validator

from services.kit.settings import CommonSettings


class PlanningSettings(CommonSettings):
    """What the planning service reads from the environment."""

    planning_database_url: str | None = None
    planning_host: str = "127.0.0.1"
    planning_port: int = 8000
    # how long what identity last said serves readers and drafts while it is away; 0: not at all
    kept_facts_hours: int = Field(72, ge=0, le=24 * 31)
    # the worker: health and metrics there, and how often it asks for what changed
    worker_host: str = "127.0.0.1"
    worker_port: int = 8002
    follow_seconds: float = Field(5, gt=0, le=300)

    @model_validator(mode="after")
    def _database_in_prod(self) -> PlanningSettings:
        self.stay_home_in_dev(self.planning_host, "RENCANA_PLANNING_HOST")
        self.stay_home_in_dev(self.worker_host, "RENCANA_WORKER_HOST")
        if not self.is_dev and not self.planning_database_url:
            raise ValueError("RENCANA_PLANNING_DATABASE_URL is required in prod")
        return self
