"""Settings by environment (`RENCANA_…`). `prod` is the default and refuses every development convenience."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MINIMUM_SECRET = 32
# the client as which planning asks identity in development, where nobody registers one
DEV_CLIENT_ID = "00000000-0000-4000-8000-00000000de70"
DEV_CLIENT_SECRET = "dev-only-client-secret-dev-only-client-secret"


Settings = TypeVar("Settings", bound="CommonSettings")


class SettingsError(Exception):
    """A setting is missing or not allowed here; the message names it."""


class CommonSettings(BaseSettings):
    """What every process of the house reads."""

    model_config = SettingsConfigDict(env_prefix="RENCANA_", extra="ignore", frozen=True)

    env: Literal["prod", "dev"] = "prod"
    now: AwareDatetime | None = None
    identity_url: str = "http://127.0.0.1:8001"
    identity_issuer: str | None = None

    @property
    def is_dev(self) -> bool:
        """Whether development conveniences may live in this process."""
        return self.env == "dev"

    @property
    def issuer(self) -> str:
        """The `iss` of the tokens that identity signs."""
        return self.identity_issuer or self.identity_url

    @model_validator(mode="after")
    def _prod_is_strict(self) -> CommonSettings:
        if self.now is not None and not self.is_dev:
            raise ValueError("RENCANA_NOW stops the clock: it is for RENCANA_ENV=dev only")
        return self

    def stay_home_in_dev(self, host: str, name: str) -> None:
        """ValueError when `host`, set by `name`, would show a dev process to others: its secrets are known."""
        if self.is_dev and not is_loopback(host):
            raise ValueError(f"{name} must be 127.0.0.1, ::1 or localhost with RENCANA_ENV=dev")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether it is an http address of this machine, which no certificate protects, nor needs to."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def load(kind: type[Settings]) -> Settings:
    """Read settings from the environment; a SettingsError names what is wrong, and never shows a value."""
    try:
        return kind()
    except ValidationError as error:
        reasons = "; ".join(_reason(item["loc"], item["msg"]) for item in error.errors())
        raise SettingsError(reasons) from None


def _reason(place: tuple[int | str, ...], message: str) -> str:
    name = "".join(f"RENCANA_{part}".upper() for part in place[:1])
    return f"{name}: {message}" if name else message.removeprefix("Value error, ")
