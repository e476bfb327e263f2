"""Identity's settings."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, SecretStr

from services.kit.settings import CommonSettings

DEV_KEY_SECRET = "dev-only-key-secret-dev-only-key-secret"


class IdentitySettings(CommonSettings):
    """What the identity service reads from the environment."""

    identity_database_url: SecretStr | None = None
    identity_host: str = "127.0.0.1"
    identity_port: int = 8001
    key_secret: SecretStr = SecretStr("")
    # the one before it, as long as keys may lie under that
    key_secret_previous: SecretStr | None = None

    # requests a minute to sign-in and token endpoints. A school, or half a town of telephones, may share an address
    sign_ins_per_address: int = Field(600, ge=1)
    sign_ins_per_account: int = Field(30, ge=1)

    def complaints(self) -> Iterator[str]:
        """As of every process; and identity has a database and a secret of its own."""
        yield from super().complaints()
        yield from self.stay_home_in_dev("identity_host")
        yield from self.unfit_database("identity_database_url")
        yield from self.weak_secret("key_secret")

    @property
    def sealing_secrets(self) -> tuple[str, ...]:
        """The secret under which the signing keys lie in the database, and the one before it where there is one."""
        current = self.key_secret.get_secret_value() or DEV_KEY_SECRET
        return (
            (current, self.key_secret_previous.get_secret_value()) if self.key_secret_previous else (current,)
        )
