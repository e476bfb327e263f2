"""Identity's settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from services.identity.domain.app import is_redirect
from services.identity.domain.belajar import FAMILY, is_domain_pattern
from services.identity.domain.return_to import is_origin
from services.kit.settings import MINIMUM_SECRET, CommonSettings, is_loopback_url

DEV_KEY_SECRET = "dev-only-key-secret-dev-only-key-secret"

Names = Annotated[tuple[str, ...], NoDecode]


class IdentitySettings(CommonSettings):
    """What the identity service reads from the environment."""

    identity_database_url: str | None = None
    identity_host: str = "127.0.0.1"
    identity_port: int = 8001
    key_secret: SecretStr = SecretStr("")
    # sign-in: the provider, whose people may enter, the web client's origins, and the apps' redirect addresses
    oidc_issuer: str | None = None
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_hd: Names = FAMILY
    web_origins: Names = ()
    apps: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("oidc_hd", "web_origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

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

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> IdentitySettings:
        for redirect in (one for redirects in self.apps.values() for one in redirects):
            if not is_redirect(redirect):
                raise ValueError(
                    "RENCANA_APPS must give each app https addresses, or a scheme of its own with a dot"
                )
        if not all(map(is_domain_pattern, self.oidc_hd)):
            raise ValueError("RENCANA_OIDC_HD must list domains in lower case, with * for whole labels")
        if not all(map(is_origin, self.web_origins)):
            raise ValueError(
                "RENCANA_WEB_ORIGINS must list origins such as https://rencana.example, without a path"
            )
        if self.oidc_issuer is None:
            return self
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value() and self.web_origins):
            raise ValueError(
                "RENCANA_OIDC_ISSUER needs RENCANA_OIDC_CLIENT_ID, RENCANA_OIDC_CLIENT_SECRET and RENCANA_WEB_ORIGINS"
            )
        for name, url in (
            ("RENCANA_OIDC_ISSUER", self.oidc_issuer), ("RENCANA_IDENTITY_ISSUER", self.issuer),
            *(("RENCANA_WEB_ORIGINS", origin) for origin in self.web_origins),
        ):  # fmt: skip
            if not (url.startswith("https://") or (self.is_dev and is_loopback_url(url))):
                raise ValueError(f"{name} must begin with https:// (in dev, http of this computer will do)")
        return self

    @property
    def sealing_secret(self) -> str:
        """The secret under which the signing keys lie in the database."""
        return self.key_secret.get_secret_value() or DEV_KEY_SECRET
