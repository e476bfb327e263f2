"""Identity's settings."""

from __future__ import annotations

from pydantic import model_validator

from services.kit.settings import CommonSettings


class IdentitySettings(CommonSettings):
    """What the identity service reads from the environment."""

    identity_database_url: str | None = None
    identity_host: str = "127.0.0.1"
    identity_port: int = 8001

    @model_validator(mode="after")
    def _database_in_prod(self) -> IdentitySettings:
        if not self.is_dev and not self.identity_database_url:
            raise ValueError("RENCANA_IDENTITY_DATABASE_URL is required in prod")
        return self
