"""Identity's settings."""

from __future__ import annotations

from pydantic import SecretStr, model_validator

from services.kit.settings import MINIMUM_SECRET, CommonSettings

DEV_KEY_SECRET = "dev-only-key-secret-dev-only-key-secret"


class IdentitySettings(CommonSettings):
    """What the identity service reads from the environment."""

    identity_database_url: str | None = None
    identity_host: str = "127.0.0.1"
    identity_port: int = 8001
    key_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _prod_has_its_own(self) -> IdentitySettings:
        secret = self.key_secret.get_secret_value()
        self.stay_home_in_dev(self.identity_host, "RENCANA_IDENTITY_HOST")
        if self.is_dev:
            return self
        if not self.identity_database_url:
            raise ValueError("RENCANA_IDENTITY_DATABASE_URL is required in prod")
        if secret == DEV_KEY_SECRET or len(secret) < MINIMUM_SECRET:
            raise ValueError(
                f"RENCANA_KEY_SECRET must be a secret of at least {MINIMUM_SECRET} characters in prod"
            )
        return self

    @property
    def sealing_secret(self) -> str:
        """The secret under which the signing keys lie in the database."""
        return self.key_secret.get_secret_value() or DEV_KEY_SECRET
