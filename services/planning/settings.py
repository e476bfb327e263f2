"""Planning's settings."""

from __future__ import annotations

from pydantic import Field, SecretStr, model_validator

from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET, CommonSettings, SettingsError
from services.planning.identity.credentials import Credentials


class PlanningSettings(CommonSettings):
    """What the planning service reads from the environment."""

    planning_database_url: str | None = None
    # who planning and the worker are to identity
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
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
        if self.is_dev:
            return self
        if not self.planning_database_url:
            raise ValueError("RENCANA_PLANNING_DATABASE_URL is required in prod")
        if self.client_id == DEV_CLIENT_ID or self.client_secret.get_secret_value() == DEV_CLIENT_SECRET:
            raise ValueError("RENCANA_CLIENT_ID and RENCANA_CLIENT_SECRET are those of development")
        return self

    @property
    def credentials(self) -> Credentials:
        """By which planning asks identity; SettingsError in prod where there are none.

        A command that asks identity nothing, such as the first `rencana migrate`, needs none.
        """
        client_id, secret = self.client_id, self.client_secret.get_secret_value()
        if client_id and secret:
            return Credentials(client_id, secret)
        if not self.is_dev:
            raise SettingsError(
                "RENCANA_CLIENT_ID and RENCANA_CLIENT_SECRET are required in prod: "
                "rencana clients register --scope registry:read gives both"
            )
        return Credentials(DEV_CLIENT_ID, DEV_CLIENT_SECRET)
